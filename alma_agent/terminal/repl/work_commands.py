"""The slash commands that let somebody work: run, plan, test, review, resume."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import get_args

from alma_agent.config import command
from alma_agent.errors import UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.records import Mode, new_id
from alma_agent.terminal.consoles import out, progress
from alma_agent.terminal.repl.state import Chat
from alma_agent.terminal.wording import counted

CARRY_OUT = "Carry out the plan that you made above."


def switch_mode(chat: Chat, mode: str) -> int:
    """Go to a mode, and say what it means. Raises UsageError for another word."""
    known: tuple[Mode, ...] = get_args(Mode)
    found = next((one for one in known if one == mode), None)
    if found is None:
        raise UsageError(f"There is no mode {mode}. There are: {', '.join(known)}.")
    chat.mode = found
    out.print(f"Mode: {found}. {_MEANS[found]}")
    return ExitCode.DONE


_MEANS: dict[Mode, str] = {
    "ask": "Each edit of a model needs your yes; then you see the whole.",
    "auto-edit": "The model edits its draft; you see the whole before anything is written.",
    "plan": "Nothing is edited: the model reads, and answers.",
}


def plan(chat: Chat, goal: str) -> int:
    """Let one turn only plan; without a goal, go to plan mode, or back from it."""
    from alma_agent.terminal.repl.turns import take_turn

    if goal:
        return take_turn(chat, goal, "plan")
    return switch_mode(chat, "auto-edit" if chat.mode == "plan" else "plan")


def run(chat: Chat, goal: str) -> int:
    """Let one turn edit, whatever the mode; without a goal, it carries out the plan before."""
    from alma_agent.terminal.repl.turns import take_turn

    mode: Mode = "auto-edit" if chat.mode == "plan" else chat.mode
    if not goal and chat.last is None:
        raise UsageError("There is no plan yet to carry out. /run GOAL says what to do.")
    return take_turn(chat, goal or CARRY_OUT, mode)


def test(chat: Chat, text: str) -> int:
    """Run the check, or another command, on the files as they are; the next turn knows of it."""
    from alma_agent.terminal.repl import telling
    from alma_agent.terminal.repl.turns import open_chat_house
    from toolset.checks import run_check
    from toolset.edits import ChangeSet

    asked = command(text) if text else chat.chosen.check
    if not asked:
        raise UsageError(
            "No check is configured. Say one: /test python -m pytest -q, or start with --check."
        )
    progress.print(f"… checking: {' '.join(asked)}", style="dim")
    report = run_check(
        chat.workspace,
        ChangeSet(()),
        asked,
        timeout_s=chat.chosen.check_timeout_s,
        network=chat.chosen.check_network,
    )
    if report.output_tail.strip():
        out.print(report.output_tail.rstrip(), soft_wrap=True)
    verdict = "passed" if report.passed else "failed"
    style = "green" if report.passed else "red"
    out.print(f"check: {verdict} in {report.duration_s:.1f} s", style=style)
    open_chat_house(chat)
    chat.begin()
    telling.say(chat, f"{telling.SIGN} The user ran the check. {telling.report_told(report)}")
    return ExitCode.DONE if report.passed else ExitCode.CHECKS_FAILED


def review(chat: Chat, id: str) -> int:
    """Review a draft that was kept, as it is; no model is asked."""
    return _gone_on_with(chat, id, as_it_is=True)


def resume(chat: Chat, what: str) -> int:
    """Go on: with the session that was cut off, a session by its name, or a run that was kept."""
    if not what and chat.left is not None:
        session, chat.left = chat.left.session, None
        return _entered(chat, session)
    if what == "--list":
        from alma_agent.terminal import resuming

        _list_sessions(chat)
        return asyncio.run(resuming.list_paused())
    if what and what != chat.session and chat.sessions.note(what) is not None:
        return _entered(chat, what)
    return _gone_on_with(chat, what, as_it_is=False)


def _entered(chat: Chat, session: str) -> int:
    """Go to a session, and say what it was at."""
    from alma_agent.terminal.repl import telling
    from alma_agent.terminal.repl.turns import open_chat_house

    chat.enter(session)
    chat.begin()
    out.print(f"Back in {session}: {counted(chat.turns, 'turn')} so far, mode {chat.mode}.")
    if chat.cut_off_goal:
        out.print(f"Its last turn was cut off: {chat.cut_off_goal}")
    house = open_chat_house(chat)
    telling.mark_told(chat)
    if kept := kept_run(chat):
        files = counted(len(house.paused_runs.run(kept).changes), "file")
        out.print(f"A draft is kept ({kept}, {files}): /resume goes on with it, /review shows it.")
    return ExitCode.DONE


def kept_run(chat: Chat) -> str:
    """Return the id of this session's newest kept run; empty if there is none."""
    from alma_agent.errors import AlmaError
    from alma_agent.terminal.repl.turns import open_chat_house

    runs = open_chat_house(chat).paused_runs
    for one in runs.ids():
        try:
            if runs.run(one).session == chat.session:
                return one
        except AlmaError:
            continue
    return ""


def _gone_on_with(chat: Chat, id: str, *, as_it_is: bool) -> int:
    from alma_agent.terminal import resuming
    from alma_agent.terminal.repl.turns import open_chat_house, worked
    from alma_agent.wiring import House

    runs = open_chat_house(chat).paused_runs
    kept = runs.run(id or kept_run(chat))
    task = replace(kept.task, id=new_id())
    settings = resuming.ResumeSettings(
        stream=chat.chosen.model.stream if chat.chosen.model else True,
        assume_yes=chat.chosen.assume_yes,
    )

    async def work(_: House) -> int:
        return await resuming.resume_run(
            kept.task.id, settings, as_it_is=as_it_is, approve=None, as_id=task.id
        )

    return worked(chat, task, work)


def _list_sessions(chat: Chat) -> None:
    for one in chat.sessions.notes():
        here = " (this one)" if one.session == chat.session else ""
        cut = ", cut off" if one.is_open and not here else ""
        when = one.seen[:16].replace("T", " ")
        out.print(f"{one.session}  {when}  {counted(one.turns, 'turn')}{cut}{here}", soft_wrap=True)
