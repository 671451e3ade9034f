"""What holds of a setting, from which file or variable, and whom a project's file must ask."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from alma_agent import config
from alma_agent.configuration.files import read_project, read_user, user_path
from alma_agent.configuration.kinds import WrongSetting
from alma_agent.configuration.layers import Configuration, Variables
from alma_agent.configuration.settings import SETTINGS, setting
from alma_agent.configuration.trust import Trust
from alma_agent.configuration.writing import set_in, unset_in
from alma_agent.environment import environment, lay_below
from alma_agent.terminal.configured import told_values
from tests.conftest import write_files


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's folder; the user's settings are in a folder beside it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    write_files(tmp_path / "project" / ".git", {"HEAD": ""})
    return (tmp_path / "project").resolve()


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(tmp_path / "trusted")


def user_says(text: str) -> None:
    write_files(user_path().parent, {user_path().name: text})


# Where a value comes from.


def test_without_files_the_defaults_hold(root: Path, trust: Trust) -> None:
    found = Configuration(root, environ={}, trust=trust).found("max-turns")

    assert (found.value, str(found)) == (30, "default")


def test_a_variable_comes_before_the_project_and_the_project_before_the_user(
    root: Path, trust: Trust
) -> None:
    user_says("api = 'chat'\nlint = false\nmodel = 'mine'\n")
    write_files(root, {"alma.toml": "# ours\napi = 'responses'\nlint = true\n"})

    here = Configuration(root, environ={"ALMA_API": "auto"}, trust=trust)

    assert [(here.value(key), here.found(key).layer) for key in ("api", "lint", "model")] == [
        ("auto", "environment"),
        (True, "project"),
        ("mine", "user"),
    ]
    assert str(here.found("lint")) == f"project: {root}/alma.toml, line 3"
    assert str(here.found("api")) == "environment: ALMA_API"


def test_an_empty_variable_says_nothing(root: Path, trust: Trust) -> None:
    user_says("api = 'chat'\n")

    assert Configuration(root, environ={"ALMA_API": ""}, trust=trust).value("api") == "chat"


def test_a_wrong_variable_is_named(root: Path, trust: Trust) -> None:
    here = Configuration(root, environ={"ALMA_MAX_TURNS": "ten"}, trust=trust)

    with pytest.raises(WrongSetting, match=r"The variable ALMA_MAX_TURNS: max-turns is \"ten\""):
        here.value("max-turns")


def test_a_folder_below_the_root_has_the_roots_settings(root: Path, trust: Trust) -> None:
    write_files(root, {"alma.toml": "lint = false\n", "src/alma.toml": "lint = true\n"})

    assert Configuration(root / "src", environ={}, trust=trust).value("lint") is False


def test_files_are_found_below_the_environment(
    root: Path, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_says("embedder = 'none'\nchroma-url = 'http://mine'\nrequest-timeout = 5\n")
    monkeypatch.setattr("alma_agent.environment._lower", dict)
    monkeypatch.setenv("ALMA_CHROMA_URL", "http://other")
    monkeypatch.setenv("ALMA_EMBEDDER", "")

    lay_below(lambda: Variables(Configuration(root, trust=trust)))

    choice = config.memory_choice()
    assert (choice.embedder, choice.chroma) == ("none", "http://other")
    assert environment().get("ALMA_REQUEST_TIMEOUT") == "5.0"
    assert environment().get("ALMA_NAMESPACE") is None
    assert set(environment()) >= {"PATH", "ALMA_REQUEST_TIMEOUT"}


# Files.


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"alma.toml": "\nmodle = 'x'\n"}, "alma.toml, line 2: modle is no setting", id="key"
        ),
        pytest.param(
            {"alma.toml": "api = 'x'\n"}, 'alma.toml, line 1: api is "x"; it takes one', id="value"
        ),
        pytest.param({"alma.toml": "api = \n"}, "alma.toml is no TOML: .*line 1", id="no TOML"),
        pytest.param({"alma.toml": b"api = '\xff'\n"}, "alma.toml is not UTF-8", id="no UTF-8"),
        pytest.param(
            {"alma.toml": "[tool.alma]\nlint = true\n"}, "settings stand without", id="table"
        ),
        pytest.param(
            {"alma.toml": "", "pyproject.toml": "[tool.alma]\n"}, "Keep one of them", id="both"
        ),
        pytest.param(
            {"pyproject.toml": "[project]\n[tool.alma]\nmodle = 'x'\n"},
            "pyproject.toml, line 3: modle is no setting",
            id="key in pyproject.toml",
        ),
        pytest.param({"pyproject.toml": "[tool]\nalma = 3\n"}, "is no table", id="no table"),
        pytest.param(
            {"pyproject.toml": "[tool.alma]\nlint = \n"},
            "pyproject.toml is no TOML",
            id="pyproject",
        ),
        pytest.param({"alma.toml": "api-key = 'x'\n"}, "takes no keys from files", id="a key"),
        pytest.param(
            {"alma.toml": "ledger-url = 'postgresql://me:hunter22@host/db'\n"},
            "ledger-url holds a password or a key",
            id="a password in the project",
        ),
        pytest.param({"alma.toml": "pager = 'x'\n"}, "pager is for each user", id="personal"),
        pytest.param({"alma.toml": "#" * 1_000_001}, "too large", id="too large"),
    ],
)
def test_what_is_wrong_with_a_projects_file(
    root: Path, files: dict[str, str | bytes], message: str
) -> None:
    write_files(root, files)

    with pytest.raises(WrongSetting, match=message) as raised:
        read_project(root)

    assert "hunter22" not in str(raised.value)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"pyproject.toml": "[project]\nname = 'alma-like'\n"}, id="no table"),
        pytest.param({"pyproject.toml": "name = 'alma\n"}, id="a pyproject.toml that is no TOML"),
        pytest.param({"alma.toml": "[review]\nrules = []\n"}, id="a reserved table"),
        pytest.param({"pyproject.toml": "[tool.alma.review]\nrules = []\n"}, id="and there"),
        pytest.param({"alma.toml/x": ""}, id="a folder"),
    ],
)
def test_what_is_no_setting_of_ours_is_let_be(root: Path, files: dict[str, str]) -> None:
    write_files(root, files)

    assert read_project(root).entries == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("[tool.alma]\n'lint' = true\n", 2, id="in quotes"),
        pytest.param("[a]\nlint = 1\n[ tool . alma ] # ours\n\nlint = true\n", 5, id="by table"),
        pytest.param("tool.alma.lint = true\n", 0, id="dotted: not found again"),
    ],
)
def test_the_line_of_a_setting(root: Path, text: str, line: int) -> None:
    write_files(root, {"pyproject.toml": text})

    entry = read_project(root).entries["lint"]

    assert (entry.value, entry.line) == (True, line)


def test_the_users_file_may_hold_a_password_and_what_is_personal(root: Path) -> None:  # noqa: ARG001
    user_says("ledger-url = 'postgresql://me:hunter22@host/db'\npager = 'more'\n")

    assert read_user(user_path()).entries.keys() == {"ledger-url", "pager"}


# Trust.

RISKY = "check = 'make test'\nmodel = 'theirs'\nlint = false\n"


def test_an_untrusted_projects_file_runs_nothing_and_chooses_no_model(
    root: Path, trust: Trust
) -> None:
    user_says("model = 'mine'\n")
    write_files(root, {"alma.toml": RISKY})

    here = Configuration(root, environ={}, trust=trust)

    assert [here.value(key) for key in ("check", "model", "lint")] == [None, "mine", False]
    assert here.left_out == {"check": "make test", "model": "theirs"}


def test_trust_holds_in_the_next_process_and_for_these_values_only(
    root: Path, trust: Trust
) -> None:
    write_files(root, {"alma.toml": RISKY})
    Configuration(root, environ={}, trust=trust).trust()

    def check() -> object:
        return Configuration(root, environ={}, trust=trust).value("check")

    assert check() == "make test"
    write_files(root, {"alma.toml": RISKY.replace("lint = false", "lint = true # better")})
    assert check() == "make test"
    write_files(root, {"alma.toml": RISKY.replace("make test", "make other")})
    assert check() is None
    write_files(root, {"alma.toml": RISKY})
    assert check() == "make test"


def test_trust_in_one_folder_is_none_in_another(root: Path, tmp_path: Path, trust: Trust) -> None:
    other = tmp_path / "other"
    for folder in (root, other):
        write_files(folder, {"alma.toml": RISKY, ".git/HEAD": ""})
    Configuration(root, environ={}, trust=trust).trust()

    assert Configuration(other, environ={}, trust=trust).value("check") is None


def test_trust_is_taken_back(root: Path, trust: Trust) -> None:
    write_files(root, {"alma.toml": RISKY})
    here = Configuration(root, environ={}, trust=trust)
    here.trust()

    assert (here.distrust(), here.value("check"), here.distrust()) == (True, None, False)


def test_trust_for_now_is_not_kept(root: Path, trust: Trust) -> None:
    write_files(root, {"alma.toml": RISKY})
    here = Configuration(root, environ={}, trust=trust)
    here.trust(for_now=True)

    assert here.value("check") == "make test"
    assert Configuration(root, environ={}, trust=trust).value("check") is None


def test_a_damaged_record_of_trust_is_none(root: Path, tmp_path: Path, trust: Trust) -> None:
    write_files(root, {"alma.toml": RISKY})
    Configuration(root, environ={}, trust=trust).trust()
    (record,) = (tmp_path / "trusted").iterdir()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    record.write_text("[]")

    assert Configuration(root, environ={}, trust=trust).value("check") is None


def test_what_could_run_send_spend_or_ask_less_needs_trust() -> None:
    without = {one.key for one in SETTINGS.values() if not one.needs_trust}

    assert without == {"api", "stream", "scope", "lint"}


# Writing.


def _set(path: Path, key: str, text: str, table: str = "") -> None:
    set_in(path, table, setting(key), setting(key).of_text(text))


def test_a_setting_is_written_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "alma.toml"
    path.write_bytes(b"# ours\r\nmodel = 'a' # good\r\n\r\n[review]\r\nx = 1\r\n")
    path.chmod(0o640)

    _set(path, "max-turns", "3")
    _set(path, "model", "b")

    assert path.read_bytes() == (
        b'# ours\r\nmodel = "b" # good\r\nmax-turns = 3\r\n\r\n[review]\r\nx = 1\r\n'
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"

    _set(path, "scope", "src/**\ntests/**")

    assert path.read_text() == 'scope = ["src/**", "tests/**"]\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_written_through_unless_it_leads_out_of_the_project(tmp_path: Path) -> None:
    write_files(tmp_path, {"dotfiles/config.toml": "", "project/x": ""})
    link = tmp_path / "project" / "alma.toml"
    link.symlink_to(tmp_path / "dotfiles" / "config.toml")

    with pytest.raises(WrongSetting, match="leads out of"):
        set_in(link, "", setting("lint"), True, inside=tmp_path / "project")
    _set(link, "lint", "false")

    assert link.is_symlink()
    assert (tmp_path / "dotfiles" / "config.toml").read_text() == "lint = false\n"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            lambda path: _set(path, "lint", "false", "tool.alma"),
            "[tool.alma]\nagents = true\nlint = false\n\n[tool.ruff]\n",
            id="set",
        ),
        pytest.param(
            lambda path: unset_in(path, "tool.alma", "agents"),
            "[tool.alma]\n\n[tool.ruff]\n",
            id="unset",
        ),
    ],
)
def test_a_table_of_pyproject(
    tmp_path: Path, change: Callable[[Path], None], expected: str
) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.alma]\nagents = true\n\n[tool.ruff]\n")

    change(path)

    assert path.read_text() == expected


def test_a_file_that_is_no_toml_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "alma.toml"
    path.write_text("lint = \n")

    with pytest.raises(WrongSetting, match="Mend it by hand first"):
        _set(path, "lint", "true")

    assert path.read_text() == "lint = \n"


def test_who_must_judge_a_setting_sees_all_of_it() -> None:
    hidden = "sh -c 'echo ghp_" + "a1B2" * 9 + "'"

    assert told_values({"check": hidden}) == f'  check = "{hidden}"'
