"""Who works on what, and where alma's own state may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma_agent.config import ModelChoice, Settings
from alma_agent.errors import ModelUnavailable
from alma_agent.ports import Crew
from alma_agent.proposer.exact import ExactRefactorer
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.proposer.planner import KNOWN_REQUESTS
from alma_agent.review import AssumeYes
from alma_agent.testing import SilentObserver
from alma_agent.wiring import open_house
from toolset.errors import PathRefused
from toolset.workspace import Workspace

CONFIGURED = Settings(model=ModelChoice("small", "http://localhost:1/v1", "sk"))


def crew(workspace: Workspace, goal: str, settings: Settings) -> Crew:
    return open_house(workspace).crew(goal, settings, AssumeYes(), SilentObserver())


@pytest.mark.parametrize("settings", [Settings(), CONFIGURED], ids=["no model", "a model"])
@pytest.mark.parametrize("goal", KNOWN_REQUESTS)
def test_what_the_planner_knows_the_planner_does(
    workspace: Workspace, goal: str, settings: Settings
) -> None:
    assert isinstance(crew(workspace, goal, settings).proposer, ExactRefactorer)


def test_what_it_does_not_know_goes_to_the_model(workspace: Workspace) -> None:
    assert isinstance(crew(workspace, "make it faster", CONFIGURED).proposer, Orchestrator)


def test_without_a_model_it_says_what_it_knows_and_how_to_get_one(workspace: Workspace) -> None:
    with pytest.raises(ModelUnavailable) as told:
        crew(workspace, "make it faster", Settings())

    for part in ("make it faster", *KNOWN_REQUESTS, "OPENAI_API_KEY", "OPENAI_BASE_URL", "--model"):
        assert part in str(told.value)


@pytest.mark.parametrize("name", ["ledger.sqlite3", "index"])
def test_a_link_that_a_repository_brings_does_not_lead_memory_elsewhere(
    tmp_path: Path, workspace: Workspace, name: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (workspace.state_folder() / name).symlink_to(elsewhere)

    with pytest.raises(PathRefused, match="is a link"):
        open_house(workspace).library_with_meaning.rebuild()

    assert not elsewhere.exists()
