"""Runs that stop before their end: at a limit, at a question; and how another process goes on."""

from __future__ import annotations

import json
import stat
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from alma_agent.config import ModelChoice
from alma_agent.errors import LimitReached, ModelUnavailable, NeedsHuman, NotAuthentic, UsageError
from alma_agent.paused import PausedRun, PausedRuns, user_key
from alma_agent.proposer.orchestrator import Conduct, Orchestrator
from alma_agent.records import Limits, Mode, Proposal, Task, Verdict
from alma_agent.remembered import Recollection
from alma_agent.review import AnsweredBefore
from alma_agent.testing import SilentObserver
from tests.conftest import make_repository, tree
from toolset.edits import ChangeSet
from toolset.errors import StaleEdit
from toolset.workspace import Workspace

FILES = {"app.py": "def load(p):\n    return p\n\n\nprint(load(1))\n", "b.py": "x = 1\n"}
KEY = b"k" * 32
APP = PurePosixPath("app.py")
_numbers = count()


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", FILES)


@pytest.fixture
def runs(project: Workspace) -> PausedRuns:
    return PausedRuns(project, key=KEY)


def call(tool: str, **arguments: Any) -> Any:
    return function_call(tool, arguments, call_id=f"call-{next(_numbers)}")


def edit(old: str, new: str) -> Any:
    return call("replace_text", path="app.py", old=old, new=new)


def orchestrator(
    project: Workspace, steps: list[Any], runs: PausedRuns | None, **how: Any
) -> tuple[Orchestrator, ScriptedModel]:
    model = ScriptedModel(
        [[step] if not isinstance(step, list | Exception) else step for step in steps]
    )
    choice = ModelChoice("m", None, "sk-none")
    made = Orchestrator(project, choice, SilentObserver(), paused=runs, model=model, **how)
    return made, model


def task(*, mode: Mode = "auto-edit", turns: int = 30) -> Task:
    return Task("do it", file=APP, mode=mode, limits=Limits(turns=turns))


async def paused_at_limit(project: Workspace, runs: PausedRuns) -> LimitReached:
    made, _ = orchestrator(
        project, [edit("return p", "return q"), edit("load(1)", "load(2)")], runs
    )
    with pytest.raises(LimitReached) as stopped:
        await made.propose(task(turns=1), Recollection())
    return stopped.value


async def test_a_limit_keeps_the_draft_and_says_where(project: Workspace, runs: PausedRuns) -> None:
    before = tree(project.root)

    stopped = await paused_at_limit(project, runs)

    kept = runs.run()
    assert f"alma resume {kept.task.id}" in str(stopped)
    assert "+    return q" in kept.changes.diff()
    assert isinstance(stopped.so_far, Proposal)
    assert stopped.so_far.changes == kept.changes
    assert stopped.so_far.usage.requests == 1
    assert {
        path: data for path, data in tree(project.root).items() if ".alma" not in str(path)
    } == {path: data for path, data in before.items() if ".alma" not in str(path)}


async def test_another_process_goes_on_where_it_stopped(
    project: Workspace, runs: PausedRuns
) -> None:
    await paused_at_limit(project, runs)
    made, model = orchestrator(
        project, [edit("return q", "return r"), call("finish", rationale="Done.")], None,
        resume=PausedRuns(project, key=KEY).run(),
    )  # fmt: skip

    proposal = await made.propose(task(), Recollection())

    assert "+    return r" in proposal.changes.diff()
    heard = json.dumps(model.calls[0].input)
    assert "do it" in heard
    assert "return q" in heard


async def test_a_file_that_changed_while_it_was_paused_is_told_to_the_model(
    project: Workspace, runs: PausedRuns
) -> None:
    await paused_at_limit(project, runs)
    path = project.absolute(APP)
    path.write_text(path.read_text().replace("print(load(1))", "print(load(1), 2)"))
    made, model = orchestrator(
        project, [call("finish", rationale="Done.")], None, resume=runs.run()
    )

    proposal = await made.propose(task(), Recollection())

    assert "have changed since you saw them" in str(model.calls[0].input[-1])
    assert "app.py" in str(model.calls[0].input[-1])
    after = next(iter(proposal.changes)).after
    assert after is not None
    assert b"return q" in after.data
    assert b"print(load(1), 2)" in after.data


async def test_a_draft_whose_lines_changed_meanwhile_is_refused(
    project: Workspace, runs: PausedRuns
) -> None:
    await paused_at_limit(project, runs)
    path = project.absolute(APP)
    path.write_text(path.read_text().replace("return p", "return p + 1"))
    made, model = orchestrator(
        project, [call("finish", rationale="Done.")], None, resume=runs.run()
    )

    with pytest.raises(StaleEdit):
        await made.propose(task(), Recollection())
    assert not model.calls


async def test_an_endpoint_that_fails_half_way_leaves_what_was_done(
    project: Workspace, runs: PausedRuns
) -> None:
    made, _ = orchestrator(project, [edit("return p", "return q"), RuntimeError("gone")], runs)

    with pytest.raises(ModelUnavailable, match="alma resume"):
        await made.propose(task(), Recollection())

    assert "+    return q" in runs.run().changes.diff()


async def test_a_run_that_did_nothing_is_not_kept(project: Workspace, runs: PausedRuns) -> None:
    made, _ = orchestrator(project, [RuntimeError("gone")], runs)

    with pytest.raises(ModelUnavailable) as stopped:
        await made.propose(task(), Recollection())

    assert "alma resume" not in str(stopped.value)
    assert runs.ids() == []


class Says:
    """Answers each call of a tool with the next of its verdicts."""

    def __init__(self, *verdicts: Verdict | None) -> None:
        self.verdicts = list(verdicts)
        self.asked: list[str] = []

    async def approve(self, request: Any) -> Verdict | None:
        self.asked.append(f"{request.agent} {request.tool}")
        return self.verdicts.pop(0)


YES, NO = Verdict(True, "human"), Verdict(False, "human", "not that line")


async def test_in_ask_mode_each_edit_needs_a_yes(project: Workspace) -> None:
    says = Says(YES, NO)
    steps = [
        call("read_file", path="app.py"),
        edit("return p", "return q"),
        edit("load(1)", "load(2)"),
        call("finish", rationale="Done."),
    ]
    made, model = orchestrator(project, steps, None, approver=says)

    proposal = await made.propose(task(mode="ask"), Recollection())

    assert says.asked == ["alma replace_text", "alma replace_text"]
    assert "return q" in proposal.changes.diff()
    assert "load(2)" not in proposal.changes.diff()
    assert "not that line" in str(model.calls[-1].input[-1])


async def test_nobody_is_asked_about_a_call_that_cannot_be_carried_out(project: Workspace) -> None:
    says = Says()
    steps = [call("delete_file", paths={"type": "string"}), call("finish", rationale="Done.")]
    made, model = orchestrator(project, steps, None, approver=says)

    await made.propose(task(mode="ask"), Recollection())

    assert says.asked == []
    assert "delete_file" in str(model.calls[-1].input[-1])


async def test_in_plan_mode_nothing_can_be_edited(project: Workspace) -> None:
    steps = [edit("return p", "return q"), assistant_message("I would change load.")]
    made, model = orchestrator(project, steps, None)

    proposal = await made.propose(task(mode="plan"), Recollection())

    assert not proposal.changes
    assert proposal.rationale == "I would change load."
    assert {tool.name for tool in model.calls[0].tools} >= {"read_file"}
    assert "replace_text" not in {tool.name for tool in model.calls[0].tools}


async def test_a_tool_may_be_asked_for_in_any_mode(project: Workspace) -> None:
    says = Says(YES)
    steps = [edit("return p", "return q"), call("run_checks"), call("finish", rationale="Done.")]
    conduct = Conduct(ask_before=frozenset(("run_checks",)))
    made, _ = orchestrator(project, steps, None, approver=says, conduct=conduct)

    await made.propose(task(), Recollection())

    assert says.asked == ["alma run_checks"]


async def waiting(project: Workspace, runs: PausedRuns) -> PausedRun:
    steps = [call("read_file", path="app.py"), edit("return p", "return q")]
    made, _ = orchestrator(project, steps, runs)
    with pytest.raises(NeedsHuman, match="nobody is there to say yes"):
        await made.propose(task(mode="ask"), Recollection())
    return runs.run()


@pytest.mark.parametrize(
    ("accepted", "changed"),
    [pytest.param(True, True, id="yes"), pytest.param(False, False, id="no")],
)
async def test_a_call_that_waits_is_answered_in_another_process(
    project: Workspace, runs: PausedRuns, accepted: bool, changed: bool
) -> None:
    run = await waiting(project, runs)
    assert run.waiting[0].startswith("replace_text {")
    made, model = orchestrator(
        project, [call("finish", rationale="Done.")], None, resume=run,
        approver=AnsweredBefore(accepted=accepted, calls=1),
    )  # fmt: skip

    proposal = await made.propose(task(mode="ask"), Recollection())

    assert bool(proposal.changes) is changed
    kinds = [item.get("type", item.get("role")) for item in model.calls[0].input]
    assert kinds == ["user", *["function_call", "function_call_output"] * 2]


async def test_a_paused_run_is_its_owner_s_alone(project: Workspace, runs: PausedRuns) -> None:
    run = await waiting(project, runs)

    path = project.root / ".alma" / "paused" / f"{run.task.id}.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "sk-none" not in path.read_text()


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(lambda text: text.replace("return q", "return 9"), id="an edit"),
        pytest.param(lambda text: text.replace("do it", "do evil"), id="the goal"),
        pytest.param(lambda text: text[: len(text) // 2], id="half"),
        pytest.param(lambda _: "{}", id="empty"),
        pytest.param(lambda text: text.replace('"signature":"', '"signature":"0'), id="signature"),
    ],
)
async def test_a_paused_run_that_was_changed_is_refused(
    project: Workspace, runs: PausedRuns, tamper: Any
) -> None:
    run = await waiting(project, runs)
    path = project.root / ".alma" / "paused" / f"{run.task.id}.json"
    path.write_text(tamper(path.read_text()))

    with pytest.raises(NotAuthentic):
        runs.run(run.task.id)


async def test_a_paused_run_of_another_user_or_folder_is_refused(
    project: Workspace, runs: PausedRuns, tmp_path: Path
) -> None:
    run = await waiting(project, runs)
    with pytest.raises(NotAuthentic):
        PausedRuns(project, key=b"o" * 32).run(run.task.id)

    other = make_repository(tmp_path / "other", FILES)
    other.state_folder("paused")
    name = f"{run.task.id}.json"
    text = (project.root / ".alma" / "paused" / name).read_text()
    (other.root / ".alma" / "paused" / name).write_text(text)
    with pytest.raises(NotAuthentic):
        PausedRuns(other, key=KEY).run(run.task.id)


async def test_a_paused_run_is_named_by_the_beginning_of_its_id(
    project: Workspace, runs: PausedRuns
) -> None:
    run = await waiting(project, runs)

    assert runs.run(run.task.id[:4]) == run
    with pytest.raises(UsageError, match="no paused run"):
        runs.run("zzz")
    runs.forget(run.task.id)
    with pytest.raises(UsageError, match="no paused run"):
        runs.run()


def test_the_key_is_made_once_and_for_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    key = user_key()

    assert user_key() == key
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "alma" / "key").stat().st_mode) == 0o600
    assert [one.name for one in (tmp_path / "alma").iterdir()] == ["key"]


def test_a_secret_in_a_goal_is_not_kept(runs: PausedRuns, project: Workspace) -> None:
    secret = "sk-proj-Zq8vT3nLw9XbR2mK7cYd5HfJ4pGs6AeU"
    said = [{"role": "user", "content": f"use {secret}"}]
    run = PausedRun(Task(f"use {secret}"), "why", f"goal: {secret}", ChangeSet(()), said)

    runs.keep(run)

    kept = b"".join(one.read_bytes() for one in project.state_path("paused").iterdir())
    assert secret.encode() not in kept
    assert runs.run(run.task.id).task.goal.startswith("use ")
