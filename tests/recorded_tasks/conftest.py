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
    """Return a folder for repositories of the fixtures, which are made when they are needed."""
    return tmp_path_factory.mktemp("templates")


@pytest.fixture
def stage_for(templates: Path, tmp_path: Path) -> StageFor:
    def stage_of(task: RecordedTask) -> Stage:
        template = templates / task.fixture
        if not template.exists():
            make_template(_FIXTURES / task.fixture, template)
        return stage(task, template, tmp_path / "project")

    return stage_of


def make_template(fixture: Path, root: Path) -> None:
    """Make a repository of a fixture, with an empty ledger: both take longer than their copies."""
    shutil.copytree(fixture, root, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    git(root, "init", "-q", "-b", "main", "--template=")
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "first")
    open_house(Workspace(root.resolve())).ledger.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an endpoint that is well again; checks load pytest without its plugins."""
    monkeypatch.setattr(retries, "_wait", lambda *_: 0.0)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
