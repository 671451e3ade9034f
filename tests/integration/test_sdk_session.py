"""Conversations of the SDK in a real ledger, led by its own scripted model."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from agents import Agent, RunConfig, Runner, function_tool
from agents.memory import Session, SessionSettings
from agents.run_config import CallModelData, ModelInputData
from agents.testing import ScriptedModel, assistant_message, function_call

from alma_agent.errors import UsageError
from alma_agent.memory.ledger import Ledger, conversations
from alma_agent.memory.ledger.recording import keep
from alma_agent.memory.ranking import tokens_of
from alma_agent.memory.sessions.conversation import Conversation, said
from alma_agent.memory.sessions.earlier import HEADING, earlier_talk
from alma_agent.memory.sessions.talk import Message
from alma_agent.memory.sessions.window import Window
from alma_agent.memory.sessions.working_memory import WorkingMemories
from alma_agent.memory.times import window_of
from alma_agent.proposer.history import INTERRUPTED
from alma_agent.proposer.session import DurableSession, Signing, with_earlier_sessions
from alma_agent.remembered import Memory, Scope

ALICE = Scope("shop", "alice")
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def a_call(id: str, arguments: str = "{}") -> Any:
    return {"type": "function_call", "call_id": id, "name": "load", "arguments": arguments}


def a_session(ledger: Ledger, id: str, scope: Scope = Scope(), **others: Any) -> DurableSession:
    return DurableSession(Conversation(ledger, id, scope), **others)


def signed(session: DurableSession) -> list[tuple[str, Any]]:
    """Return every item as it is kept, and who said it."""
    return cast(Conversation, session.conversation).signed()


def saying(*texts: str) -> ScriptedModel:
    return ScriptedModel([assistant_message(text)] for text in texts)


async def talk(
    session: DurableSession, asked: str, answer: str, *, name: str = "alma", **config: Any
) -> ScriptedModel:
    """Ask once, and return the model that answered, with all that it heard."""
    model = saying(answer)
    config = {"tracing_disabled": True, **config}
    agent = Agent(name=name, model=model)
    await Runner.run(agent, asked, session=session, run_config=RunConfig(**config))
    return model


def heard(model: ScriptedModel, call: int = -1) -> list[tuple[str, str]]:
    """Return what the model was sent at a call: the messages, and the types of other items."""
    items = model.calls[call].input
    return [said(item) or (item["type"], item.get("output", "")) for item in items]


def stored(session: DurableSession) -> str:
    return json.dumps(signed(session))


# one session


async def test_the_second_run_knows_the_first(ledger: Ledger) -> None:
    await talk(a_session(ledger, "s", ALICE), "My port is 8000.", "Noted.")

    model = await talk(a_session(ledger, "s", ALICE), "Which port?", "8000.")

    assert heard(model) == [
        ("user", "My port is 8000."),
        ("assistant", "Noted."),
        ("user", "Which port?"),
    ]


def test_it_is_a_session_for_the_sdk(ledger: Ledger) -> None:
    assert isinstance(a_session(ledger, "s"), Session)


async def test_another_scope_does_not_know_it(ledger: Ledger) -> None:
    await talk(a_session(ledger, "s", ALICE), "My port is 8000.", "Noted.")

    for scope in (Scope("shop", "bob"), Scope("", "alice"), Scope()):
        assert await a_session(ledger, "s", scope).get_items() == []


async def test_items_come_back_as_they_were_popped_and_cleared(ledger: Ledger) -> None:
    session = a_session(ledger, "s", ALICE)
    items = [user(f"message {number}") for number in range(4)]
    await session.add_items(items)

    assert await session.get_items() == items
    assert await session.get_items(2) == items[2:]
    assert await session.pop_item() == items[3]
    assert await session.get_items() == items[:3]
    await session.clear_session()
    assert await session.get_items() == []
    assert await session.pop_item() is None


async def test_the_settings_limit_what_is_read(ledger: Ledger) -> None:
    session = a_session(ledger, "s", session_settings=SessionSettings(limit=1))
    await session.add_items([user("one"), user("two")])

    assert await session.get_items() == [user("two")]
    assert await session.get_items(2) == [user("one"), user("two")]


async def test_secrets_are_not_kept_and_calls_stay_json(ledger: Ledger) -> None:
    secret = "hunter2-" + "".join(f"{number:x}" for number in range(20, 40))
    call = a_call("c1", arguments=json.dumps({"password": secret, "path": "a.py"}))
    session = a_session(ledger, "s", ALICE)
    await session.add_items([user(f'password = "{secret}"'), call])

    sent = cast(list[Any], await session.get_items())

    assert secret not in stored(session)
    assert json.loads(sent[1]["arguments"])["path"] == "a.py"


async def test_what_working_memory_took_in_is_part_of_the_talk(ledger: Ledger) -> None:
    working = WorkingMemories(ledger)
    working.add("s", [Message("user", "My port is 8000.")], ALICE)

    model = await talk(a_session(ledger, "s", ALICE), "Which port?", "8000.")

    assert heard(model)[0] == ("user", "My port is 8000.")
    assert [one.content for one in working.messages("s", ALICE)] == [
        "My port is 8000.",
        "Which port?",
        "8000.",
    ]


async def test_a_talk_whose_time_is_over_begins_anew(ledger: Ledger) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)
    await talk(a_session(ledger, "s", ALICE), "My port is 8000.", "Noted.")
    working = WorkingMemories(ledger)
    working.put("s", working.messages("s", ALICE), ALICE, ttl=timedelta(hours=1))
    assert len(await a_session(ledger, "s", ALICE).get_items()) == 2
    session = DurableSession(Conversation(ledger, "s", ALICE, now=lambda: later))

    assert await session.get_items() == []
    assert await session.pop_item() is None
    await session.add_items([user("one")])

    assert await session.get_items() == [user("one")]


async def test_a_summary_in_working_memory_leaves_the_talk_whole(ledger: Ledger) -> None:
    session = a_session(ledger, "s", ALICE)
    items = [user(f"Decision {number}: module_{number} moves.") for number in range(30)]
    await session.add_items(items)

    shortened = WorkingMemories(ledger, window=Window(400)).put_data("s", {"a": 1}, ALICE)

    assert shortened.context
    assert len(shortened.messages) < 30
    assert await session.get_items() == items


# crashes


async def test_a_call_that_was_never_answered_does_not_stop_the_next_run(ledger: Ledger) -> None:
    session = a_session(ledger, "s", ALICE)
    await session.add_items([user("load it"), a_call("c1")])

    model = await talk(session, "And now?", "Done.")

    assert heard(model)[1:3] == [("function_call", ""), ("function_call_output", INTERRUPTED)]
    assert len(signed(session)) == 4


async def test_half_a_row_is_passed_over(ledger: Ledger) -> None:
    session = a_session(ledger, "s", ALICE)
    await session.add_items([user("one")])
    now = datetime.now(UTC)
    with ledger.writing() as connection:
        seq = conversations.find_session(connection, "s", ALICE)
        assert seq is not None
        rows = [('{"item": {"role": "us', 8), ("[]", 8), ('{"item": 3}', 8)]
        conversations.append_items(connection, seq, rows, now)

    assert await session.get_items() == [user("one")]
    assert signed(session) == [("alice", user("one"))]
    assert await session.pop_item() == user("one")


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from agents import Agent, RunConfig, Runner, function_tool
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from alma_agent.memory.sessions.conversation import Conversation
from alma_agent.memory.ledger import Ledger
from alma_agent.proposer.session import DurableSession

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

@function_tool
def load() -> str:
    return "rows"

@function_tool
def crash() -> str:
    die()

async def talk(path, tool):
    session = DurableSession(Conversation(Ledger(path), "s"))
    config = RunConfig(tracing_disabled=True)
    agent = Agent(name="alma", model=ScriptedModel([[assistant_message("Noted.")]]))
    await Runner.run(agent, "My port is 8000.", session=session, run_config=config)
    steps = [[function_call(tool, {}, call_id="c1")], ModelStep.respond(die)]
    agent = Agent(name="alma", model=ScriptedModel(steps), tools=[load, crash])
    await Runner.run(agent, "Load it.", session=session, run_config=config)

for tool in ("crash", "load"):
    child = os.fork()
    if not child:
        asyncio.run(talk(Path(sys.argv[1], tool), tool))
    print(tool, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_kill_between_turns_loses_no_recorded_turn(tmp_path: Path) -> None:
    """One run dies in its tool, another in the turn after the tool."""
    died = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert died.stdout.split() == ["crash", "-9", "load", "-9"], died.stderr
    for tool in ("crash", "load"):
        with closing(Ledger(tmp_path / tool)) as ledger:
            model = asyncio.run(talk(a_session(ledger, "s"), "Which port?", "8000."))
        told = heard(model)
        assert told[:2] == [("user", "My port is 8000."), ("assistant", "Noted.")]
        assert told[-1] == ("user", "Which port?")
        assert (("function_call_output", "rows") in told) == (tool == "load")


async def test_who_is_cancelled_has_written_or_not_but_in_order(ledger: Ledger) -> None:
    session = a_session(ledger, "s")
    adding = asyncio.ensure_future(session.add_items([user("one")]))
    await asyncio.sleep(0)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding

    await session.add_items([user("two")])

    assert (await session.get_items())[-1] == user("two")


async def test_two_at_once_lose_no_item(ledger: Ledger) -> None:
    sessions = [a_session(ledger, "s", agent=name) for name in ("a", "b")]

    await asyncio.gather(
        *(
            one.add_items([user(f"{one.agent}{number}"), user("and more")])
            for number in range(10)
            for one in sessions
        )
    )

    told = [item["content"] for _, item in signed(sessions[0])]
    assert sorted(told[::2]) == sorted(f"{name}{number}" for name in "ab" for number in range(10))


# several agents


async def test_each_item_is_signed(ledger: Ledger) -> None:
    await talk(a_session(ledger, "s", ALICE, agent="planner"), "Plan.", "A plan.")
    await talk(a_session(ledger, "s", ALICE, agent="coder"), "Code.", "Code.", name="coder")

    assert [by for by, _ in signed(a_session(ledger, "s", ALICE))] == [
        "alice",
        "planner",
        "alice",
        "coder",
    ]


async def test_a_handover_changes_the_signature(ledger: Ledger) -> None:
    session = a_session(ledger, "s", ALICE, agent="planner")
    coder = Agent(name="coder", model=saying("Coded."))
    handover = [function_call("transfer_to_coder", {}, call_id="c1")]
    planner = Agent(name="planner", model=ScriptedModel([handover]), handoffs=[coder])

    await Runner.run(planner, "Do it.", session=session, hooks=Signing(session),
                     run_config=RunConfig(tracing_disabled=True))  # fmt: skip

    assert [(by, said(item) or item["type"]) for by, item in signed(session)] == [
        ("alice", ("user", "Do it.")),
        ("planner", "function_call"),
        ("planner", "function_call_output"),
        ("coder", ("assistant", "Coded.")),
    ]


async def test_what_agents_said_becomes_their_memories(ledger: Ledger) -> None:
    await talk(a_session(ledger, "s", ALICE, agent="planner"), "Plan.", "A plan.")
    await talk(a_session(ledger, "s", ALICE, agent="coder"), "Code.", "The code.")
    made: list[Memory] = []

    def persist(memories: Sequence[Memory]) -> None:
        made.extend(keep(ledger, memories))

    WorkingMemories(ledger).promote("s", persist, ALICE)
    again = WorkingMemories(ledger).promote("s", persist, ALICE)

    assert [(one.by, one.text) for one in made] == [
        ("alice", "Plan."),
        ("planner", "A plan."),
        ("alice", "Code."),
        ("coder", "The code."),
    ]
    assert again == []
    assert len(await a_session(ledger, "s", ALICE).get_items()) == 4


# earlier sessions


async def test_a_new_session_hears_of_the_earlier_one_and_does_not_keep_it(ledger: Ledger) -> None:
    await talk(a_session(ledger, "first", ALICE), "My port is 8000.", "Noted.")
    second = a_session(ledger, "second", ALICE)
    model = ScriptedModel([[function_call("load", {}, call_id="c1")], [assistant_message("8000.")]])

    @function_tool
    def load() -> str:
        return "rows"

    config = RunConfig(
        tracing_disabled=True, call_model_input_filter=with_earlier_sessions(second.conversation)
    )
    agent = Agent(name="alma", model=model, tools=[load])
    await Runner.run(agent, "Which port?", session=second, run_config=config)

    for call in (0, 1):
        told = [text for _, text in heard(model, call) if HEADING in text]
        assert len(told) == 1
        assert "alice: My port is 8000." in told[0]
        assert heard(model, call)[0] == ("user", told[0])
    assert "8000." in stored(second)
    assert HEADING not in stored(second)
    assert "My port" not in stored(second)


async def test_without_earlier_sessions_nothing_is_added(ledger: Ledger) -> None:
    session = a_session(ledger, "s", ALICE)
    await talk(session, "one", "two")

    model = await talk(
        session,
        "three",
        "four",
        call_model_input_filter=with_earlier_sessions(session.conversation),
    )

    assert heard(model) == [("user", "one"), ("assistant", "two"), ("user", "three")]


async def test_another_filter_sees_what_this_one_made(ledger: Ledger) -> None:
    await talk(a_session(ledger, "first"), "My port is 8000.", "Noted.")
    session = a_session(ledger, "second")

    def only_the_first(data: CallModelData[Any]) -> ModelInputData:
        return ModelInputData(input=data.model_data.input[:1], instructions=None)

    injected = with_earlier_sessions(session.conversation, then=only_the_first)
    model = await talk(session, "Which port?", "8000.", call_model_input_filter=injected)

    ((_, text),) = heard(model)
    assert "My port is 8000." in text


def said_at(id: str, at: datetime, *texts: str) -> list[Message]:
    return [Message("user", text, f"{id}{number}", at) for number, text in enumerate(texts)]


@pytest.fixture
def three_sessions(ledger: Ledger) -> Ledger:
    working = WorkingMemories(ledger)
    for number, days in ((1, 9), (2, 2), (3, 0)):
        at = NOW - timedelta(days=days, hours=1)
        texts = [f"Decision {number}.{n}: module_{n} moves to package_{number}." for n in range(20)]
        working.add(f"s{number}", said_at(f"s{number}", at, *texts), ALICE)
    return ledger


@pytest.mark.parametrize(
    ("window", "sessions"),
    [
        pytest.param("30m", [], id="minutes"),
        pytest.param("24h", [3], id="a day"),
        pytest.param("7d", [2, 3], id="a week"),
        pytest.param("2w", [1, 2, 3], id="two weeks"),
    ],
)
def test_the_window_is_honoured(three_sessions: Ledger, window: str, sessions: list[int]) -> None:
    told = earlier_talk(three_sessions, ALICE, window=window_of(window), max_tokens=9999, now=NOW)

    found = [number for number in (1, 2, 3) if f"Decision {number}.0" in told]
    assert found == sessions
    assert [told.index(f"Decision {number}.0") for number in found] == sorted(
        told.index(f"Decision {number}.0") for number in found
    )


@pytest.mark.parametrize("max_tokens", [0, 20, 60, 100, 300, 700])
def test_the_token_limit_is_honoured_and_the_newest_come_first(
    three_sessions: Ledger, max_tokens: int
) -> None:
    told = earlier_talk(three_sessions, ALICE, window=None, max_tokens=max_tokens, now=NOW)

    assert told == "" or tokens_of(told) <= max_tokens
    assert ("Decision 3." in told) == (max_tokens >= 100)
    assert "Decision 1." not in told


def test_a_session_that_went_on_later_comes_first(three_sessions: Ledger) -> None:
    late = said_at("late", NOW, "Decision 1.99: nothing moves any more.")
    WorkingMemories(three_sessions).add("s1", late, ALICE)

    told = earlier_talk(three_sessions, ALICE, window=window_of("24h"), max_tokens=9999, now=NOW)

    assert told.index("Decision 3.19") < told.index("Decision 1.99")


def test_only_the_scope_s_own_sessions_are_told(three_sessions: Ledger) -> None:
    for scope in (Scope("shop", "bob"), Scope()):
        assert earlier_talk(three_sessions, scope, window=None, max_tokens=9999) == ""
    assert "Decision 3." not in earlier_talk(
        three_sessions, ALICE, window=None, max_tokens=9999, besides="s3"
    )


@pytest.mark.parametrize("text", ["", "h", "24", "-1h", "1y", "1.5h"])
def test_a_window_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="looks like"):
        window_of(text)
