from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.proposer.near_miss import near_miss
from alma_agent.proposer.planner import KNOWN_REQUESTS, understand
from toolset.refactor.requests import (
    AddParameter,
    ExtractFunction,
    Rename,
    Request,
)


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("rename load to read_csv", ("load", "read_csv", None)),
        ("Rename load to read_csv.", ("load", "read_csv", None)),
        ("rename  load\n to  read_csv", ("load", "read_csv", None)),
        ("please rename load to read_csv", ("load", "read_csv", None)),
        ("rename `load` to `read_csv`", ("load", "read_csv", None)),
        ("rename 'load' to \"read_csv\"", ("load", "read_csv", None)),
        ("rename load() to read_csv()", ("load", "read_csv", None)),
        ("rename load as read_csv", ("load", "read_csv", None)),
        ("rename load into read_csv", ("load", "read_csv", None)),
        ("rename function load to read_csv", ("load", "read_csv", None)),
        ("rename the function load to read_csv", ("load", "read_csv", None)),
        ("rename the class Loader to Reader", ("Loader", "Reader", None)),
        ("rename method Loader.load to read", ("Loader.load", "read", None)),
        ("rename the parameter fetch.timeout to limit", ("fetch.timeout", "limit", None)),
        ("rename argument x to y", ("x", "y", None)),
        ("rename attribute size to length", ("size", "length", None)),
        ("rename the variable DATA to ROWS", ("DATA", "ROWS", None)),
        ("rename the constant A to B", ("A", "B", None)),
        ("rename load to read_csv in app.py", ("load", "read_csv", "app.py")),
        ("rename load in src/app.py to read_csv", ("load", "read_csv", "src/app.py")),
        ("rename load from app.py to read_csv", ("load", "read_csv", "app.py")),
        ("rename load to read_csv in the file `app.py`", ("load", "read_csv", "app.py")),
        ("rename load to read_csv everywhere", ("load", "read_csv", None)),
        ("rename load to read_csv throughout the project", ("load", "read_csv", None)),
        ("change the name of load to read_csv", ("load", "read_csv", None)),
        ("change the name of the class A to B", ("A", "B", None)),
        ("load should be called read_csv", ("load", "read_csv", None)),
        ("load should be named read_csv", ("load", "read_csv", None)),
        ("the function load should be renamed to read_csv", ("load", "read_csv", None)),
        ("renomme load en read_csv", ("load", "read_csv", None)),
        ("Renommer la fonction load en read_csv", ("load", "read_csv", None)),
        ("renommez la classe Voiture en Auto dans garage.py", ("Voiture", "Auto", "garage.py")),
        ("renomme le paramètre délai en attente", ("délai", "attente", None)),
        ("renomme l'attribut taille en longueur partout", ("taille", "longueur", None)),
        ("rename name to title", ("name", "title", None)),
        ("rename function to method", ("function", "method", None)),
        ("rename _private to public", ("_private", "public", None)),
        ("rename périmètre to contour", ("périmètre", "contour", None)),
        ("RENAME Load TO Read", ("Load", "Read", None)),
        ("rename x1 to x2", ("x1", "x2", None)),
        ("rename Loader.load to Loader.read", ("Loader.load", "read", None)),
        ("rename `Loader.load()` to `read()`", ("Loader.load", "read", None)),
        ("rename load to apply", ("load", "apply", None)),
        ("load should be called `apply`", ("load", "apply", None)),
        ("load should be renamed apply", ("load", "apply", None)),
        ("load in app.py should be called read_csv", ("load", "read_csv", "app.py")),
        ("change the name of load to read_csv in app.py", ("load", "read_csv", "app.py")),
        ("rename load to read_csv in app.pyi", ("load", "read_csv", "app.pyi")),
        ("rename load to read_csv in app.py everywhere", ("load", "read_csv", "app.py")),
    ],
)
def test_a_rename_is_understood(goal: str, expected: tuple[str, str, str | None]) -> None:
    old, new, file = expected
    assert understand(goal) == (Rename(f"{file}::{old}" if file else old, new),)


@pytest.mark.parametrize("goal", KNOWN_REQUESTS)
def test_what_alma_says_it_knows_it_knows(goal: str) -> None:
    assert understand(goal)


@pytest.mark.parametrize(
    "goal",
    [
        "",
        "rename",
        "rename load",
        "rename to read_csv",
        "rename load to",
        "rename load to read_csv and add a test",
        "rename load to read_csv, save to write_csv",
        "rename load and save to read and write",
        "rename load to read_csv but keep an alias",
        "rename load to read_csv unless it is used in tests",
        "rename load to something better",
        "rename all functions to snake_case",
        "rename everything in app.py to snake_case",
        "rename the package x to y and update the docs",
        "don't rename load to read_csv",
        "do not rename load to read_csv",
        "never rename load to read_csv",
        "should I rename load to read_csv?",
        "why did we rename load to read_csv",
        "undo rename load to read_csv",
        "rename load to read-csv",
        "rename load to 2csv",
        "rename load to read_csv in app.py and report.py",
        "rename load to read_csv in README.md",
        "rename load to read_csv in the loop",
        "rename the first load to read_csv",
        "rename load to read_csv with a deprecation warning",
        "load should be called read_csv or fetch",
        "load should not be called read_csv",
        "load should be called with a path",
        "load should be called twice",
        "load should be called later",
        "load should be called everywhere",
        "load should be called explicitly",
        "load should be named consistently",
        "rename load to snake_case",
        "rename the class Loader to camelCase",
        "rename variables to something",
        "rename it to read_csv",
        "rename that to read_csv",
        "rename class to Loader",
        "rename load to read_csv in app.py,report.py",
        "rename load in app.py to read_csv in report.py",
        "please rename load",
        "rename all functions in src to snake_case",
        "make it faster",
        "extract lines 10-20 of f into g",
        "renomme tout en anglais et traduis les commentaires",
        "ne renomme pas load en read_csv",
        "rename load => read_csv",
        "rename load, to read_csv",
        "fix the bug in load",
        "rename Loader.load to Reader.load",
    ],
)
def test_what_is_not_wholly_understood_is_left_to_a_model(goal: str) -> None:
    assert not understand(goal)


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ('add a parameter sep=", " to join', AddParameter("join", "sep", '", "')),
        ("add a parameter size=(1, 2) to draw", AddParameter("draw", "size", "(1, 2)")),
        (
            "add a parameter rows: dict[str, int] | None = None to draw",
            AddParameter("draw", "rows", "None", "dict[str, int] | None"),
        ),
        ("rename `first` to `last`", Rename("first", "last")),
        ("extract lines 7-7 of a.py into a function f", ExtractFunction("a.py:7-7", "f")),
    ],
)
def test_python_in_a_sentence_stays_as_it_was_written(goal: str, expected: Request) -> None:
    assert understand(goal) == (expected,)


_TYPED = (
    "rename move extract lines 10-20 into a function g of app.py to and then ; , the class Loader "
    "load read_csv renomme en la fonction inline variable x add parameter timeout=30 remove unused "
    "imports in src/ make dataclass not only unless it `a + b` 's \n . ? please"
)
_WORDS = st.sampled_from(_TYPED.split(" "))


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    understand(text)
    near_miss(text)


@given(st.lists(_WORDS, max_size=25).map(" ".join))
def test_any_mixture_of_known_words_is_read_without_an_error(text: str) -> None:
    understand(text)
    near_miss(text)


@given(
    st.sampled_from(KNOWN_REQUESTS),
    st.sampled_from([" ", "  ", "\t", " \n", "\u00a0"]),
    st.sampled_from(["", ".", "!", " !", " .", "\n", ", please", " merci"]),
)
def test_blanks_and_what_ends_a_sentence_change_nothing(goal: str, blank: str, end: str) -> None:
    quoted = goal.split("`")
    spaced = "`".join(
        part if index % 2 else part.replace(" ", blank) for index, part in enumerate(quoted)
    )
    assert understand(f"{blank}{spaced}{end}") == understand(goal)


@given(
    st.sampled_from(KNOWN_REQUESTS),
    st.sampled_from([" and ", " and then ", "; ", "\n", ", then ", " puis ", " et ", ". "]),
    st.sampled_from(["make it faster", "fix the tests", "save", "never rename a to b", "why"]),
    st.booleans(),
)
def test_what_is_half_understood_is_not_done_in_part(
    goal: str, joint: str, other: str, other_is_first: bool
) -> None:
    assert understand(f"{other}{joint}{goal}" if other_is_first else f"{goal}{joint}{other}") == ()


@pytest.mark.parametrize(
    "text",
    [
        "rename " + "a and " * 800,
        "rename a to b; " * 39,
        "rename a to b and " * 12 + "x y z",
        "the function " * 79,
        "`" * 3_999,
        "'" * 3_999,
        '="' * 1_900,
        "( " * 1_900,
        "rename the parameter x " + "of method f " * 50 + " to y",
        "add a parameter " + "x=1 " * 110 + "to f",
        "in the function f, " * 25 + "rename a to b",
        "move " + "a, " * 55 + "b to c.py",
        "x" * 1_000_000,
    ],
)
def test_a_hostile_text_is_left_soon(text: str) -> None:
    started = time.process_time()
    assert understand(text) == () or "move" in text
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("goal", "help_"),
    [
        ("rename load too x", "rename load to read_csv"),
        ("renmae load to x", 'Did you mean "rename"?'),
        ("please rename load", "rename load to read_csv"),
        ("renomme load", "renomme load en read_csv"),
        ("extarct lines 10-20 of a.py into a function f", 'Did you mean "extract"?'),
        ("remove the unused import os", "remove unused imports in src/"),
        ("add a parameter timeout to fetch", "add a parameter timeout=30 to fetch"),
    ],
)
def test_what_comes_near_a_known_request_is_told_how_to_say_it(goal: str, help_: str) -> None:
    assert not understand(goal)
    assert help_ in near_miss(goal)


@pytest.mark.parametrize("goal", ["", "make it faster", "fix the bug in load", "why?", "add logs"])
def test_what_comes_near_nothing_is_told_nothing(goal: str) -> None:
    assert near_miss(goal) == ""
