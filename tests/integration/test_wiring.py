"""Who works on what, and where alma's own state may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma_agent.config import MemoryChoice, ModelChoice, Settings
from alma_agent.errors import ModelUnavailable
from alma_agent.ports import Crew
from alma_agent.proposer.exact import ExactRefactorer
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.proposer.planner import KNOWN_REQUESTS
from alma_agent.review import AssumeYes
from alma_agent.testing import SilentObserver
from alma_agent.wiring import open_house
from tests.databases import new_database
from tests.making import an_interaction
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


async def test_a_shared_ledger_keeps_the_memories_of_repositories_apart(
    repository: Workspace, tmp_path: Path
) -> None:
    choice = MemoryChoice(ledger=new_database(), embedder="none")
    other = tmp_path / "other"
    other.mkdir()
    here, there = open_house(repository, choice), open_house(Workspace(other), choice)

    await here.library.remember(an_interaction("abc", "rename load"))
    here.library.notebook.add("Use uv", kind="decision", scope=here.scope)

    assert [one.id for one in here.library.interactions()] == ["abc"]
    assert len(here.library.recent(limit=9)) == 2
    assert list(there.library.interactions()) == []
    assert there.library.recent(limit=9) == []
    assert not (repository.root / ".alma" / "ledger.sqlite3").exists()


async def test_a_session_of_the_sdk_outlives_the_house(repository: Workspace) -> None:
    first = open_house(repository).session("s1")
    await first.add_items([{"role": "user", "content": "I prefer short names"}])

    again = open_house(repository).session("s1")

    assert await again.get_items() == [{"role": "user", "content": "I prefer short names"}]
