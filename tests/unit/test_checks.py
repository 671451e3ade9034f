from __future__ import annotations

import os
import sys
import time
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import git, make_repository, make_workspace, tree, write_files
from toolset.checks import CheckReport, check_environment, parse, parses, require_parsing, run_check
from toolset.edits import ChangeSet, Edit, FileState
from toolset.errors import DoesNotParse, NotText
from toolset.workspace import Workspace

A, NEW = PurePosixPath("a.py"), PurePosixPath("new.py")
CHANGES = ChangeSet(
    (
        Edit(A, FileState(b"x = 1\n"), FileState(b"x = 'draft'\n", 0o755)),
        Edit(PurePosixPath("b.py"), FileState(b"y = 2\n"), None),
        Edit(PurePosixPath("pkg/new.py"), None, FileState(b"z = 3\n")),
    )
)


def check(workspace: Workspace, script: str, changes: ChangeSet = CHANGES) -> CheckReport:
    return run_check(workspace, changes, (sys.executable, "-c", script), timeout_s=20)


def test_a_command_that_succeeds_passes(repository: Workspace) -> None:
    assert check(repository, "").passed


def test_a_command_that_fails_does_not_pass(repository: Workspace) -> None:
    report = check(repository, "import sys; sys.exit(3)")

    assert (report.passed, report.exit_code) == (False, 3)


def test_a_command_that_dies_of_a_signal_does_not_pass(repository: Workspace) -> None:
    report = check(repository, "import os; os.kill(os.getpid(), 9)")

    assert (report.passed, report.exit_code) == (False, -9)


def test_a_missing_program_is_127(repository: Workspace) -> None:
    report = run_check(repository, CHANGES, ("no-such-program", "x"), timeout_s=5)

    assert report.exit_code == 127
    assert report.output_tail == "no-such-program: No such file or directory"


def test_a_command_that_takes_too_long_is_stopped(repository: Workspace) -> None:
    command = (sys.executable, "-c", "import time; print('so far', flush=True); time.sleep(60)")

    report = run_check(repository, CHANGES, command, timeout_s=0.5)

    assert (report.passed, report.exit_code) == (False, None)
    assert report.output_tail.startswith("so far\n")
    assert report.duration_s < 10


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not is_running(pid)


@pytest.mark.parametrize(
    ("ending", "exit_code"),
    [pytest.param("wait", None, id="too long"), pytest.param("true", 0, id="in time")],
)
def test_child_processes_go_with_the_command(
    repository: Workspace, tmp_path: Path, ending: str, exit_code: int | None
) -> None:
    pid_file = tmp_path / "pid"
    script = f"sleep 60 & echo $! > '{pid_file}'; {ending}"

    report = run_check(repository, ChangeSet(), ("sh", "-c", script), timeout_s=0.5)

    assert report.exit_code == exit_code
    assert gone_within(int(pid_file.read_text()), 5)


def test_a_grandchild_that_left_the_group_does_not_keep_alma_waiting(
    repository: Workspace,
) -> None:
    script = "setsid sleep 5 & wait"

    report = run_check(repository, ChangeSet(), ("sh", "-c", script), timeout_s=0.3)

    assert report.duration_s < 3


def test_the_command_sees_the_draft(repository: Workspace) -> None:
    show = (
        "import os; print(open('a.py').read(), oct(os.stat('a.py').st_mode & 0o777),"
        " os.path.exists('b.py'), open('pkg/new.py').read())"
    )

    assert check(repository, show).output_tail == "x = 'draft'\n 0o755 False z = 3\n\n"


def test_the_command_sees_untracked_files_but_not_ignored_ones_nor_git(
    repository: Workspace,
) -> None:
    write_files(repository.root, {".gitignore": "*.log\n", "x.log": "", "untracked.py": ""})

    report = check(repository, "import os; print(sorted(os.listdir()))", ChangeSet())

    assert report.output_tail == "['.gitignore', 'a.py', 'b.py', 'untracked.py']\n"


def test_the_copy_keeps_modes(repository: Workspace) -> None:
    (repository.root / "a.py").chmod(0o755)

    report = check(repository, "import os; print(os.access('a.py', os.X_OK))", ChangeSet())

    assert report.output_tail == "True\n"


def test_the_user_s_files_are_not_touched(repository: Workspace) -> None:
    before = tree(repository.root)

    check(repository, "import os; os.remove('a.py'); open('junk', 'w').close(); import pkg.new")

    assert tree(repository.root) == before
    assert git(repository.root, "status", "--porcelain") == ""


def test_the_copy_goes_at_the_end(repository: Workspace) -> None:
    report = check(
        repository, "import os; os.mkdir('x', 0o500); print(os.getpid(), os.getcwd()[:5])"
    )
    leftover = [path for path in Path("/tmp").glob("alma-*") if (path / "pkg" / "new.py").exists()]

    assert report.passed
    assert leftover == []


def test_paths_in_the_copy_are_shown_as_the_user_s(repository: Workspace) -> None:
    report = check(repository, "import os; print(os.getcwd())")

    assert report.output_tail == f"{repository.root}\n"


def test_model_keys_and_git_s_variables_are_not_passed_on(
    repository: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("SOME_OTHER_API_KEY", "secret")
    monkeypatch.setenv("GIT_DIR", "/nonsense")
    monkeypatch.setenv("HARMLESS", "yes")

    report = check(
        repository,
        "import os; print([n for n in os.environ if 'API_KEY' in n or n.startswith('GIT_')"
        " or n == 'HARMLESS'])",
    )

    assert report.output_tail == "['HARMLESS']\n"


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "DEPLOY_PRIVATE_KEY",
        "GH_PAT",
        "GITHUB_TOKEN",
        "GPG_PASSPHRASE",
        "MYSQL_PWD",
        "PASSWORD",
        "PGPASSWORD",
        "SSH_AUTH_SOCK",
        "client_secret",
        "db_password",
        "git_token",
        "openai_api_key",
    ],
)
def test_what_is_named_as_a_secret_is_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "secret")

    assert name not in check_environment(tmp_path, tmp_path)


@pytest.mark.parametrize(
    "name", ["HOME", "OLDPWD", "SOME_PATH", "TOKENIZERS_PARALLELISM", "KEY_MAP"]
)
def test_what_only_sounds_like_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "harmless")

    assert check_environment(tmp_path, tmp_path)[name] == "harmless"


def test_imports_come_from_the_copy(repository: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(repository.root))

    report = check(repository, "import os; os.chdir('/'); import a; print(a.x)")

    assert report.output_tail == "draft\n"


def test_the_copy_s_src_folder_is_on_the_path(tmp_path: Path) -> None:
    workspace = make_repository(tmp_path / "project", {"src/m.py": "x = 1\n"})

    assert check(workspace, "import m", ChangeSet()).passed


def test_the_user_s_own_path_comes_after_the_copy(
    repository: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    report = check(repository, "import os; print(os.environ['PYTHONPATH'])")

    assert report.output_tail == f"{repository.root}{os.pathsep}{tmp_path}\n"


def test_a_program_of_an_ignored_environment_is_found(repository: Workspace) -> None:
    write_files(
        repository.root, {".gitignore": ".venv\n", ".venv/bin/tool": "#!/bin/sh\necho found\n"}
    )
    (repository.root / ".venv" / "bin" / "tool").chmod(0o755)

    report = run_check(repository, CHANGES, (".venv/bin/tool",), timeout_s=5)

    assert report.output_tail == "found\n"


def test_output_is_the_last_4000_characters_as_interleaved(repository: Workspace) -> None:
    report = run_check(
        repository,
        CHANGES,
        ("sh", "-c", "yes é | head -n 200000; echo out; echo err >&2; echo end"),
        timeout_s=20,
    )

    assert len(report.output_tail) == 4000
    assert report.output_tail.endswith("é\nout\nerr\nend\n")


def test_undecodable_output_is_shown_somehow(repository: Workspace) -> None:
    report = check(repository, "import os; os.write(1, b'\\xff ok')")

    assert report.output_tail == "\ufffd ok"


def test_a_command_gets_no_input(repository: Workspace) -> None:
    report = check(repository, "import sys; print(repr(sys.stdin.read()))")

    assert report.output_tail == "''\n"


def test_without_git_the_copy_holds_the_folder(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "project", {"a.py": "x = 1\n", "pkg/b.py": ""})

    assert check(workspace, "import a, pkg.b", ChangeSet()).passed


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        pytest.param(b"x = 1\ndef f(:\n", 2, "invalid syntax", id="syntax"),
        pytest.param(b"x = 1\n\n  y = 2\n", 3, "unexpected indent", id="indentation"),
        pytest.param(b"# coding: latin-1\n# \xe9\nx = (\n", 3, "was never closed", id="latin-1"),
        pytest.param(b"\xef\xbb\xbfx = 1\r\ny = $\r\n", 2, "invalid syntax", id="BOM, CRLF"),
    ],
)
def test_a_file_that_does_not_parse_is_refused_at_its_line(
    data: bytes, line: int, message: str
) -> None:
    with pytest.raises(DoesNotParse, match=message) as refusal:
        parse(A, FileState(data))

    assert refusal.value.line == line


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x = " + b"(" * 10_000 + b")" * 10_000, id="brackets"),
        pytest.param(b"x = " + b"-" * 100_000 + b"1\n", id="signs"),
        pytest.param(b"if 1:\n" + b"".join(b" " * n + b"if 1:\n" for n in range(1, 150)), id="ifs"),
    ],
)
def test_a_file_that_is_nested_too_deeply_is_refused(data: bytes) -> None:
    with pytest.raises(DoesNotParse):
        parse(A, FileState(data))


def test_a_coding_line_that_gives_no_source_is_refused() -> None:
    with pytest.raises((DoesNotParse, NotText)):
        parse(A, FileState(b"# coding: unicode_escape\nx = '\\ud800'\n"))


def test_the_file_s_own_warnings_are_not_shown() -> None:
    assert parses(A, FileState(b"x = '\\d'\nassert (1, 'x')\nx is 1\n"))


def test_changes_must_parse() -> None:
    with pytest.raises(DoesNotParse, match="would no longer parse"):
        require_parsing(ChangeSet((Edit(A, FileState(b"x = 1\n"), FileState(b"x =\n")),)))


def test_deleted_files_and_other_files_need_not_parse() -> None:
    require_parsing(
        ChangeSet(
            (
                Edit(A, FileState(b"x =\n"), None),
                Edit(PurePosixPath("a.txt"), None, FileState(b"x =\n")),
            )
        )
    )
