"""An endpoint that fails before any step, and then goes on: the task ends in its tree all the same.

The last test meets each step with more kinds of fault, the model's own too, all over the wire.
"""

from __future__ import annotations

import pytest

from alma_agent.config import Api
from tests.recorded_tasks.conftest import StageFor
from tests.recorded_tasks.faults import ENDPOINT_FAULTS, Case, cases, faulty_steps
from tests.recorded_tasks.playing import play_wire, require_carried_out


def api_of(case: Case) -> Api:
    return "responses" if case.number % 3 == 2 else "chat"


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.kind in ENDPOINT_FAULTS], ids=str
)
async def test_an_endpoint_may_fail(case: Case, stage_for: StageFor) -> None:
    on = stage_for(case.task)

    told, _ = await play_wire(on, faulty_steps(case), api=api_of(case), stream=case.stream)

    require_carried_out(on, told)


@pytest.mark.faults
@pytest.mark.parametrize(
    "case",
    [
        *(case for case in cases() if case.kind not in ENDPOINT_FAULTS),
        *(case for turn in (4, 8, 12) for case in cases(turn)),
    ],
    ids=str,
)
async def test_a_step_survives_other_faults_too(case: Case, stage_for: StageFor) -> None:
    on = stage_for(case.task)

    told, _ = await play_wire(on, faulty_steps(case), api=api_of(case), stream=case.stream)

    require_carried_out(on, told)
