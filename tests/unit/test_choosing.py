"""What a person has said so far, hunk by hunk."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.terminal.choosing import Choosing
from toolset.edits import ChangeSet, Edit, FileState

A = PurePosixPath("a.py")
OLD = "".join(f"x{number} = {number}\n" for number in range(40))
NEW = OLD
for number in (2, 4, 17, 32):
    NEW = NEW.replace(f"x{number} =", f"y{number} =")
CHANGES = ChangeSet((Edit(A, FileState(OLD.encode()), FileState(NEW.encode())),))


def walked(steps: str) -> Choosing:
    """Return the walk after answers, a letter each."""
    walk = Choosing.over(CHANGES)
    for step in steps:
        match step:
            case "y":
                walk = walk.yes()
            case "n":
                walk = walk.no("not now")
            case "a" | "d":
                walk = walk.the_rest(takes=step == "a")
            case "j":
                walk = walk.on()
            case "k":
                walk = walk.back()
            case "s":
                walk = walk.split()
    return walk


@pytest.mark.parametrize(
    ("steps", "taken"),
    [
        pytest.param("yyy", "1 1 1", id="all, one by one"),
        pytest.param("nnn", "0 0 0", id="none"),
        pytest.param("yny", "1 0 1", id="some"),
        pytest.param("a", "1 1 1", id="all"),
        pytest.param("ya", "1 1 1", id="the rest"),
        pytest.param("yd", "1 0 0", id="none of the rest"),
        pytest.param("na", "0 1 1", id="what was said stays"),
        pytest.param("jyny", "1 1 0", id="one left open is asked again"),
        pytest.param("ykny", "0 1 ?", id="another answer"),
        pytest.param("synd", "1 0 0 0", id="half of one"),
        pytest.param("y", "1 ? ?", id="open"),
    ],
)
def test_what_is_taken(steps: str, taken: str) -> None:
    said = walked(steps).said

    assert " ".join("?" if one is None else str(int(one.takes)) for one in said) == taken


def test_what_is_left_out_is_told_with_its_reason() -> None:
    assert walked("ynd").left_out == (
        "a.py:18: `y17 = 17` for `x17 = 17` (not now)",
        ("a.py:33: `y32 = 32` for `x32 = 32`"),
    )


@given(st.text("ynadjks", max_size=12))
def test_whatever_is_said_only_what_was_taken_changes(steps: str) -> None:
    walk = walked(steps)

    (edit,) = walk.chosen.edits or (Edit(A, None, FileState(OLD.encode())),)

    assert edit.after is not None
    pairs = zip(edit.after.data.decode().split(), OLD.split(), strict=True)
    changed = {new for new, old in pairs if new != old}
    texts = {line.text.split()[0] for one in walk.taken for line in one.lines() if line.sign == "+"}
    assert changed == texts
    assert walk.is_done is (len(walk.taken) + len(walk.left_out) == len(walk.hunks))
