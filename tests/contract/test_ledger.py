"""What a ledger keeps, in a SQLite file and in PostgreSQL alike: memories and their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
import sqlalchemy as sa

from alma_agent.errors import LedgerUnavailable
from alma_agent.memory.ledger import Ledger, memories, word_index
from alma_agent.memory.ledger.recording import keep
from alma_agent.memory.words import asked
from alma_agent.remembered import EVERYBODY, Anchor, Memory, Scope, Wanted
from tests.making import START, a_memory, days_after

NOW = days_after(10)
MINE, YOURS = Scope("home", "me", "alma"), Scope("home", "you", "alma")
EVERYTHING = a_memory(
    "all",
    "Ünïcode, 'quotes' and\nlines 🙂",
    kind="decision",
    stratum="metaphysical",
    scope=MINE,
    session="s1",
    by="me",
    reasoning="because",
    importance=0.25,
    tags=("a", "b"),
    topics=("speed",),
    entities=("Loader",),
    pinned=True,
    expires=days_after(99),
    event_at=days_after(-3.5),
    supersedes="older",
    metadata='{"k": [1, null]}',
    anchors=(
        Anchor(PurePosixPath("a.py")),
        Anchor(PurePosixPath("a.py"), "Loader.load", "f" * 64, "c0ffee", "def load(self): ...\n"),
    ),
)


def add(ledger: Ledger, *several: Memory) -> None:
    with ledger.writing() as connection:
        memories.add(connection, several)


def ids(ledger: Ledger, wanted: Wanted = Wanted(EVERYBODY), now: datetime = NOW) -> list[str]:
    """Return what a search sees, newest first."""
    with ledger.reading() as connection:
        return [one.id for one in memories.found(connection, wanted, now, limit=-1)]


def matching(
    ledger: Ledger, text: str, *, around: bool = False, scope: Scope = EVERYBODY
) -> list[str]:
    """Return what holds words of a text itself, best first; with `around`, all that is found."""
    with ledger.reading() as connection:
        within = memories.condition(Wanted(scope), NOW)
        scores = word_index.matching(connection, asked(text), within, limit=99)
    return [id_ for id_, score in scores.items() if around or score.own > 0]


def erase(ledger: Ledger, *several: str) -> int:
    with ledger.writing() as connection:
        return memories.erase(connection, several, NOW)


def revise(ledger: Ledger, old: Memory, new: Memory) -> None:
    with ledger.writing() as connection:
        memories.revise(connection, old, new, NOW)


def test_a_memory_comes_back_as_it_was(ledger: Ledger) -> None:
    add(ledger, EVERYTHING, a_memory("plain"))

    with ledger.reading() as connection:
        assert memories.with_ids(connection, ["all"]) == [EVERYTHING]
        assert memories.with_ids(connection, ["plain"]) == [a_memory("plain")]


def test_what_no_database_holds_is_replaced(ledger: Ledger) -> None:
    odd = "half \ud800 and NUL \0"
    anchor = Anchor(PurePosixPath("a\udcff.py"), "b\0", source=odd)
    add(ledger, a_memory("odd", odd, by=odd, reasoning=odd, tags=(odd, odd), anchors=(anchor,)))

    with ledger.reading() as connection:
        (found,) = memories.with_ids(connection, ["odd"])
        by_path = memories.found(connection, Wanted(path=PurePosixPath("a\udcff.py")), NOW, limit=9)
    clean = "half ? and NUL \ufffd"
    assert (found.text, found.by, found.reasoning, found.tags) == (clean, clean, clean, (clean,))
    assert found.anchors == (Anchor(PurePosixPath("a?.py"), "b\ufffd", source=clean),)
    assert by_path == [found]
    assert ids(ledger, Wanted(contains="\ud800 and nul \0")) == ["odd"]


def test_a_very_long_text_is_kept_and_found(ledger: Ledger) -> None:
    text = " ".join(f"word{number}" for number in range(60_000))
    add(ledger, a_memory("long", text), a_memory("one word", "x" * 300_000))

    with ledger.reading() as connection:
        assert memories.with_ids(connection, ["long"])[0].text == text
    assert matching(ledger, "word7") == ["long"]


def test_many_are_added_in_their_order(ledger: Ledger) -> None:
    several = [a_memory(f"m{number}", f"say {number}", tags=("t",)) for number in range(1_200)]
    add(ledger, *several)

    with ledger.reading() as connection:
        assert memories.with_ids(connection, [one.id for one in several]) == several
    assert ids(ledger) == [one.id for one in reversed(several)]
    assert erase(ledger, *(one.id for one in several)) == 1_200


def test_an_id_is_given_once(ledger: Ledger) -> None:
    add(ledger, a_memory("one", "first"))

    with pytest.raises(LedgerUnavailable):
        add(ledger, a_memory("two"), a_memory("one", "second"))

    assert ids(ledger) == ["one"]


def test_a_memory_of_an_unknown_interaction_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerUnavailable):
        add(ledger, a_memory("one", interaction="no such"))

    assert ids(ledger) == []


def test_nothing_is_written_for_everybody(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="needs an owner"):
        add(ledger, a_memory("one", scope=EVERYBODY))


def test_the_newest_come_first_and_pages_follow_each_other(ledger: Ledger) -> None:
    add(ledger, *(a_memory(f"d{day}", at=days_after(day)) for day in (1, 3, 2, 3)[:3]))
    add(ledger, a_memory("later", at=days_after(3)))

    with ledger.reading() as connection:
        pages = [
            memories.found(connection, Wanted(), NOW, limit=2, offset=offset) for offset in (0, 2)
        ]
    assert [[one.id for one in page] for page in pages] == [["later", "d3"], ["d2", "d1"]]


def test_an_id_may_be_shortened_and_means_only_itself(ledger: Ledger) -> None:
    add(ledger, a_memory("abc"), a_memory("abd", scope=YOURS), a_memory("a%c"))

    with ledger.reading() as connection:
        found = {
            start: [one.id for one in memories.beginning(connection, start, scope)]
            for start, scope in [("ab", Scope()), ("a%", Scope()), ("abd", YOURS), ("x", YOURS)]
        }
    assert found == {"ab": ["abc"], "a%": ["a%c"], "abd": ["abd"], "x": []}


def test_named_are_those_that_a_search_may_see(ledger: Ledger) -> None:
    add(
        ledger,
        a_memory("old"),
        a_memory("new", at=days_after(1)),
        a_memory("yours", scope=YOURS),
        a_memory("expired", expires=days_after(1)),
    )

    with ledger.reading() as connection:
        asked = ["old", "new", "yours", "expired", "none"]
        found = memories.named(connection, asked, Wanted(), NOW)
    assert [one.id for one in found] == ["new", "old"]


def test_what_says_the_same_is_kept_once_but_not_what_happened(ledger: Ledger) -> None:
    first = a_memory("first", "Use  tabs", kind="preference", scope=MINE)
    known = keep(ledger, [first])
    again = keep(
        ledger,
        [
            replace(first, id="again", text="use tabs "),
            replace(first, id="yours", scope=YOURS),
            replace(first, id="fact", kind="fact"),
            replace(first, id="fact too", kind="fact"),
            a_memory("happened", "x"),
            a_memory("happened again", "x"),
        ],
    )

    assert known == [first]
    kept = ["first", "yours", "fact", "fact", "happened", "happened again"]
    assert [one.id for one in again] == kept
    assert sorted(ids(ledger)) == sorted(set(kept))


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param({"expires": days_after(1)}, id="expired"),
        pytest.param({}, id="superseded"),
    ],
)
def test_what_is_no_longer_said_may_be_said_again(ledger: Ledger, gone: dict[str, object]) -> None:
    old = a_memory("old", kind="fact", **gone)
    add(ledger, old)
    if not gone:
        add(ledger, a_memory("newer", "not so", kind="fact", supersedes="old"))

    with ledger.reading() as connection:
        assert memories.same(connection, replace(old, id="again"), NOW) is None


def test_a_revision_keeps_how_it_stood_before(ledger: Ledger) -> None:
    first = replace(EVERYTHING, expires=None, supersedes="")
    second = replace(first, text="other words", tags=("c",), anchors=(), reasoning="", pinned=False)
    third = replace(second, text="third words", scope=YOURS)
    add(ledger, first)
    revise(ledger, first, second)
    revise(ledger, second, third)

    with ledger.reading() as connection:
        assert memories.with_ids(connection, ["all"]) == [third]
        assert memories.revisions(connection, "all") == [(NOW, first), (NOW, second)]
    assert matching(ledger, "third") == ["all"]
    assert matching(ledger, "unicode other quotes", around=True) == []


def test_erasing_leaves_the_id_alone(ledger: Ledger) -> None:
    add(ledger, EVERYTHING, a_memory("stays"))
    revise(ledger, EVERYTHING, replace(EVERYTHING, text="revised"))

    assert erase(ledger, "all", "no such") == 1
    assert erase(ledger, "all") == 0

    assert ids(ledger) == ["stays"]
    assert matching(ledger, "unicode revised me Loader", around=True) == []
    with ledger.reading() as connection:
        assert memories.revisions(connection, "all") == []
        buried = connection.execute(sa.text("SELECT memory FROM tombstones")).all()
    assert [one.memory for one in buried] == ["all"]
    add(ledger, replace(EVERYTHING, text="back"))
    assert erase(ledger, "all") == 1


def test_a_memory_is_superseded_by_one_of_its_own_scope(ledger: Ledger) -> None:
    add(
        ledger,
        a_memory("old", scope=MINE),
        a_memory("new", kind="fact", scope=MINE, supersedes="old"),
        a_memory("yours", scope=MINE),
        a_memory("intruder", kind="fact", scope=YOURS, supersedes="yours"),
    )

    with ledger.reading() as connection:
        assert memories.successors(connection, ["old", "new", "yours"]) == {"old": "new"}
    assert ids(ledger, Wanted(MINE)) == ["yours", "new"]
    assert ids(ledger, Wanted(MINE, superseded=True)) == ["yours", "new", "old"]
    erase(ledger, "new")
    assert ids(ledger, Wanted(MINE)) == ["yours", "old"]


def test_neighbours_are_of_the_same_session_and_scope(ledger: Ledger) -> None:
    for number, scope in enumerate([MINE, YOURS, MINE, YOURS, MINE]):
        add(ledger, a_memory(f"m{number}", scope=scope, session="s"))
    add(ledger, a_memory("alone", scope=MINE), a_memory("other", scope=MINE, session="t"))

    with ledger.reading() as connection:
        found = memories.neighbours(connection, ["m0", "m2", "m4", "m1", "alone", "other"])
    assert found == {
        "m0": ("", "m2"),
        "m2": ("m0", "m4"),
        "m4": ("m2", ""),
        "m1": ("", "m3"),
        "alone": ("", ""),
        "other": ("", ""),
    }


def test_a_memory_is_found_by_what_was_said_beside_it(ledger: Ledger) -> None:
    def around(question: str) -> set[str]:
        return set(matching(ledger, question, around=True))

    for name, text in [("m1", "apples"), ("m2", "pears"), ("m3", "plums"), ("m4", "figs")]:
        add(ledger, a_memory(name, text, session="s"))
    assert around("apples") == {"m1", "m2", "m3"}
    assert around("figs") == {"m2", "m3", "m4"}
    assert matching(ledger, "figs") == ["m4"]

    erase(ledger, "m2")
    assert around("pears") == set()
    assert around("apples") == {"m1", "m3", "m4"}

    plums = a_memory("m3", "plums", session="s")
    revise(ledger, plums, replace(plums, text="cherries"))
    assert around("plums") == set()
    assert around("cherries") == {"m1", "m3", "m4"}

    revise(ledger, replace(plums, text="cherries"), replace(plums, session="elsewhere"))
    assert around("plums") == {"m3"}
    assert around("figs") == {"m1", "m4"}


def test_a_talk_added_at_once_is_as_one_added_bit_by_bit(ledger: Ledger) -> None:
    fruits = ["apples", "pears", "plums", "figs", "dates", "cherries", "melons"]
    said = [a_memory(fruit, fruit, session="s") for fruit in fruits]
    add(ledger, *said)
    at_once = {fruit: set(matching(ledger, fruit, around=True)) for fruit in fruits}
    erase(ledger, *fruits)
    for one in said:
        add(ledger, one)

    assert at_once == {fruit: set(matching(ledger, fruit, around=True)) for fruit in fruits}
    assert at_once["figs"] == {"pears", "plums", "figs", "dates", "cherries"}


def test_alike_are_memories_of_the_same_people_kind_and_files(ledger: Ledger) -> None:
    new = a_memory("new", "load csv rows", kind="fact", scope=MINE)
    here = (Anchor(PurePosixPath("a.py")),)
    add(
        ledger,
        replace(new, id="one", text="rows"),
        replace(new, id="three", text="load csv rows fast"),
        replace(new, id="yours", scope=YOURS),
        replace(new, id="kind", kind="lesson"),
        replace(new, id="file", anchors=here),
        replace(new, id="session", session="s"),
        replace(new, id="expired", expires=days_after(1)),
    )

    with ledger.reading() as connection:
        found = memories.alike(connection, new, NOW, limit=9)
        there = memories.alike(connection, replace(new, anchors=here), NOW, limit=9)
    assert [one.id for one in found] == ["three", "session", "one"]
    assert [one.id for one in there] == ["file"]


def test_missing_words_are_written(ledger: Ledger) -> None:
    add(ledger, a_memory("m1", "apples", session="s"), a_memory("m2", "pears", session="s"))
    with ledger.writing() as connection:
        word_index.remove(connection, word_index.missing(connection) or [1, 2])
        assert word_index.missing(connection) == [1, 2]
        memories.write_missing_words(connection)

    assert sorted(matching(ledger, "apples", around=True)) == ["m1", "m2"]


def test_a_reader_sees_one_state(ledger: Ledger) -> None:
    add(ledger, a_memory("one"))
    with ledger.reading() as connection:
        before = memories.found(connection, Wanted(), NOW, limit=9)
        add(ledger, a_memory("two"))
        assert memories.found(connection, Wanted(), NOW, limit=9) == before

    assert ids(ledger) == ["two", "one"]


def test_what_fails_halfway_was_never_there(ledger: Ledger) -> None:
    with pytest.raises(LedgerUnavailable), ledger.writing() as connection:
        memories.add(connection, [a_memory("one"), a_memory("one")])

    assert ids(ledger) == []
    assert matching(ledger, "load") == []


def test_times_are_utc_wherever_they_come_from(ledger: Ledger) -> None:
    east = datetime.fromisoformat("2026-01-02T05:04:05+02:00")
    add(ledger, a_memory("one", at=east))

    with ledger.reading() as connection:
        (found,) = memories.with_ids(connection, ["one"])
    assert found.at == START
    assert found.at.tzinfo == UTC


def test_vacuum_keeps_what_is_there(ledger: Ledger) -> None:
    add(ledger, a_memory("one", "apples"), a_memory("two", "pears"))
    erase(ledger, "one")

    ledger.vacuum()

    assert matching(ledger, "pears") == ["two"]
    assert matching(ledger, "apples") == []
