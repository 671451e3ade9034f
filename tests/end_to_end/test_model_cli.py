"""`alma run` and `alma resume` with a model, as a program: exit codes, outputs, what is kept."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from subprocess import CompletedProcess

import pytest

from tests.conftest import Tree
from tests.end_to_end.conftest import Project
from tests.model_server import Answer, Call, Fail, Say, Step, model_server

KEY = "sk-proj-Zq8vT3nLw9XbR2mK7cYd5HfJ4pGs6AeU"
TASK = ("run", "make load say what it reads", "--file", "app.py")
EDIT = Call("replace_text", {"path": "app.py", "old": "def load(", "new": "def load_rows("})
BACK = Call("replace_text", {"path": "app.py", "old": "def load_rows(", "new": "def load_all("})
DONE = Call("finish", {"rationale": "It says so now."})
SPY = """
import glob
key = "REVERSED"[::-1].encode()
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        held = open(path, "rb").read()
    except OSError:
        continue
    if key in held:
        raise SystemExit("the key is to be had from " + path)
"""


class Alma:
    """alma with a home of its own, and an endpoint for each command."""

    def __init__(self, project: Project, home: Path) -> None:
        self.project = project
        self.paused = project.root / ".alma" / "paused"
        self._environment = {
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "ALMA_EMBEDDER": "none",
            "ALMA_MODEL": "small",
            "OPENAI_API_KEY": KEY,
        }

    def __call__(
        self,
        *arguments: str,
        steps: Sequence[Step] = (),
        forked: bool = True,
        **environment: str,
    ) -> CompletedProcess[str]:
        """Run a command whose model takes these steps; without any it is not asked."""
        with model_server(steps or [Fail(500, "nobody should have asked")]) as server:
            where = {"OPENAI_BASE_URL": server.url}
            whole = self._environment | where | environment
            done = self.project.alma(*arguments, environment=whole, forked=forked)
        assert bool(server.requests) is bool(steps)
        assert "Traceback" not in done.stderr
        assert KEY not in done.stdout + done.stderr + server.heard
        return done

    @property
    def kept(self) -> list[Path]:
        return sorted(self.paused.glob("*"))

    @property
    def files(self) -> Tree:
        return self.project.files()


@pytest.fixture
def alma(flat: Project, tmp_path: Path) -> Alma:
    return Alma(flat, tmp_path / "home")


@pytest.fixture
def stopped(alma: Alma) -> str:
    """Stop a run at its limit, with an edit staged; return its id."""
    before = alma.files
    done = alma(*TASK, "--max-turns", "1", steps=[EDIT])
    assert done.returncode == 9
    assert alma.files == before
    (kept,) = alma.kept
    return kept.stem


def test_a_run_ends_with_zero_results_on_one_output_and_talk_on_the_other(alma: Alma) -> None:
    said = Answer("I look at load first.", calls=[EDIT], pieces=4)

    done = alma(*TASK, "--yes", "--stream", "--no-lint", steps=[said, DONE], forked=False)

    assert done.returncode == 0
    assert "+def load_rows(" in done.stdout
    assert "It says so now." in done.stdout
    assert "Applied to 1 file. Undo: alma undo " in done.stdout
    assert "cost: " in done.stdout
    assert "I look at load first." in done.stderr
    assert "I look at load first." not in done.stdout
    assert "asking small (turn 2)" in done.stderr
    assert "+def" not in done.stderr
    assert alma.kept == []


def test_nothing_is_written_without_a_yes(alma: Alma) -> None:
    before = alma.files

    done = alma(*TASK, steps=[EDIT, DONE])

    assert done.returncode == 3
    assert "nothing was written: there is no terminal to ask on" in done.stdout
    assert alma.files == before


def test_where_each_edit_is_asked_for_and_nobody_is_there_the_run_waits(alma: Alma) -> None:
    before = alma.files

    done = alma(*TASK, "--mode", "ask", "--yes", steps=[EDIT])
    listed = alma("resume", "--list")
    went_on = alma("resume", "--approve", "--yes", steps=[DONE])

    assert done.returncode == 3
    assert "alma resume" in done.stderr
    assert "waits for a yes: replace_text" in listed.stdout
    assert before["app.py"] != alma.files["app.py"]
    assert went_on.returncode == 0, went_on.stderr
    assert "Applied to 1 file" in went_on.stdout
    assert alma.kept == []


def test_a_call_that_is_rejected_is_not_carried_out(alma: Alma) -> None:
    before = alma.files
    alma(*TASK, "--mode", "ask", "--yes", steps=[EDIT])

    done = alma("resume", "--reject", "--yes", steps=[Say("Then nothing.")])

    assert done.returncode == 0
    assert alma.files == before


@pytest.mark.parametrize(
    "failure", [Fail(401, f"bad key {KEY}"), Fail(404, "no such model")], ids=["401", "404"]
)
def test_a_model_that_is_not_to_be_had_ends_with_four(alma: Alma, failure: Fail) -> None:
    before = alma.files

    done = alma(*TASK, "--yes", steps=[failure])

    assert done.returncode == 4
    assert alma.files == before
    assert alma.kept == []


def test_an_endpoint_that_fails_half_way_leaves_a_run_to_go_on_with(alma: Alma) -> None:
    before = alma.files

    done = alma(*TASK, "--yes", steps=[EDIT, Fail(400, "no more")])
    went_on = alma("resume", "--yes", steps=[DONE])

    assert done.returncode == 4
    assert "alma resume" in done.stderr
    assert went_on.returncode == 0, went_on.stderr
    assert alma.files != before


def test_a_check_that_fails_ends_with_five(alma: Alma) -> None:
    before = alma.files

    done = alma(
        *(*TASK, "--yes", "--check", f"{sys.executable} -c 'print(41 + 1); exit(1)'"),
        steps=[EDIT, DONE],
    )

    assert done.returncode == 5
    assert "42" in done.stdout
    assert alma.files == before


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc here")
def test_code_under_check_cannot_take_the_key_from_alma_itself(alma: Alma, tmp_path: Path) -> None:
    spy = tmp_path / "spy.py"
    key = f"sk-{token_hex(16)}"  # another test may run at the same time
    spy.write_text(SPY.replace("REVERSED", key[::-1]))

    done = alma(
        *(*TASK, "--yes", "--check", f"{sys.executable} {spy}"),
        steps=[EDIT, DONE],
        forked=False,  # a fork's /proc/PID/environ would not be its own
        OPENAI_API_KEY=key,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--file", "app.py", "--scope", "stats.py"), id="the file in hand"),
        pytest.param(("--scope", "app.py"), id="a use elsewhere"),
    ],
)
def test_what_the_planner_would_change_out_of_scope_ends_with_eight(
    alma: Alma, arguments: tuple[str, ...]
) -> None:
    before = alma.files

    done = alma("run", "rename load to read_csv", *arguments, "--yes", "--accept", "likely")

    assert done.returncode == 8
    assert "is out of scope" in done.stderr
    assert "--scope" in done.stderr
    assert alma.files == before


def test_what_a_model_was_refused_is_told_at_the_end_and_in_the_log(alma: Alma) -> None:
    order = Call("delete_file", {"path": "test_app.py"})

    done = alma(*TASK, "--yes", "--no-lint", steps=[EDIT, order, DONE])

    assert done.returncode == 0
    assert "refused delete file: test_app.py is out of scope" in done.stderr
    assert "refused, out of scope: test_app.py: delete_file" in done.stdout
    assert "refused, out of scope: test_app.py: delete_file" in alma("log").stdout
    assert "test_app.py" in alma.files


def test_a_limit_ends_with_nine_and_the_run_is_listed(alma: Alma, stopped: str) -> None:
    listed = alma("resume", "--list")

    assert listed.returncode == 0
    assert stopped in listed.stdout
    assert "1 file staged" in listed.stdout
    assert "make load say what it reads" in listed.stdout
    assert "--max-turns" in listed.stdout
    assert {oct(path.stat().st_mode & 0o777) for path in alma.kept} == {"0o600"}


def test_a_run_that_stopped_goes_on_by_its_id(alma: Alma, stopped: str) -> None:
    done = alma("resume", stopped[:6], "--yes", steps=[BACK, DONE])

    assert done.returncode == 0, done.stderr
    assert "going on with: make load say what it reads" in done.stderr
    assert b"def load_all(" in alma.files["app.py"][0]
    assert alma.kept == []


def test_a_run_that_stops_again_is_kept_once(alma: Alma, stopped: str) -> None:
    done = alma("resume", "--max-turns", "1", steps=[BACK])

    assert done.returncode == 9
    (kept,) = alma.kept
    assert kept.stem in done.stderr
    assert kept.stem != stopped


def test_a_run_that_ends_without_a_yes_is_kept_once_further_on(alma: Alma, stopped: str) -> None:
    done = alma("resume", stopped[:6], steps=[EDIT, DONE])

    assert done.returncode == 3
    (kept,) = alma.kept
    assert kept.stem != stopped
    assert f"alma resume {kept.stem} --apply" in done.stdout


def test_a_draft_is_applied_as_it_is(alma: Alma, stopped: str) -> None:
    done = alma("resume", "--apply", "-y")

    assert done.returncode == 0, done.stderr
    assert "+def load_rows(" in done.stdout
    assert b"def load_rows(" in alma.files["app.py"][0]
    assert alma.kept == []
    assert stopped not in alma("resume", "--list").stdout


def test_a_draft_without_a_yes_stays(alma: Alma, stopped: str) -> None:
    before = alma.files

    done = alma("resume", "--apply")

    assert done.returncode == 3
    assert alma.files == before
    assert [path.stem for path in alma.kept] == [stopped]


def test_a_run_is_dropped(alma: Alma, stopped: str) -> None:
    before = alma.files

    done = alma("resume", stopped, "--drop")

    assert done.returncode == 0
    assert alma.kept == []
    assert alma.files == before
    assert alma("resume", "--yes").returncode == 2


def test_a_paused_run_that_somebody_changed_is_not_gone_on_with(alma: Alma, stopped: str) -> None:
    (path,) = alma.kept
    path.write_bytes(path.read_bytes().replace(b"make load say", b"make load sag"))
    before = alma.files

    done = alma("resume", stopped, "--yes")

    assert done.returncode == 8
    assert alma.files == before


def test_a_paused_run_that_somebody_changed_hides_no_other(alma: Alma, stopped: str) -> None:
    (alma.paused / "0123456789ab.json").write_text("{}")

    listed = alma("resume", "--list")

    assert stopped in listed.stdout


@pytest.mark.parametrize("name", ["../../evil", "nothing", "*", ""])
def test_a_run_that_is_not_there_is_a_wrong_command(alma: Alma, name: str) -> None:
    done = alma("resume", name)

    assert done.returncode == 2
    assert "no paused run" in done.stderr


def test_a_plan_is_printed_and_nothing_edited(alma: Alma) -> None:
    before = alma.files
    steps = [Call("read_file", {"path": "app.py"}), EDIT, Say("1. app.py: rename load.")]

    done = alma(*TASK, "--mode", "plan", "--yes", steps=steps)

    assert done.returncode == 0, done.stderr
    assert "1. app.py: rename load." in done.stdout
    assert alma.files == before
    assert alma.kept == []


@pytest.mark.parametrize(
    ("how", "steps", "code"),
    [
        pytest.param((), [EDIT, DONE], 0, id="to its end"),
        pytest.param(("--max-turns", "1"), [EDIT], 9, id="at a limit"),
        pytest.param(("--mode", "ask"), [EDIT], 3, id="at a question"),
    ],
)
def test_a_dry_run_leaves_no_trace(
    alma: Alma, how: tuple[str, ...], steps: list[Step], code: int
) -> None:
    before = alma.files

    done = alma(*TASK, "--dry-run", *how, "--session", "talk", steps=steps)

    assert done.returncode == code
    assert alma.files == before
    assert alma.kept == []
    assert "alma resume" not in done.stderr
    assert not re.search(r"^[0-9a-f]{12}", alma("log").stdout, re.MULTILINE)
