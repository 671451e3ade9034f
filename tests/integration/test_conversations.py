"""A conversation that goes on from run to run, kept in the ledger turn by turn."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from alma_agent.config import MemoryChoice, ModelChoice
from alma_agent.errors import LimitReached
from alma_agent.paused import PausedRuns
from alma_agent.proposer.orchestrator import Conduct, Orchestrator
from alma_agent.records import Limits, Task
from alma_agent.remembered import Recollection
from alma_agent.testing import SilentObserver
from alma_agent.wiring import House, open_house
from tests.conftest import make_repository

APP = PurePosixPath("app.py")
_numbers = count()


@pytest.fixture
def house(tmp_path: Path) -> House:
    project = make_repository(tmp_path / "project", {"app.py": "def load(p):\n    return p\n"})
    return open_house(project, MemoryChoice(embedder="none"))


def call(tool: str, **arguments: Any) -> Any:
    return function_call(tool, arguments, call_id=f"call-{next(_numbers)}")


def edit(old: str, new: str) -> Any:
    return call("replace_text", path="app.py", old=old, new=new)


async def ran(house: House, goal: str, steps: list[Any], **how: Any) -> ScriptedModel:
    model = ScriptedModel([one if isinstance(one, ModelStep) else [one] for one in steps])
    worker = Orchestrator(
        house.workspace,
        ModelChoice("m", None, "sk-none"),
        SilentObserver(),
        session=house.session("talk"),
        model=model,
        **{name: value for name, value in how.items() if name != "limits"},
    )
    limits = how.get("limits", Limits())
    await worker.propose(Task(goal, file=APP, limits=limits), Recollection())
    return model


async def test_the_second_run_hears_the_first(house: House) -> None:
    await ran(
        house,
        "make it return q",
        [edit("return p", "return q"), call("finish", rationale="I did.")],
    )

    model = await ran(house, "and now r", [call("finish", rationale="Nothing to do.")])

    heard = json.dumps(model.calls[0].input)
    assert heard.index("make it return q") < heard.index("I did.") < heard.index("and now r")


async def test_what_was_said_is_in_the_ledger_before_the_model_is_asked_again(house: House) -> None:
    kept: list[str] = []

    def look(_: Any) -> Any:
        kept.append(json.dumps(house.session("talk").conversation.items()))
        return ModelStep([call("finish", rationale="Done.")])

    await ran(house, "make it return q", [edit("return p", "return q"), ModelStep.respond(look)])

    assert "make it return q" in kept[0]
    assert "Staged: app.py" in kept[0]


async def test_each_turn_is_kept_once(house: House) -> None:
    steps = [call("read_file", path="app.py", first_line=n + 1) for n in range(20)]

    await ran(house, "look", [*steps, call("finish", rationale="Done.")])

    kinds = [one.get("type", "message") for one in house.session("talk").conversation.items()]
    assert kinds == ["message", *["function_call", "function_call_output"] * 21]


async def test_a_talk_that_was_cut_off_is_mended_when_it_goes_on(house: House) -> None:
    lonely = {"type": "function_call", "call_id": "x", "name": "read_file", "arguments": '{"pa'}
    house.session("talk").conversation.append([lonely], by="alma")

    model = await ran(house, "go on", [call("finish", rationale="Done.")])

    outputs = [one for one in model.calls[0].input if one.get("type") == "function_call_output"]
    assert [one["call_id"] for one in outputs] == ["x"]
    assert "interrupted" in outputs[0]["output"]


async def test_agents_sign_what_they_say(house: House) -> None:
    steps = [
        assistant_message("The plan."),
        edit("return p", "return q"),
        call("finish", rationale="Done."),
        assistant_message("accept"),
    ]

    await ran(house, "make it return q", steps, conduct=Conduct(agents=True))

    signed = [
        (by, item.get("type", "message"))
        for by, item in house.session("talk").conversation.signed()  # type: ignore[attr-defined]
    ]
    assert signed[:3] == [("user", "message"), ("architect", "message"), ("user", "message")]
    assert ("editor", "function_call") in signed


async def test_a_paused_run_goes_on_in_its_conversation(house: House) -> None:
    runs = PausedRuns(house.workspace, key=b"k" * 32)
    with pytest.raises(LimitReached):
        await ran(
            house, "make it return q", [edit("return p", "return q")],
            paused=runs, limits=Limits(turns=1),
        )  # fmt: skip

    await ran(house, "make it return q", [call("finish", rationale="Done.")], resume=runs.run())

    items = house.session("talk").conversation.items()
    kinds = [one.get("type", "message") for one in items]
    assert kinds == ["message", *["function_call", "function_call_output"] * 2]
