"""What the conversation is told of what happened around it, so that the next turn knows.

A model's own words and calls are recorded as they are said. What it does not hear of itself is said
here: whether its change was accepted, what was undone, what an exact refactoring did, what a
command printed.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from alma_agent.memory.sessions.conversation import Conversation
from alma_agent.records import (
    Applied,
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    NothingToDo,
    Refused,
    RolledBack,
    Undone,
)
from alma_agent.terminal.repl.state import Chat
from toolset.apply import needs_recovery
from toolset.checks import CheckReport

SIGN = "[alma, not the user]"
_REACH = 50  # interactions looked through for what is new
_MOST_OUTPUT = 4_000  # characters
_MOST_PATHS = 20


def conversation(chat: Chat) -> Conversation | None:
    """Return the conversation of the present session; None before there is a memory."""
    house = chat.house
    return Conversation(house.ledger, chat.session, house.scope) if house else None


def say(chat: Chat, *texts: str) -> None:
    """Let the next turn hear this. Secrets are taken out on the way."""
    held = conversation(chat)
    if held is not None and texts:
        items: list[dict[str, Any]] = [{"role": "user", "content": text} for text in texts]
        held.append(items, by="alma")


def tell_news(chat: Chat) -> list[Interaction]:
    """Tell the conversation what happened since it was last told; return it, oldest first."""
    if chat.house is None:
        return []
    fresh: list[Interaction] = []
    for one in chat.house.library.interactions(limit=_REACH):
        if one.id == chat.told_until:
            break
        fresh.append(one)
    if chat.told_until is None:  # what was before this session is memory's to tell
        mark_told(chat)
        return []
    if fresh:
        chat.told_until = fresh[0].id
    ours = [one for one in reversed(fresh) if one.session in ("", chat.session)]
    say(chat, *(text for one in ours if (text := news_of(one))))
    return ours


def tell_cut_off(chat: Chat) -> None:
    """Tell of the turn that was cut off when alma was killed, if one was.

    Not before it is known how it ended: what it was writing may still have to be settled.
    """
    if chat.house is None or not chat.cut_off_goal or needs_recovery(chat.workspace):
        return
    done = _of_the_turn_cut_off(chat)
    told = _outcome_told(done) if done else "Nothing was written."
    say(chat, f"{SIGN} The last turn was cut off: alma was ended. {told}")
    chat.cut_off_goal = ""


def _of_the_turn_cut_off(chat: Chat) -> Interaction | None:
    """Return what the turn came to that was cut off; None if it came to nothing."""
    if chat.house is None:
        return None
    recent = chat.house.library.interactions(limit=_REACH)
    ours = (one for one in recent if one.session == chat.session)
    return next((one for one in ours if one.at.isoformat() >= chat.cut_off_at), None)


def mark_told(chat: Chat) -> None:
    """Take all that has happened until now as known."""
    if chat.house is not None:
        newest = next(iter(chat.house.library.interactions(limit=1)), None)
        chat.told_until = newest.id if newest else ""


def news_of(one: Interaction) -> str:
    """Return what a conversation should know of an interaction; empty if it knows already."""
    if isinstance(one.outcome, NothingToDo) and one.usage.requests:
        return ""
    told = f"{SIGN} {_outcome_told(one)}"
    if one.usage.requests or isinstance(one.outcome, Undone):
        return told
    return f"{one.goal}\n\n{told}"


def _outcome_told(one: Interaction) -> str:
    paths = _paths(one)
    match one.outcome:
        case Applied() | Approved():
            return _accepted_told(one, paths)
        case Undone(of=of, verb=verb):
            return f"The user asked for: {verb} of {of} ({one.goal}). Changed: {paths}"
        case Refused(reason=reason):
            return f"The user did not accept the change of {paths}; nothing was written: {reason}"
        case ChecksFailed(report=report):
            return f"Nothing was written: the check failed.\n{report_told(report)}"
        case NothingToDo():
            return f"Nothing to do: {one.rationale}"
        case Failed(reason=reason) | RolledBack(reason=reason):
            return f"The turn was stopped; nothing was written: {reason}"


def _accepted_told(one: Interaction, paths: str) -> str:
    left = one.verdict.left_out if one.verdict else ()
    but = "\nThe user left out:\n" + "\n".join(left) if left else ""
    if isinstance(one.outcome, Approved):
        id_ = one.outcome.proposal
        return f"The user approved proposal {id_} ({paths}); nothing was written{but}"
    by = " by an exact refactoring, without a model" if one.proposer == "planner" else ""
    return f"Applied to {paths}{by}: {one.rationale or one.goal}{but}"


def report_told(report: CheckReport) -> str:
    """Return what a command said, for a model to read."""
    return output_told(shlex.join(report.command), report.exit_code, report.output_tail)


def output_told(command: str, exit_code: int | None, output: str) -> str:
    """Return what a command printed, for a model to read."""
    how = "ran too long" if exit_code is None else f"exit code {exit_code}"
    tail = output[-_MOST_OUTPUT:].rstrip() or "(it printed nothing)"
    return f"{command} ({how}) printed (data):\n{tail}"


def _paths(one: Interaction) -> str:
    paths: Sequence[str] = [str(file.path) for file in one.files]
    more = len(paths) - _MOST_PATHS
    shown = ", ".join(paths[:_MOST_PATHS])
    return (f"{shown} and {more} more" if more > 0 else shown) or "no file"
