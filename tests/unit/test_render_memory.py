"""What a person reads of memories, on a screen without colours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from rich.console import Console, RenderableType

from alma_agent.remembered import Anchor, Recalled, Recollection, Standing, Verdict
from alma_agent.terminal import render_memory
from alma_agent.terminal.memory import documents
from tests.making import START, a_memory, days_after

A = PurePosixPath("a.py")
HEAD = "0123456789abcdef"


def read(shown: RenderableType, width: int = 100) -> str:
    """Return what stands on the screen."""
    console = Console(width=width, color_system=None, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(shown, soft_wrap=True)
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n"))


def a_standing(verdict: Verdict, symbol: str = "load", **others: Any) -> Standing:
    return Standing(Anchor(A, symbol, "d", HEAD), verdict, A, symbol, **others)


def recalled(id_: str = "abc", *verdicts: Verdict, **others: Any) -> Recalled:
    standings = tuple(map(a_standing, verdicts))
    anchors = tuple(one.anchor for one in standings)
    memory = a_memory(id_, **{"text": "load\nwas [slow]", "anchors": anchors} | others)
    return Recalled(memory, 1.5, {"words": 1.0, "meaning": 0.5}, standings)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(Recollection(), "recalled: nothing yet about this", id="nothing"),
        pytest.param(
            Recollection((recalled("abc", "fresh"),)),
            "recalled: [abc] 2026-01-02 applied · load was [slow]",
            id="as it was",
        ),
        pytest.param(
            Recollection((recalled("abc", "fresh", "drifted"),)),
            "recalled: [abc] 2026-01-02 applied, drifted · load was [slow]",
            id="its code moved on",
        ),
        pytest.param(
            Recollection((recalled("abc", kind="decision", outcome=""),)),
            "recalled: [abc] 2026-01-02 decision · load was [slow]",
            id="what is no interaction says what it is",
        ),
        pytest.param(
            Recollection(note="words alone were searched."),
            "recalled: nothing yet about this\n          words alone were searched.",
            id="what the search had to do without",
        ),
    ],
)
def test_what_is_recalled(found: Recollection, expected: str) -> None:
    assert read(render_memory.recollection(found)) == expected


def test_what_is_recalled_takes_a_line_each() -> None:
    found = Recollection((recalled("abc", text="load is slow. " * 100),))

    shown = read(render_memory.recollection(found), width=50)

    assert len(shown) == 50
    assert shown.endswith("…")


def test_only_the_first_that_are_recalled_are_shown() -> None:
    found = Recollection(tuple(recalled(f"m{number}") for number in range(5)))

    lines = read(render_memory.recollection(found)).splitlines()

    assert [line.split()[1] for line in lines[:-1]] == ["[m0]", "[m1]", "[m2]"]
    assert "and 2 more" in lines[-1]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        pytest.param(("fresh", "moved"), "moved", id="moved"),
        pytest.param(("drifted", "orphaned", "fresh"), "orphaned", id="orphaned"),
        pytest.param((), "", id="about no code"),
    ],
)
def test_the_worst_verdict_stands_for_a_memory(
    verdicts: tuple[Verdict, ...], expected: str
) -> None:
    assert render_memory.verdict([a_standing(one) for one in verdicts]).plain == expected


def test_a_row_a_memory_cut_to_the_screen() -> None:
    found = [
        recalled("0123456789ab", "drifted", pinned=True, text="load is slow " * 20),
        replace(recalled("0123456789ff"), superseded_by="x"),
    ]

    lines = read(render_memory.table(found), width=80).splitlines()

    assert lines[0].split() == ["id", "date", "what", "code", "text"]
    assert lines[1].startswith("0123456789a  2026-01-02  applied  drifted  [pinned] load is slow")
    assert lines[1].endswith("…")
    assert "[superseded] load was [slow]" in lines[2]
    assert len(lines) == 3


def test_a_hit_cites_where_it_comes_from_and_why_it_was_found() -> None:
    assert read(render_memory.hit(recalled("abc", "fresh"))) == (
        "[abc] 2026-01-02 applied, at 0123456, fresh  1.50: words +1.00 meaning +0.50\n"
        "  load was [slow]"
    )


def test_what_was_replaced_stands_below_what_stands() -> None:
    lines = read(render_memory.hit(recalled("new"), [recalled("old")])).splitlines()

    assert lines[0].startswith("stands: [new]")
    assert lines[2].startswith("in place of: [old]")


def test_all_that_is_known_of_a_memory() -> None:
    old = a_memory("abc", "load was fine")
    drifted = a_standing("drifted", difference="--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y")
    gone = a_standing("orphaned", "Gone", candidates=("b.py::gone",))
    memory = a_memory(
        "abc",
        "load is slow",
        kind="lesson",
        reasoning="it was measured",
        tags=("io", "speed"),
        expires=days_after(30),
        supersedes="older",
    )
    one = Recalled(memory, standings=(drifted, gone), superseded_by="newer")

    shown = read(render_memory.details(one, [(days_after(1), old)], (3, 1)))

    for part in (
        "lesson, somatic",
        "io, speed",
        "expires        2026-02-01",
        "supersedes     older",
        "superseded by  newer",
        "3 times, once for a change that was applied",
        "because: it was measured",
        "code: a.py::load drifted (at 0123456)\n--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y\n",
        "code: a.py::Gone orphaned (at 0123456)\n  perhaps: b.py::gone",
        "until 2026-01-03 03:04: load was fine",
    ):
        assert part in shown


def test_the_difference_has_colours_where_there_are_any() -> None:
    drifted = a_standing("drifted", difference="-x\n+y")
    _, shown = render_memory.standing_lines(drifted)
    screen = Console(force_terminal=True, color_system="standard")

    styles = {str(segment.style) for segment in screen.render(shown)}

    assert styles == {"green", "red"}


def test_each_part_of_a_score_has_a_column() -> None:
    other = Recalled(a_memory("def"), 0.3, {"meaning": 0.3})

    lines = read(render_memory.parts_table([recalled("abc"), other])).splitlines()

    assert lines[0].split() == ["id", "score", "words", "meaning", "text"]
    assert lines[1].split()[:4] == ["abc", "1.50", "+1.00", "+0.50"]
    assert lines[2].split()[:3] == ["def", "0.30", "+0.30"]


def test_the_json_of_a_memory_has_aware_times_and_every_anchor() -> None:
    told = documents.recalled(
        recalled("abc", "drifted", expires=days_after(1), metadata='{"a": 1}')
    )

    assert told["at"] == START.isoformat()
    assert told["at"].endswith("+00:00")
    assert told["expires"] == days_after(1).isoformat()
    assert told["metadata"] == {"a": 1}
    assert told["anchors"] == [
        {
            "path": "a.py",
            "symbol": "load",
            "commit": HEAD,
            "verdict": "drifted",
            "now": {"path": "a.py", "symbol": "load"},
            "difference": "",
            "candidates": [],
        }
    ]


def test_metadata_that_is_no_json_is_text() -> None:
    assert documents.memory(a_memory("abc", metadata="{broken"))["metadata"] == "{broken"
