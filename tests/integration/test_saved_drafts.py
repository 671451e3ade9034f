"""A draft is kept while a model works on it, so that a process that is killed loses none of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from alma_agent.config import ModelChoice
from alma_agent.errors import AlmaError
from alma_agent.paused import PausedRuns
from alma_agent.proposer.context import goal_of, opening
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.proposer.talk import in_brief
from alma_agent.records import Task
from alma_agent.remembered import Recollection
from alma_agent.testing import SilentObserver
from tests.conftest import make_repository
from toolset.draft import Draft
from toolset.workspace import Workspace

EDIT = {"path": "app.py", "old": "return p", "new": "return q"}


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", {"app.py": "def load(p):\n    return p\n"})


@pytest.fixture
def runs(project: Workspace) -> PausedRuns:
    return PausedRuns(project, key=b"k" * 32)


class Looking(SilentObserver):
    """Notes what is kept whenever the model is asked."""

    def __init__(self, look: Callable[[], list[str]]) -> None:
        super().__init__()
        self.seen: list[list[str]] = []
        self._look = look

    def step(self, what: str) -> None:
        if what.startswith("asking"):
            self.seen.append(self._look())


def _orchestrator(
    project: Workspace, runs: PausedRuns, observer: SilentObserver, *steps: Any
) -> Orchestrator:
    model = ScriptedModel([[step] for step in steps])
    choice = ModelChoice("m", None, "sk-none")
    return Orchestrator(project, choice, observer, paused=runs, saves=True, model=model)


async def test_each_new_state_of_the_draft_is_kept_before_the_model_is_asked_again(
    project: Workspace, runs: PausedRuns
) -> None:
    kept = Looking(lambda: [runs.run(one).changes.diff() for one in runs.ids()])
    edit = function_call("replace_text", EDIT, call_id="1")
    look = function_call("show_diff", {}, call_id="2")
    done = function_call("finish", {"rationale": "done"}, call_id="3")

    proposer = _orchestrator(project, runs, kept, look, edit, done)
    await proposer.propose(Task("do it"), Recollection())

    assert kept.seen[:2] == [[], []]
    assert "+    return q" in kept.seen[2][0]


async def test_what_was_kept_by_itself_is_let_go_once_it_is_decided(
    project: Workspace, runs: PausedRuns
) -> None:
    edit = function_call("replace_text", EDIT, call_id="1")
    done = function_call("finish", {"rationale": "done"}, call_id="2")
    proposer = _orchestrator(project, runs, SilentObserver(), edit, done)
    await proposer.propose(Task("do it"), Recollection())
    assert len(runs.ids()) == 1

    proposer.let_go()

    assert runs.ids() == []


@pytest.mark.parametrize(
    ("goal", "asked"),
    [("what does load do?", 1), ("do something", 2)],
    ids=["a question is answered by words", "words for work are asked about"],
)
async def test_words_end_a_turn_of_a_conversation_if_they_answer(
    project: Workspace, runs: PausedRuns, goal: str, asked: int
) -> None:
    looking = Looking(list)
    said = [assistant_message("It loads."), assistant_message("It loads.")]
    proposer = _orchestrator(project, runs, looking, *said)

    proposal = await proposer.propose(Task(goal, session="a conversation"), Recollection())

    assert proposal.rationale == "It loads."
    assert len(looking.seen) == asked


def test_former_turns_are_told_by_their_goals_and_short_results(project: Workspace) -> None:
    said = opening(Task("rename it"), Draft(project), rules="Rules: none")
    items = [
        {"role": "user", "content": said},
        {"type": "function_call", "call_id": "1", "name": "read_file", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": "x" * 1_000},
        {"role": "assistant", "content": "It is renamed."},
    ]

    told = in_brief(items, goal_of)

    assert told[0] == {"role": "user", "content": "rename it"}
    assert len(told[2]["output"]) < 400
    assert (told[1], told[3]) == (items[1], items[3])


async def test_nobody_else_goes_on_with_a_draft_while_it_is_made(
    project: Workspace, runs: PausedRuns
) -> None:
    refused: list[str] = []

    def resume_elsewhere() -> list[str]:
        for one in runs.ids():
            with pytest.raises(AlmaError, match="Another alma works on"), runs.taken(one):
                pass
            refused.append(one)
        return []

    edit = function_call("replace_text", EDIT, call_id="1")
    done = function_call("finish", {"rationale": "done"}, call_id="2")
    proposer = _orchestrator(project, runs, Looking(resume_elsewhere), edit, done)
    await proposer.propose(Task("do it"), Recollection())

    assert refused == runs.ids()
    with runs.taken(refused[0]):  # it is made: whoever is there may go on
        pass
