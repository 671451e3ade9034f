"""Every recorded task ends in its tree: with a model in the process, and over real HTTP."""

from __future__ import annotations

import pytest

from alma_agent.config import Api
from alma_agent.proposer.planner import understand
from alma_agent.undo import undo
from tests.recorded_tasks.conftest import StageFor
from tests.recorded_tasks.families import FAMILIES, TASKS
from tests.recorded_tasks.faults import KINDS, cases, replies
from tests.recorded_tasks.playing import play_script, play_wire, require_carried_out
from tests.recorded_tasks.recorded import RecordedTask
from tests.recorded_tasks.replies import scripted, served

every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


@every_task
async def test_a_task_ends_in_its_tree(task: RecordedTask, stage_for: StageFor) -> None:
    on = stage_for(task)

    told = await play_script(on, [scripted(one) for one in replies(task)])

    require_carried_out(on, told)
    assert task.rationale in told.rationale


@pytest.mark.parametrize(
    ("task", "api", "stream"),
    [
        pytest.param(
            task,
            "responses" if number % 3 == 2 else "chat",
            number % 2 == 1,
            id=task.name,
        )
        for number, task in enumerate(TASKS)
    ],
)
async def test_a_task_ends_in_its_tree_over_the_wire(
    task: RecordedTask, api: Api, stream: bool, stage_for: StageFor
) -> None:
    on = stage_for(task)

    told, server = await play_wire(
        on, [served(one) for one in replies(task)], api=api, stream=stream
    )

    require_carried_out(on, told)
    # Whoever ends in words, and not by `finish`, may be asked once whether that is the end.
    assert len(task.steps) <= len(server.requests) <= len(task.steps) + 1


@pytest.mark.parametrize("task", TASKS[2::3], ids=lambda task: task.name)
async def test_undo_brings_the_tree_back(task: RecordedTask, stage_for: StageFor) -> None:
    on = stage_for(task)
    await play_script(on, [scripted(one) for one in replies(task)])

    await undo(on.workspace, on.house.library)

    assert on.now() == on.before


def test_there_are_twenty_tasks_of_five_kinds() -> None:
    assert {family: len(tasks) for family, tasks in FAMILIES.items()} == {
        "bug fixes": 4,
        "new functions": 4,
        "features over several files": 4,
        "tests": 4,
        "documents": 4,
    }


@every_task
def test_a_task_needs_a_model(task: RecordedTask) -> None:
    assert not understand(task.goal)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_kind_of_fault_meets_each_kind_of_work(family: str) -> None:
    assert {case.kind for case in cases() if case.family == family} == set(KINDS)
