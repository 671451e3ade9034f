"""A few of the fuzzer's requests; the long run is `python -m tests.refactor.fuzz`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.refactor.fuzz import MAKERS, copied, drawn, tried
from toolset.refactor.spelling import sentence


@pytest.mark.slow
def test_random_refactorings_of_real_packages_hold(tmp_path: Path) -> None:
    projects = [copied(package, tmp_path) for package in ("click", "typer")]
    for workspace, request in drawn(projects, len(MAKERS), random.Random(7)):
        assert tried(workspace, request), sentence(request)
