from __future__ import annotations

import pytest

from alma_agent.proposer.planner import KNOWN_REQUESTS, RenameRequest, understand


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
    ],
)
def test_a_rename_is_understood(goal: str, expected: tuple[str, str, str | None]) -> None:
    assert understand(goal) == RenameRequest(*expected)


@pytest.mark.parametrize("goal", KNOWN_REQUESTS)
def test_what_alma_says_it_knows_it_knows(goal: str) -> None:
    assert understand(goal) is not None


@pytest.mark.parametrize(
    "goal",
    [
        "",
        "rename",
        "rename load",
        "rename to read_csv",
        "rename load to",
        "rename load to read_csv and add a test",
        "rename load to read_csv and then rename save to write_csv",
        "rename load to read_csv, save to write_csv",
        "rename load and save to read and write",
        "rename load to read_csv but keep an alias",
        "rename load to read_csv unless it is used in tests",
        "rename load to something better",
        "rename all functions to snake_case",
        "rename everything in app.py to snake_case",
        "rename the file a.py to b.py",
        "rename a.py to b.py",
        "rename module app to main",
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
        "make it faster",
        "add type hints to app.py",
        "extract lines 10-20 of f into g",
        "renomme tout en anglais et traduis les commentaires",
        "ne renomme pas load en read_csv",
        "rename load => read_csv",
        "rename load, to read_csv",
        "move load to io.py",
        "fix the bug in load",
        "rename Loader.load to Reader.load",
    ],
)
def test_what_is_not_wholly_understood_is_left_to_a_model(goal: str) -> None:
    assert understand(goal) is None
