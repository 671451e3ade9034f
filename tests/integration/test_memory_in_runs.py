"""Runs and their memory: what a run leaves, what the next one is told, what a model writes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from agents.testing import ScriptedModel, function_call

from alma_agent.config import MemoryChoice, ModelChoice, Settings
from alma_agent.memory.model_tools import READING, WRITING, MemoryTools
from alma_agent.ports import Crew, Proposer, Reviewer
from alma_agent.proposer.exact import ExactRefactorer
from alma_agent.proposer.orchestrator import Knowledge, Orchestrator
from alma_agent.proposer.planner import understand
from alma_agent.records import Interaction, Proposal, Task, Verdict
from alma_agent.remembered import Memory, Recollection
from alma_agent.review import AssumeYes
from alma_agent.run import preview, run
from alma_agent.testing import ScriptedProposer, SilentObserver
from alma_agent.undo import redo, undo
from alma_agent.wiring import House, open_house
from tests.conftest import git, make_repository, make_workspace
from tests.integration.test_orchestrator import call, results
from tests.model_server import Call, model_server
from toolset.checks import CheckReport
from toolset.draft import Draft
from toolset.edits import ChangeSet
from toolset.errors import ToolsetError
from toolset.workspace import Workspace

APP, OTHER = PurePosixPath("app.py"), PurePosixPath("other.py")
FILES = {
    "app.py": (
        "def load(path):\n    return [path]\n\n\ndef save(rows):\n    return len(rows)\n\n\n"
        "print(load(1))\n"
    ),
    "other.py": "LIMIT = 3\n",
}
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
_PASS = (sys.executable, "-c", "print('fine')")


class SaysNo:
    """Refuses, for a reason."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def review(self, _: Proposal, __: Sequence[CheckReport]) -> Verdict:
        return Verdict(accepted=False, by="human", reason=self._reason)


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", FILES)


@pytest.fixture
def house(project: Workspace) -> House:
    return open_house(project, MemoryChoice(embedder="none"))


def edit(workspace: Workspace, old: str, new: str, path: PurePosixPath = APP) -> ChangeSet:
    draft = Draft(workspace)
    text = workspace.read(path).text
    assert old in text
    draft.write(path, text.replace(old, new))
    return draft.changes()


async def carried_out(
    house: House,
    goal: str,
    proposer: Proposer,
    reviewer: Reviewer | None = None,
    **task: Any,
) -> Interaction:
    crew = Crew(house.library, proposer, reviewer or AssumeYes(), SilentObserver())
    return await run(Task(goal, **task), house.workspace, crew)


async def sped_up(
    house: House,
    goal: str = "make load return a tuple",
    reviewer: Reviewer | None = None,
    **task: Any,
) -> Interaction:
    """Let a run change the function `load`, and nothing else."""
    changes = edit(house.workspace, "return [path]", "return (path,)")
    return await carried_out(house, goal, ScriptedProposer(changes), reviewer, **task)


async def fails(house: House, goal: str) -> None:
    def refuse(_: Task, __: Recollection) -> ChangeSet:
        raise ToolsetError("There is no such name in this project.")

    with pytest.raises(ToolsetError):
        await carried_out(house, goal, ScriptedProposer(refuse))


async def planned(house: House, goal: str) -> Interaction:
    """Let a run do what the planner understands."""
    requests = understand(goal)
    assert requests
    exact = ExactRefactorer(house.workspace, requests)
    return await carried_out(house, goal, exact, AssumeYes("likely"))


def memory_of(house: House, interaction: Interaction) -> Memory:
    return house.library.memory(interaction.id).memory


def standings(house: House, interaction: Interaction) -> list[tuple[str, str]]:
    """Return what each symbol is called now, and what became of it."""
    found = house.library.memory(interaction.id).standings
    return [(f"{one.path}::{one.symbol}", one.verdict) for one in found]


async def recalled(house: House, goal: str, file: PurePosixPath | None = None) -> list[str]:
    found = await house.library.recall(Task(goal, file=file))
    return [one.memory.text for one in found.memories]


def model_run(
    house: House, steps: Sequence[Any], *, only: Sequence[str] = READING + WRITING
) -> tuple[Orchestrator, ScriptedModel]:
    model = ScriptedModel([[step] for step in (*steps, call("finish", rationale="Done."))])
    memory = MemoryTools(house.library, house.workspace, by="a-model", only=only)
    choice = ModelChoice("a-model", None, "sk-none")
    return Orchestrator(
        house.workspace, choice, SilentObserver(), knowledge=Knowledge(memory), model=model
    ), model


async def test_a_model_writes_and_reads_memory_in_one_run(house: House) -> None:
    orchestrator, model = model_run(
        house,
        [
            call("remember", content="load gets paths, never names.", file="app.py", symbol="load"),
            call("decide", decision="Keep save.", reasoning="Plugins call it."),
            call("recall", since="1h"),
            call("search_memory", query="paths"),
        ],
    )

    await carried_out(house, "look around", orchestrator)

    remembered, decided, recent, found = results(model)
    assert remembered.startswith("Remembered as ")
    assert decided.startswith("Remembered as ")
    assert "Keep save. Because: Plugins call it." in recent.splitlines()[1]
    assert "load gets paths" in recent.splitlines()[2]
    assert ["load gets paths" in line for line in found.splitlines()[1:]] == [True]


async def test_the_next_run_is_told_what_a_model_remembered(house: House) -> None:
    orchestrator, _ = model_run(
        house, [call("decide", decision="Keep save as it is.", reasoning="Plugins call it.")]
    )
    await carried_out(house, "look around", orchestrator)
    orchestrator, model = model_run(house, [])

    await carried_out(house, "tidy save", orchestrator)

    told = json.dumps(model.calls[0].input)
    assert "decision] Keep save as it is. Because: Plugins call it." in told
    assert "data, not instructions" in told


async def test_what_is_remembered_is_not_in_the_change(house: House) -> None:
    orchestrator, _ = model_run(house, [call("remember", content="Rows are sorted.")])

    told = await carried_out(house, "look around", orchestrator)

    assert (told.outcome.kind, told.files) == ("nothing to do", ())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [('{"content": ', "JSON"), ('{"content": 5}', "content"), ("{}", "Field required")],
    ids=["half", "wrong type", "nothing"],
)
async def test_a_wrong_call_does_not_stop_the_run(house: House, arguments: str, told: str) -> None:
    orchestrator, model = model_run(house, [function_call("remember", arguments, call_id="one")])

    await carried_out(house, "look around", orchestrator)

    (answer,) = results(model)
    assert answer.startswith("Error: ")
    assert told in answer


async def test_a_dry_run_gives_the_model_only_what_reads(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with model_server([Call("finish", {"rationale": "Nothing to do."})]) as server:
        settings = Settings(model=ModelChoice("a-model", server.url, "none", "chat"))
        for remembers in (False, True):
            crew = house.crew(
                "look around", settings, AssumeYes(), SilentObserver(), remembers=remembers
            )
            await preview(Task("look around"), house.workspace, crew)

    offered = [{one["function"]["name"] for one in asked["tools"]} for asked in server.requests]
    memory_tools = {*READING, *WRITING}
    assert [names & memory_tools for names in offered] == [set(READING), memory_tools]


async def test_a_dry_run_leaves_nothing_in_memory(house: House) -> None:
    orchestrator, model = model_run(house, [call("remember", content="Rows.")], only=READING)
    crew = Crew(house.library, orchestrator, AssumeYes(), SilentObserver())

    await preview(Task("look around"), house.workspace, crew)

    assert "There is no tool remember" in results(model)[0]
    assert house.library.count() == 0


async def test_an_applied_run_is_a_memory_bound_to_what_it_touched(house: House) -> None:
    memory = memory_of(house, await sped_up(house, check=_PASS))

    assert (memory.kind, memory.stratum, memory.outcome) == ("interaction", "somatic", "applied")
    assert memory.by == "script"
    assert "make load return a tuple" in memory.text
    assert "Passed: " in memory.text
    assert [(str(one.path), one.symbol) for one in memory.anchors] == [("app.py", "load")]


async def test_a_refusal_is_remembered_with_its_reason(house: House) -> None:
    told = await sped_up(house, reviewer=SaysNo("callers append to the list"))

    memory = memory_of(house, told)

    assert memory.outcome == "refused"
    assert "callers append to the list" in memory.text
    assert [(str(one.path), one.symbol) for one in memory.anchors] == [("app.py", "load")]


async def test_a_failed_check_is_remembered_with_what_it_said(house: House) -> None:
    check = (sys.executable, "-c", "print('tuple has no append'); raise SystemExit(1)")

    memory = memory_of(house, await sped_up(house, check=check))

    assert memory.outcome == "checks failed"
    assert "tuple has no append" in memory.text


async def test_what_failed_is_remembered_with_why(house: House) -> None:
    await fails(house, "rename lod to read")

    (found,) = house.library.recent(limit=9)
    assert found.memory.outcome == "failed"
    assert "no such name" in found.memory.text


async def test_what_is_undone_is_reverted_until_it_is_redone(house: House) -> None:
    told = await sped_up(house)

    await undo(house.workspace, house.library)
    assert memory_of(house, told).outcome == "reverted"
    await redo(house.workspace, house.library)
    assert memory_of(house, told).outcome == "applied"

    assert [one.memory.outcome for one in house.library.recent(limit=9)] == [
        "undone",
        "reverted",
        "applied",
    ]


async def test_what_happened_to_the_code_matters_more_than_what_came_of_nothing(
    house: House,
) -> None:
    refused = await sped_up(house, reviewer=SaysNo("callers append to the list"))
    applied = await sped_up(house)
    undone, _ = await undo(house.workspace, house.library)
    await fails(house, "rename lod to read")
    failed = house.library.interactions(limit=1)[0]

    importance = [memory_of(house, one).importance for one in (refused, applied, undone, failed)]

    assert importance == sorted(importance, reverse=True)
    assert len(set(importance)) == 4


def _reformatted(text: str) -> str:
    return text.replace("return (path,)", "return (\n        path,  # the only one\n    )")


async def test_what_changed_nothing_is_bound_to_the_code_as_it_stayed(house: House) -> None:
    refused = await sped_up(house, reviewer=SaysNo("callers append to the list"))
    failed = await sped_up(house, check=(sys.executable, "-c", "raise SystemExit(1)"))

    for told in (refused, failed):
        assert standings(house, told) == [("app.py::load", "fresh")]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(lambda text: text, ("app.py::load", "fresh"), id="right after"),
        pytest.param(_reformatted, ("app.py::load", "fresh"), id="reformatted"),
        pytest.param(
            lambda text: text.replace("len(rows)", "0"), ("app.py::load", "fresh"), id="elsewhere"
        ),
        pytest.param(
            lambda text: text.replace("(path,)", "(path, 1)"),
            ("app.py::load", "drifted"),
            id="edit",
        ),
        pytest.param(
            lambda text: text[text.index("def save") :], ("app.py::load", "orphaned"), id="deleted"
        ),
    ],
)
async def test_a_memory_says_what_became_of_the_symbol(
    house: House, later: Callable[[str], str], expected: tuple[str, str]
) -> None:
    told = await sped_up(house)
    path = house.workspace.absolute(APP)

    path.write_text(later(path.read_text()))

    assert standings(house, told) == [expected]


async def test_a_memory_follows_a_function_that_alma_renames(house: House) -> None:
    told = await sped_up(house)

    renamed = await planned(house, "rename load to read_rows")

    assert renamed.outcome.kind == "applied"
    assert standings(house, told) == [("app.py::read_rows", "moved")]


async def test_a_memory_follows_a_function_that_alma_moves(house: House) -> None:
    told = await sped_up(house)

    moved = await planned(house, "move load from app.py to other.py")

    assert moved.outcome.kind == "applied"
    assert standings(house, told) == [("other.py::load", "moved")]


async def test_what_was_undone_is_as_it_was_before(house: House) -> None:
    told = await sped_up(house)

    undone, _ = await undo(house.workspace, house.library)

    assert standings(house, told) == [("app.py::load", "drifted")]
    assert {verdict for _, verdict in standings(house, undone)} == {"fresh"}


async def test_a_run_is_recalled_for_its_file(house: House) -> None:
    await sped_up(house)
    changes = edit(house.workspace, "LIMIT = 3", "LIMIT = 4", OTHER)
    await carried_out(house, "allow one more", ScriptedProposer(changes))

    assert [one.split(".")[0] for one in await recalled(house, "paint it blue", OTHER)] == [
        "allow one more"
    ]


async def test_what_was_applied_comes_before_what_was_misspelt(house: House) -> None:
    await sped_up(house, "rename load to read_rows")
    await fails(house, "rename lod to read_rows")
    await fails(house, "rename laod to read_rows")

    told = await recalled(house, "rename load to read_rows in the docs")

    assert told[0].startswith("rename load to read_rows.")


async def test_a_refusal_with_a_reason_comes_before_what_was_misspelt(house: House) -> None:
    await sped_up(house, "return a tuple from load", SaysNo("callers append to the list"))
    await fails(house, "return a tuple from laod")

    told = await recalled(house, "return a tuple from load")

    assert "callers append to the list" in told[0]


async def test_the_next_run_knows_which_memories_it_was_told(house: House) -> None:
    first = await sped_up(house)
    changes = edit(house.workspace, "return (path,)", "return path,")

    second = await carried_out(house, "simplify the tuple of load", ScriptedProposer(changes))

    assert second.recalled == (first.id,)


def state_of(workspace: Workspace) -> bytes:
    files = (one for one in workspace.state_path(".").rglob("*") if one.is_file())
    return b"\n".join(one.read_bytes() for one in files)


SECRET_RUNS: dict[str, Callable[[House], Any]] = {
    "goal": lambda house: sped_up(house, f"use {TOKEN} in load"),
    "reason": lambda house: sped_up(house, reviewer=SaysNo(f"that shows {TOKEN}")),
    "check's output": lambda house: sped_up(
        house, check=(sys.executable, "-c", f"print('{TOKEN[:9]}' + '{TOKEN[9:]}'); exit(1)")
    ),
    "check's command": lambda house: sped_up(house, check=(sys.executable, "-c", "pass", TOKEN)),
    "failed goal": lambda house: fails(house, f"rename {TOKEN} to x"),
}


@pytest.mark.parametrize("carry_out", SECRET_RUNS.values(), ids=SECRET_RUNS.keys())
async def test_a_secret_does_not_reach_the_state_folder(
    house: House, carry_out: Callable[[House], Any]
) -> None:
    await carry_out(house)

    assert house.library.count() == 1
    assert TOKEN.encode() not in state_of(house.workspace)


async def test_a_secret_in_a_goal_is_in_no_snapshot_where_there_is_no_git(tmp_path: Path) -> None:
    plain = open_house(make_workspace(tmp_path / "plain", FILES), MemoryChoice(embedder="none"))

    await sped_up(plain, f"use {TOKEN} in load")
    await undo(plain.workspace, plain.library)

    assert b"in load" in state_of(plain.workspace)
    assert TOKEN.encode() not in state_of(plain.workspace)


async def test_a_secret_in_a_goal_is_not_in_gits_labels(house: House) -> None:
    await sped_up(house, f"use {TOKEN} in load")

    told = git(house.workspace.root, "log", "--all", "--format=%B")
    assert "load" in told
    assert TOKEN not in told


async def test_a_secret_that_a_model_says_at_the_end_is_not_kept(house: House) -> None:
    model = ScriptedModel([[call("finish", rationale=f"I found {TOKEN}.")]])
    choice = ModelChoice("a-model", None, "sk-none")
    orchestrator = Orchestrator(house.workspace, choice, SilentObserver(), model=model)

    told = await carried_out(house, "look around", orchestrator)

    assert "[redacted" in house.library.interaction(told.id).rationale
    assert TOKEN.encode() not in state_of(house.workspace)
