"""What looks at nothing heavy loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.end_to_end.conftest import ACCEPTED, Project, clean_environment, copied

HEAVY = {"agents", "openai", "chromadb", "onnxruntime", "tokenizers", "fastapi", "mcp"}

_LISTING = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from alma_agent.__main__ import main
main()
"""


def modules_loaded_by(project: Project, *arguments: str) -> set[str]:
    """Return the modules that a command imports."""
    done = subprocess.run(
        [sys.executable, "-c", _LISTING, *arguments],
        cwd=project.root,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 2), done.stderr
    return set(done.stderr.splitlines()[-1].split())


def loaded_by(project: Project, *arguments: str) -> set[str]:
    """Return the top-level modules that a command imports."""
    return {name.partition(".")[0] for name in modules_loaded_by(project, *arguments)}


@pytest.fixture(scope="module")
def remembering(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with a memory; one for all, since looking changes nothing that matters."""
    project = copied("flat", tmp_path_factory.mktemp("remembering") / "flat")
    assert project.alma("run", "rename load to read_csv", "--file", "app.py").returncode == 3
    return project


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("run", "--help"),
        ("undo",),
        ("log",),
        ("memory", "list"),
        ("memory", "show", "0"),
        ("memory", "add", "Rows are read lazily.", "--file", "app.py"),
        ("memory", "edit", "0", "--tag", "x"),
        ("memory", "pin", "0"),
        ("memory", "forget", "--tag", "x", "--yes"),
        ("memory", "timeline", "app.py"),
        ("memory", "map", "--json"),
        ("memory", "export"),
        ("memory", "import", "--dry-run"),
        ("outline",),
        ("refs", "mean"),
        ("refactor", "list"),
    ],
    ids=" ".join,
)
def test_no_heavy_library_is_imported(remembering: Project, arguments: tuple[str, ...]) -> None:
    assert loaded_by(remembering, *arguments) & HEAVY == set()


def test_a_refactoring_that_the_planner_knows_loads_no_model_and_no_vectors(flat: Project) -> None:
    loaded = loaded_by(flat, "run", "rename load to read_csv", "--file", "app.py", *ACCEPTED)

    assert loaded & HEAVY == set()


def test_version_does_not_even_load_the_toolset(flat: Project) -> None:
    assert loaded_by(flat, "--version") & {"libcst", "sqlalchemy", "rope", "jedi", "git"} == set()


@pytest.mark.parametrize(
    ("arguments", "own"),
    [
        pytest.param(("config", "path"), "config_commands", id="config path"),
        pytest.param(("checkpoints", "list", "--help"), "checkpoint_commands", id="checkpoints"),
        pytest.param(("apply", "--help"), "proposals.apply_command", id="apply"),
    ],
)
def test_a_command_loads_its_own_module_only(
    flat: Project, arguments: tuple[str, ...], own: str
) -> None:
    loaded = modules_loaded_by(flat, *arguments)

    found = {name for name in loaded if name.endswith(("_command", "_commands"))}
    assert found == {f"alma_agent.terminal.{own}"}


def test_a_command_that_prints_a_line_waits_for_no_library_but_typer(flat: Project) -> None:
    loaded = loaded_by(flat, "config", "path")

    assert loaded & {"asyncio", "pydantic", "rich", "tomlkit", "msgspec"} == set()
