"""Whole conversations with alma in a real pseudo-terminal, with a model that takes known steps."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alma_agent.records import Interaction
from alma_agent.wiring import open_house
from tests.conftest import make_repository
from tests.model_server import Call, ModelServer, Say, Stall, model_server
from tests.terminal.screens import CTRL_C, CTRL_D
from tests.terminal.talking import Talk
from toolset.workspace import Workspace

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_RENAME = "rename summarise to sum_up in app.py"
DONE = Call("finish", {"rationale": "It says so now."})
Start = Callable[..., Talk]


def edit(old: str, new: str) -> Call:
    return Call("replace_text", {"path": "app.py", "old": old, "new": new})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(_FIXTURES / "flat", tmp_path / "flat")
    return make_repository(tmp_path / "flat", {}).root


@pytest.fixture
def start(root: Path, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a conversation in the same project, with the same home."""
    started: list[Talk] = []

    def start_(url: str = "", **given: object) -> Talk:
        started.append(Talk(root, tmp_path / "home", url, **given))  # type: ignore[arg-type]
        return started[-1]

    yield start_
    for one in started:
        one.terminal.close()


def interactions(root: Path) -> list[Interaction]:
    """Return what is remembered of the turns, oldest first."""
    return list(open_house(Workspace(root)).library.interactions(limit=50))[::-1]


def last_heard(server: ModelServer) -> str:
    """Return what the model was told at its last call."""
    return str(server.requests[-1])


def test_a_session_of_fifteen_turns(start: Start, root: Path) -> None:
    app = root / "app.py"
    begun = app.read_text()
    steps = [
        Say("It reads a CSV file."),
        edit("Return the rows", "Return each row"),
        DONE,
        Say("You ran a command."),
        Say("First measure it."),
        edit("Summarise sales", "Sum up"),
        DONE,
        edit("Print the summary", "Show the summary"),
        Stall(60),
    ]
    with model_server(steps) as server:
        talk = start(server.url)

        assert "It reads a CSV file." in talk.say("what does load do?")
        assert "Applied to 1 file" in talk.say("make load say what it reads", ("Apply this", "y"))
        assert "Return each row" in app.read_text()
        assert "Undone" in talk.say("/undo")
        assert app.read_text() == begun
        assert "Redone" in talk.say("/redo")
        assert "Return each row" in app.read_text()
        assert "Applied to 2 files" in talk.say(_RENAME, ("Apply this", "y"))
        assert "def sum_up(" in app.read_text()
        assert "Remembered" in talk.say("#tea comes first")
        assert "tea comes first" in talk.say("/memory search what comes first")
        assert "from the shell" in talk.say("!echo from the shell")
        assert "check: passed" in talk.say("/test true")
        talk.say("what did I do?")
        heard = last_heard(server)
        assert all(one in heard for one in ("undo of", "redo of", _RENAME, "from the shell"))
        assert "First measure it." in talk.say("/plan how to make it faster")
        refused = talk.say("now do it", ("Apply this", "it is too early"))
        assert "it is too early" in refused
        talk.terminal.resize(columns=40, rows=100)
        talk.terminal.settles()
        assert "what did I do?" in talk.say("/why")
        mark = talk.begin("show more")
        while len(server.requests) < len(steps):
            talk.terminal.settles(0.05)
        assert "/resume goes on" in talk.interrupt(mark)
        assert "Print the summary" in app.read_text()
        assert "Applied to 1 file" in talk.say("/review", ("Apply this", "y"))
        assert "Show the summary" in app.read_text()
        talk.begin("/quit")

        assert talk.terminal.ends() == 0
    known = [one for one in interactions(root) if one.outcome.kind != "undone"]
    assert len({one.session for one in known}) == 1
    assert [one.outcome.kind for one in known] == [
        "nothing to do",
        "applied",
        "applied",
        "nothing to do",
        "nothing to do",
        "refused",
        "failed",
        "applied",
    ]


def test_a_killed_session_is_told_of_and_gone_on_with(start: Start, root: Path) -> None:
    app = root / "app.py"
    steps = [
        Say("It reads a CSV file."),
        edit("Return the rows", "Return each row"),
        Stall(60),
        DONE,
        Say("Each row."),
    ]
    with model_server(steps) as server:
        talk = start(server.url)
        talk.say("what does load do?")
        mark = talk.begin("make load say what it reads")
        while len(server.requests) < 3:
            talk.terminal.settles(0.05)
        talk.hears("asking", mark)
        talk.terminal.kill()

        second = start(server.url)
        assert "ended without /quit: make load say what it reads" in second.greeting
        back = second.say("/resume")
        assert "2 turns so far" in back
        assert "A draft is kept" in back
        assert "Applied to 1 file" in second.say("/resume", ("Apply this", "y"))
        assert "Return each row" in app.read_text()
        second.begin(CTRL_D)
        assert second.terminal.ends() == 0

        third = start(server.url, arguments=("--continue",))
        assert "without /quit" not in third.greeting
        assert "Each row." in third.say("what did you change?")
        assert "what does load do?" in last_heard(server)
        assert "Applied to app.py" in last_heard(server)
        third.begin("/quit")
        third.terminal.ends()
    assert not list((root / ".alma" / "paused").glob("*.json"))


@pytest.mark.parametrize(
    ("given"),
    [
        pytest.param({"columns": 40}, id="40 columns"),
        pytest.param({"LC_ALL": "C"}, id="C locale"),
        pytest.param({"term": "dumb"}, id="dumb terminal"),
        pytest.param({"term": "dumb", "columns": 40, "LC_ALL": "C", "NO_COLOR": "1"}, id="all"),
    ],
)
def test_a_session_without_a_model_on_poor_terminals(
    start: Start, root: Path, given: dict[str, object]
) -> None:
    talk = start(**given)

    assert "did you mean /undo" in talk.say("/undu").lower()
    assert "needs a model" in talk.say("make it nicer")
    assert "Applied to 2 files" in talk.say(_RENAME, ("Apply this", "y"))
    assert "def sum_up(" in (root / "app.py").read_text()
    assert "Undone" in talk.say("/undo")
    assert "def summarise(" in (root / "app.py").read_text()
    talk.begin("/quit")
    assert talk.terminal.ends() == 0


def test_a_session_killed_at_its_question_has_changed_nothing_and_says_so(
    start: Start, root: Path
) -> None:
    talk = start()
    talk.hears("Apply this", talk.begin(_RENAME))
    talk.terminal.kill()

    second = start(arguments=("--continue",))

    assert f"Its last turn was cut off: {_RENAME}" in second.greeting
    assert "def summarise(" in (root / "app.py").read_text()
    assert "Applied to 2 files" in second.say(_RENAME, ("Apply this", "y"))


def test_ctrl_c_twice_leaves(start: Start) -> None:
    talk = start()

    assert "Ctrl-C again" in talk.interrupt(len(talk.terminal.heard))
    talk.terminal.type(CTRL_C)

    assert talk.terminal.ends() == 130


def test_without_a_terminal_there_is_no_conversation(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alma_agent", "chat"],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 3
    assert "needs a terminal" in done.stderr
    assert not (root / ".alma").exists()
