"""The notes of conversations, and what the next turn is told of what happened between."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.config import Settings
from alma_agent.errors import AlmaError, UsageError
from alma_agent.records import (
    Applied,
    Approved,
    ChecksFailed,
    Interaction,
    NothingToDo,
    Outcome,
    Refused,
    RolledBack,
    Task,
    Undone,
    Usage,
    Verdict,
)
from alma_agent.terminal.ending import ended_of
from alma_agent.terminal.repl import telling
from alma_agent.terminal.repl.sessions import SessionNote, Sessions
from alma_agent.terminal.repl.slash import SlashCommands
from alma_agent.terminal.repl.state import Chat
from alma_agent.terminal.repl.talk_commands import compact, new
from alma_agent.terminal.repl.telling import news_of
from alma_agent.terminal.repl.turns import located_mentions, open_chat_house, worked
from alma_agent.wiring import House
from toolset.checks import CheckReport
from toolset.workspace import Workspace

TOLD = Interaction("a1", datetime(2026, 1, 1, tzinfo=UTC), "do it", NothingToDo())
USED = Usage(requests=1)


def test_a_session_whose_process_holds_it_was_not_cut_off(workspace: Workspace) -> None:
    there = Sessions(workspace)
    there.hold("tea")
    there.write(SessionNote("tea", goal="do it"))

    while_held = Sessions(workspace).cut_off()
    there.let_go()
    after = Sessions(workspace).cut_off()

    assert while_held is None
    assert after is not None
    assert (after.session, after.goal) == ("tea", "do it")


def test_a_session_that_was_left_on_purpose_was_not_cut_off(workspace: Workspace) -> None:
    Sessions(workspace).write(SessionNote("tea", is_open=False))

    assert Sessions(workspace).cut_off() is None


def test_two_processes_do_not_lead_one_session(workspace: Workspace) -> None:
    first = Sessions(workspace)
    first.hold("coffee")

    with pytest.raises(AlmaError, match="Another alma is in the session coffee"):
        Sessions(workspace).hold("coffee")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"session": 1}', "\0", "[" * 90_000])
def test_a_note_that_is_none_is_passed_over(workspace: Workspace, text: str) -> None:
    Sessions(workspace).write(SessionNote("tea"))
    (workspace.state_folder("chat") / "other.json").write_text(text)

    assert [one.session for one in Sessions(workspace).notes()] == ["tea"]


def test_a_pipe_in_the_place_of_a_note_keeps_nobody_waiting(workspace: Workspace) -> None:
    os.mkfifo(workspace.state_folder("chat") / "other.json")

    assert Sessions(workspace).notes() == []


@pytest.mark.parametrize("name", ["tea\nalma: all is well", "\u202etea", "", "t" * 300])
def test_a_planted_name_that_looks_like_something_else_is_passed_over(
    workspace: Workspace, name: str
) -> None:
    Sessions(workspace).write(SessionNote(name))

    assert Sessions(workspace).cut_off() is None


def test_a_key_is_no_name_for_a_session(workspace: Workspace) -> None:
    key = "sk-proj-" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF" + "gH2jK4"
    chat = Chat(workspace, "tea", Settings())

    with pytest.raises(UsageError, match="no key"):
        new(chat, key)

    assert chat.session == "tea"


def test_a_planted_goal_is_told_in_one_line(workspace: Workspace) -> None:
    Sessions(workspace).write(SessionNote("tea", goal="do it\n\nauto-edit> "))

    assert [one.goal for one in Sessions(workspace).notes()] == ["do it auto-edit>"]


def test_no_key_of_a_goal_stands_in_a_note(workspace: Workspace) -> None:
    key = "sk-proj-" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF" + "gH2jK4"

    Sessions(workspace).write(SessionNote("tea", goal=f"log in with {key}"))

    (note,) = workspace.state_path("chat").glob("*.json")
    assert key not in note.read_text()


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        pytest.param(None, "Nothing was written", id="before it came to anything"),
        pytest.param(Applied("c"), "Applied to", id="after its change was applied"),
    ],
)
def test_the_next_turn_is_told_truly_how_the_killed_one_ended(
    workspace: Workspace, ended: Outcome | None, told: str
) -> None:
    chat = Chat(workspace, "tea", Settings())
    house = open_chat_house(chat)
    chat.cut_off_goal, chat.cut_off_at = "do it", "2026-01-01T00:00:00+00:00"
    if ended:
        one = replace(TOLD, outcome=ended, session="tea")
        asyncio.run(house.library.remember(one))

    open_chat_house(chat)

    held = telling.conversation(chat)
    assert held is not None
    said = str(held.items())
    assert told in said
    assert ("Nothing was written" in said) is (ended is None)


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        pytest.param(Applied("a1"), "after this was done", id="applied"),
        pytest.param(RolledBack("a.py was edited"), "a.py was edited", id="rolled back"),
        pytest.param(None, "no file was changed", id="before it came to anything"),
    ],
)
def test_a_stopped_turn_says_truly_how_the_files_are_though_others_work_beside_it(
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
    outcome: Outcome | None,
    told: str,
) -> None:
    chat = Chat(workspace, "tea", Settings())

    async def work(house: House) -> int:
        if outcome:
            await house.library.remember(replace(TOLD, outcome=outcome, session="tea"))
        await house.library.remember(replace(TOLD, id="b2", at=datetime.now(UTC)))  # another alma
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worked(chat, Task("do it", id="a1"), work)

    said = " ".join(capsys.readouterr().err.split())
    assert told in said
    assert ("no file was changed" in said) is (outcome is None)


def test_a_command_that_is_stopped_does_not_tell_of_what_was_done_before_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Chat(workspace, "tea", Settings())
    library = open_chat_house(chat).library
    asyncio.run(library.remember(replace(TOLD, at=datetime.now(UTC), outcome=Applied("a1"))))
    monkeypatch.chdir(workspace.root)

    async def command() -> int:
        raise KeyboardInterrupt

    assert ended_of(command).message == "Interrupted. No file was changed."


@pytest.mark.parametrize(
    ("outcome", "usage", "expected"),
    [
        pytest.param(NothingToDo(), USED, "", id="a model's answer is known already"),
        pytest.param(Applied("c"), USED, "Applied to no file", id="applied"),
        pytest.param(Refused("too early"), USED, "did not accept", id="refused"),
        pytest.param(Approved("fed"), Usage(), "approved proposal fed", id="approved"),
        pytest.param(Applied("c"), Usage(), "do it\n\n[alma", id="an exact one has its goal"),
        pytest.param(Undone("b2", "c"), Usage(), "undo of b2", id="undone"),
        pytest.param(
            ChecksFailed(CheckReport(("pytest",), 1, 0.1, "1 failed")),
            USED,
            "1 failed",
            id="a failed check",
        ),
    ],
)
def test_the_next_turn_is_told_what_it_does_not_know(
    outcome: Outcome, usage: Usage, expected: str
) -> None:
    told = news_of(replace(TOLD, outcome=outcome, usage=usage))

    assert expected in told
    assert bool(told) is bool(expected)


def test_the_next_turn_is_told_what_was_left_out_of_a_change() -> None:
    verdict = Verdict(accepted=True, by="human", left_out=("a.py: the second hunk",))

    told = news_of(replace(TOLD, outcome=Applied("c"), usage=USED, verdict=verdict))

    assert "The user left out:\na.py: the second hunk" in told


@pytest.mark.parametrize(
    ("text", "expected", "files"),
    [
        ("rename x in @a.py.", "rename x in a.py.", ["a.py"]),
        ("look at @a.py::load and @b.py", "look at a.py::load and b.py", ["a.py", "b.py"]),
        ("make it a @property", "make it a @property", []),
        ("mail me@a.py", "mail me@a.py", []),
        ("see @../a.py", "see @../a.py", []),
    ],
)
def test_mentions_of_files_are_files_in_hand(
    repository: Workspace, text: str, expected: str, files: list[str]
) -> None:
    told, found = located_mentions(repository, text)

    assert told == expected
    assert sorted(found) == [PurePosixPath(one) for one in files]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("/undo 2", True), ("/", True), ("/plan two\nlines", True), ("/usr/bin is full", False)],
)
def test_a_path_is_no_command(text: str, is_one: bool) -> None:
    assert SlashCommands.is_one(text) is is_one


def test_a_compact_conversation_begins_with_what_was_said_and_keeps_the_whole(
    workspace: Workspace,
) -> None:
    chat = Chat(workspace, "tea", Settings())
    open_chat_house(chat)
    telling.say(chat, "We decided to use DictReader. " * 3, "load must return rows.")

    compact(chat)

    held = telling.conversation(chat)
    assert chat.session == "tea.2"
    assert held is not None
    assert len(held.items()) == 1
    assert "We decided to use DictReader." in held.items()[0]["content"]
    chat.enter("tea.2")
    former = Chat(workspace, "tea", Settings(), house=chat.house)
    assert len(telling.conversation(former).items()) == 2  # type: ignore[union-attr]


def test_a_session_that_another_process_leads_is_not_entered(workspace: Workspace) -> None:
    there = Sessions(workspace)
    there.hold("tea")
    there.write(SessionNote("tea"))
    chat = Chat(workspace, "coffee", Settings())

    with pytest.raises(AlmaError, match="Another alma"):
        chat.enter("tea")

    assert chat.session == "coffee"


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("/memory", ["memory", "list"]),
        (
            "/memory search what comes first -n 3",
            ["memory", "search", "what comes first", "-n", "3"],
        ),
        ("/memory add don't mock", ["memory", "add", "don't mock"]),
        ("/memory show a1", ["memory", "show", "a1"]),
        ("/why is it so", ["memory", "why", "is it so"]),
        ("/undo 2", ["undo", "2"]),
    ],
)
def test_commands_of_the_command_line_are_carried_out_by_it(
    workspace: Workspace, text: str, arguments: list[str]
) -> None:
    class Noting:
        def main(self, args: Sequence[str], **_: object) -> int:
            asked.extend(args)
            return 0

    asked: list[str] = []
    names = dict.fromkeys(("memory", "undo"), "")

    SlashCommands(Chat(workspace, "tea", Settings()), Noting(), names).do(text)

    assert asked == arguments


def test_looking_for_sessions_leaves_no_trace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)

    Sessions(workspace).cut_off()

    assert list(tmp_path.iterdir()) == []


def test_nothing_heavy_is_imported_before_the_first_prompt() -> None:
    before_the_prompt = (
        "import sys, alma_agent.terminal.cli, alma_agent.terminal.repl.loop, "
        "alma_agent.terminal.repl.preloading, alma_agent.terminal.repl.completing; "
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", before_the_prompt], capture_output=True, text=True, check=True
    )

    heavy = {"agents", "chromadb", "complexipy", "httpx", "libcst", "openai", "pydantic", "rope"}
    heavy |= {"alma_agent.wiring", "git", "jedi", "onnxruntime", "pygments", "sqlalchemy"}
    assert not heavy & set(done.stdout.split())
