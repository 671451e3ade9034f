"""Whatever a small model does, nobody's files are damaged, and each run ends within its limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.local_model.endings import Ending
from tests.local_model.endpoint import Endpoint
from tests.local_model.errands import ERRANDS, Errand
from tests.local_model.playing import carried_out

pytestmark = pytest.mark.model


@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.id)
async def test_a_run_ends_within_its_limits_and_damages_nothing(
    errand: Errand,
    endpoint: Endpoint,
    repository_of: Callable[[str], Path],
    noted: Callable[[Ending], None],
) -> None:
    ending = await carried_out(errand, repository_of(errand.fixture), endpoint)

    noted(ending)
