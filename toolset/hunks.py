"""Change a text by hunks: lines that stay, go and come, each hunk in its one proven place.

A hunk says where it belongs by its own lines, by anchors (lines above it, from the outside in), by
a line number, by its order among the others. It is placed only if all of that leaves one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePosixPath

from toolset.elision import refuse_elision
from toolset.errors import Ambiguous, HunksOverlap, NoMatch
from toolset.lines import Add, Drop, Keep, Lines, Step
from toolset.matching import MOST_PLACES, Place, indent_of, places
from toolset.nearest import candidates
from toolset.placing import bent, put_at
from toolset.replacing import no_match


@dataclass(frozen=True, slots=True)
class Hunk:
    """`lines` begin with a space (stays), `-` (goes) or `+` (comes).

    `anchors` are lines above the hunk, outermost first; they have to be there if `is_anchored`.
    `line` is where its old lines begin, counted from 1. `at_end`: they are the file's last.
    """

    lines: tuple[str, ...]
    anchors: tuple[str, ...] = ()
    is_anchored: bool = False
    line: int | None = None
    at_end: bool = False

    @property
    def old(self) -> list[str]:
        return [line[1:] for line in self.lines if not line.startswith("+")]

    @property
    def new(self) -> list[str]:
        return [line[1:] for line in self.lines if not line.startswith("-")]

    @property
    def has_returns(self) -> bool:
        return any(line.endswith("\r") for line in self.lines)

    def without_returns(self) -> Hunk | None:
        """Return the hunk with LF for CRLF; None if it has both, and so may be about them."""
        if not self.has_returns:
            return self
        if not all(line.endswith("\r") for line in self.lines):
            return None
        return replace(self, lines=tuple(line.removesuffix("\r") for line in self.lines))

    def steps(self) -> list[Step]:
        steps: list[Step] = []
        old = 0
        for line in self.lines:
            if line.startswith("+"):
                steps.append(Add(line[1:]))
            else:
                steps.append(Drop(old) if line.startswith("-") else Keep(old))
                old += 1
        return steps


def with_hunks(
    path: PurePosixPath,
    text: str,
    hunks: Sequence[Hunk],
    *,
    newline: str = "\n",
    ends_with_newline: bool | None = None,
) -> str:
    """Return `text` with every hunk in it. `newline` is for a text without line ends.

    Hunks whose lines end with CR are of a diff that names the line ends, which then are compared
    and written like any text. `ends_with_newline` says how the result ends; None: as it did.

    Raises NoMatch, Ambiguous, HunksOverlap, Elided.
    """
    file = Lines.of(text, returns_are_text=any(hunk.has_returns for hunk in hunks))
    for hunk in hunks:
        refuse_elision(path, text, "\n".join(hunk.old), "\n".join(hunk.new))
    chosen = _chosen(path, file, [_places(path, file, hunk) for hunk in hunks])
    changes = [
        (place, bent(path, file, place, hunk.old, hunk.steps()))
        for hunk, place in zip(hunks, chosen, strict=True)
    ]
    newline = file.newline() if any(file.ends) else newline
    result = put_at(file, changes, newline=newline)
    if result.ends and ends_with_newline is not None:
        result.ends[-1] = (result.ends[-1] or newline) if ends_with_newline else ""
    return str(result)


def _places(path: PurePosixPath, file: Lines, hunk: Hunk) -> list[Place]:
    """Return where a hunk may stand. Raises NoMatch if nowhere."""
    if not hunk.old:
        return [_insertion(path, file, hunk)]
    if not any(line.strip() for line in hunk.old):
        raise NoMatch(path, None, why="A hunk with only blank lines fits anywhere")
    found = [one for one in places(file.texts, hunk.old) if not _changes_beyond(hunk, one)]
    if hunk.at_end:
        last = max((number for number, text in enumerate(file.texts, 1) if text.strip()), default=0)
        found = [place for place in found if place.end >= last]
    if hunk.line:
        found = [place for place in found if place.first - place.skipped + 1 == hunk.line] or found
    found = _near_anchors(path, file, hunk, found)
    if not found:
        raise no_match(path, file, hunk.old, hunk.new)
    return found


def _changes_beyond(hunk: Hunk, place: Place) -> bool:
    """Say whether a hunk changes something at blank lines that the place does not have."""
    old, first, end = 0, place.skipped, place.skipped + place.end - place.first
    for line in hunk.lines:
        is_new, is_inside = line.startswith("+"), first <= old < end
        if (is_new and not first <= old <= end) or (line.startswith("-") and not is_inside):
            return True
        old += not is_new
    return False


def _insertion(path: PurePosixPath, file: Lines, hunk: Hunk) -> Place:
    """Return where lines go that come with no line beside them: after the anchor, or at the end."""
    at = len(file)
    if hunk.anchors:
        starts = [start for start, _ in _regions(path, file, hunk)]
        if len(starts) > 1:
            raise Ambiguous(path, starts)
        if not starts:
            why = f"The line {hunk.anchors[-1].strip()!r} that a hunk names is not there"
            raise NoMatch(path, None, why=why)
        at = starts[0]
    elif hunk.line is not None and len(file):
        why = f"The lines to insert at line {hunk.line} have no unchanged line beside them"
        raise NoMatch(path, None, why=why)
    return Place(at, at, 0)


def _near_anchors(path: PurePosixPath, file: Lines, hunk: Hunk, found: list[Place]) -> list[Place]:
    """Keep the places that the anchors point at: right below one, else in its block, else after.

    After it, but not in the block of another one of its kind: `class A` is not about `class B`.

    A lone anchor that stands nowhere is a hint that failed, no more; stacked ones have to hold.
    """
    if not hunk.anchors:
        return found
    regions = list(_regions(path, file, hunk))
    if not regions:
        return found
    below = [place for place in found if any(place.first == start for start, _ in regions)]
    inside = [
        place
        for place in found
        if any(start <= place.first and place.end <= end for start, end in regions)
    ]
    after = [
        place
        for place in found
        if any(
            start <= place.first and not _in_sibling(file, start - 1, place) for start, _ in regions
        )
    ]
    around = [
        place for place in found if any(place.first < start <= place.end for start, _ in regions)
    ]
    return below or inside or after or around


def _in_sibling(file: Lines, head: int, place: Place) -> bool:
    """Say whether a place lies in the block of a later line that begins as the anchor `head`."""
    anchor = file.texts[head]
    begin = indent_of(anchor) + anchor.split(maxsplit=1)[0] + " "
    return any(
        file.texts[number].startswith(begin) and _end_of_block(file, number) > place.first
        for number in range(head + 1, place.first)
    )


def _regions(path: PurePosixPath, file: Lines, hunk: Hunk) -> Iterator[tuple[int, int]]:
    """Yield the blocks (lines below an anchor that are indented deeper) of the innermost anchor."""
    regions = [(0, len(file))]
    for anchor in hunk.anchors:
        lines = [number for start, end in regions for number in range(start, end)]
        wanted = anchor.strip()
        exact = [number for number in lines if file.texts[number].rstrip() == anchor.rstrip()]
        heads = exact or [number for number in lines if file.texts[number].strip() == wanted]
        if len(heads) > MOST_PLACES:
            raise Ambiguous(path, [head + 1 for head in heads[:MOST_PLACES]])
        if not heads:
            if hunk.is_anchored:
                why = f"The line {wanted!r} that a hunk names is not where it should be"
                raise NoMatch(path, None, why=why)
            return
        regions = [(head + 1, _end_of_block(file, head)) for head in heads]
    yield from regions


def _end_of_block(file: Lines, head: int) -> int:
    depth = len(indent_of(file.texts[head]).expandtabs())
    for number in range(head + 1, len(file)):
        text = file.texts[number]
        if text.strip() and len(indent_of(text).expandtabs()) <= depth:
            return number
    return len(file)


def _chosen(path: PurePosixPath, file: Lines, options: Sequence[list[Place]]) -> list[Place]:
    """Return the one way to place all hunks: each has one place, or their order leaves one."""
    if all(len(option) == 1 for option in options):
        chosen = [option[0] for option in options]
        for one, other in pairwise(chosen):
            if other.first < one.end:
                raise HunksOverlap(path, in_order=other.end > one.first)
        return chosen
    first = _in_order(options, from_the_end=False)
    last = _in_order(options, from_the_end=True)
    if first is None or last is None or first != last:
        at = next(
            (
                number
                for number, option in enumerate(options)
                if len(option) > 1 and (not first or not last or first[number] != last[number])
            ),
            0,
        )
        spans = [(place.first, place.end) for place in options[at]]
        raise Ambiguous(
            path, [start + 1 for start, _ in spans], shown=candidates(file.texts, spans)
        )
    return first


def _in_order(options: Sequence[list[Place]], *, from_the_end: bool) -> list[Place] | None:
    """Place hunks one after the other, each as early (or as late) as it can; None if impossible.

    Where the earliest and the latest way are the same, there is no other.
    """
    chosen: list[Place] = []
    for option in reversed(options) if from_the_end else options:
        fitting = [
            place
            for place in option
            if not chosen
            or (place.end <= chosen[-1].first if from_the_end else place.first >= chosen[-1].end)
        ]
        if not fitting:
            return None
        chosen.append(max(fitting, key=_first) if from_the_end else min(fitting, key=_first))
    return chosen[::-1] if from_the_end else chosen


def _first(place: Place) -> int:
    return place.first
