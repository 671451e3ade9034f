"""Whatever is asked of a ledger, nobody sees or changes what is somebody else's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alma_agent.memory.ledger import (
    Ledger,
    conversations,
    erasing,
    interactions,
    memories,
    recording,
    vectors,
    word_index,
)
from alma_agent.memory.words import asked
from alma_agent.remembered import ANY, Anchor, Memory, Scope, Session, Wanted
from tests.contract.test_ledger import NOW
from tests.making import START, a_memory, an_interaction

NAMES = ("", "a", "b")
PATH = PurePosixPath("a.py")
scopes = st.builds(Scope, *(st.sampled_from(NAMES) for _ in range(3)))
asked_scopes = st.builds(Scope, *(st.sampled_from((*NAMES, ANY)) for _ in range(3)))
texts = st.sampled_from(["load rows", "load csv rows", "paint walls"])
drafts = st.lists(
    st.fixed_dictionaries(
        {
            "text": texts,
            "scope": scopes,
            "session": st.sampled_from(("", "s", "t")),
            "kind": st.sampled_from(("interaction", "fact", "decision")),
            "tags": st.sampled_from(((), ("t",))),
            "anchors": st.sampled_from(((), (Anchor(PATH),))),
            "supersedes": st.sampled_from(("", "m0", "m1", "m2")),
        }
    ),
    min_size=2,
    max_size=12,
)
many_times = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def filled(ledger: Ledger, fields: Sequence[dict[str, Any]]) -> list[Memory]:
    """Empty the ledger, and write memories with these fields, each with all that may go with it."""
    several = [a_memory(f"m{number}", **one) for number, one in enumerate(fields)]
    with ledger.writing() as connection:
        old = [row.id for row in connection.execute(sa.text("SELECT id FROM memories"))]
        memories.erase(connection, old, START)
        for table in ("tombstones", "interaction_files", "recalls", "interactions", "sessions"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        for one in several:
            memories.add(connection, [one])
            interactions.add(
                connection, an_interaction(one.id, one.text, scope=one.scope, file=PATH)
            )
            if one.session:
                conversations.open_session(connection, Session(one.session, START, one.scope))
        parts = {(one.id, part): b"v" for one in several for part in ("text", "context")}
        vectors.put(connection, "model", parts)
    return several


def within(scope: Scope, asked_for: Scope) -> bool:
    pairs = zip(owners(scope), owners(asked_for), strict=True)
    return all(wanted in (ANY, has) for has, wanted in pairs)


def owners(scope: Scope) -> tuple[str, str, str]:
    return scope.namespace, scope.user, scope.agent


def everything_read(
    connection: sa.Connection, scope: Scope, ids: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield what each way to read memories or interactions of a scope returns, as ids."""
    for name, wanted in {
        "all": Wanted(scope),
        "superseded": Wanted(scope, superseded=True),
        "session": Wanted(scope, session="s"),
        "kinds": Wanted(scope, kinds=("fact", "decision")),
        "tags": Wanted(scope, tags=("t",)),
        "path": Wanted(scope, path=PATH),
        "contains": Wanted(scope, contains="LOAD"),
        "mentions": Wanted(scope, mentions="a.py"),
    }.items():
        condition = memories.condition(wanted, NOW)
        words = word_index.matching(connection, asked("load walls"), condition, limit=99)
        yield f"words {name}", list(words)
        yield f"found {name}", ids_of(memories.found(connection, wanted, NOW, limit=-1))
        yield f"newest {name}", memories.newest_ids(connection, wanted, NOW, limit=99)
        yield f"named {name}", ids_of(memories.named(connection, ids, wanted, NOW))
        yield f"ids of {name}", list(memories.ids_of(connection, wanted, NOW, among=ids))
    yield "beginning", ids_of(memories.beginning(connection, "m", scope))
    for path in (None, PATH):
        told = interactions.newest(connection, scope, limit=99, path=path)
        yield f"interactions {path}", ids_of(told)
    yield "interactions beginning", ids_of(interactions.beginning(connection, "m", scope))


def ids_of(several: Iterable[Any]) -> list[str]:
    return [one.id for one in several]


@many_times
@given(drafts, asked_scopes)
def test_no_reading_leaves_its_scope(
    ledger: Ledger, fields: list[dict[str, Any]], scope: Scope
) -> None:
    several = filled(ledger, fields)
    whose = {one.id: one.scope for one in several}
    with ledger.reading() as connection:
        for name, found in everything_read(connection, scope, list(whose)):
            assert [whose[id_] for id_ in found if not within(whose[id_], scope)] == [], name
            if name in ("found superseded", "beginning", "interactions None"):
                assert set(found) == {id_ for id_ in whose if within(whose[id_], scope)}, name
        sessions = conversations.some_sessions(connection, scope, limit=99)
        assert all(within(one.scope, scope) for one in sessions)
        assert memories.count(connection, scope) == sum(within(one.scope, scope) for one in several)
        mentioned = erasing.mentions(connection, "paint walls paint walls", scope)
        assert all(within(whose[one.split()[1]], scope) for one in mentioned)


@many_times
@given(drafts)
def test_what_stands_beside_or_replaces_a_memory_is_its_owner_s(
    ledger: Ledger, fields: list[dict[str, Any]]
) -> None:
    several = filled(ledger, fields)
    by_id = {one.id: one for one in several}
    with ledger.reading() as connection:
        beside = memories.neighbours(connection, list(by_id))
        winners = memories.successors(connection, list(by_id))
        alike = {
            one.id: [other.id for other in memories.alike(connection, one, NOW, limit=99)]
            for one in several
        }
        same = {one.id: memories.same(connection, one, NOW) for one in several}
    for one in several:
        talk = [other.id for other in several if together(other, one) and one.session]
        if one.id in talk:
            place = talk.index(one.id)
            expected = ("", *talk, "")
            assert beside[one.id] == (expected[place], expected[place + 2])
        else:
            assert beside[one.id] == ("", "")
        others = [*alike[one.id], *([same[one.id].id] if same[one.id] else [])]
        others += [winners[one.id]] if one.id in winners else []
        assert {by_id[other].scope for other in others} <= {one.scope}


def together(one: Memory, other: Memory) -> bool:
    return (one.scope, one.session) == (other.scope, other.session) and one.kind == "interaction"


@many_times
@given(drafts, st.integers(0, 11), st.sampled_from(["erase", "revise", "add", "keep"]))
def test_no_writing_changes_what_is_somebody_else_s(
    ledger: Ledger, fields: list[dict[str, Any]], which: int, what: str
) -> None:
    several = filled(ledger, fields)
    chosen = several[which % len(several)]
    before = state(ledger, several, chosen.scope)

    changed = replace(chosen, text="changed words", supersedes="m0")
    if what == "keep":
        recording.keep(ledger, [replace(chosen, id="new", kind="fact")])
    else:
        with ledger.writing() as connection:
            if what == "erase":
                memories.erase(connection, [chosen.id], NOW)
            elif what == "revise":
                memories.revise(connection, chosen, changed, NOW)
            else:
                memories.add(connection, [replace(changed, id="new")])

    assert state(ledger, several, chosen.scope) == before


def state(ledger: Ledger, several: Sequence[Memory], but: Scope) -> dict[str, Any]:
    """Return all that is kept of the memories of other scopes, their words and vectors too."""
    ids = [one.id for one in several if one.scope != but]
    with ledger.reading() as connection:
        words = connection.execute(
            sa.text(
                "SELECT m.id, w.text, w.context, w.about FROM memory_words w "
                "JOIN memories m ON m.seq = w.rowid"
            )
        )
        return {
            "memories": memories.with_ids(connection, ids),
            "successors": memories.successors(connection, ids),
            "neighbours": memories.neighbours(connection, ids),
            "words": {row.id: tuple(row) for row in words if row.id in ids},
            "vectors": vectors.of(connection, "model", ids),
            "revisions": [memories.revisions(connection, id_) for id_ in ids],
        }


def test_the_scope_of_a_session_is_told_by_all_three_names(ledger: Ledger) -> None:
    several = [Scope(*names) for names in (("a", "", ""), ("", "a", ""), ("", "", "a"))]
    with ledger.writing() as connection:
        rows = [conversations.open_session(connection, Session("s", START, one)) for one in several]
        assert len(set(rows)) == 3
        assert [conversations.find_session(connection, "s", one) for one in several] == rows


@pytest.mark.parametrize("name", ["namespace", "user", "agent"])
def test_any_is_not_a_name(tmp_path: Path, name: str) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    with pytest.raises(ValueError, match="needs an owner"):
        recording.keep(ledger, [a_memory("one", scope=replace(Scope(), **{name: ANY}))])
