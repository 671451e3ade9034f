"""The picture of memories by file and age."""

from __future__ import annotations

import random
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from alma_agent.remembered import Anchor, Memory
from alma_agent.terminal.memory.map import drawing
from tests.making import a_memory, days_after

SVG = "{http://www.w3.org/2000/svg}"


def bound(id_: str, *paths: str, day: float = 0, **others: Any) -> Memory:
    anchors = tuple(Anchor(PurePosixPath(path)) for path in paths)
    return a_memory(id_, anchors=anchors, at=days_after(day), **others)


def dots(picture: str) -> list[ET.Element]:
    """Return the dots of memories, not those of the legend."""
    return [one for one in ET.fromstring(picture).iter(f"{SVG}circle") if len(one)]


def labels(picture: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(picture).iter(f"{SVG}text")]


def title_of(dot: ET.Element) -> str:
    return dot[0].text or ""


def test_a_dot_a_memory_and_file() -> None:
    picture = drawing([bound("m1", "a.py", "b.py"), bound("m2", "a.py"), bound("m3")])

    assert [title_of(dot).partition("[")[2][:2] for dot in dots(picture)] == ["m1", "m2", "m1"]


def test_a_memory_bound_twice_to_a_file_is_one_dot() -> None:
    assert len(dots(drawing([bound("m1", "a.py", "a.py")]))) == 1


def test_the_files_with_the_most_memories_come_first_and_the_others_not_at_all() -> None:
    several = [bound("m1", "b.py"), bound("m2", "c.py"), bound("m3", "c.py"), bound("m4", "a.py")]

    picture = drawing(several, most_files=2)

    assert [one for one in labels(picture) if ".py" in one] == ["c.py (2)", "a.py (1)"]


def test_what_is_newer_stands_further_right() -> None:
    picture = drawing([bound("m2", "a.py", day=9), bound("m1", "b.py"), bound("m3", "c.py", day=3)])
    ordered = sorted(dots(picture), key=lambda dot: float(dot.get("cx", "")))

    assert [title_of(dot).partition("[")[2][:2] for dot in ordered] == ["m1", "m3", "m2"]


def test_any_text_makes_a_valid_document() -> None:
    odd = bound(
        "<m>", "a&b<c>.py", text='</title><script>alert("1")</script> \x00\x1b[31m ]]> \ud800'
    )

    root = ET.fromstring(drawing([odd]))

    assert "<script>" in title_of(dots(drawing([odd]))[0])
    assert not list(root.iter(f"{SVG}script"))
    assert drawing([odd]).encode()


def test_the_same_memories_make_the_same_bytes() -> None:
    several = [bound(f"m{number}", f"{number % 7}.py", day=number) for number in range(30)]
    shuffled = random.Random(1).sample(several, len(several))

    assert drawing(several) == drawing(shuffled)


def test_without_memories_there_is_a_sentence() -> None:
    picture = drawing([])

    assert "No memory is bound to code." in labels(picture)
    assert dots(picture) == []


def test_it_is_readable_on_a_dark_page() -> None:
    assert "prefers-color-scheme: dark" in drawing([])
