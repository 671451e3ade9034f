"""The fixtures as repositories, made once, and a stage of their copies for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from alma_agent.proposer.wire import retries
from alma_agent.wiring import open_house
from tests.conftest import git
from tests.recorded_tasks.playing import Stage, stage
from tests.recorded_tasks.recorded import RecordedTask
from toolset.workspace import Workspace

_FIXTURES = Path(__file__).parents[2] / "fixtures"
StageFor = Callable[[RecordedTask], Stage]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a git repository and an empty ledger of each fixture, to be copied."""
    folder = tmp_path_factory.mktemp("templates")
    leftovers = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    for name in ("flat", "shapes"):
        root = folder / name
        shutil.copytree(_FIXTURES / name, root, ignore=leftovers)
        git(root, "init", "-q", "-b", "main", "--template=")
        git(root, "add", "--all")
        git(
            root,
            *("-c", "user.name=A Person", "-c", "user.email=person@example.org"),
            *("commit", "-q", "-m", "first"),
        )
        open_house(Workspace(root.resolve())).ledger.close()
    return folder


@pytest.fixture
def stage_for(templates: Path, tmp_path: Path) -> StageFor:
    return lambda task: stage(task, templates / task.fixture, tmp_path / "project")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an endpoint that is well again; checks load pytest without its plugins."""
    monkeypatch.setattr(retries, "_wait", lambda *_: 0.0)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
