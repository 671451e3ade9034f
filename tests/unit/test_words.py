from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from alma_agent.memory.words import asked, exchange_of, fields_of, match, split
from alma_agent.remembered import Anchor
from tests.making import a_memory

MAY = datetime(2023, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Reads rows.", ["reads", "rows"], id="words"),
        pytest.param("read_csv", ["read_csv", "read", "csv"], id="snake case"),
        pytest.param("loadRows", ["loadrows", "load", "rows"], id="camel case"),
        pytest.param("HTTPServer", ["httpserver", "http", "server"], id="capitals in a row"),
        pytest.param("v2", ["v2", "v", "2"], id="digits"),
        pytest.param("café", ["café"], id="accents"),
        pytest.param("?!", [], id="no words"),
    ],
)
def test_split(text: str, expected: list[str]) -> None:
    assert list(split(text)) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("When did Ada move to Lyon?", ("ada", "move", "lyon"), id="content alone"),
        pytest.param("who are they?", ("who", "are", "they"), id="nothing else is asked"),
        pytest.param("rows, rows and rows", ("rows",), id="each once"),
        pytest.param("use read_csv", ("use", "read_csv", "read", "csv"), id="identifiers in parts"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_what_is_asked(question: str, expected: tuple[str, ...]) -> None:
    assert asked(question) == expected


@pytest.mark.parametrize("word", ['say "hi"', "AND", "x*", "a:b", "NEAR(", "-"])
def test_a_query_takes_any_word_as_it_stands(word: str) -> None:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE w USING fts5(text)")
    table.execute("INSERT INTO w VALUES ('something else')")

    found = table.execute("SELECT * FROM w WHERE w MATCH ?", (match([word, "else"]),)).fetchall()

    assert found == [("something else",)]


def test_a_turn_is_found_by_its_day_and_by_who_spoke() -> None:
    turn = a_memory("a", "I moved.", at=MAY, session="one", by="Ada", tags=("home",))

    assert fields_of(turn).about == "8 may 2023 ada home"


def test_a_turn_is_found_by_the_day_it_speaks_of() -> None:
    turn = a_memory("a", session="one", event_at=MAY)

    assert fields_of(turn).about == "8 may 2023"


def test_what_is_no_talk_is_found_by_its_code() -> None:
    memory = a_memory("a", anchors=(Anchor(PurePosixPath("src/rows.py"), "read_csv"),))

    assert fields_of(memory).about == "src rows py read_csv read csv"


def test_the_reasons_of_a_decision_are_its_own_words() -> None:
    memory = a_memory("a", "Use SQLite.", kind="decision", reasoning="No server.")

    assert fields_of(memory).text == "use sqlite sq lite no server"


def test_neighbours_are_context() -> None:
    memory = a_memory("b", "Yes!")

    fields = fields_of(memory, [a_memory("a", "Did you paint?"), a_memory("c", "Well done.")])

    assert fields == ("yes", "did you paint well done", "")


@pytest.mark.parametrize(
    ("by", "before", "expected"),
    [
        pytest.param(
            "Ada", a_memory("a", "Where?", by="Ben"), "Ben: Where?\nAda: Lyon.", id="both"
        ),
        pytest.param("Ada", None, "Ada: Lyon.", id="the first of a session"),
        pytest.param("", None, "Lyon.", id="nobody said it"),
    ],
)
def test_the_passage_of_an_exchange(by: str, before: object, expected: str) -> None:
    assert exchange_of(a_memory("b", "Lyon.", by=by), before) == expected  # type: ignore[arg-type]
