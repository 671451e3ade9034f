"""What a search of a ledger sees, in SQLite and PostgreSQL alike: filters, scopes, words."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from alma_agent.memory.ledger import Ledger, memories, word_index
from alma_agent.remembered import ANY, EVERYBODY, Anchor, Scope, Wanted
from tests.contract.test_ledger import MINE, NOW, YOURS, add, ids, matching
from tests.making import a_memory, days_after

PATH = PurePosixPath("src/a.py")
RICH: dict[str, Any] = {
    "scope": MINE,
    "session": "s",
    "kind": "lesson",
    "stratum": "cognitive",
    "tags": ("slow", "io"),
    "topics": ("speed",),
    "entities": ("Loader",),
    "anchors": (Anchor(PATH, "load"), Anchor(PATH, "save"), Anchor(PurePosixPath("b.py"))),
    "importance": 0.8,
    "pinned": True,
    "at": days_after(5),
}
NARROWINGS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    # the filter, what lets the rich memory pass, what does not
    ("scope", {"scope": MINE}, {"scope": YOURS}),
    ("session", {"session": "s"}, {"session": "t"}),
    ("kinds", {"kinds": ("lesson", "fact")}, {"kinds": ("fact", "summary")}),
    ("strata", {"strata": ("metaphysical", "cognitive")}, {"strata": ("somatic",)}),
    ("tags", {"tags": ("io", "slow")}, {"tags": ("io", "fast")}),
    ("topics", {"topics": ("other", "speed")}, {"topics": ("other",)}),
    ("entities", {"entities": ("Loader", "x")}, {"entities": ("loader",)}),
    ("path", {"path": PATH}, {"path": PurePosixPath("src")}),
    ("least_importance", {"least_importance": 0.8}, {"least_importance": 0.81}),
    ("since", {"since": days_after(5)}, {"since": days_after(5.001)}),
    ("until", {"until": days_after(5.001)}, {"until": days_after(5)}),
    ("contains", {"contains": "READS the"}, {"contains": "reads%the"}),
    ("mentions a path", {"mentions": "src/a.py"}, {"mentions": "src/c.py"}),
    ("mentions a text", {"mentions": "Rows"}, {"mentions": "row_"}),
    ("pinned", {"pinned": True}, {"pinned": False}),
]


def found(ledger: Ledger, **wanted: Any) -> list[str]:
    return ids(ledger, Wanted(**({"scope": EVERYBODY} | wanted)))


@pytest.mark.parametrize(
    ("passing", "stopping"), [one[1:] for one in NARROWINGS], ids=[one[0] for one in NARROWINGS]
)
def test_a_filter_lets_pass_and_stops(
    ledger: Ledger, passing: dict[str, Any], stopping: dict[str, Any]
) -> None:
    add(ledger, a_memory("rich", **RICH), a_memory("plain", "write", at=days_after(-9)))

    assert "rich" in found(ledger, **passing)
    assert "rich" not in found(ledger, **stopping)
    if "until" not in passing:
        assert found(ledger, **passing) == ["rich"]


def test_filters_together_are_all_meant(ledger: Ledger) -> None:
    add(ledger, a_memory("rich", **RICH))
    together: dict[str, Any] = {}
    for _, passing, _ in NARROWINGS:
        together |= passing

    assert found(ledger, **together) == ["rich"]
    for _, _, stopping in NARROWINGS:
        assert found(ledger, **together | stopping) == []


def test_a_filter_left_empty_does_not_narrow(ledger: Ledger) -> None:
    add(ledger, a_memory("rich", **RICH | {"scope": Scope()}), a_memory("plain"))

    assert found(ledger, scope=Scope()) == ["rich", "plain"]


def test_capitals_do_not_count_in_any_language(ledger: Ledger) -> None:
    add(ledger, a_memory("one", "Voilà une MÉTHODE, ещё ОДНА"))

    assert found(ledger, contains="méthode, ЕЩЁ одна") == ["one"]


def test_expired_memories_are_gone_from_every_search(ledger: Ledger) -> None:
    add(
        ledger,
        a_memory("expired", expires=NOW),
        a_memory("lasting", expires=days_after(10.001)),
        a_memory("for ever"),
    )

    assert found(ledger) == ["for ever", "lasting"]
    assert sorted(matching(ledger, "load")) == ["for ever", "lasting"]
    assert ids(ledger, Wanted(EVERYBODY), days_after(11)) == ["for ever"]


def test_a_scope_is_exact_and_any_is_everybody_s(ledger: Ledger) -> None:
    scopes = [Scope(), MINE, YOURS, Scope("home", "me", "other"), Scope("away", "me", "alma")]
    add(ledger, *(a_memory(f"m{number}", scope=scope) for number, scope in enumerate(scopes)))

    seen = {
        scope: set(found(ledger, scope=scope))
        for scope in [*scopes, EVERYBODY, Scope("home", ANY, "alma"), Scope(ANY, "me", ANY)]
    }
    assert seen == {scope: {f"m{number}"} for number, scope in enumerate(scopes)} | {
        EVERYBODY: {"m0", "m1", "m2", "m3", "m4"},
        Scope("home", ANY, "alma"): {"m1", "m2"},
        Scope(ANY, "me", ANY): {"m1", "m3", "m4"},
    }
    assert matching(ledger, "load rows", scope=MINE) == ["m1"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   \n\t", id="blank"),
        pytest.param('"load\' ` ""', id="quotes"),
        pytest.param("load AND OR NOT NEAR(x, 2)", id="operators"),
        pytest.param("load* ^load -load +load {load} : words:load", id="syntax"),
        pytest.param("load & !load | (load <-> load):*A", id="another syntax"),
        pytest.param("back\\slash \\' \\", id="backslashes"),
        pytest.param("(((", id="brackets"),
        pytest.param("load; DROP TABLE memories; --", id="another language"),
        pytest.param("🙂 🙃", id="emoji"),
        pytest.param("_ __ ___", id="underscores"),
        pytest.param("load\0load", id="a NUL"),
        pytest.param("load\ud800 \udcff", id="half characters"),
        pytest.param("½ ² ª ﬀ İ ß", id="odd letters"),
        pytest.param("読み込み загрузить", id="other scripts"),
        pytest.param("e\u0301 \u0301", id="combining marks"),
        pytest.param("the a of and", id="words that say nothing"),
        pytest.param(" ".join(f"word{number}" for number in range(3_000)), id="thousands of words"),
        pytest.param("x" * 200_000, id="one endless word"),
    ],
)
def test_any_question_may_be_asked(ledger: Ledger, text: str) -> None:
    add(ledger, a_memory("abc", f"rename load {text[:500]}"))

    assert matching(ledger, text, around=True) in ([], ["abc"])
    assert found(ledger, contains=text[:500]) == ["abc"]


def test_any_word_may_be_asked_for(ledger: Ledger) -> None:
    add(ledger, a_memory("abc", "rename load"))

    with ledger.reading() as connection:
        within = memories.condition(Wanted(), NOW)
        for word in ['"', "'", "a'b", 'a"b', "\\", "a\\", "a:b", "(", " ", "", "*", "\0", "a\0b"]:
            found = word_index.matching(connection, [word, "load"], within, limit=9)
            assert list(found) == ["abc"], word


@pytest.mark.parametrize(
    ("text", "question"),
    [
        pytest.param("rename read_csv", "csv", id="a part of snake_case"),
        pytest.param("rename read_csv", "read_csv", id="snake_case whole"),
        pytest.param("rename readCsvFile", "file", id="a part of camelCase"),
        pytest.param("rename HTTPServer", "server", id="a part after capitals"),
        pytest.param("rename HTTPServer", "http", id="capitals"),
        pytest.param("rename sha256", "sha", id="letters before digits"),
        pytest.param("rename Loader.load", "Loader", id="a part of a dotted name"),
        pytest.param("fix src/report_table.py", "report", id="a part of a path"),
        pytest.param("rename csv", "read_csv", id="asked with more"),
        pytest.param("loading rows", "loads", id="another form of the word"),
        pytest.param("LOAD", "load", id="capital letters"),
        pytest.param("renommer la méthode", "METHODE", id="without its accent"),
        pytest.param("renommer la methode", "MÉTHODE", id="with an accent too many"),
        pytest.param("renommer périmètreTotal", "total", id="a part, with accents"),
    ],
)
def test_words_and_parts_of_identifiers_are_found(ledger: Ledger, text: str, question: str) -> None:
    add(ledger, a_memory("other", "paint walls blue"), a_memory("abc", text))

    assert matching(ledger, question) == ["abc"]


def test_the_best_words_come_first(ledger: Ledger) -> None:
    add(
        ledger,
        a_memory("one", "make load faster"),
        a_memory("both", "make load faster by caching rows"),
        *(a_memory(f"n{number}", "paint walls blue") for number in range(5)),
    )

    assert matching(ledger, "load caching rows") == ["both", "one"]


def test_a_score_says_how_much_of_it_is_the_memory_s_own(ledger: Ledger) -> None:
    add(
        ledger,
        a_memory("said", "apples grow here", session="s"),
        a_memory("beside", "other things entirely", session="s"),
        a_memory("about", "something unlike it", tags=("apples",)),
        *(a_memory(f"n{number}", "paint walls blue") for number in range(5)),
    )

    with ledger.reading() as connection:
        within = memories.condition(Wanted(), NOW)
        scores = word_index.matching(connection, ["apples"], within, limit=9)
    assert scores.keys() == {"said", "beside", "about"}
    assert scores["said"].own > 0 == scores["beside"].own == scores["about"].own
    assert min(score.all for score in scores.values()) > 0


def test_what_a_memory_is_about_is_found(ledger: Ledger) -> None:
    rich = a_memory("rich", "words", **RICH | {"by": "Ada"})
    add(ledger, rich, a_memory("plain"))

    for question in ("Ada", "slow", "speed", "Loader", "src", "save"):
        assert matching(ledger, question, around=True) == ["rich"], question


def test_a_decision_is_found_by_its_reasons(ledger: Ledger) -> None:
    add(ledger, a_memory("one", "use tabs", kind="decision", reasoning="readers with poor sight"))

    assert matching(ledger, "sight") == ["one"]


def test_a_file_s_memories_come_once_each_however_many_symbols(ledger: Ledger) -> None:
    anchors = (Anchor(PATH, "a"), Anchor(PATH, "b"))
    for number in range(3):
        add(ledger, a_memory(f"m{number}", anchors=anchors, at=days_after(number)))

    assert found(ledger, path=PATH) == ["m2", "m1", "m0"]


def test_of_many_memories_the_commonest_words_are_not_looked_for(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sqlite3" not in ledger.name:
        pytest.skip("PostgreSQL ranks all that it finds")
    monkeypatch.setattr(word_index, "_SCORED", 4)
    add(
        ledger,
        *(a_memory(f"n{number}", "common words") for number in range(6)),
        *(a_memory(f"r{number}", "rare common words") for number in range(2)),
        a_memory("rarest", "rarest words"),
    )

    assert sorted(matching(ledger, "common rare rarest words nowhere")) == ["r0", "r1", "rarest"]
    assert len(matching(ledger, "common")) == 8
    assert matching(ledger, "nowhere") == []
