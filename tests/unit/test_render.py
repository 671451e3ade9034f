"""What a person reads, on a screen without colours."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import PurePosixPath

import pytest
from rich.console import Console, RenderableType

from alma_agent.ports import ToolRequest
from alma_agent.records import (
    Applied,
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    NothingToDo,
    Proposal,
    Refused,
    RolledBack,
    Undone,
    Usage,
    Verdict,
)
from alma_agent.terminal import render
from tests.making import a_change, an_interaction
from toolset.apply import Recovery
from toolset.checks import CheckReport
from toolset.edits import ChangeSet, Edit, FileState
from toolset.refactor.evidence import Evidence, Leftover, Place

A = PurePosixPath("a.py")
ONE = (a_change("a.py", b"1", b"2"),)
TWO = (*ONE, a_change("b.py", b"1", b"2"))
FAILED = CheckReport(("pytest", "-q"), 1, 1.26, "E assert 1 == 2\n")
LATE = CheckReport(("pytest", "-q"), None, 9.0, "stopped after 9 s")
CHANGES = ChangeSet((Edit(A, FileState(b"x = load()\n"), FileState(b"x = read()\n")),))


def read(shown: RenderableType, width: int = 100) -> str:
    """Return what stands on the screen."""
    console = Console(width=width, color_system=None, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(shown, soft_wrap=True)
    return capture.get().rstrip("\n")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(Usage(), "no model used, no cost", id="no model"),
        pytest.param(
            Usage(1, 1_200, 0, 30, Decimal("0.01234")),
            "$0.0123 (1 call, 1,200 tokens in, 30 out)",
            id="one call",
        ),
        pytest.param(
            Usage(2, 10, 0, 3, None), "price unknown (2 calls, 10 tokens in, 3 out)", id="unknown"
        ),
        pytest.param(
            Usage(3, 10, 0, 3, Decimal(0)), "$0.0000 (3 calls, 10 tokens in, 3 out)", id="free"
        ),
    ],
)
def test_what_it_cost(usage: Usage, expected: str) -> None:
    assert render.cost(usage) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            an_interaction("abc", files=ONE),
            "Applied to 1 file. Undo: alma undo abc",
            id="applied to one",
        ),
        pytest.param(
            an_interaction("abc", files=TWO, outcome=Applied("abc")),
            "Applied to 2 files. Undo: alma undo abc",
            id="applied to two",
        ),
        pytest.param(
            an_interaction(
                "abc",
                files=TWO,
                verdict=Verdict(accepted=True, by="human", taken=3, left_out=("one", "two")),
            ),
            "Applied 3 of 5 hunks to 2 files. Undo: alma undo abc",
            id="applied in part",
        ),
        pytest.param(
            an_interaction("def", files=ONE, outcome=Undone("abc", "def")),
            "Undone abc: 1 file as before it. Redo: alma undo def",
            id="undone",
        ),
        pytest.param(
            an_interaction("ghi", files=ONE, outcome=Undone("def", "ghi", "redo")),
            "Redone: 1 file as before def. Undo: alma undo ghi",
            id="redone",
        ),
        pytest.param(
            an_interaction("abc", outcome=Refused("you said no")),
            "Not applied; nothing was written: you said no.",
            id="refused",
        ),
        pytest.param(
            an_interaction("abc", outcome=Refused("")),
            "Not applied; nothing was written: refused.",
            id="refused without a reason",
        ),
        pytest.param(
            an_interaction("abc", outcome=ChecksFailed(FAILED)),
            "Not applied; nothing was written: pytest -q failed on a copy with the change "
            "(exit code 1):\nE assert 1 == 2",
            id="checks failed",
        ),
        pytest.param(
            an_interaction("abc", outcome=ChecksFailed(LATE)),
            "Not applied; nothing was written: pytest -q failed on a copy with the change "
            "(ran too long):\nstopped after 9 s",
            id="checks ran too long",
        ),
        pytest.param(
            an_interaction("abc", outcome=NothingToDo()), "Nothing to do.", id="nothing to do"
        ),
        pytest.param(
            an_interaction("abc", outcome=NothingToDo(), rationale="It is fast."),
            "Nothing to do. It is fast.",
            id="nothing to do, and why",
        ),
        pytest.param(an_interaction("abc", outcome=Failed("no model")), "no model", id="failed"),
        pytest.param(
            an_interaction("abc", outcome=RolledBack("killed")), "killed", id="rolled back"
        ),
        pytest.param(
            an_interaction("abc", outcome=Approved("fed")),
            "Approved proposal fed; no file was changed. Land it: alma apply fed",
            id="approved",
        ),
    ],
)
def test_how_it_ended(told: Interaction, expected: str) -> None:
    assert read(render.outcome(told)) == expected


def test_no_line_of_what_a_model_wants_to_call_looks_like_one_of_alma_s_own() -> None:
    forged = "a.py\n\nLet it? [y/N/always, or why not] n\neditor wants to call read_file:"
    request = ToolRequest("editor", "write_file", json.dumps({"path": forged, "b\nc": "\u2028d"}))

    first, *others = read(render.tool_request(request)).splitlines()

    assert first == "editor wants to call write_file:"
    assert [one for one in others if not one.startswith("  ")] == []


def test_the_diff_s_signs_stand_there_without_colour() -> None:
    assert read(render.diff(CHANGES.diff())) == (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = load()\n+x = read()"
    )


def test_the_diff_has_colours_where_there_are_any() -> None:
    console = Console(width=100, force_terminal=True, color_system="standard")
    parts = console.render(render.diff(CHANGES.diff()))

    assert {str(part.style) for part in parts} == {"bold", "cyan", "green", "red"}


def test_brackets_in_code_are_no_markup() -> None:
    assert read(render.diff("+x = rows[red]\n")) == "+x = rows[red]"


def test_a_long_line_of_a_diff_is_not_broken() -> None:
    line = f"+x = {'1' * 300}"

    assert read(render.diff(f"{line}\n"), width=40) == line


def test_a_proposal_is_shown_whole() -> None:
    evidence = Evidence(
        {Place(A, 1, 4): ("rope", "jedi")}, (Leftover(Place(A, 9, 0), "comment", "# load"),)
    )
    proposed = Proposal(CHANGES, "Rename load to read", "planner", evidence)
    passed = CheckReport(("pytest", "-q"), 0, 1.26, "")

    shown = read(render.proposal(proposed, [passed]))

    for part in (
        "Rename load to read\n\n--- a/a.py",
        "evidence: likely: 1 occurrence in 1 file, 1 left as it is",
        "left: a.py:9 (comment) # load",
        "check: pytest -q passed in 1.3 s",
    ):
        assert part in shown


def test_what_rests_on_the_word_of_one_engine_is_listed() -> None:
    evidence = Evidence({Place(A, 1, 4): ("rope", "jedi"), Place(A, 7, 0): ("jedi",)})

    shown = read(render.proposal(Proposal(CHANGES, "x", "planner", evidence), []))

    assert "changed: a.py:7 (on the word of jedi alone)" in shown
    assert "changed: a.py:1" not in shown


def test_doubts_are_told() -> None:
    evidence = Evidence({Place(A, 1, 4): ("rope", "jedi")}, doubts=("the order may matter",))

    shown = read(render.proposal(Proposal(CHANGES, "x", "planner", evidence), []))

    assert "evidence: likely: 1 occurrence in 1 file, 1 doubt" in shown
    assert "doubt: the order may matter" in shown


def test_only_the_first_leftovers_are_listed() -> None:
    left = tuple(Leftover(Place(A, line, 0), "comment", f"# {line}") for line in range(1, 24))

    shown = read(render.proposal(Proposal(CHANGES, "x", "planner", Evidence({}, left)), []))

    assert shown.count("left: a.py:") == 20
    assert "and 3 more" in shown


def test_the_history_has_the_whole_goal_whatever_is_in_it() -> None:
    goal = "clear \x1b[2J\x1b[2J\x1b[2J the screen of everybody who looks, all of it"

    shown = read(render.history([an_interaction("abc", goal=goal)], set()), width=60)

    words = "".join(shown.split())
    assert all(part in words for part in ("everybody", "looks", "it"))
    assert words.count(r"\x1b[2J") == 3


def test_the_history_says_what_was_reverted() -> None:
    told = [an_interaction("def", outcome=Undone("abc", "def")), an_interaction("abc", files=TWO)]

    lines = read(render.history(told, {"abc"})).splitlines()

    assert [line.split()[0] for line in lines] == ["id", "def", "abc"]
    assert "undone" in lines[1]
    assert "reverted" in lines[2]
    assert lines[2].rstrip().endswith("2")


@pytest.mark.parametrize(
    ("found", "parts"),
    [
        pytest.param(
            Recovery("abc", "", applied=True, paths=(A,)),
            ("had written all its files; they stay", "a.py", "alma undo abc"),
            id="forwards",
        ),
        pytest.param(
            Recovery("abc", "", applied=False, paths=(A,)),
            ("was taken back; the old files are in place: a.py",),
            id="back",
        ),
        pytest.param(
            Recovery("abc", "", applied=False, paths=(A,), conflicts=(A,), kept_at=None),
            ("Edited since, and left alone: a.py",),
            id="back, but for what was edited since",
        ),
    ],
)
def test_what_became_of_a_killed_run(found: Recovery, parts: tuple[str, ...]) -> None:
    shown = read(render.recovery(found))

    assert all(part in shown for part in parts)


def test_code_that_was_left_is_listed_before_prose() -> None:
    left = (
        Leftover(Place(A, 1, 0), "comment", "# load"),
        Leftover(Place(A, 2, 0), "attribute of an unknown object", "o.load()"),
    )

    shown = read(render.proposal(Proposal(CHANGES, "x", "planner", Evidence({}, left)), []))

    assert shown.index("o.load()") < shown.index("# load")
