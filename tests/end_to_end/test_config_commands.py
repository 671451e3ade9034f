"""Settings as a person has them: written, shown, trusted, and used by the next command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import write_files
from tests.end_to_end.conftest import Project, clean_environment
from tests.forked import OnTerminal
from tests.model_server import Call, Say, model_server

RENAME = ("run", "rename load to read_csv", "--file", "app.py", "--dry-run")
CHECK = "python3 -c 1/0"
FAILS = f"check = '{CHECK}'\n"
QUESTION = "Trust it? [y/N/once] "


class Alma:
    """alma in a project, with folders for its user's settings and state."""

    def __init__(self, project: Project, home: Path) -> None:
        self.project = project
        self.file = home / "config" / "alma" / "config.toml"
        self.environment = clean_environment() | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
        }

    def __call__(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> CompletedProcess[str]:
        return self.project.alma(*arguments, environment=self.environment | dict(environment or {}))

    def at_terminal(self, *arguments: str) -> OnTerminal:
        return OnTerminal(arguments, self.project.root, self.environment)

    def check(self) -> str:
        """Return the check that the next command would have."""
        return self("config", "get", "check").stdout.strip()

    def in_project(self, text: str) -> None:
        write_files(self.project.root, {"alma.toml": text})


@pytest.fixture
def alma(flat: Project, tmp_path: Path) -> Alma:
    return Alma(flat, tmp_path / "home")


def test_a_setting_is_set_shown_with_its_origin_and_unset(alma: Alma) -> None:
    written = alma("config", "set", "max-turns", "7")
    shown = alma("config", "show", "--origin")
    bare = alma("config", "get", "max-turns")
    gone = alma("config", "unset", "max-turns")

    assert written.stdout == f"max-turns = 7 is written into {alma.file}.\n"
    assert f"max-turns = 7                         # user: {alma.file}, line 1\n" in shown.stdout
    assert "# model is not set                    # default\n" in shown.stdout
    assert bare.stdout == "7\n"
    assert gone.stdout == f"max-turns is taken out of {alma.file}.\n"
    assert alma("config", "get", "max-turns").stdout == "30\n"


def test_show_as_a_document_has_every_setting_and_no_password(alma: Alma) -> None:
    write_files(alma.file.parent, {"config.toml": "endpoint = 'https://me:hunter22@host/v1'\n"})

    done = alma("config", "show", "--json", environment={"ALMA_MODEL": "small"})

    settings = json.loads(done.stdout)["result"]["settings"]
    assert settings["model"] == {
        "value": "small",
        "layer": "environment",
        "where": "ALMA_MODEL",
        "line": None,
    }
    assert settings["endpoint"]["value"] == "https://host/v1"
    assert "hunter22" not in done.stdout


def test_a_variable_that_means_nothing_is_told_of(alma: Alma) -> None:
    done = alma("config", "show", environment={"ALMA_MDOEL": "x"})

    assert "ALMA_MDOEL means nothing to alma. Did you mean ALMA_MODEL?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "modle", "x"), "modle is no setting. Did you mean"),
        (("set", "max-turns", "ten"), 'max-turns is "ten"; it takes a whole number'),
        (("set", "model", "a", "b"), "model takes one value"),
        (("set", "scope", ","), "alma config unset scope"),
        (("set", "--project", "pager", "more"), "pager is for each user to choose"),
        (("set", "--project", "ledger-url", "postgresql://me:hunter22@h/d"), "holds a password"),
        (("get", "openai-api-key"), "takes no keys from files"),
    ],
)
def test_what_cannot_be_set_is_refused(
    alma: Alma, arguments: tuple[str, ...], message: str
) -> None:
    done = alma("config", *arguments)

    assert done.returncode == 2
    assert message in done.stderr
    assert not alma.file.exists()
    assert not (alma.project.root / "alma.toml").exists()


def test_a_wrong_file_stops_what_needs_it_and_not_its_mending(alma: Alma) -> None:
    alma.in_project("modle = 'x'\n")

    failed = alma(*RENAME, "--json")
    helped = alma("run", "--help")
    mended = alma("config", "unset", "--project", "modle")

    error = json.loads(failed.stdout)["error"]
    assert (failed.returncode, error["type"]) == (2, "WrongSetting")
    assert "alma.toml, line 1: modle is no setting. Did you mean" in error["message"]
    assert helped.returncode == mended.returncode == 0
    assert alma("config", "show").returncode == 0


def test_the_memorys_settings_come_from_files_too(alma: Alma) -> None:
    write_files(alma.file.parent, {"config.toml": "ledger-url = 'nonsense://host/db'\n"})

    done = alma("memory", "list")

    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_the_model_its_endpoint_and_limits_come_from_the_users_file(alma: Alma) -> None:
    edit = Call("replace_text", {"path": "app.py", "old": "def load(", "new": "def load_rows("})
    with model_server([edit]) as server:
        settings = f"endpoint = '{server.url}'\nmodel = 'small'\nmax-turns = 1\nembedder = 'none'\n"
        write_files(alma.file.parent, {"config.toml": settings})

        done = alma("run", "make load say what it reads", "--file", "app.py")

    assert [one["model"] for one in server.requests] == ["small"]
    assert done.returncode == 9


def test_no_endpoint_of_an_untrusted_project_is_asked(alma: Alma) -> None:
    with model_server([Say("Hello.")]) as server:
        alma.in_project(f"endpoint = '{server.url}'\nmodel = 'small'\n")

        done = alma("run", "make load say what it reads", "--file", "app.py")

    assert server.requests == []
    assert done.returncode == 4
    assert "endpoint and model in this project's alma.toml are left out" in done.stderr


@pytest.mark.parametrize("command", [RENAME[:-1], ("refactor", "rename", "load", "read_csv")])
def test_yes_applies_nothing_unchecked_where_an_untrusted_project_names_a_check(
    alma: Alma, command: tuple[str, ...]
) -> None:
    alma.in_project(FAILS)
    before = alma.project.files()

    refused = alma(*command, "--yes", "--accept", "likely")
    untouched = alma.project.files() == before
    unchecked = alma(*command, "--yes", "--accept", "likely", "--no-check")

    assert (refused.returncode, untouched) == (3, True)
    assert "alma config trust --yes" in refused.stderr
    assert unchecked.returncode == 0, unchecked.stderr


def test_a_project_file_counts_once_it_is_trusted(alma: Alma) -> None:
    alma.in_project(FAILS)

    before = alma(*RENAME)
    asked = alma("config", "trust")
    trusted = alma("config", "trust", "--yes")
    after = alma(*RENAME)
    alma("config", "untrust")

    assert (before.returncode, after.returncode) == (0, 5)
    assert "check in this project's alma.toml is left out" in before.stderr
    assert before.stderr.count("alma config trust") == 1
    assert (asked.returncode, trusted.returncode) == (3, 0)
    assert 'check = "python3 -c 1/0"' in asked.stderr
    assert alma.check() == ""


def test_what_is_narrower_counts_without_trust(alma: Alma) -> None:
    alma.in_project("scope = ['docs/**']\n")

    done = alma(*RENAME)

    assert done.returncode == 8
    assert "out of scope" in done.stderr
    assert "trust" not in done.stderr


def test_what_the_user_writes_into_a_project_is_trusted(alma: Alma) -> None:
    done = alma("config", "set", "--project", "check", CHECK)

    assert done.returncode == 0
    assert alma.check() == CHECK


def test_what_the_user_writes_beside_untrusted_settings_trusts_none(alma: Alma) -> None:
    alma.in_project(FAILS)

    done = alma("config", "set", "--project", "max-turns", "3")

    assert "you have not said that you trust it" in done.stderr
    assert "something else comes first" not in done.stderr
    assert alma.check() == ""


@pytest.mark.parametrize(
    ("answer", "code", "later"),
    [
        pytest.param("y", 5, CHECK, id="from now on"),
        pytest.param("o", 5, "", id="this once"),
        pytest.param("", 0, "", id="no"),
    ],
)
def test_a_run_at_a_terminal_asks_for_trust(alma: Alma, answer: str, code: int, later: str) -> None:
    alma.in_project(FAILS)

    person = alma.at_terminal(*RENAME)
    person.expect_exact('check = "python3 -c 1/0"')
    person.expect_exact(QUESTION)
    person.sendline(answer)

    assert (person.wait(), alma.check()) == (code, later)


def test_ctrl_c_at_the_question_ends_the_command(alma: Alma) -> None:
    alma.in_project(FAILS)

    person = alma.at_terminal(*RENAME)
    person.expect_exact(QUESTION)
    person.sendintr()
    person.expect_exact("Interrupted. No file was changed.")

    assert person.wait() == 130


# Completion.

_COMPLETING = (
    "from alma_agent.terminal.completing import prepare\n"
    "from alma_agent.__main__ import main\n"
    "prepare()\n"
    "main()\n"
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("conf",), ["config"]),
        (("config", "set", "max-t"), ["max-turns", "max-tokens"]),
        (("config", "set", "mode", ""), ["ask", "auto-edit", "plan"]),
        (("run", "--mode", "a"), ["ask", "auto-edit"]),
    ],
    ids=str,
)
def test_a_shell_is_told_what_may_come_next(
    alma: Alma, words: tuple[str, ...], expected: list[str]
) -> None:
    asked = {
        "_ALMA_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("alma", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [sys.executable, "-c", _COMPLETING],
        cwd=alma.project.root,
        env=alma.environment | asked,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_one_that_its_shell_reads(alma: Alma, shell: str, tmp_path: Path) -> None:
    done = alma("completion", shell)

    assert "_ALMA_COMPLETE=complete_" + shell in done.stdout
    assert done.stderr == ""  # or each start of the shell would show it
    if program := shutil.which(shell):
        script = tmp_path / "script"
        script.write_text(done.stdout)
        subprocess.run([program, "-n", script], check=True, env=dict(os.environ))
