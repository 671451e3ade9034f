"""Sends the model on an errand through the whole core, and looks at what it leaves behind."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from alma_agent.config import MemoryChoice, ModelChoice, Settings
from alma_agent.errors import AlmaError
from alma_agent.ports import Approver, Crew, ToolRequest
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.records import Applied, Interaction, Limits, Task, Verdict, new_id
from alma_agent.review import AnsweredBefore, AssumeYes
from alma_agent.run import run
from alma_agent.testing import ScriptedProposer, SilentObserver
from alma_agent.undo import undo
from alma_agent.wiring import House, open_house
from tests.conftest import Tree, git, tree
from tests.local_model.endings import Ending, kind_of
from tests.local_model.endpoint import Endpoint
from tests.local_model.errands import Errand
from toolset.apply import needs_recovery
from toolset.checks import parse
from toolset.digest import Digest
from toolset.edits import ChangeSet
from toolset.errors import ToolsetError
from toolset.scope import EditScope
from toolset.workspace import Workspace

_SLACK_S = 15.0  # the machine may be busy; a stuck run is a minute over
_TALK = "errand"
_WARM_S = 600.0  # a prompt of thousands of tokens, read by one core


async def carried_out(errand: Errand, root: Path, endpoint: Endpoint) -> Ending:
    """Run an errand on the repository at `root`, and require that nothing was damaged."""
    house = open_house(Workspace(root), MemoryChoice(embedder="none"))
    try:
        await _warm(errand, house, endpoint)
        return await _carried_out(errand, house, endpoint)
    finally:
        house.ledger.close()


async def _carried_out(errand: Errand, house: House, endpoint: Endpoint) -> Ending:
    before, head = tree(house.workspace.root), git(house.workspace.root, "rev-parse", "HEAD")
    task, crew = _task(errand), _crew(errand, house, endpoint, _TALK)
    endpoint.wait_until_idle()
    started = time.monotonic()
    raised: Exception | None = None
    try:
        await run(task, house.workspace, crew)
    except (AlmaError, ToolsetError) as error:  # anything else is a crash, and fails the test
        raised = error
    seconds = time.monotonic() - started
    told = _only_interaction(house, task)
    assert isinstance(crew.observer, SilentObserver)
    _require_limits_held(errand, told, seconds, crew.observer)
    _require_whole(house.workspace, told, before)
    assert git(house.workspace.root, "rev-parse", "HEAD") == head
    last, draft = told, ""
    if raised and (changes := _kept(house, task)):
        last, draft = await _applied_unfinished(house, task, changes)
        _require_whole(house.workspace, last, before)
    if isinstance(last.outcome, Applied):
        await undo(house.workspace, house.library)
    assert tree(house.workspace.root) == before
    assert git(house.workspace.root, "status", "--porcelain") == ""
    said = await house.session(_TALK).get_items()
    return replace(_ending(errand, told, raised, seconds, said), draft=draft)


def _kept(house: House, task: Task) -> ChangeSet:
    """Return what a stopped run had staged; its draft waits for `alma resume`."""
    paused = house.paused_runs
    return paused.run(task.id).changes if task.id in paused.ids() else ChangeSet()


async def _applied_unfinished(
    house: House, task: Task, changes: ChangeSet
) -> tuple[Interaction, str]:
    """Do what `alma resume --apply` does: somebody takes the draft as it is. Say how that ended."""
    again = replace(task, id=new_id(), check=())
    crew = Crew(house.library, ScriptedProposer(changes), AssumeYes(), SilentObserver())
    try:
        told = await run(again, house.workspace, crew)
    except (AlmaError, ToolsetError) as error:
        return house.library.interaction(again.id), type(error).__name__
    return told, told.outcome.kind


async def _warm(errand: Errand, house: House, endpoint: Endpoint) -> None:
    """Let the server read the beginning of the prompt: a run is not to be timed for that.

    It keeps one prompt, and reads what is new in the next; agents take turns, each with its own.
    """
    if errand.prompt == endpoint.warm or errand.agents:
        return
    endpoint.warm = errand.prompt
    slow = replace(errand, turns=1, seconds=_WARM_S, request_timeout_s=300)
    crew = _crew(slow, house, endpoint)
    with suppress(AlmaError, ToolsetError):  # it is another run that is looked at
        await crew.proposer.propose(_task(slow), await crew.library.recall(_task(slow)))


def _task(errand: Errand) -> Task:
    return Task(
        errand.goal,
        file=PurePosixPath(errand.file) if errand.file else None,
        scope=EditScope(errand.scope),
        mode=errand.mode,
        check=errand.check,
        check_timeout_s=30.0,
        limits=errand.limits,
    )


def _crew(errand: Errand, house: House, endpoint: Endpoint, session: str = "") -> Crew:
    model = ModelChoice(
        errand.door,
        endpoint.url,
        "sk-not-needed",
        api="chat",
        stream=errand.stream,
        request_timeout_s=errand.request_timeout_s,
    )
    settings = Settings(model=model, agents=errand.agents, mode=errand.mode, session=session)
    crew = house.crew(
        errand.goal,
        settings,
        AssumeYes(),
        SilentObserver(),
        approver=_approver(errand),
    )
    assert isinstance(crew.proposer, Orchestrator)  # the planner does not understand the goal
    return crew


class _InTurn:
    """Says yes, then no, then yes."""

    def __init__(self) -> None:
        self._asked = 0

    async def approve(self, request: ToolRequest) -> Verdict | None:  # noqa: ARG002
        self._asked += 1
        return Verdict(accepted=bool(self._asked % 2), by="human", reason="in turn")


def _approver(errand: Errand) -> Approver | None:
    match errand.answers:
        case "nobody":
            return None
        case "in turn":
            return _InTurn()
    return AnsweredBefore(accepted=errand.answers == "yes", calls=errand.turns)


def _only_interaction(house: House, task: Task) -> Interaction:
    remembered = house.library.interactions(limit=100)
    assert [one.id for one in remembered] == [task.id]
    return remembered[0]


def _require_limits_held(
    errand: Errand, told: Interaction, seconds: float, observer: SilentObserver
) -> None:
    limits: Limits = errand.limits
    checks = (1 + told.usage.requests) * 5.0 if errand.check else 0.0
    assert seconds <= limits.seconds + _SLACK_S + checks
    assert len(observer.calls) == told.usage.requests <= limits.turns
    if limits.tokens is not None and observer.calls:  # stopped before the next call, not in it
        counted = [one.input_tokens + one.output_tokens for one in observer.calls]
        assert sum(counted[:-1]) < limits.tokens


def _require_whole(workspace: Workspace, told: Interaction, before: Tree) -> None:
    """Require that the recorded change is in the files, to the byte, and nothing else is."""
    now = tree(workspace.root)
    recorded = told.files if isinstance(told.outcome, Applied) else ()
    changed = {str(one.path): one for one in recorded}
    assert {path: now[path] for path in now if path not in changed} == {
        path: before[path] for path in before if path not in changed
    }
    for path, change in changed.items():
        assert _digest(before, path) == change.before
        assert _digest(now, path) == change.after
        state = workspace.state_of(change.path)
        if path.endswith((".py", ".pyi")) and state is not None:
            parse(change.path, state)
    status = git(workspace.root, "status", "--porcelain", "--untracked-files=all", "-z")
    assert {line[3:] for line in status.split("\0") if line} == set(changed)
    git(workspace.root, "fsck", "--strict")
    assert not needs_recovery(workspace)
    journal = workspace.state_path("journal")
    assert not journal.exists() or not list(journal.iterdir())


def _digest(files: Tree, path: str) -> Digest | None:
    return Digest.of(files[path][0]) if path in files else None


def _ending(
    errand: Errand,
    told: Interaction,
    raised: Exception | None,
    seconds: float,
    said: Sequence[Any],
) -> Ending:
    how = kind_of(raised) if raised else told.outcome.kind
    calls = [str(one["name"]) for one in said if one.get("type") == "function_call"]
    usage = told.usage
    return Ending(
        errand,
        how,
        round(seconds, 1),
        usage.requests,
        usage.input_tokens + usage.output_tokens,
        len(told.files),
        tuple(calls),
        tuple(said),
        str(raised) if raised else told.rationale,
    )
