from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import write_files
from toolset import lint
from toolset.edits import ChangeSet, Edit, FileState
from toolset.gates import Finding
from toolset.lint import new_lint_findings

SETTINGS = 'lint.select = ["E7", "F"]\n'
A = PurePosixPath("a.py")
UNUSED = Finding(A, 1, "F401 `os` imported but unused")


def state(text: str | None) -> FileState | None:
    return None if text is None else FileState(text.encode())


def found(
    root: Path, before: str | None, after: str | None, path: PurePosixPath = A
) -> tuple[Finding, ...]:
    edit = Edit(path, state(before), state(after))
    return new_lint_findings(ChangeSet((edit,)), root=root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path, {"ruff.toml": SETTINGS})
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("x = 1\n", "import os\n", (UNUSED,), id="new"),
        pytest.param(None, "import os\n", (UNUSED,), id="in a new file"),
        pytest.param("import os\nos\n", "import os\nx = 1\n", (UNUSED,), id="its use went"),
        pytest.param("import os\n", "x = 1\n\nimport os\n", (), id="only moved"),
        pytest.param("import os\n", "import os\nx = 1\n", (), id="there before"),
        pytest.param(
            "x = lambda: 1\n",
            "if a := 1:\n    x = lambda: 1\n",
            (),
            id="only indented",
        ),
        pytest.param(
            "import os\nimport os\nos\n", "x = 1\nimport os\nimport os\nos\n", (), id="line named"
        ),
        pytest.param("import os\n", None, (), id="deleted"),
        pytest.param("x = 1\n", "x = 2\n", (), id="clean"),
    ],
)
def test_only_what_is_new_is_told(
    root: Path, before: str | None, after: str | None, expected: tuple[Finding, ...]
) -> None:
    assert found(root, before, after) == expected


def test_one_more_of_the_same_is_told(root: Path) -> None:
    line = "x == None\n"
    write_files(root, {"ruff.toml": 'lint.select = ["E711"]\n'})

    assert [one.line for one in found(root, line, line + line)] == [2]


def test_the_projects_settings_hold(root: Path) -> None:
    write_files(root, {"ruff.toml": SETTINGS + 'lint.ignore = ["F401"]\n'})

    assert found(root, "x = 1\n", "import os\n") == ()


def test_a_file_that_the_project_excludes_is_left_out(root: Path) -> None:
    write_files(root, {"ruff.toml": 'extend-exclude = ["a.py"]\n' + SETTINGS})

    assert found(root, "x = 1\n", "import os\n") == ()


def test_settings_that_would_mend_do_not(root: Path) -> None:
    write_files(root, {"ruff.toml": "fix = true\nshow-fixes = true\n" + SETTINGS})

    assert found(root, "x = 1\n", "import os\n") == (UNUSED,)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param("line-length = 'x'\n", id="wrong type"),
        pytest.param("[[[", id="no TOML"),
        pytest.param('required-version = "==0.0.1"\n', id="another version wanted"),
    ],
)
def test_settings_that_ruff_refuses_bring_nothing(root: Path, settings: str) -> None:
    write_files(root, {"ruff.toml": settings})

    assert found(root, "x = 1\n", "import os\n") == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"x = 1\n", b"# coding: latin-1\nimport os # \xe9\n", id="after"),
        pytest.param(b"# coding: latin-1\nimport os # \xe9\n", b"import os\n", id="before"),
        pytest.param(b"x = 1\n", b"import os\0\n", id="binary"),
    ],
)
def test_a_file_that_is_not_utf8_is_left_out(root: Path, before: bytes, after: bytes) -> None:
    edit = Edit(A, FileState(before), FileState(after))

    assert new_lint_findings(ChangeSet((edit,)), root=root) == ()


def test_other_files_are_left_out(root: Path) -> None:
    assert found(root, "x = 1\n", "import os\n", PurePosixPath("a.md")) == ()


def test_nothing_is_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUFF_OUTPUT_FILE", "out.json")

    assert found(root, "x = 1\n", "import os\n") == (UNUSED,)
    assert [path.name for path in root.iterdir()] == ["ruff.toml"]


def program(folder: Path, script: str) -> str:
    path = folder / "linter"
    path.write_text(f"#!{sys.executable}\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("", id="says nothing"),
        pytest.param("print('oops')", id="no JSON"),
        pytest.param("print('{\"a\": 1}')", id="no list"),
        pytest.param("print('5')", id="a number"),
        pytest.param('print(\'[{"code": "F401"}]\')', id="other fields"),
        pytest.param("raise SystemExit(2)", id="fails"),
        pytest.param("import time; time.sleep(60)", id="hangs"),
    ],
)
def test_an_odd_linter_brings_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    odd = program(tmp_path, script)
    monkeypatch.setattr(lint.ruff, "program", lambda: odd)
    monkeypatch.setattr(lint, "_TIME_LIMIT_S", 0.5)

    assert found(root, "x = 1\n", "import os\n") == ()


@pytest.mark.parametrize(
    "where", [pytest.param(None, id="none"), pytest.param("/no/such/ruff", id="gone")]
)
def test_no_linter_brings_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, where: str | None
) -> None:
    monkeypatch.setattr(lint.ruff, "program", lambda: where)

    assert found(root, "x = 1\n", "import os\n") == ()


def test_the_linter_gets_no_key(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    tell = (
        "import json, os; print(json.dumps([{'code': 'X', 'location': {'row': 1},"
        " 'message': str('OPENAI_API_KEY' in os.environ)}]))"
    )
    telling = program(tmp_path, tell)
    monkeypatch.setattr(lint.ruff, "program", lambda: telling)

    assert found(root, None, "x = 1\n") == (Finding(A, 1, "X False"),)
