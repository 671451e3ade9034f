"""A model that errs before any step, and then goes on: the task ends in its tree all the same."""

from __future__ import annotations

import pytest

from tests.recorded_tasks.conftest import StageFor
from tests.recorded_tasks.families import TASKS
from tests.recorded_tasks.faults import ENDPOINT_FAULTS, Case, cases, faulty_replies, in_words
from tests.recorded_tasks.playing import play_script, require_carried_out
from tests.recorded_tasks.recorded import RecordedTask
from tests.recorded_tasks.replies import scripted


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.kind not in ENDPOINT_FAULTS], ids=str
)
async def test_a_model_may_err(case: Case, stage_for: StageFor) -> None:
    on = stage_for(case.task)
    script = [scripted(one) for one in faulty_replies(case)]

    told = await play_script(on, script, stream=case.stream)

    require_carried_out(on, told)


@pytest.mark.parametrize(
    "task", [task for task in TASKS if in_words(task)], ids=lambda task: task.name
)
async def test_a_patch_may_be_said_instead_of_sent(task: RecordedTask, stage_for: StageFor) -> None:
    on = stage_for(task)

    told = await play_script(on, [scripted(one) for one in in_words(task)])

    require_carried_out(on, told)
