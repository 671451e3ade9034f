"""Shared memories as pages and lines: what they look like, and that both say all there is."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma_agent.memory.exchange import (
    SHARED,
    export,
    import_,
    read_only_memories,
)
from alma_agent.memory.exchange.exporting import files_of
from alma_agent.memory.exchange.history import History, Version, history_of, shareable, united
from alma_agent.memory.exchange.lines import Content, content_of, encode
from alma_agent.memory.exchange.loading import load
from alma_agent.memory.exchange.pages import parse, render, shown
from alma_agent.memory.ledger import Ledger, histories, memories
from alma_agent.remembered import Anchor, Memory, Scope, Wanted
from tests.shared_memories import (
    A_DECISION,
    A_PATH,
    AT,
    LATER,
    a_fact,
    another,
    bytes_of,
    edit,
    edited_elsewhere,
    held,
    keep,
    lines_of,
    page_of,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "memories"


# What it looks like


def test_a_line_says_only_what_there_is_to_say() -> None:
    assert encode(history_of(a_fact(by="anna"))) == (
        '{"at": "2026-03-04T05:06:07+00:00", "by": "anna", "form": 1, "id": "aa11", '
        '"kind": "fact", "stratum": "cognitive", "text": "Rows are read lazily."}'
    )


def test_a_line_has_a_place_for_every_field() -> None:
    at_home = {"id", "interaction"}
    assert Content.model_fields.keys() == {one.name for one in fields(Memory)} - at_home
    full = Anchor(A_PATH, *(f"is {one.name}" for one in fields(Anchor)[1:]))
    (told,) = content_of(a_fact(anchors=(full,)))["anchors"]
    assert told.keys() == {one.name for one in fields(Anchor)}


def test_what_does_not_print_is_spelt_out_in_a_line() -> None:
    line = encode(history_of(a_fact(text="a\u202eb ü\u2028\n")))
    assert r'"a\u202eb ü\u2028\n"' in line


def test_a_page_is_for_people() -> None:
    assert render(A_DECISION) == (
        """\
---
id: "bb22"
kind: "decision"
at: "2026-03-04T05:06:07+00:00"
by: "anna"
anchors: [{"path": "src/rows.py", "symbol": "Rows.read"}]
importance: 0.9
metadata: "{\\"a\\": 1}"
pinned: true
stratum: "cognitive"
supersedes: "aa11"
tags: ["csv", "imports"]
form: 1
---

# Decision, 4 March 2026, anna

Read CSV with the standard library.

Not with pandas.

## Why

Pandas takes a second to import.

## About

- `src/rows.py`, `Rows.read`
"""
    )


def test_a_page_hides_nothing() -> None:
    page = render(a_fact(text="is safe\u202e"))
    assert "\u202e" not in page
    assert r"> is safe\u202e" in page


def test_pages_of_a_pair_lead_to_each_other(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact(), A_DECISION)
    export(ledger, folder)
    old, new = page_of(folder, "aa11"), page_of(folder, "bb22")
    assert f"## Replaces\n\n- [Rows are read lazily.](../facts/{old.name})" in new.read_text()
    text = "Read CSV with the standard library. Not with pandas."
    assert f"## Replaced by\n\n- [{text}](../decisions/{new.name})" in old.read_text()


def test_a_page_keeps_its_name_when_it_is_edited(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    before = page_of(folder, "aa11").name
    edit(ledger, "aa11", LATER, text="Columns are read lazily.")
    export(ledger, folder)
    assert page_of(folder, "aa11").name == before == "2026-03-04-rows-are-read-lazily-aa11.md"


@pytest.mark.parametrize("id_", ["../../x", "CON", "a" * 150, "A1", "ü", "a/b", "x.md"])
def test_odd_ids_lead_to_no_odd_files(id_: str) -> None:
    for path in files_of([history_of(a_fact(id_))], []):
        assert len(path.parts) <= 2
        assert str(path).isascii()
        assert str(path) == str(path).lower()
        assert ".." not in path.parts


def test_a_folder_says_how_git_merges_it(ledger: Ledger, folder: Path) -> None:
    export(ledger, folder)
    assert "*.jsonl text eol=lf merge=union" in (folder / ".gitattributes").read_text()


# The same ledger, the same bytes


def test_the_order_of_writing_does_not_show(tmp_path: Path) -> None:
    several = [a_fact(f"{number:04x}", f"fact {number}") for number in range(30)]
    one, other = another(tmp_path, "one"), another(tmp_path)
    keep(one, *several)
    keep(other, *reversed(several))
    export(one, tmp_path / "1")
    export(other, tmp_path / "2")
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2")


def test_time_zones_do_not_show() -> None:
    there = AT.astimezone(timezone(timedelta(hours=14)))
    assert files_of([history_of(a_fact(at=there))], []) == files_of([history_of(a_fact())], [])


def test_an_export_that_finds_nothing_new_writes_nothing(ledger: Ledger, folder: Path) -> None:
    keep(ledger, A_DECISION)
    export(ledger, folder)
    again = export(ledger, folder)
    assert (again.written, again.removed) == ((), ())


def test_interactions_stay_at_home_unless_they_are_asked_for(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact("cc33", kind="interaction"))
    assert export(ledger, folder).memories == {}
    assert export(ledger, folder, Wanted(kinds=("interaction",))).memories == {"interaction": 1}


def test_what_belongs_to_somebody_stays_at_home(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact(scope=Scope(user="anna")))
    assert export(ledger, folder).memories == {}


def test_secrets_do_not_leave(ledger: Ledger, folder: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    keep(ledger, a_fact(text=f"Log in with {token}.", tags=(token,)))
    export(ledger, folder)
    assert not [path for path, data in bytes_of(folder).items() if token.encode() in data]


def test_who_signs_leaves_without_secrets_too(ledger: Ledger, folder: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    keep(ledger, a_fact(by=token, session=token))
    export(ledger, folder)
    assert not [path for path, data in bytes_of(folder).items() if token.encode() in data]


# There and back

_texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)
_lines = st.lists(
    st.sampled_from(["## Why", "## About", "---", "# x", "", " ", "> q", "<<<<<<< a", "=======",
                     ">>>>>>> b", "text\r", "\ufeff", "id: 1", "a\u2028b"]) | _texts,
    max_size=6,
).map("\n".join)  # fmt: skip
_times = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis asks for them so
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_names = st.text(st.sampled_from("abcÄ z.-"), max_size=8)
_labels = st.lists(_texts, max_size=3, unique=True).map(tuple)
_anchors = st.builds(
    Anchor,
    st.sampled_from(["a.py", "src/b.py", "ü/ c.py"]).map(PurePosixPath),
    _names,
    st.none() | st.just("d1"),
    _names,
    _texts,
)
_stages = st.builds(
    Memory,
    id=st.just(""),
    at=_times,
    text=_lines,
    outcome=_names,
    anchors=st.lists(_anchors, max_size=3).map(tuple),
    kind=st.sampled_from(SHARED.kinds),
    stratum=st.sampled_from(["somatic", "cognitive", "metaphysical"]),
    session=_names,
    by=_names,
    reasoning=_lines,
    importance=st.floats(0, 1),
    tags=_labels,
    topics=_labels,
    entities=_labels,
    pinned=st.booleans(),
    event_at=st.none() | _times,
    metadata=st.dictionaries(_names, _names, max_size=2).map(json.dumps),
)
_written = st.dictionaries(
    st.text(st.sampled_from("0123456789abcdef"), min_size=1, max_size=6),
    st.lists(_stages, min_size=1, max_size=3),
    max_size=5,
)


def told(id: str, stages: list[Memory]) -> History:
    """Return the history of a memory that was edited once a day."""
    *former, last = (replace(one, id=id) for one in stages)
    days = [AT + timedelta(days=number) for number in range(len(former))]
    return history_of(last, list(zip(days, former, strict=True)))


@settings(max_examples=30, deadline=None)
@given(_written, st.sets(st.text(st.sampled_from("xyz"), min_size=1), max_size=2))
def test_files_say_what_they_are_made_from(
    written: dict[str, list[Memory]], gone: set[str]
) -> None:
    histories = [told(id_, stages) for id_, stages in written.items()]
    with TemporaryDirectory() as name:
        for path, text in files_of(histories, gone).items():
            (Path(name) / path).parent.mkdir(exist_ok=True)
            (Path(name) / path).write_bytes(text.encode())
        shared = load(Path(name))
    assert [shared.history(id_) for id_ in shared] == sorted(
        histories, key=lambda one: (one.versions[0].since, one.id)
    )
    assert shared.forgotten == gone


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(_written, st.sets(st.text(st.sampled_from("xyz"), min_size=1), max_size=2))
def test_what_is_exported_and_imported_is_exported_the_same(
    written: dict[str, list[Memory]], gone: set[str]
) -> None:
    with TemporaryDirectory() as name:
        home = Path(name)
        ledger, other = another(home, "one"), another(home)
        with ledger.writing() as connection:
            for id_, stages in written.items():
                one = told(id_, stages)
                histories.add(connection, [(one.current, one.former)])
            histories.bury(connection, gone, AT)
        export(ledger, home / "1")
        import_(other, home / "1")
        export(other, home / "2")
        assert bytes_of(home / "1") == bytes_of(home / "2")
        assert import_(ledger, home / "2").revised == ()


@settings(deadline=None)
@given(_stages.map(lambda one: replace(one, id="aa11")))
def test_a_page_says_what_the_memory_says(memory: Memory) -> None:
    memory = shareable(memory)
    assert parse(render(memory)) == shown(memory)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(_stages, min_size=1, max_size=3), min_size=1, max_size=4))
def test_histories_unite_in_any_order(several: list[list[Memory]]) -> None:
    histories = [
        History(tuple(Version(one.at, one) for one in sorted(stages, key=lambda one: one.at)))
        for stages in several
    ]
    assert united([united(histories[:2]), *histories[2:]]) == united(
        reversed([*histories, *histories])
    )


def test_everything_comes_back_but_the_link_to_an_interaction(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    full = replace(
        A_DECISION,
        supersedes="",
        event_at=LATER,
        expires=AT.replace(year=2900),
        topics=("t",),
        entities=("e",),
        session="s",
        outcome="applied",
    )
    keep(ledger, full)
    export(ledger, folder)
    other = another(tmp_path)
    import_(other, folder)
    assert held(other) == {"bb22": full}


def test_edits_come_back_with_their_times(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    keep(ledger, a_fact())
    edit(ledger, "aa11", LATER, text="Second.")
    export(ledger, folder)
    other = another(tmp_path)
    import_(other, folder)
    with other.reading() as connection:
        assert memories.revisions(connection, "aa11") == [(LATER, a_fact())]


def test_importing_twice_is_as_once(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    keep(ledger, A_DECISION, a_fact())
    export(ledger, folder)
    other = another(tmp_path)
    assert import_(other, folder).added == ("aa11", "bb22")
    before = held(other)
    again = import_(other, folder)
    assert (again.added, again.revised, again.known) == ((), (), 2)
    assert held(other) == before


def test_a_dry_run_says_what_would_be(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    other = another(tmp_path)
    assert import_(other, folder, dry_run=True).added == ("aa11",)
    assert held(other) == {}


def test_one_file_can_be_imported_alone(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    keep(ledger, a_fact())
    export(ledger, folder)
    other = another(tmp_path)
    import_(other, lines_of(folder, "aa11"))
    assert held(other) == {"aa11": a_fact()}


def test_memories_can_be_read_without_a_ledger(ledger: Ledger, folder: Path) -> None:
    keep(ledger, a_fact(), A_DECISION)
    export(ledger, folder)
    assert read_only_memories(folder) == [a_fact(), A_DECISION]


def test_a_link_to_an_interaction_is_kept_where_it_is(ledger: Ledger, folder: Path) -> None:
    from alma_agent.memory.ledger.recording import record
    from tests.making import an_interaction

    record(ledger, an_interaction("i1"), [a_fact(interaction="i1")])
    export(ledger, folder)
    edited_elsewhere(folder, "aa11", text="Elsewhere.")
    import_(ledger, folder)
    assert held(ledger)["aa11"] == a_fact(interaction="i1", text="Elsewhere.")
