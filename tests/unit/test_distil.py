from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from alma_agent.memory.distil import memories_of
from alma_agent.records import (
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    NothingToDo,
    Refused,
    RolledBack,
    Undone,
    Verdict,
)
from alma_agent.remembered import Anchor
from tests.making import START, a_change, an_interaction
from toolset.checks import CheckReport
from toolset.edits import Digest

A = PurePosixPath("a.py")
FAILED = CheckReport(("pytest", "-q"), 1, 0.1, f"{'.' * 500}E assert 1 == 2")
PASSED = CheckReport(("pytest", "-q"), 0, 0.1, "")
IN_PART = Verdict(
    accepted=True, by="human", taken=1, left_out=("a.py:3 load: `x` for `y` (keep y)",)
)
CHANGE = a_change("a.py", b"old", b"new")


@pytest.mark.parametrize(
    ("told", "part"),
    [
        pytest.param(an_interaction("i", "rename load to read"), "rename load to read", id="goal"),
        pytest.param(
            an_interaction("i", outcome=Refused("it breaks the API")),
            "Reason: it breaks the API",
            id="why it was refused",
        ),
        pytest.param(
            an_interaction("i", outcome=Approved("fed", "it is the paper's name")),
            "Reason: it is the paper's name",
            id="why it was approved",
        ),
        pytest.param(
            an_interaction("i", outcome=Failed("no model")), "Reason: no model", id="why it failed"
        ),
        pytest.param(
            an_interaction("i", outcome=ChecksFailed(FAILED)),
            "pytest -q failed: ",
            id="which check failed",
        ),
        pytest.param(
            an_interaction("i", outcome=ChecksFailed(FAILED)),
            "E assert 1 == 2",
            id="how the check ended",
        ),
        pytest.param(
            an_interaction("i", verdict=IN_PART),
            "said no to: a.py:3 load: `x` for `y` (keep y)",
            id="what was left out",
        ),
        pytest.param(an_interaction("i", rationale="it is slow"), "it is slow", id="rationale"),
        pytest.param(an_interaction("i", files=(CHANGE,)), "[a.py]", id="files"),
        pytest.param(an_interaction("i", checks=(PASSED,)), "Passed: pytest -q", id="passed"),
    ],
)
def test_what_a_memory_says(told: Interaction, part: str) -> None:
    (memory,) = memories_of(told)

    assert part in memory.text


def test_a_memory_leads_back_to_its_interaction() -> None:
    (memory,) = memories_of(an_interaction("abc", outcome=NothingToDo()))

    assert (memory.interaction, memory.at, memory.outcome) == ("abc", START, "nothing to do")


def test_a_very_long_story_is_cut() -> None:
    (memory,) = memories_of(an_interaction("abc", "g" * 9_000))

    assert len(memory.text) == 1_200


def test_of_many_hunks_that_were_left_out_the_first_are_told() -> None:
    many = tuple(f"a.py:{number}: `{'x' * 60}`" for number in range(1, 30))
    verdict = Verdict(accepted=True, by="human", taken=1, left_out=many)

    (memory,) = memories_of(an_interaction("i", rationale="it is slow", verdict=verdict))

    assert "a.py:1:" in memory.text
    assert "and 21 more" in memory.text
    assert "it is slow" in memory.text


@pytest.mark.parametrize(
    ("outcome", "data"),
    [
        pytest.param(None, b"new", id="applied: as it left the file"),
        pytest.param(Undone("x", "y"), b"new", id="undone: as it left the file"),
        pytest.param(Refused("no"), b"old", id="refused: as the file was"),
        pytest.param(ChecksFailed(FAILED), b"old", id="checks failed: as the file was"),
        pytest.param(RolledBack("killed"), b"old", id="rolled back: as the file was"),
        pytest.param(Approved("fed"), b"old", id="approved: as the file was"),
    ],
)
def test_a_memory_is_anchored_to_the_bytes_that_were_there(outcome: object, data: bytes) -> None:
    others: dict[str, Any] = {} if outcome is None else {"outcome": outcome}

    (memory,) = memories_of(an_interaction("abc", files=(CHANGE,), **others))

    assert memory.anchors == (Anchor(A, digest=Digest.of(data).hex),)


def test_a_deleted_file_is_an_anchor_without_bytes() -> None:
    (memory,) = memories_of(an_interaction("abc", files=(a_change("a.py", b"old", None),)))

    assert memory.anchors == (Anchor(A),)


def test_a_memory_is_anchored_to_every_file_that_was_touched() -> None:
    files = (CHANGE, a_change("b.py", None, b"b"), a_change("c.py", b"c", None))

    (memory,) = memories_of(an_interaction("abc", files=files))

    assert [str(anchor.path) for anchor in memory.anchors] == ["a.py", "b.py", "c.py"]


def test_anchors_that_are_given_stand_for_its_own() -> None:
    about = Anchor(A, "load", digest="as it is now")

    (memory,) = memories_of(an_interaction("abc", files=(CHANGE,)), [about])

    assert memory.anchors == (about,)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        pytest.param({}, {"outcome": Failed("no such symbol")}, id="applied over failed"),
        pytest.param({}, {"outcome": NothingToDo()}, id="applied over nothing to do"),
        pytest.param(
            {
                "outcome": Refused("it breaks the API"),
                "verdict": Verdict(False, "ada", "it breaks"),
            },
            {"outcome": Refused(""), "verdict": Verdict(False, "ada")},
            id="a reason over none",
        ),
        pytest.param({"verdict": IN_PART}, {}, id="a part over the whole"),
    ],
)
def test_what_teaches_more_is_more_important(more: dict[str, Any], less: dict[str, Any]) -> None:
    (much,), (little,) = (memories_of(an_interaction("abc", **one)) for one in (more, less))

    assert much.importance > little.importance
