"""A run that stopped before its end, as it is kept; and what changed while it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

from agents import Agent, RunContextWrapper, RunHooks, TResponseInputItem

from alma_agent.config import ModelChoice
from alma_agent.paused import KeptEvidence, PausedRun
from alma_agent.proposer.stint import Waiting
from alma_agent.proposer.talk import Talk
from alma_agent.proposer.tools import Desk
from toolset.edits import Digest
from toolset.errors import ToolsetError
from toolset.workspace import Workspace


def paused_run(
    error: BaseException, talk: Talk, desk: Desk, choice: ModelChoice, *, agent: str
) -> PausedRun | None:
    """Return what it takes to go on after `error`; None if nothing was done yet."""
    waits = error if isinstance(error, Waiting) else None
    changes = desk.draft.changes()
    if waits is None and not talk.items and not changes:
        return None
    evidence = desk.evidence if not desk.edited_by_hand else None
    return PausedRun(
        task=desk.task,
        why=str(error) or "it was interrupted",
        opening=str(talk.opening["content"]),
        changes=changes,
        # Where calls wait, the SDK's state holds what the stint said.
        talk=talk.past if waits else talk.items,
        heard_now=talk.heard_now if waits else 0,
        state=waits.state if waits else None,
        agent=waits.agent if waits else agent,
        model=choice.spec,
        endpoint=choice.where,
        edited_by_hand=desk.edited_by_hand,
        evidence=KeptEvidence.of(evidence) if evidence else None,
        refusals=tuple(desk.refusals),
        seen=desk.seen,
        waiting=tuple(f"{one.tool} {one.arguments}" for one in waits.requests) if waits else (),
    )


class Saving(RunHooks[Desk]):
    """Saves a draft before each call of a model, when it is another one than before.

    That is when the talk holds the calls that made it, so that both fit together.
    """

    def __init__(self, state: int, save: Callable[[], None]) -> None:
        self._state = state
        self._save = save

    async def on_llm_start(
        self,
        context: RunContextWrapper[Desk],
        agent: Agent[Desk],  # noqa: ARG002
        system_prompt: str | None,  # noqa: ARG002
        input_items: list[TResponseInputItem],  # noqa: ARG002
    ) -> None:
        state = context.context.state
        if state != self._state:
            self._state = state
            self._save()


def changed_since(workspace: Workspace, run: PausedRun) -> list[str]:
    """Return the files that are no longer as the model saw them."""
    return [
        str(path) for path, digest in sorted(run.seen.items()) if _digest(workspace, path) != digest
    ]


def earlier_than(opening: str, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a session held before the run that began so."""
    begins = [place for place, one in enumerate(items) if one.get("content") == opening]
    return list(items[: begins[-1]]) if begins else list(items)


def _digest(workspace: Workspace, path: PurePosixPath) -> Digest | None:
    try:
        state = workspace.state_of(path)
    except ToolsetError:
        return None
    return state.digest if state else None
