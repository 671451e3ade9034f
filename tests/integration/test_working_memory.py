"""Working memory over a real ledger: kept, shortened, ended, promoted, never seen by others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alma_agent.errors import ModelUnavailable, UsageError
from alma_agent.memory.ledger import Ledger, memories, schema
from alma_agent.memory.ledger.recording import keep
from alma_agent.memory.ranking import tokens_of
from alma_agent.memory.sessions.memory_prompt import MEMORIES, SUMMARY
from alma_agent.memory.sessions.talk import Message
from alma_agent.memory.sessions.window import Window
from alma_agent.memory.sessions.working_memory import Conflict, WorkingMemories
from alma_agent.remembered import ANY, Memory, Recalled, Scope, Wanted

ALICE, BOB = Scope("shop", "alice", "alma"), Scope("shop", "bob", "alma")
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def working(ledger: Ledger, clock: Clock) -> WorkingMemories:
    return WorkingMemories(ledger, now=clock)


def said(*texts: str, role: str = "user", first: int = 1) -> list[Message]:
    return [
        Message(role, text, id=f"m{number}", created_at=START)
        for number, text in enumerate(texts, first)
    ]


def contents(messages: Sequence[Message]) -> list[str]:
    return [one.content for one in messages]


def noted(id: str, text: str, **others: object) -> Memory:
    return Memory(id, START, text, kind="fact", **others)  # type: ignore[arg-type]


def all_memories(ledger: Ledger, scope: Scope) -> list[Memory]:
    with ledger.reading() as connection:
        return memories.found(connection, Wanted(scope), START, limit=1000)


def test_what_was_said_is_there_for_the_next_process(tmp_path: Path) -> None:
    WorkingMemories(Ledger(tmp_path / "a.db")).add("s", said("one", "two"), ALICE)

    found = WorkingMemories(Ledger(tmp_path / "a.db")).get("s", ALICE)

    assert found is not None
    assert found.messages == tuple(said("one", "two"))


def test_a_session_is_new_once(working: WorkingMemories) -> None:
    assert working.get("s", ALICE) is None
    assert working.get_or_create("s", ALICE).new_session
    assert not working.get_or_create("s", ALICE).new_session
    assert not working.add("s", said("one"), ALICE).new_session


def test_a_message_is_kept_once_by_its_id(working: WorkingMemories) -> None:
    working.add("s", said("one"), ALICE)

    now = working.add("s", [*said("another text", "two"), *said("two again", first=2)], ALICE)

    assert contents(now.messages) == ["one", "two"]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(Message("user", " \n"), id="no text"),
        pytest.param(Message("", "hello"), id="no role"),
        pytest.param(Message("user", "hello", id=" "), id="no id"),
    ],
)
def test_a_blank_message_is_refused_and_nothing_is_kept(
    working: WorkingMemories, message: Message
) -> None:
    with pytest.raises(UsageError, match="cannot be kept"):
        working.add("s", [*said("one"), message], ALICE)

    assert working.get("s", ALICE) is None


@pytest.mark.parametrize("scope", [Scope(ANY), Scope(user=ANY), Scope(agent=ANY)])
def test_nobody_writes_or_reads_for_everybody(working: WorkingMemories, scope: Scope) -> None:
    for call in (working.get, working.get_or_create, working.delete, working.messages):
        with pytest.raises(UsageError, match="belongs to somebody"):
            call("s", scope)
    with pytest.raises(UsageError, match="belongs to somebody"):
        working.ids(scope)


def test_one_scope_does_not_see_or_touch_another(working: WorkingMemories) -> None:
    others = [BOB, Scope("shop", "alice"), Scope("", "alice", "alma"), Scope()]
    working.add("s", said("alice's"), ALICE)

    for other in others:
        assert working.get("s", other) is None
        assert not working.delete("s", other)
        assert working.ids(other) == ([], 0)
    working.add("s", said("bob's"), BOB)

    assert contents(working.messages("s", ALICE)) == ["alice's"]


def test_sessions_are_listed_newest_first_a_page_at_a_time(working: WorkingMemories) -> None:
    for number in range(5):
        working.get_or_create(f"s{number}", ALICE)

    assert working.ids(ALICE, limit=2, offset=1) == (["s3", "s2"], 5)


def test_a_deleted_session_is_gone(working: WorkingMemories) -> None:
    working.add("s", said("one"), ALICE)

    assert working.delete("s", ALICE)
    assert not working.delete("s", ALICE)
    assert working.get_or_create("s", ALICE).messages == ()


def test_secrets_are_not_kept(working: WorkingMemories, ledger: Ledger) -> None:
    secret = "hunter2-" + "".join(f"{number:x}" for number in range(20, 40))
    working.put_data("s", {"db": {"password": secret}, "said": [f"password: {secret}"]}, ALICE)
    working.put("s", said(f'password = "{secret}"'), ALICE, context=f"password = '{secret}'")
    working.note("s", [noted("n", f"password = '{secret}'")], ALICE)

    with ledger.reading() as connection:
        rows = [
            str(row)
            for table in (schema.conversation, schema.session_states)
            for row in connection.execute(sa.select(table))
        ]
    assert len(rows) == 2
    for row in rows:
        assert secret not in row
        assert "[redacted" in row


# data


def test_data_is_merged_by_name_or_replaced(working: WorkingMemories) -> None:
    working.put_data("s", {"a": {"x": 1}, "b": [1, None, "t"]}, ALICE)

    merged = working.put_data("s", {"a": {"y": 2}}, ALICE)
    replaced = working.put_data("s", {"c": True}, ALICE, merge=False)

    assert merged.data == {"a": {"y": 2}, "b": [1, None, "t"]}
    assert replaced.data == {"c": True}


@pytest.mark.parametrize("data", [{"a": float("nan")}, {"a": object()}, {"a": {1, 2}}, [1]])
def test_data_that_is_not_json_is_refused(working: WorkingMemories, data: object) -> None:
    with pytest.raises(UsageError, match="JSON"):
        working.put_data("s", data, ALICE)  # type: ignore[arg-type]


def test_put_replaces_the_messages_and_keeps_what_is_not_given(working: WorkingMemories) -> None:
    hour = timedelta(hours=1)
    working.put("s", said("one", "two"), ALICE, ttl=hour, strategy={"strategy": "discrete"},
                data={"a": 1}, notes=[noted("n", "a fact")])  # fmt: skip

    now = working.put("s", said("one", "changed", "three"), ALICE)

    assert contents(now.messages) == ["one", "changed", "three"]
    assert (now.ttl_s, now.strategy, now.data) == (3600, {"strategy": "discrete"}, {"a": 1})
    assert [note.memory.text for note in now.notes] == ["a fact"]
    assert working.put("s", [], ALICE, ttl=None, strategy=None).ttl_s is None


def test_put_with_a_revision_does_not_overwrite_what_another_wrote(
    working: WorkingMemories,
) -> None:
    read = working.add("s", said("one"), ALICE)
    working.add("s", said("two", first=2), ALICE)

    with pytest.raises(Conflict):
        working.put("s", said("mine"), ALICE, if_revision=read.revision)

    assert contents(working.messages("s", ALICE)) == ["one", "two"]


def test_a_message_that_is_put_again_keeps_its_time_and_signature(
    working: WorkingMemories,
) -> None:
    signed = Message("assistant", "A plan.", "m1", START, by="planner")
    working.add("s", [signed], ALICE)

    now = working.put("s", [Message("assistant", "A plan.", "m1")], ALICE)

    assert now.messages == (signed,)


# time to live


def test_an_expired_session_is_not_returned_and_leaves_nothing(
    working: WorkingMemories, clock: Clock
) -> None:
    working.put("s", said("one"), ALICE, ttl=timedelta(minutes=10))
    working.put("t", said("stays"), ALICE)
    clock.now += timedelta(minutes=10)

    assert working.get("s", ALICE) is None
    assert working.messages("s", ALICE) == []
    assert working.ids(ALICE) == (["t"], 1)
    assert working.get_or_create("s", ALICE).ttl_s is None


def test_an_expired_session_begins_anew_when_written(
    working: WorkingMemories, clock: Clock
) -> None:
    working.put("s", said("old"), ALICE, ttl=timedelta(minutes=10), data={"old": 1})
    clock.now += timedelta(hours=1)

    now = working.add("s", said("new"), ALICE)

    assert (contents(now.messages), now.data, now.new_session) == (["new"], {}, True)


def test_every_write_renews_the_time_to_live(working: WorkingMemories, clock: Clock) -> None:
    working.put("s", said("one"), ALICE, ttl=timedelta(minutes=10))
    clock.now += timedelta(minutes=9)
    working.put_data("s", {"a": 1}, ALICE)
    clock.now += timedelta(minutes=9)

    found = working.get("s", ALICE)

    assert found is not None
    assert found.expires == clock.now + timedelta(minutes=1)


def test_a_time_to_live_that_is_over_at_once_is_refused(working: WorkingMemories) -> None:
    with pytest.raises(UsageError, match="time to live"):
        working.get_or_create("s", ALICE, ttl=timedelta())


# the window

SMALL = Window(600)


def talk(count: int, *, first: int = 1) -> list[Message]:
    texts = [
        f"Decision {n}: module_{n} is moved to package_{n}." for n in range(first, first + count)
    ]
    return said(*texts, first=first)


def test_below_the_threshold_nothing_is_summarised(working: WorkingMemories) -> None:
    now = working.add("s", talk(10), ALICE, window=SMALL)

    assert now.context == ""
    assert now.tokens == sum(tokens_of(one.content) for one in talk(10))
    assert now.context_percentage_total_used == pytest.approx(100 * now.tokens / 600)
    assert now.context_percentage_until_summarization == pytest.approx(100 * now.tokens / 420)


def test_beyond_it_older_messages_become_the_summary(working: WorkingMemories) -> None:
    now = working.add("s", talk(30), ALICE, window=SMALL)

    assert now.messages == tuple(talk(30)[-len(now.messages) :])
    assert now.tokens <= 0.7 * 600
    assert tokens_of(now.context) <= 0.2 * 600
    assert "Decision" in now.context
    assert contents(working.messages("s", ALICE)) == contents(talk(30))


def test_the_summary_says_who_said_what(working: WorkingMemories) -> None:
    plan = "Decision 0: we move module_0 to package_0, because module_1 needs module_0. All agree."
    planner = Message("assistant", plan, "m0", by="planner")

    now = working.add("s", [planner, *talk(30)], ALICE, window=Window(800))

    assert "planner: Decision 0: we move module_0" in now.context
    assert all(line.startswith(("user: ", "planner: ")) for line in now.context.splitlines())


def test_the_summary_goes_on_from_the_one_before(working: WorkingMemories) -> None:
    asked: list[tuple[str, list[str]]] = []

    class Counting:
        def summarise(
            self, context: str, messages: Sequence[Message], *, budget_tokens: int
        ) -> str:
            asked.append((context, [one.id for one in messages]))
            return f"{context} {messages[0].id}-{messages[-1].id}".strip()[
                : 3 * (budget_tokens - 8)
            ]

    counting = WorkingMemories(working._ledger, window=SMALL, summariser=Counting())
    for number in range(1, 41):
        counting.add("s", talk(1, first=number), ALICE)

    left = counting.add("s", talk(1, first=40), ALICE).messages
    covered = [one for _, ids in asked for one in ids] + [one.id for one in left]
    assert covered == [one.id for one in talk(40)]
    assert len(asked) > 1
    assert asked[1][0] != ""


def test_the_newest_message_stays_whole_however_long(working: WorkingMemories) -> None:
    long = "word " * 5000

    now = working.add("s", [*talk(3), *said(long, first=9)], ALICE, window=SMALL)

    assert contents(now.messages) == [long]


def test_messages_in_the_summary_do_not_come_back(working: WorkingMemories) -> None:
    read = working.add("s", talk(30), ALICE, window=SMALL)

    now = working.put("s", talk(31), ALICE, window=SMALL)

    assert now.messages[:-1] == read.messages
    assert len(working.messages("s", ALICE)) == 31


def test_without_its_model_a_session_still_takes_messages(ledger: Ledger) -> None:
    class Away:
        def summarise(self, *_: object, **__: object) -> str:
            raise ModelUnavailable("no model")

    now = WorkingMemories(ledger, window=SMALL, summariser=Away()).add("s", talk(30), ALICE)

    assert "Decision" in now.context


# promotion


def test_what_was_said_becomes_memory_once(working: WorkingMemories, ledger: Ledger) -> None:
    def persist(made: Sequence[Memory]) -> None:
        keep(ledger, made)

    working.add("s", [*said("one", "two"), *said("rules", role="system", first=3)], ALICE)
    working.note("s", [noted("n", "a fact")], ALICE)

    first = working.promote("s", persist, ALICE)
    working.add("s", said("three", first=4), ALICE)
    second = working.promote("s", persist, ALICE)

    kept = all_memories(ledger, ALICE)
    assert [one.text for one in first] == ["one", "two", "a fact"]
    assert [one.text for one in second] == ["three"]
    assert sorted(one.text for one in kept) == ["a fact", "one", "three", "two"]
    assert {(one.session, one.scope) for one in kept} == {("s", ALICE)}
    assert {one.kind for one in kept if one.text != "a fact"} == {"interaction"}
    session = working.get("s", ALICE)
    assert session is not None
    assert [bool(one.persisted_at) for one in session.messages] == [True, True, False, True]
    assert all(note.persisted_at for note in session.notes)


def test_a_promotion_that_died_halfway_makes_nothing_twice(
    working: WorkingMemories, ledger: Ledger
) -> None:
    def persist_and_die(made: Sequence[Memory]) -> None:
        keep(ledger, made)
        raise KeyboardInterrupt

    working.add("s", said("one", "two"), ALICE)
    with pytest.raises(KeyboardInterrupt):
        working.promote("s", persist_and_die, ALICE)

    assert working.promote("s", lambda made: keep(ledger, made), ALICE) == []
    assert len(all_memories(ledger, ALICE)) == 2


def test_messages_in_the_summary_are_promoted_too(working: WorkingMemories, ledger: Ledger) -> None:
    working.add("s", talk(30), ALICE, window=SMALL)

    made = working.promote("s", lambda several: keep(ledger, several), ALICE, kind="fact")

    assert [one.text for one in made] == contents(talk(30))
    assert {one.kind for one in made} == {"fact"}


def test_a_note_whose_id_is_anothers_memory_stays_apart(
    working: WorkingMemories, ledger: Ledger
) -> None:
    keep(ledger, [noted("n", "bob's fact", scope=BOB)])
    working.note("s", [noted("n", "alice's fact")], ALICE)

    working.promote("s", lambda several: keep(ledger, several), ALICE)

    assert [one.text for one in all_memories(ledger, BOB)] == ["bob's fact"]
    assert [one.text for one in all_memories(ledger, ALICE)] == ["alice's fact"]


# the prompt


def test_a_prompt_is_summary_history_memories_and_query(working: WorkingMemories) -> None:
    working.put("s", [*said("hello"), *said("hi", role="assistant", first=2)], ALICE,
                context="They spoke of ports.")  # fmt: skip
    recalled = [Recalled(noted("abc", "The port\nis 8000"), superseded_by="def")]

    told = working.prompt("Which port?", "s", ALICE, recalled=recalled)

    assert told == [
        {"role": "system", "content": SUMMARY + "They spoke of ports."},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "hi"},
        {"role": "user", "content": MEMORIES
         + "- [abc, 2026-01-02] The port is 8000 (superseded by def)"},
        {"role": "user", "content": "Which port?"},
    ]  # fmt: skip


def test_a_prompt_needs_no_session(working: WorkingMemories) -> None:
    assert working.prompt("Which port?", "nobody", ALICE) == [
        {"role": "user", "content": "Which port?"}
    ]


@pytest.mark.parametrize("tokens", [100, 300, 1000])
def test_a_prompt_fits_its_window_and_ends_with_the_newest(
    working: WorkingMemories, tokens: int
) -> None:
    working.put("s", talk(200), ALICE, context="They spoke of ports. " * 500)
    recalled = [Recalled(noted(f"n{number}", f"fact {number}")) for number in range(200)]

    told = working.prompt("Which port?", "s", ALICE, recalled=recalled, window=Window(tokens))

    assert sum(tokens_of(one["content"]) for one in told) <= tokens
    assert told[-1]["content"] == "Which port?"
    if tokens > 100:
        assert talk(200)[-1].content in [one["content"] for one in told]


# several at once

_WRITER = """
import sys
from pathlib import Path
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.sessions.talk import Message
from alma_agent.memory.sessions.window import Window
from alma_agent.memory.sessions.working_memory import WorkingMemories
path, name = sys.argv[1:]
working = WorkingMemories(Ledger(Path(path)), window=Window(400))
for number in range(10):
    working.add("s", [Message("user", f"{name} says {number}.", id=f"{name}-{number}")])
    working.put_data("s", {name: number})
"""


def test_two_processes_lose_no_message(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger(path).close()

    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in ("a", "b")
    ]

    assert [one.wait(60) for one in writers] == [0, 0]
    working = WorkingMemories(Ledger(path))
    ids = [one.id for one in working.messages("s")]
    session = working.get("s")
    assert session is not None
    assert session.data == {"a": 9, "b": 9}
    assert sorted(ids) == sorted(f"{name}-{number}" for name in "ab" for number in range(10))
    for name in "ab":
        assert [one for one in ids if one.startswith(name)] == [f"{name}-{n}" for n in range(10)]


# characters that a database or JSON cannot hold


@pytest.mark.parametrize("text", ["a\0b", "half \ud800 a character", "🧪 Ü", '"quotes" \\ {}'])
def test_any_text_can_be_said(working: WorkingMemories, text: str) -> None:
    working.put("s", said(text), ALICE, context=text, data={text: text})
    working.note("s", [noted("n", text)], ALICE)

    now = working.add("s", said("and more", first=2), ALICE)

    assert len(now.messages) == 2
    assert working.prompt(text, "s", ALICE)
