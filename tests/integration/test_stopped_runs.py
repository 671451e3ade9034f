"""What is left of a run that something stopped, and who decides on what is left."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from alma_agent.config import ModelChoice
from alma_agent.errors import LimitReached, NeedsHuman, UsageError
from alma_agent.paused import PausedRuns
from alma_agent.ports import so_far
from alma_agent.proposer.orchestrator import Conduct, Orchestrator
from alma_agent.records import Limits, Mode, Task, Verdict
from alma_agent.remembered import Recollection
from alma_agent.review import AnsweredBefore
from alma_agent.testing import SilentObserver
from tests.conftest import make_repository
from toolset.errors import DoesNotParse
from toolset.workspace import Workspace

FILES = {"app.py": "def load(p):\n    return p\n\n\nprint(load(1))\n", "b.py": "x = 1\n"}
APP = PurePosixPath("app.py")
_numbers = count()


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", FILES)


@pytest.fixture
def runs(project: Workspace) -> PausedRuns:
    return PausedRuns(project, key=b"k" * 32)


def call(tool: str, **arguments: Any) -> Any:
    return function_call(tool, arguments, call_id=f"call-{next(_numbers)}")


def edit(old: str, new: str) -> Any:
    return call("replace_text", path="app.py", old=old, new=new)


DONE = ("finish", {"rationale": "Done."})


def worker(
    project: Workspace, steps: list[Any], runs: PausedRuns | None, **how: Any
) -> Orchestrator:
    script = [one if isinstance(one, ModelStep | list) else [one] for one in steps]
    model = ScriptedModel(script)
    choice = ModelChoice("m", None, "sk-none")
    return Orchestrator(project, choice, SilentObserver(), paused=runs, model=model, **how)


def task(mode: Mode = "auto-edit", **limits: Any) -> Task:
    return Task("do it", file=APP, mode=mode, limits=Limits(**limits))


class Says:
    def __init__(self, *verdicts: Verdict | None) -> None:
        self.verdicts = list(verdicts)
        self.asked: list[str] = []

    async def approve(self, request: Any) -> Verdict | None:
        self.asked.append(request.arguments)
        return self.verdicts.pop(0)


YES, NO = Verdict(True, "human"), Verdict(False, "human")


async def test_an_interrupted_run_keeps_its_draft(project: Workspace, runs: PausedRuns) -> None:
    def interrupt(_: Any) -> Any:
        raise KeyboardInterrupt

    made = worker(project, [edit("return p", "return q"), ModelStep.respond(interrupt)], runs)

    with pytest.raises(KeyboardInterrupt):
        await made.propose(task(), Recollection())

    assert "+    return q" in runs.run().changes.diff()


async def test_a_cancelled_run_keeps_its_draft(project: Workspace, runs: PausedRuns) -> None:
    async def wait(_: Any) -> Any:
        await asyncio.sleep(60)

    made = worker(project, [edit("return p", "return q"), ModelStep.respond(wait)], runs)
    running = asyncio.ensure_future(made.propose(task(), Recollection()))
    while not runs.ids() and not running.done():
        await asyncio.sleep(0.01)
        if made._model.remaining_steps == 0:  # type: ignore[union-attr]
            running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert "+    return q" in runs.run().changes.diff()


async def test_a_draft_that_never_parses_is_kept(project: Workspace, runs: PausedRuns) -> None:
    steps = [edit("return p", "return ("), *[call(*DONE[:1], **DONE[1]) for _ in range(3)]]

    with pytest.raises(DoesNotParse, match="alma resume") as stopped:
        await worker(project, steps, runs).propose(task(), Recollection())

    assert "+    return (" in runs.run().changes.diff()
    made = so_far(stopped.value)
    assert made is not None
    assert made.usage.requests == 4


async def test_what_was_proposed_can_be_kept_for_whoever_decides(
    project: Workspace, runs: PausedRuns
) -> None:
    made = worker(project, [edit("return p", "return q"), call("finish", rationale="Done.")], runs)
    proposal = await made.propose(task(), Recollection())

    id_ = made.keep("nobody is there")

    assert runs.run(id_).changes == proposal.changes


async def test_a_no_that_was_given_before_the_pause_stays_a_no(
    project: Workspace, runs: PausedRuns
) -> None:
    both = [edit("return p", "return q"), edit("load(1)", "load(2)")]
    with pytest.raises(NeedsHuman):
        await worker(project, [both], runs, approver=Says(NO, None)).propose(
            task("ask"), Recollection()
        )

    answers = AnsweredBefore(accepted=True, calls=2)
    steps = [call("finish", rationale="Done.")]
    resumed = worker(project, steps, None, resume=runs.run(), approver=answers)
    diff = (await resumed.propose(task("ask"), Recollection())).changes.diff()

    assert "load(2)" in diff
    assert "return q" not in diff


async def test_how_likely_a_refactoring_is_survives_the_pause(
    project: Workspace, runs: PausedRuns
) -> None:
    project.absolute(PurePosixPath("b.py")).write_text("def f(x):\n    return x.load()\n")
    rename = call("rename_symbol", old="load", new="read", path="app.py")
    with pytest.raises(LimitReached):
        await worker(project, [rename], runs).propose(task(turns=1), Recollection())
    run = runs.run()

    steps = [call("finish", rationale="Done.")]
    proposal = await worker(project, steps, None, resume=run).propose(task(), Recollection())

    assert run.evidence is not None
    assert proposal.evidence == run.evidence.whole()


async def test_time_stands_still_while_a_person_is_asked(project: Workspace) -> None:
    class Slow:
        async def approve(self, _: Any) -> Verdict | None:
            time.sleep(0.6)  # noqa: ASYNC251 - as a prompt does
            return YES

    steps = [edit("return p", "return q"), call("finish", rationale="Done.")]
    made = worker(project, steps, None, approver=Slow())
    await worker(project, [call("finish", rationale="warm")], None).propose(task(), Recollection())

    proposal = await made.propose(task("ask", seconds=0.5), Recollection())

    assert "return q" in proposal.changes.diff()


def test_a_tool_that_there_is_not_cannot_be_asked_for(project: Workspace) -> None:
    with pytest.raises(UsageError, match="delete: there is no such tool"):
        worker(project, [], None, conduct=Conduct(ask_before=frozenset(("delete",))))


async def test_tokens_are_estimated_where_an_endpoint_does_not_count_them(
    project: Workspace,
) -> None:
    steps = [call("list_files", pattern=str(number)) for number in range(9)]

    with pytest.raises(LimitReached, match="2,000 tokens"):
        await worker(project, steps, None).propose(task(tokens=2_000), Recollection())


@pytest.mark.parametrize("critic", ["", "I see."])
async def test_a_critic_that_does_not_accept_is_told_of(project: Workspace, critic: str) -> None:
    steps = [
        assistant_message("Plan."),
        edit("return p", "return q"),
        call("finish", rationale="Done."),
        *[assistant_message(critic), call("finish", rationale="Done.")] * 3,
    ]

    made = worker(project, steps, None, conduct=Conduct(agents=True))
    proposal = await made.propose(task(turns=20), Recollection())

    assert "The critic" in proposal.rationale


async def test_a_critic_whose_endpoint_fails_loses_nothing(project: Workspace) -> None:
    steps = [
        assistant_message("Plan."),
        edit("return p", "return q"),
        call("finish", rationale="Done."),
        ModelStep.raise_error(RuntimeError("gone")),
    ]

    made = worker(project, steps, None, conduct=Conduct(agents=True))
    proposal = await made.propose(task(), Recollection())

    assert "return q" in proposal.changes.diff()
    assert "did not judge it" in proposal.rationale
