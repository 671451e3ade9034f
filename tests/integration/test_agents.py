"""An architect, an editor and a critic on one task, by the SDK's handoffs and agents as tools."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from alma_agent.config import MemoryChoice, ModelChoice, Settings
from alma_agent.proposer.orchestrator import Conduct, Knowledge, Orchestrator
from alma_agent.records import Limits, Task
from alma_agent.remembered import Recollection
from alma_agent.testing import SilentObserver
from alma_agent.wiring import House, open_house
from tests.conftest import make_repository
from toolset.workspace import Workspace

FILES = {"app.py": "def load(p):\n    return p\n"}
_numbers = count()


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", FILES)


def call(tool: str, **arguments: Any) -> Any:
    return function_call(tool, arguments, call_id=f"call-{next(_numbers)}")


EDIT = ("replace_text", {"path": "app.py", "old": "return p", "new": "return p or 0"})
HAND_OVER = ("transfer_to_editor", {})


async def worked(
    project: Workspace, steps: list[Any], **knowledge: Any
) -> tuple[Any, ScriptedModel]:
    model = ScriptedModel([[step] for step in steps])
    observer = SilentObserver()
    made = Orchestrator(
        project,
        ModelChoice("m", None, "sk-none"),
        observer,
        conduct=Conduct(agents=True),
        knowledge=Knowledge(**knowledge),
        model=model,
    )
    task = Task("make load return zero", file=PurePosixPath("app.py"), limits=Limits(turns=20))
    return await made.propose(task, Recollection()), model


def instructions(model: ScriptedModel) -> list[str]:
    """Return who was asked at each call, by the first words of their instructions."""
    return [(one.system_instructions or "")[:40] for one in model.calls]


async def test_the_architect_hands_over_and_the_critic_reads_the_diff(project: Workspace) -> None:
    proposal, model = await worked(
        project,
        [
            call("read_file", path="app.py"),
            call(*HAND_OVER[:1]),
            call(EDIT[0], **EDIT[1]),
            call("finish", rationale="Zero for nothing."),
            assistant_message("accept"),
        ],
    )

    assert "+    return p or 0" in proposal.changes.diff()
    assert proposal.rationale == "Zero for nothing."
    critic = model.calls[-1]
    assert "+    return p or 0" in (critic.system_instructions or "")
    assert "make load return zero" in (critic.system_instructions or "")
    assert {tool.name for tool in critic.tools}.isdisjoint({"replace_text", "finish"})
    assert len(set(instructions(model))) == 3


async def test_the_architect_can_edit_nothing(project: Workspace) -> None:
    _, model = await worked(
        project, [assistant_message("Plan."), call("finish", rationale="Nothing.")]
    )

    assert "replace_text" not in {tool.name for tool in model.calls[0].tools}
    assert "replace_text" in {tool.name for tool in model.calls[1].tools}


async def test_a_plan_in_words_is_carried_out_too(project: Workspace) -> None:
    proposal, model = await worked(
        project,
        [
            assistant_message("1. In load, return zero for nothing."),
            call(EDIT[0], **EDIT[1]),
            call("finish", rationale="Done."),
            assistant_message("Accept."),
        ],
    )

    assert "1. In load, return zero" in json.dumps(model.calls[1].input)
    assert proposal.changes


async def test_what_the_critic_objects_to_goes_back_to_the_editor(project: Workspace) -> None:
    proposal, model = await worked(
        project,
        [
            assistant_message("Plan."),
            call(EDIT[0], **EDIT[1]),
            call("finish", rationale="Done."),
            assistant_message("1. app.py:2: None should raise."),
            call("replace_text", path="app.py", old="p or 0", new="p or 1"),
            call("finish", rationale="Mended."),
            assistant_message("accept"),
        ],
    )

    assert "None should raise" in str(model.calls[4].input[-1])
    assert "p or 1" in proposal.changes.diff()
    assert proposal.rationale == "Mended."


async def test_a_critic_that_was_asked_by_the_editor_is_not_asked_again(project: Workspace) -> None:
    proposal, model = await worked(
        project,
        [
            assistant_message("Plan."),
            call(EDIT[0], **EDIT[1]),
            call("ask_critic", input="Is it right?"),
            assistant_message("accept"),
            call("finish", rationale="Done."),
        ],
    )

    assert proposal.rationale == "Done."
    assert len(model.calls) == 5


async def test_all_agents_count_against_one_limit(project: Workspace) -> None:
    proposal, model = await worked(
        project,
        [
            assistant_message("Plan."),
            call(EDIT[0], **EDIT[1]),
            call("finish", rationale="Done."),
            assistant_message("accept"),
        ],
    )

    assert proposal.usage.requests == len(model.calls) == 4


def house_of(project: Workspace) -> House:
    return open_house(project, MemoryChoice(embedder="none"))


async def test_each_memory_is_signed_by_the_agent_that_wrote_it(project: Workspace) -> None:
    from alma_agent.memory.model_tools import MemoryTools

    house = house_of(project)
    tools = MemoryTools(house.library, project)

    await worked(
        project,
        [
            assistant_message("Plan."),
            call("decide", decision="load returns zero", reasoning="callers add", tags=[]),
            call("finish", rationale="Nothing to change."),
        ],
        tools=tools,
    )

    (memory,) = house.library.recent(limit=5)
    assert (memory.memory.text, memory.memory.by) == ("load returns zero", "editor")


def test_the_architect_s_model_is_its_own(project: Workspace) -> None:
    strong = ModelChoice("strong", "http://127.0.0.1:9/v1", "k")
    settings = Settings(
        model=ModelChoice("weak", "http://127.0.0.1:9/v1", "k"), architect=strong, agents=True
    )

    crew = house_of(project).crew("do what no planner knows", settings, None, SilentObserver())  # type: ignore[arg-type]

    assert crew.proposer._conduct.architect == strong  # type: ignore[attr-defined]
