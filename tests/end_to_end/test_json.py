"""`--json`: each command tells what the published schema says, and so does each failure."""

from __future__ import annotations

import gc
import io
import json
import os
import runpy
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir, closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator
from typer.main import get_command

from alma_agent.__main__ import main
from alma_agent.exit_codes import ExitCode
from alma_agent.terminal import configured
from alma_agent.terminal.cli import app
from alma_agent.terminal.consoles import speak
from alma_agent.terminal.refactor_commands import commands
from alma_agent.terminal.schema import results
from tests.conftest import make_repository, tree
from tests.end_to_end.conftest import ACCEPTED, clean_environment
from tests.model_server import Call, model_server

Document = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
SCHEMA = runpy.run_path(str(ROOT / "scripts" / "json_schema.py"))
FILES = {
    "app.py": "from shelf import Shelf\n\n\ndef load(path):\n    return Shelf(path)\n",
    "shelf.py": "class Shelf:\n    def __init__(self, path):\n        self.path = path\n",
    "broken.py": "def f(:\n",
}
RENAME = ("run", "rename load to read_csv", "--file", "app.py")
BACK = ("run", "rename read_csv to load", "--file", "app.py")
EXACT = ("refactor", "rename", "shelf.py::Shelf", "Rack")
GOAL = "rename Shelf to Rack"
PRINTS = f"{sys.executable} -c 'print(1)'"
ID = "<the first memory>"  # of the commands below
PROPOSAL = "<the first proposal>"
SUCCESSES: list[tuple[str, tuple[str, ...]]] = [
    ("log", ()),  # where alma has not been
    ("diff", ()),
    ("memory show", ("abc",)),
    ("memory why", ("rows",)),
    ("memory stats", ()),
    ("memory add", ("Rows are read lazily.", "--file", "app.py::load", "--tag", "io")),
    ("memory add", ("Rows are never read lazily.",)),
    ("memory decide", ("Prices are in cents.", "--reasoning", "Floats round.")),
    ("run", (*RENAME[1:], "--dry-run")),
    ("run", (*RENAME[1:], *ACCEPTED, "--check", PRINTS)),
    ("run", (*BACK[1:], *ACCEPTED)),
    ("undo", ("2",)),
    ("redo", ()),
    ("diff", ()),
    ("log", ()),
    ("checkpoints list", ()),
    ("checkpoints prune", ("--keep", "1", "--days", "0")),
    ("resume", ("--list",)),
    ("doctor", ()),
    ("report", ()),
    ("cost", ("--by", "day")),
    ("completion", ("bash",)),
    ("config show", ("--origin",)),
    ("config get", ("model",)),
    ("config set", ("model", "small")),
    ("config unset", ("model",)),
    ("config path", ()),
    ("config trust", ()),
    ("config untrust", ()),
    ("outline", ()),
    ("refs", ("Shelf",)),
    ("refs", ("shelf.py::Shelf", "--definition")),
    ("proposals list", ()),
    ("propose", ("rename Shelf to Rack", "--check", PRINTS)),
    ("propose", ("Take what is not committed", "--from-diff", "--dry-run")),
    ("proposals list", ()),
    ("proposals lint", ()),
    ("repropose", (PROPOSAL,)),
    ("repropose", (PROPOSAL, "--always", "--yes", "--onto", "HEAD")),
    ("review", (PROPOSAL,)),
    ("review", (PROPOSAL, "--approve", "-m", "as discussed")),
    ("apply", (PROPOSAL, "--branch", "landed", "--dry-run")),
    ("apply", (PROPOSAL, "--branch", "landed")),
    ("apply", (PROPOSAL, "--onto", "landed")),
    ("verify", ("landed",)),
    ("refactor list", ()),
    ("refactor rename", (*EXACT[2:], *ACCEPTED, "--check", PRINTS)),
    ("refactor rename", ("app.py::read_csv", "load", "--dry-run")),
    ("refactor sort-imports", ("app.py", "--dry-run")),
    ("memory list", ("--superseded",)),
    ("memory search", ("rows",)),
    ("memory show", (ID,)),
    ("memory why", ("rows",)),
    ("memory why", (ID,)),
    ("memory files", ("rename read_csv to load",)),
    ("memory code", ("read the rows of a file",)),
    ("memory timeline", ("app.py",)),
    ("memory map", ()),
    ("memory stats", ()),
    ("memory doctor", ()),
    ("memory edit", (ID, "--text", "Rows are read as they come.")),
    ("memory show", (ID,)),
    ("memory pin", (ID,)),
    ("memory rebuild", ()),
    ("memory export", ("--interactions",)),
    ("memory import", ("--dry-run",)),
    ("memory lint", ()),
    ("memory forget", (ID, "--yes")),
]


class Alma:
    """alma in a small project, by its own door but in this process: it need not start each time."""

    def __init__(self, root: Path, home: Path, validator: Draft202012Validator) -> None:
        self.root = root
        folders = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
        self.environment = clean_environment() | dict.fromkeys(folders, str(home))
        self._validator = validator

    def __call__(self, *arguments: str, **environment: str) -> Document:
        """Run a command with `--json`; return its document, which is as the schema has it."""
        printed = io.StringIO()
        with (
            chdir(self.root),
            Path(os.devnull).open() as nothing,
            redirect_stdout(printed),
            redirect_stderr(io.StringIO()),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(os, "environ", self.environment | environment)
            patch.setattr(sys, "argv", ["alma", *arguments, "--json"])
            patch.setattr(sys, "stdin", nothing)
            thresholds = gc.get_threshold()
            with pytest.raises(SystemExit) as end:
                main()
            gc.set_threshold(*thresholds)  # the process goes on
            gc.unfreeze()
        document = self.read(printed.getvalue())
        assert document["exit_code"] == end.value.code
        return document

    def read(self, printed: str) -> Document:
        """Return the one document that was printed. Raises ValueError, ValidationError."""
        document: Document = json.loads(printed)
        self._validator.validate(document)
        return document


def closed(schema: Any) -> Any:
    """Return a schema that lets in no key but those it names."""
    match schema:
        case {"type": "object", "properties": _}:
            inside = {key: closed(value) for key, value in schema.items()}
            return {"additionalProperties": False, **inside}
        case dict():
            return {key: closed(value) for key, value in schema.items()}
        case list():
            return [closed(one) for one in schema]
    return schema


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(closed(json.loads(SCHEMA["PUBLISHED"].read_text())))


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Give the process back what a command takes for itself: signals and consoles."""
    kept = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    configured._process = configured._Process()
    for one, handler in kept.items():
        signal.signal(one, handler)
    speak(json=False, quiet=False, verbose=False)


@pytest.fixture
def alma(tmp_path: Path, validator: Draft202012Validator) -> Alma:
    return Alma(make_repository(tmp_path / "shop", FILES).root, tmp_path / "home", validator)


def test_the_published_schema_is_what_the_product_tells() -> None:
    published = SCHEMA["PUBLISHED"].read_text()

    assert published == SCHEMA["published"](), "run: python scripts/json_schema.py"
    Draft202012Validator.check_schema(json.loads(published))


def test_the_schema_has_every_command() -> None:
    assert {*results()} == {*_named(app), *(f"refactor {one}" for one in _named(commands()))}


def _named(app: typer.Typer) -> Iterator[str]:
    """Yield the commands of an app that are told as documents."""
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        if hasattr(command, "commands"):
            yield from (f"{name} {one}" for one in command.commands)
        elif name not in ("chat", "refactor"):  # a conversation; a group that is made when needed
            yield name


def test_each_command_tells_what_the_schema_says(alma: Alma) -> None:
    first = proposal = ""
    for command, arguments in SUCCESSES:
        given = [{ID: first, PROPOSAL: proposal}.get(one, one) for one in arguments]
        document = alma(*command.split(), *given)
        assert (document["command"], document["error"]) == (command, None)
        if command == "memory add" and not first:
            first = document["result"]["memory"]["id"]
        if command == "propose" and not proposal:
            proposal = document["result"]["proposal"]["id"]


def test_the_table_has_every_command() -> None:
    tried = {command for command, _ in SUCCESSES} | {"config edit"}  # that one needs a terminal

    assert {one for one in results() if not one.startswith("refactor ")} <= tried


@pytest.mark.parametrize(
    ("code", "command", "arguments"),
    [
        pytest.param(1, "outline", ("outline", "broken.py"), id="nothing could be read"),
        pytest.param(1, "run", (*RENAME, "--dry-run", "--exit-code"), id="there would be a change"),
        pytest.param(1, "refactor rename", (*EXACT[:2], "lod", "x", "-y"), id="refused"),
        pytest.param(2, "", ("nonsense",), id="no such command"),
        pytest.param(2, "memory", ("memory", "nonsense"), id="no such command of a group"),
        pytest.param(2, "refactor", ("refactor", "nonsense"), id="no such refactoring"),
        pytest.param(2, "log", ("log", "--nonsense"), id="no such flag"),
        pytest.param(2, "run", ("run",), id="argument missing"),
        pytest.param(2, "refactor rename", EXACT[:3], id="argument of a refactoring missing"),
        pytest.param(2, "memory list", ("memory", "list", "--kind", "x"), id="no such choice"),
        pytest.param(2, "memory list", ("memory", "list", "--limit", "0"), id="out of range"),
        pytest.param(2, "run", ("run", " "), id="empty goal"),
        pytest.param(2, "run", (*RENAME, "--check", "no-such-program"), id="no such program"),
        pytest.param(2, "memory forget", ("memory", "forget"), id="nothing named"),
        pytest.param(3, "run", RENAME, id="nobody to ask"),
        pytest.param(3, "refactor rename", EXACT, id="nobody to ask of a refactoring"),
        pytest.param(3, "config edit", ("config", "edit"), id="needs a terminal"),
        pytest.param(4, "run", ("run", "make it nicer"), id="no model"),
        pytest.param(5, "run", (*RENAME, *ACCEPTED, "--check", "false"), id="check"),
        pytest.param(5, "run", (*RENAME, "--dry-run", "--check", "false"), id="check, dry run"),
        pytest.param(5, "refactor rename", (*EXACT, "-n", "--check", "false"), id="check, exact"),
        pytest.param(1, "verify", ("verify", "HEAD"), id="no proposal"),
        pytest.param(2, "propose", ("propose", " "), id="nothing to propose"),
        pytest.param(2, "review", ("review", "abc"), id="no such proposal to review"),
        pytest.param(2, "apply", ("apply", "abc"), id="no such proposal to apply"),
        pytest.param(2, "verify", ("verify", "nonsense"), id="no such commit"),
        pytest.param(5, "propose", ("propose", GOAL, "--check", "false"), id="check, proposed"),
        pytest.param(8, "propose", ("propose", GOAL, "--scope", "x.py"), id="out of scope"),
        pytest.param(8, "outline", ("outline", ".."), id="outside"),
        pytest.param(8, "run", (*BACK, "--file", ".git/HEAD"), id="git's own"),
    ],
)
def test_each_failure_is_one_document(
    alma: Alma, code: int, command: str, arguments: tuple[str, ...]
) -> None:
    before = tree(alma.root)

    document = alma(*arguments)

    assert (document["exit_code"], document["command"]) == (code, command)
    assert document["error"]["kind"] == ExitCode(code).kind
    assert document["error"]["message"]
    assert tree(alma.root) == before


def test_a_question_that_nobody_can_be_asked_is_one_document(alma: Alma) -> None:
    id_ = alma("memory", "add", "Rows are read lazily.")["result"]["memory"]["id"]

    document = alma("memory", "forget", id_)

    assert (document["exit_code"], document["error"]["kind"]) == (3, "needs human")


def test_a_broken_memory_is_told_with_its_complaints(alma: Alma) -> None:
    alma("memory", "add", "Rows are read lazily.")
    with closing(sqlite3.connect(alma.root / ".alma" / "ledger.sqlite3")) as ledger, ledger:
        ledger.execute("DELETE FROM memory_words")

    document = alma("memory", "doctor")

    assert (document["exit_code"], document["error"]["kind"]) == (1, "failed")
    assert document["result"]["complaints"][0]["what"] in document["error"]["message"]


def test_an_undo_that_meets_later_work_is_a_conflict(alma: Alma) -> None:
    alma(*RENAME, *ACCEPTED)
    file = alma.root / "app.py"
    file.write_text(file.read_text().replace("def read_csv(", "def read_rows("))

    document = alma("undo")

    assert (document["exit_code"], document["error"]["kind"]) == (7, "conflict")


def test_nothing_to_undo_is_a_note(alma: Alma) -> None:
    document = alma("undo")

    assert (document["exit_code"], document["error"]) == (0, None)
    assert document["result"]["note"]


def test_a_refactoring_that_fails_tells_what_it_would_have_done(alma: Alma) -> None:
    document = alma(*EXACT, "--yes", "--check", "false")

    assert (document["exit_code"], document["result"]["outcome"]) == (5, "checks failed")
    assert "+class Rack" in document["result"]["diff"]


def test_a_run_that_stops_at_a_limit_and_goes_on_when_files_are_as_they_were(alma: Alma) -> None:
    file, goal = alma.root / "app.py", "make load say what it does"
    edit = Call("replace_text", {"path": "app.py", "old": "def load(", "new": "def read("})
    with model_server([edit]) as server:
        model = {"ALMA_MODEL": "small", "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": server.url}
        stopped = alma("run", goal, "--max-turns", "1", **model)
    (waiting,) = alma("resume", "--list")["result"]["paused"]
    going_on = ("resume", waiting["id"], "--apply", "--yes")

    file.write_text(FILES["app.py"].replace("def load(", "def fetch("))
    stale = alma(*going_on)
    file.write_text(FILES["app.py"])
    applied = alma(*going_on)

    assert (stopped["exit_code"], stopped["error"]["kind"]) == (9, "limit reached")
    assert (stale["exit_code"], stale["error"]["kind"]) == (6, "stale")
    assert (applied["exit_code"], applied["result"]["outcome"]) == (0, "applied")


def test_a_paused_run_is_dropped(alma: Alma) -> None:
    with model_server([Call("nonsense", {})]) as server:
        model = {"ALMA_MODEL": "small", "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": server.url}
        alma("run", "do it", "--max-turns", "1", **model)
    (waiting,) = alma("resume", "--list")["result"]["paused"]

    assert alma("resume", waiting["id"], "--drop")["result"] == {"dropped": waiting["id"]}
    assert alma("resume", waiting["id"], "--drop")["exit_code"] == 2


def started(alma: Alma, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a command as a program of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "alma_agent", *arguments, "--json"],
        cwd=alma.root,
        env=alma.environment | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_a_bug_is_one_document_with_the_reports_path(alma: Alma, tmp_path: Path) -> None:
    broken = tmp_path / "broken"  # an installation that does not work
    broken.mkdir()
    (broken / "complexipy.py").write_text("raise RuntimeError('not for this machine')\n")

    with started(alma, "outline", PYTHONPATH=f"{broken}{os.pathsep}{ROOT}") as process:
        document = alma.read(process.communicate(timeout=60)[0])

    assert (document["exit_code"], document["error"]["type"]) == (70, "RuntimeError")
    assert "alma-bug-" in document["error"]["message"]


@pytest.mark.parametrize(("how", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupted_command_is_one_document(
    alma: Alma, tmp_path: Path, how: str, code: int
) -> None:
    begun = tmp_path / "begun"
    check = f"import time; open({str(begun)!r}, 'w').close(); time.sleep(60)"

    with started(alma, *EXACT, "-y", "--check", f'{sys.executable} -c "{check}"') as process:
        while not begun.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.Signals[how])
        document = alma.read(process.communicate(timeout=60)[0])

    assert (process.returncode, document["exit_code"]) == (code, code)
    assert document["error"]["kind"] == ExitCode(code).kind


def test_a_document_goes_into_a_file_if_one_is_named(alma: Alma, tmp_path: Path) -> None:
    file = tmp_path / "outline.json"

    with started(alma, "outline", "-o", str(file)) as process:
        assert process.communicate(timeout=60)[0] == ""

    assert alma.read(file.read_text())["command"] == "outline"


def test_nothing_is_done_whose_result_could_go_nowhere(alma: Alma) -> None:
    before = tree(alma.root)

    document = alma(*RENAME, *ACCEPTED, "-o", "nowhere/told.json")

    assert document["error"]["kind"] == "usage"
    assert "nowhere/told.json cannot be written" in document["error"]["message"]
    assert tree(alma.root) == before


def test_a_dash_is_standard_output(alma: Alma) -> None:
    alma("memory", "add", "Rows are read lazily.", "--file", "app.py::load")

    assert alma("outline", "-o", "-")["command"] == "outline"
    assert alma("memory", "map", "-o", "-")["result"]["svg"]
    assert not (alma.root / "-").exists()


@pytest.mark.parametrize(("how", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 143)])
def test_a_signal_while_alma_is_being_loaded_is_one_document(
    alma: Alma, how: str, code: int
) -> None:
    begins = (
        "import os, signal, sys; sys.argv = ['alma', 'log', '--json']\n"
        "from alma_agent.interrupts import end_at_once; end_at_once()\n"
        f"os.kill(os.getpid(), signal.{how})"
    )

    done = subprocess.run(
        [sys.executable, "-c", begins], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert (done.returncode, alma.read(done.stdout)["exit_code"]) == (code, code)
    assert done.stderr == "Interrupted. No file was changed.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", ["outline", "outline --json", "log"])
def test_a_full_disk_is_said_and_no_bug(alma: Alma, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "alma_agent", *command.split()],
            cwd=alma.root,
            env=alma.environment | {"PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == ExitCode.FAILED
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
