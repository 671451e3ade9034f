"""What a ledger keeps besides memories, in SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from alma_agent.memory.ledger import (
    Ledger,
    conversations,
    histories,
    interactions,
    memories,
    vectors,
)
from alma_agent.memory.ledger.vectors import Mark
from alma_agent.records import Approved, ChecksFailed, Failed, Refused, RolledBack, Verdict
from alma_agent.remembered import ANY, EVERYBODY, Agent, Scope, Session, SessionState
from tests.contract.test_ledger import MINE, NOW, YOURS, add, erase, revise
from tests.making import START, a_change, a_memory, an_interaction, an_undo, days_after, record
from toolset.checks import CheckReport

A = PurePosixPath("a.py")


def told(ledger: Ledger, scope: Scope = EVERYBODY, **others: Any) -> list[str]:
    with ledger.reading() as connection:
        return [one.id for one in interactions.newest(connection, scope, limit=9, **others)]


def test_recording_again_changes_nothing(ledger: Ledger) -> None:
    record(ledger, an_interaction("abc", "first"), an_interaction("abc", "second"))

    with ledger.reading() as connection:
        (one,) = interactions.newest(connection, EVERYBODY, limit=9)
    assert one == an_interaction("abc", "first")


def test_what_happened_to_one_file(ledger: Ledger) -> None:
    record(
        ledger,
        an_interaction("touched", files=(a_change("a.py", b"1", b"2"),)),
        an_interaction("other", files=(a_change("b.py", b"1", b"2"),)),
        an_interaction("asked", file=A),
        an_interaction("both", file=A, files=(a_change("a.py", b"2", b"3"),)),
    )

    assert told(ledger, path=A) == ["both", "asked", "touched"]
    with ledger.reading() as connection:
        files = interactions.files_of(connection, ["touched", "both", "other", "none"])
    assert files == {"touched": [A], "both": [A], "other": [PurePosixPath("b.py")]}


def test_what_happened_is_its_owner_s(ledger: Ledger) -> None:
    record(ledger, an_interaction("mine", scope=MINE), an_interaction("yours", scope=YOURS))

    assert told(ledger, MINE) == ["mine"]
    assert told(ledger, Scope("home", ANY, "alma")) == ["yours", "mine"]
    assert told(ledger, Scope()) == []
    with ledger.reading() as connection:
        assert interactions.beginning(connection, "yo", MINE) == []
        assert [one.id for one in interactions.beginning(connection, "yo", YOURS)] == ["yours"]


def test_what_was_undone_and_redone(ledger: Ledger) -> None:
    record(ledger, an_interaction("a"), an_interaction("b"), an_undo("u1", "a"), an_undo("u2", "b"))
    record(ledger, an_undo("u3", "u2"))

    with ledger.reading() as connection:
        assert interactions.taken_back(connection) == {"a", "u2"}


def test_a_recall_counts_and_so_does_its_use(ledger: Ledger) -> None:
    record(
        ledger,
        an_interaction("m"),
        an_interaction("used", recalled=("m", "gone")),
        an_interaction("refused", recalled=("m",), outcome=Refused("no")),
    )

    with ledger.reading() as connection:
        assert interactions.recall_counts(connection) == {"m": (2, 1), "gone": (1, 1)}
    erase(ledger, "m")
    with ledger.reading() as connection:
        assert interactions.recall_counts(connection) == {"gone": (1, 1)}


REPORT = CheckReport(("secret", "-q"), 1, 0.25, "secret\n")


@pytest.mark.parametrize(
    "outcome",
    [
        Refused("secret"),
        Failed("secret"),
        RolledBack("secret"),
        ChecksFailed(REPORT),
        Approved("fed", "secret"),
    ],
    ids=lambda outcome: outcome.kind,
)
def test_a_forgotten_interaction_says_only_that_it_happened(ledger: Ledger, outcome: Any) -> None:
    said = an_interaction(
        "a", "secret", outcome=outcome, rationale="secret", evidence="secret", checks=(REPORT,)
    )
    said = replace(
        said, verdict=Verdict(False, "me", "secret"), files=(a_change("a.py", b"", b"1"),)
    )
    record(ledger, said, an_interaction("b"))

    with ledger.writing() as connection:
        interactions.forget(connection, ["a", "no such"])

    with ledger.reading() as connection:
        b, a = interactions.newest(connection, EVERYBODY, limit=9)
    assert "secret" not in repr(a)
    assert (a.id, a.at, a.outcome.kind, a.files) == ("a", said.at, outcome.kind, said.files)
    assert b == an_interaction("b")


def test_agents_have_names_of_their_own(ledger: Ledger) -> None:
    ada, bob = Agent("1", START, "Ada", "plans", '{"k": 1}'), Agent("2", days_after(1), "Bob")
    with ledger.writing() as connection:
        put = [conversations.put_agent(connection, one) for one in (bob, ada)]
        put += [
            conversations.put_agent(connection, replace(bob, id="3")),
            conversations.put_agent(connection, replace(bob, name="Eve")),
        ]
    assert put == [True, True, False, False]

    with ledger.writing() as connection:
        assert conversations.all_agents(connection) == [ada, bob]
        assert conversations.remove_agent(connection, "1")
        assert not conversations.remove_agent(connection, "1")
        assert conversations.all_agents(connection) == [bob]


def test_a_session_is_opened_once_in_each_scope(ledger: Ledger) -> None:
    mine, yours = Session("s", START, MINE, '{"k": 1}'), Session("s", START, YOURS)
    with ledger.writing() as connection:
        first, again, other = (
            conversations.open_session(connection, one)
            for one in (mine, replace(mine, metadata="{}"), yours)
        )
    assert first == again != other

    with ledger.writing() as connection:
        assert conversations.session_row(connection, first) == mine
        assert conversations.find_session(connection, "s", YOURS) == other
        assert conversations.find_session(connection, "s", Scope()) is None
        assert conversations.some_sessions(connection, EVERYBODY, limit=9) == [yours, mine]
        assert conversations.some_sessions(connection, MINE, limit=9) == [mine]
        assert conversations.some_sessions(connection, EVERYBODY, limit=9, offset=1) == [mine]
        conversations.close_session(connection, other, NOW)
        assert conversations.session_row(connection, other) == replace(yours, closed_at=NOW)


def test_a_conversation_keeps_its_order_and_goes_with_its_session(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        one, two = (
            conversations.open_session(connection, Session(name, START)) for name in ("1", "2")
        )
        for seq in (one, two, one):
            items = [(f'"{seq} {n}"', n) for n in (1, 2)]
            conversations.append_items(connection, seq, items, START)
        conversations.append_items(connection, one, [], START)

        said = conversations.items_of(connection, one)
        assert [item.tokens for item in said] == [1, 2, 1, 2]
        assert {item.item for item in said} == {f'"{one} 1"', f'"{one} 2"'}
        assert conversations.items_of(connection, one, limit=3) == said[1:]

        conversations.remove_items(connection, [said[0].seq, said[3].seq])
        assert conversations.items_of(connection, one) == said[1:3]
        conversations.clear_items(connection, one)
        assert conversations.items_of(connection, one) == []
        assert len(conversations.items_of(connection, two)) == 2
        conversations.remove_session(connection, two)
        assert conversations.items_of(connection, two) == []
        assert conversations.find_session(connection, "2", Scope()) is None


def test_a_state_is_replaced_and_runs_out(ledger: Ledger) -> None:
    first = SessionState("s", "so far", '{"k": 1}', days_after(1))
    second = replace(first, data='{"k": "\\u00e9"}', expires=None)
    with ledger.writing() as connection:
        seq = conversations.open_session(connection, Session("s", START))
        other = conversations.open_session(connection, Session("t", START))
        assert conversations.state_of(connection, seq, "s") == SessionState("s")
        conversations.put_state(connection, seq, first)
        conversations.put_state(connection, other, replace(first, expires=days_after(2)))
        assert conversations.state_of(connection, seq, "s") == first
        assert conversations.expired_sessions(connection, START) == []
        assert conversations.expired_sessions(connection, days_after(1)) == [seq]
        conversations.put_state(connection, seq, second)
        assert conversations.state_of(connection, seq, "s") == second
        assert conversations.expired_sessions(connection, days_after(1)) == []


def made(ledger: Ledger, **parts: str) -> None:
    """Write vectors of a model, by memory: parts of one letter each."""
    keys = {(memory, part) for memory, names in parts.items() for part in names.split()}
    with ledger.writing() as connection:
        vectors.put(connection, "model", {key: "/".join(key).encode() for key in keys})


def lacking(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        return vectors.without(connection, "model", limit=99)


def test_vectors_come_back_and_are_replaced(ledger: Ledger) -> None:
    add(ledger, a_memory("a"), a_memory("b", session="s"))
    assert lacking(ledger) == ["b", "a"]
    made(ledger, a="text", b="text context", gone="text")
    assert lacking(ledger) == []
    made(ledger, a="text")

    with ledger.reading() as connection:
        assert vectors.keys(connection, "model") == {
            ("a", "text"), ("b", "text"), ("b", "context"),
        }  # fmt: skip
        assert vectors.count(connection, "model") == 3
        assert vectors.count(connection, "other") == 0
        (one,) = vectors.of(connection, "model", ["a", "gone"])
    assert (one.memory, one.part, one.vector) == ("a", "text", b"a/text")


def test_what_changes_or_moves_makes_vectors_stale(ledger: Ledger) -> None:
    several = [a_memory(f"m{n}", f"text {n}", session="s") for n in range(4)]
    add(ledger, *several)
    made(ledger, **{one.id: "text context" for one in several})

    revise(ledger, several[0], replace(several[0], tags=("new",)))
    assert lacking(ledger) == []
    revise(ledger, several[0], replace(several[0], text="other"))
    assert sorted(lacking(ledger)) == ["m0", "m1"]
    made(ledger, m0="text context", m1="context")
    erase(ledger, "m2")
    assert lacking(ledger) == ["m3"]
    with ledger.reading() as connection:
        assert vectors.texts_of(connection, ["m0", "m3"]) == {
            ("m0", "text"): "other",
            ("m0", "context"): "other",
            ("m3", "text"): "text 3",
            ("m3", "context"): "text 1\ntext 3",
        }


def test_an_index_follows_from_its_mark(ledger: Ledger) -> None:
    add(ledger, a_memory("a"), a_memory("b"), a_memory("c"))
    made(ledger, a="text")
    made(ledger, b="text")
    with ledger.writing() as connection:
        assert vectors.mark(connection, "model") == Mark(0, 0)
        first = vectors.since(connection, "model", Mark(0, 0), limit=1)
        vectors.put_mark(connection, "model", first.mark)
        vectors.put_mark(connection, "model", first.mark)
        assert vectors.mark(connection, "model") == first.mark
        second = vectors.since(connection, "model", first.mark, limit=9)
    assert [[one.memory for one in some.vectors] for some in (first, second)] == [["a"], ["b"]]

    erase(ledger, "b")
    made(ledger, c="text")
    with ledger.reading() as connection:
        third = vectors.since(connection, "model", second.mark, limit=9)
    assert ([one.memory for one in third.vectors], third.gone) == (["c"], ["b"])


def test_vectors_of_code_are_kept_by_digest(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        vectors.put_code(connection, "model", {"d1": b"1", "d2": b"2"})
        vectors.put_code(connection, "model", {"d2": b"2", "d3": b"3"})
        assert vectors.code(connection, "model", ["d1", "d3", "d9"]) == {"d1": b"1", "d3": b"3"}
        assert vectors.code(connection, "other", ["d1"]) == {}


def test_forgotten_memories_are_named_once(ledger: Ledger) -> None:
    add(ledger, a_memory("a"), a_memory("b"))
    erase(ledger, "a")
    with ledger.writing() as connection:
        assert histories.bury(connection, ["a", "never here"], NOW) == 1
        assert histories.forgotten(connection) == {"a", "never here"}


def test_a_history_is_put_as_a_whole(ledger: Ledger) -> None:
    now, before = a_memory("a", "now"), a_memory("a", "before")
    with ledger.writing() as connection:
        histories.add(connection, [(now, [(NOW, before)])])
        assert memories.with_ids(connection, ["a"]) == [now]
        assert memories.revisions(connection, "a") == [(NOW, before)]
        histories.put(connection, before, [])
        assert memories.revisions(connection, "a") == []
        assert memories.with_ids(connection, ["a"]) == [before]
