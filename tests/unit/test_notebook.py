"""What is written by hand: kept once, never overwritten in silence, never across a scope."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from alma_agent.errors import UsageError
from alma_agent.memory.anchoring.surveying import Survey
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.notebook import STRATUM_OF, Notebook
from alma_agent.remembered import ANY, EVERYBODY, Memory, MemoryKind, Scope, Stratum, Wanted
from tests.conftest import make_workspace, write_files
from tests.making import START, a_memory, days_after
from toolset.errors import PathRefused
from toolset.workspace import Workspace

APP, OTHER = PurePosixPath("app.py"), PurePosixPath("other.py")
ANN, BOB = Scope(user="ann"), Scope(user="bob")
SORTED = "Rows are sorted."
SHORT, LONG = "Timeouts are short.", "The default timeout is 30 seconds."
DENIED = "The default timeout is 60 seconds."
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    files = {"app.py": "def load(path):\n    return path\n", "other.py": "x = 1\n"}
    return make_workspace(tmp_path / "project", files)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def notebook(ledger: Ledger, workspace: Workspace) -> Notebook:
    return Notebook(ledger, Survey(workspace))


def all_of(notebook: Notebook, scope: Scope = EVERYBODY, **wanted: Any) -> list[Memory]:
    return [one.memory for one in notebook.several(Wanted(scope, **wanted), limit=-1)]


def texts(notebook: Notebook, scope: Scope = EVERYBODY, **wanted: Any) -> list[str]:
    return [one.text for one in all_of(notebook, scope, **wanted)]


def test_what_is_added_is_read_as_it_was_told(notebook: Notebook) -> None:
    kept = notebook.add(
        SORTED,
        kind="lesson",
        scope=ANN,
        paths=[APP, OTHER],
        symbol="load",
        by="ann",
        tags=("rows",),
        topics=("order",),
        entities=("Cache",),
        importance=0.9,
        expires=datetime.now(UTC) + timedelta(days=1),
        event_at=START,
        metadata='{"a": 1}',
    )

    assert kept.how == "new"
    assert all_of(notebook, ANN) == [kept.memory]
    assert [(one.path, one.symbol) for one in kept.memory.anchors] == [(APP, "load"), (OTHER, "")]


@pytest.mark.parametrize("kind", STRATUM_OF)
def test_a_kind_has_its_stratum_unless_another_is_told(
    notebook: Notebook, kind: MemoryKind
) -> None:
    told: Stratum = "somatic" if STRATUM_OF[kind] != "somatic" else "cognitive"

    strata = [
        notebook.add("Rows.", kind=kind).memory.stratum,
        notebook.add("Columns.", kind=kind, stratum=told).memory.stratum,
    ]

    assert strata == [STRATUM_OF[kind], told]


@pytest.mark.parametrize("text", ["", " \n\t", "\u2028"])
def test_a_blank_text_is_refused(notebook: Notebook, text: str) -> None:
    with pytest.raises(UsageError, match="no text"):
        notebook.add(text)


@pytest.mark.parametrize("importance", [-0.1, 1.1, float("nan")])
def test_an_importance_goes_from_nought_to_one(notebook: Notebook, importance: float) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        notebook.add(SORTED, importance=importance)


@pytest.mark.parametrize("scope", [Scope(ANY), Scope(user=ANY), Scope(agent=ANY)], ids=str)
def test_a_memory_is_not_everybodys(notebook: Notebook, scope: Scope) -> None:
    with pytest.raises(UsageError, match="belongs to somebody"):
        notebook.add(SORTED, scope=scope)


def test_a_symbol_that_is_not_there_is_refused(notebook: Notebook) -> None:
    with pytest.raises(UsageError, match=r"app\.py has no lost"):
        notebook.add(SORTED, paths=[APP], symbol="lost")


def test_a_path_that_leads_out_is_refused(notebook: Notebook) -> None:
    with pytest.raises(PathRefused):
        notebook.add(SORTED, paths=[PurePosixPath("../app.py")])


def test_several_are_kept_all_or_none(notebook: Notebook) -> None:
    with pytest.raises(UsageError):
        notebook.keep_all([a_memory("one"), a_memory("two", " ")])

    assert texts(notebook) == []


def test_several_that_say_the_same_are_kept_once(notebook: Notebook) -> None:
    several = [a_memory("one", SORTED, kind="fact"), a_memory("two", SORTED, kind="fact")]

    kept = notebook.keep_all(several)

    assert [(one.how, one.memory.id) for one in kept] == [("new", "one"), ("known", "one")]


@pytest.mark.parametrize("again", [SORTED, "  rows  are\nSORTED. "], ids=["same", "spelt anew"])
def test_what_is_known_is_kept_once_with_the_labels_of_both(notebook: Notebook, again: str) -> None:
    first = notebook.add(SORTED, tags=("a",), topics=("t",), importance=0.9, metadata='{"n": 1}')

    kept = notebook.add(
        again, tags=("b",), entities=("e",), pinned=True, paths=[APP], metadata='{"m": 2}'
    )

    (one,) = all_of(notebook)
    assert (kept.how, kept.memory) == ("known", one)
    assert (one.id, one.text) == (first.memory.id, SORTED)
    assert (one.tags, one.topics, one.entities) == (("a", "b"), ("t",), ("e",))
    assert (one.importance, one.pinned) == (0.9, True)
    assert [anchor.path for anchor in one.anchors] == [APP]
    assert json.loads(one.metadata) == {"n": 1, "m": 2}


def test_a_second_reason_does_not_drop_the_first(notebook: Notebook) -> None:
    for reason in ("Plugins call it.", "Tests call it.", "Plugins call it."):
        notebook.add("Keep load.", kind="decision", reasoning=reason)

    (one,) = all_of(notebook)
    assert one.reasoning == "Plugins call it. Tests call it."


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (None, days_after(9_999), None),
        (days_after(9_999), None, None),
        (days_after(9_999), days_after(8_888), days_after(9_999)),
    ],
    ids=["for good, then for a while", "for a while, then for good", "twice for a while"],
)
def test_what_is_said_twice_lasts_as_long_as_either_would(
    notebook: Notebook,
    first: datetime | None,
    second: datetime | None,
    expected: datetime | None,
) -> None:
    for expires in (first, second):
        notebook.add(SORTED, expires=expires)

    assert [one.expires for one in all_of(notebook)] == [expected]


def test_what_is_said_again_holds_for_the_code_as_it_is_now(
    ledger: Ledger, workspace: Workspace
) -> None:
    Notebook(ledger, Survey(workspace)).add("load is slow.", paths=[APP], symbol="load")
    write_files(workspace.root, {"app.py": "def load(path):\n    return [path]\n"})
    notebook = Notebook(ledger, Survey(workspace))

    notebook.add("load is slow.", paths=[APP], symbol="load")

    (one,) = notebook.several(Wanted(), limit=9)
    assert [standing.verdict for standing in one.standings] == ["fresh"]


def test_what_happened_twice_is_kept_twice(notebook: Notebook) -> None:
    for _ in range(2):
        notebook.add(SORTED, kind="interaction")

    assert texts(notebook) == [SORTED, SORTED]


def test_who_says_less_is_told_what_says_more(notebook: Notebook) -> None:
    more = notebook.add("Use ruff and mypy.", tags=("a",))

    kept = notebook.add("Use ruff.", tags=("b",))

    assert (kept.how, kept.memory.id) == ("merged", more.memory.id)
    assert [(one.text, one.tags) for one in all_of(notebook)] == [
        ("Use ruff and mypy.", ("a", "b"))
    ]


def test_who_says_more_stands_in_the_place_of_what_says_less(notebook: Notebook) -> None:
    less = notebook.add("Use ruff.", tags=("a",), pinned=True).memory

    kept = notebook.add("Use ruff and mypy.", tags=("b",))

    assert (kept.how, kept.other) == ("supersedes", less)
    assert (kept.memory.tags, kept.memory.pinned) == (("a", "b"), True)
    assert texts(notebook) == ["Use ruff and mypy."]


def test_a_contradiction_is_shown_as_a_pair_with_its_winner(notebook: Notebook) -> None:
    old = notebook.add(LONG).memory

    kept = notebook.add(DENIED)

    assert (kept.how, kept.other, kept.memory.supersedes) == ("supersedes", old, old.id)
    assert texts(notebook) == [DENIED]
    pair = notebook.several(Wanted(superseded=True), limit=9)
    assert [(one.memory.text, one.superseded_by) for one in pair] == [
        (DENIED, ""),
        (LONG, kept.memory.id),
    ]


def test_what_a_pinned_memory_denies_is_refused(notebook: Notebook) -> None:
    notebook.add(LONG, pinned=True)

    with pytest.raises(UsageError, match="which is pinned"):
        notebook.add(DENIED)

    assert texts(notebook, superseded=True) == [LONG]


def test_whoever_pins_may_deny_what_is_pinned(notebook: Notebook) -> None:
    notebook.add(LONG, pinned=True)

    notebook.add(DENIED, pinned=True)

    assert texts(notebook) == [DENIED]


def test_who_changes_their_mind_twice_is_taken_at_the_last_word(notebook: Notebook) -> None:
    for text in (LONG, DENIED, LONG):
        notebook.add(text)

    assert texts(notebook) == [LONG]
    assert texts(notebook, superseded=True) == [LONG, DENIED, LONG]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"scope": ANN}, {"scope": BOB}),
        ({"scope": ANN}, {}),
        ({"kind": "fact"}, {"kind": "lesson"}),
        ({"paths": [APP]}, {"paths": [OTHER]}),
    ],
    ids=["user", "nobody", "kind", "file"],
)
def test_what_is_said_elsewhere_is_not_denied(
    notebook: Notebook, one: dict[str, Any], other: dict[str, Any]
) -> None:
    notebook.add(LONG, **one)

    kept = notebook.add(DENIED, **other)

    assert kept.how == "new"
    assert set(texts(notebook)) == {LONG, DENIED}


def test_the_same_in_two_scopes_is_two(notebook: Notebook) -> None:
    for scope in (ANN, BOB, Scope(agent="ann"), Scope("ann"), Scope()):
        assert notebook.add(SORTED, scope=scope).how == "new"

    assert texts(notebook, ANN) == [SORTED]


def test_what_has_expired_is_not_known_any_more(notebook: Notebook) -> None:
    notebook.add(SORTED, expires=START)

    assert notebook.add(SORTED).how == "new"
    assert texts(notebook) == [SORTED]


def test_a_memory_supersedes_one_of_its_scope_only(notebook: Notebook) -> None:
    old = notebook.add(SORTED, scope=ANN).memory

    with pytest.raises(UsageError, match="to supersede"):
        notebook.add("Rows lie anyhow.", scope=BOB, supersedes=old.id)

    assert texts(notebook) == [SORTED]


def test_nothing_supersedes_itself(notebook: Notebook) -> None:
    with pytest.raises(UsageError, match="to supersede"):
        notebook.keep(a_memory("one", supersedes="one"))


def test_whoever_is_superseded_stays_to_be_seen(notebook: Notebook) -> None:
    old = notebook.add(
        "Keep it.", kind="decision", reasoning="Plugins call it.", tags=("a",)
    ).memory

    kept = notebook.supersede(old.id, "Drop it.", reasoning="Nobody calls it.")

    assert (kept.memory.kind, kept.memory.tags) == ("decision", ("a",))
    assert kept.memory.reasoning == "Nobody calls it."
    assert texts(notebook) == ["Drop it."]
    assert texts(notebook, superseded=True) == ["Drop it.", "Keep it."]


def test_a_successor_does_not_take_over_why_and_till_when(notebook: Notebook) -> None:
    old = notebook.add(
        "Keep it.",
        kind="decision",
        reasoning="Plugins call it.",
        expires=datetime.now(UTC) + timedelta(days=1),
        pinned=True,
    )

    new = notebook.supersede(old.memory.id, "Drop it.").memory

    assert (new.reasoning, new.expires, new.pinned) == ("", None, False)


def test_an_edit_keeps_the_id_and_how_it_stood_before(notebook: Notebook) -> None:
    old = notebook.add(SORTED, tags=("a",)).memory

    new = notebook.edit(old.id[:6], text="Rows are sorted by name.", importance=1.0)

    assert all_of(notebook) == [new]
    assert (new.id, new.tags, new.importance) == (old.id, ("a",), 1.0)
    assert [before for _, before in notebook.former(old.id)] == [old]


def test_former_states_are_listed_the_oldest_first(notebook: Notebook) -> None:
    id_ = notebook.add("one").memory.id
    for text in ("two", "three"):
        notebook.edit(id_, text=text)

    assert [before.text for _, before in notebook.former(id_)] == ["one", "two"]


def test_an_edit_that_changes_nothing_leaves_no_trace(notebook: Notebook) -> None:
    id_ = notebook.add(SORTED).memory.id

    notebook.edit(id_, text=SORTED)

    assert notebook.former(id_) == []


def test_an_edited_text_is_found_by_its_new_words_alone(notebook: Notebook) -> None:
    id_ = notebook.add(SORTED).memory.id

    notebook.edit(id_, text="Columns come first.")

    assert texts(notebook, contains="columns") == ["Columns come first."]
    assert texts(notebook, contains="rows") == []


@pytest.mark.parametrize(
    "fields", [{"text": " "}, {"importance": 2.0}], ids=["blank", "too important"]
)
def test_an_edit_obeys_the_same_rules(notebook: Notebook, fields: dict[str, Any]) -> None:
    old = notebook.add(SORTED).memory

    with pytest.raises(UsageError):
        notebook.edit(old.id, **fields)

    assert all_of(notebook) == [old]


def test_two_who_edit_at_once_lose_nothing_of_each_other(notebook: Notebook) -> None:
    id_ = notebook.add("said 0").memory.id
    edits = range(1, 21)

    def say() -> None:
        for number in edits:
            notebook.edit(id_, text=f"said {number}")

    def weigh() -> None:
        for number in edits:
            notebook.edit(id_, importance=number / 100)

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(say), both.submit(weigh)]:
            done.result()

    (one,) = all_of(notebook)
    former = [before for _, before in notebook.former(id_)]
    assert (one.text, one.importance) == ("said 20", 0.2)
    assert len({(each.text, each.importance) for each in former}) == 2 * len(edits)


@pytest.mark.parametrize("scope", [BOB, Scope(), Scope("n", "ann")], ids=str)
def test_nobody_edits_what_is_anothers(notebook: Notebook, scope: Scope) -> None:
    old = notebook.add(SORTED, scope=ANN).memory

    with pytest.raises(UsageError, match="No memory"):
        notebook.edit(old.id, scope=scope, text="mine")

    assert texts(notebook) == [SORTED]


@pytest.mark.parametrize("id_prefix", ["", "x", "%", "on_", "one%"])
def test_one_memory_is_needed(notebook: Notebook, id_prefix: str) -> None:
    notebook.keep(a_memory("one"))

    with pytest.raises(UsageError, match="No memory"):
        notebook.one(id_prefix)


def test_of_several_that_begin_so_none_is_taken(notebook: Notebook) -> None:
    notebook.keep_all([a_memory("abc"), a_memory("abd")])

    with pytest.raises(UsageError, match="2 entries fit"):
        notebook.one("ab")


def test_a_secret_is_taken_out_of_every_field(notebook: Notebook, workspace: Workspace) -> None:
    write_files(workspace.root, {"app.py": f"def load():\n    return '{TOKEN}'\n"})

    kept = notebook.add(
        f"The key is {TOKEN}.",
        kind="decision",
        reasoning=f"{TOKEN} works.",
        paths=[APP],
        symbol="load",
        tags=(TOKEN, f"{TOKEN}"),
        topics=(TOKEN,),
        entities=(TOKEN,),
        metadata=json.dumps({"key": TOKEN}),
    )
    notebook.edit(kept.memory.id, reasoning=f"{TOKEN} still works.")

    former = [before for _, before in notebook.former(kept.memory.id)]
    told = repr([all_of(notebook), former])
    assert TOKEN not in told
    assert "[redacted: GitHub token]" in told


def test_metadata_stays_json_when_a_secret_is_taken_out(notebook: Notebook) -> None:
    told = {"password": 'a"b\\c-9fQz!', "note": f"it\nis {TOKEN}", "n": [1, None]}

    kept = notebook.add(SORTED, metadata=json.dumps(told))

    read = json.loads(kept.memory.metadata)
    assert (read.keys(), read["n"]) == (told.keys(), [1, None])
    assert TOKEN not in read["note"]


def test_pages_are_cut_from_the_newest(notebook: Notebook) -> None:
    notebook.keep_all([a_memory(f"id{n}", f"said {n}", at=days_after(n)) for n in range(5)])

    pages = [notebook.several(Wanted(), limit=2, offset=offset) for offset in (0, 2, 4, 6)]

    assert [[one.memory.id for one in page] for page in pages] == [
        ["id4", "id3"],
        ["id2", "id1"],
        ["id0"],
        [],
    ]


def test_who_signs_and_owns_a_memory_is_kept_without_secrets(notebook: Notebook) -> None:
    kept = notebook.add(SORTED, by=TOKEN, session=TOKEN, scope=Scope(TOKEN, TOKEN, TOKEN))

    assert TOKEN not in repr(kept.memory)


def test_an_edit_does_not_say_what_another_says(notebook: Notebook) -> None:
    notebook.add(SORTED)
    other = notebook.add("Names are short.").memory

    with pytest.raises(UsageError, match="says so already"):
        notebook.edit(other.id, text=SORTED)

    assert notebook.one(other.id).text == "Names are short."


def test_an_edit_does_not_contradict_a_pinned_memory(notebook: Notebook) -> None:
    notebook.add(LONG, pinned=True)
    other = notebook.add("Names are short.").memory

    with pytest.raises(UsageError, match="which is pinned"):
        notebook.edit(other.id, text=DENIED)
