"""One turn of the conversation: a goal becomes one interaction, and the next turn knows of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from alma_agent.errors import AlmaError, UsageError
from alma_agent.ports import Approver, Observer
from alma_agent.records import (
    Applied,
    Failed,
    Interaction,
    Mode,
    RolledBack,
    Task,
    Usage,
    new_id,
)
from alma_agent.remembered import Recollection
from alma_agent.run import settle
from alma_agent.terminal import render, running
from alma_agent.terminal.consoles import err, out, progress
from alma_agent.terminal.observing import TerminalObserver
from alma_agent.terminal.repl import telling
from alma_agent.terminal.repl.mentions import mentioned, spelt
from alma_agent.terminal.repl.state import Chat
from alma_agent.wiring import House, open_house
from toolset.errors import ToolsetError
from toolset.workspace import Workspace


class Listening:
    """Hears with another observer what is going on, and keeps what is asked for after the turn."""

    def __init__(self, chat: Chat, then: Observer) -> None:
        self.usage = Usage()
        self._chat = chat
        self._then = then
        self._said: list[str] = []

    def text(self) -> str:
        """Return what the model said on the screen."""
        return "".join(self._said)

    def recalled(self, recollection: Recollection) -> None:
        self._chat.recollection = recollection
        self._then.recalled(recollection)

    def step(self, what: str) -> None:
        self._then.step(what)

    def said(self, text: str) -> None:
        self._said.append(text)
        self._then.said(text)

    def spent(self, call: Usage, seconds: float) -> None:
        self.usage += call
        self._chat.usage += call
        self._then.spent(call, seconds)


def take_turn(chat: Chat, goal: str, mode: Mode | None = None) -> int:
    """Carry out a goal; return the exit code that `alma run` would have.

    Raises AlmaError and ToolsetError; KeyboardInterrupt if it was stopped, when the draft is kept
    and how the files are has been told.
    """
    text, files = located_mentions(chat.workspace, goal)
    settings = chat.settings(mode)
    hand = tuple(dict.fromkeys((*chat.files, *files)))
    task = replace(running.task_of(text, settings), at_hand=hand, id=new_id())
    listening = Listening(chat, TerminalObserver(out, progress))

    async def work(house: House) -> int:
        here = PurePosixPath(Path.cwd().resolve().relative_to(chat.workspace.root).as_posix())
        crew = house.crew(
            task.goal,
            settings,
            running.shown_to(running.reviewer_of(settings)),
            listening,
            choose=running.chooser(),
            folder=here,
            approver=_approver(chat),
        )
        return await running.told(task, chat.workspace, crew, dry_run=False, heard=listening.text)

    return worked(chat, task, work, listening)


def worked(
    chat: Chat,
    task: Task,
    work: Callable[[House], Awaitable[int]],
    listening: Listening | None = None,
) -> int:
    """Do the work of one turn, from its note in the session to what the next turn is told."""
    began = datetime.now(UTC)
    chat.turns += 1
    chat.begin(task.goal)
    try:
        return asyncio.run(_with_house(chat, work))
    except KeyboardInterrupt:
        asyncio.run(_stopped(chat, task, began, listening.usage if listening else Usage()))
        raise
    finally:
        _over(chat, is_counted=listening is not None)


def open_chat_house(chat: Chat) -> House:
    """Return the memory of the conversation, opened at the first need. Raises LedgerUnavailable."""
    if chat.house is None:
        chat.house = open_house(chat.workspace)
        telling.mark_told(chat)
    telling.tell_cut_off(chat)
    return chat.house


async def settled(chat: Chat) -> House:
    """Return the memory; what a killed run left is finished first, and told."""
    house = open_chat_house(chat)
    found = await settle(chat.workspace, house.library)
    for one in found:
        err.print(render.recovery(one), soft_wrap=True)
    if found:
        telling.tell_cut_off(chat)
    return house


def located_mentions(workspace: Workspace, text: str) -> tuple[str, list[PurePosixPath]]:
    """Return a text whose `@path`s stand without the sign, and the files that they are.

    What names no file of the project stays as it is: decorators begin with the sign, too.
    """
    files = []
    for name in sorted(mentioned(text), key=len, reverse=True):
        try:
            path = workspace.locate(name.partition("::")[0])
            if workspace.state_of(path) is None:
                continue
        except ToolsetError:
            continue
        files.append(path)
        text = text.replace(spelt(name), name).replace(f'@"{name}"', name)
    return text, files[::-1]


async def _with_house(chat: Chat, work: Callable[[House], Awaitable[int]]) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)  # what a Ctrl-C leaves undone is told by the turn
    return await work(await settled(chat))


def _over(chat: Chat, *, is_counted: bool) -> None:
    """After a turn, however it ended: tell the next one, and let others have the index."""
    chat.rest()
    if chat.house is None:
        return
    try:
        for one in telling.tell_news(chat):
            chat.last = one
            if not is_counted:
                chat.usage += one.usage
    except AlmaError as error:
        err.print(f"alma: {error}", style="red", soft_wrap=True)
    chat.house.close()


async def _stopped(chat: Chat, task: Task, began: datetime, usage: Usage) -> None:
    """After Ctrl-C: finish what was begun, remember the turn, and say how the files are."""
    house, is_remembered = await settled(chat), False
    # Not the newest one: others may have written in the same ledger since.
    with suppress(UsageError):
        found = house.library.interaction(task.id)
        if isinstance(found.outcome, Applied):
            err.print(f"\nStopped, after this was done. {render.outcome(found)}")
            return
        if isinstance(found.outcome, RolledBack):
            err.print(f"\nStopped: {found.outcome.reason}.", soft_wrap=True)
            return
        is_remembered = True
    kept = house.paused_runs.newest_since(began)
    told = "Stopped; no file was changed."
    if kept:
        has_draft = bool(house.paused_runs.run(kept).changes)
        told += (
            " The draft is kept: /resume goes on with it, /review shows it as it is."
            if has_draft
            else " What was said is kept: /resume goes on with it."
        )
    if not is_remembered:
        model = chat.chosen.model
        await house.library.remember(
            Interaction(
                id=task.id,
                at=began,
                goal=task.goal,
                outcome=Failed("stopped by the user", teaches=False),
                proposer=(model.name or "") if model and usage.requests else "",
                usage=usage,
                session=chat.session,
                seconds=round((datetime.now(UTC) - began).total_seconds(), 3),
            )
        )
    err.print(f"\n{told}")


def _approver(chat: Chat) -> Approver | None:
    """Return who decides on single calls; an "always" holds for the whole conversation."""
    if chat.approver is None and (asked := running.approver()):
        chat.approver = asked
    return chat.approver
