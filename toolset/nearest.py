"""What a refusal shows: where a text almost stands, how it differs, what is there already."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence

_SHOWN_LINES = 12
_SHOWN_CHARACTERS = 200
_SHOWN_PLACES = 5
_SHOWN_DIFFERENCES = 5
_SEARCHED_LINES = 4_000
_LEAST_LIKENESS = 0.6


def numbered(texts: Sequence[str], first: int, end: int) -> str:
    """Return file lines `first` to `end` (from 0, exclusive), each with its number from 1."""
    shown = range(max(0, first), min(end, len(texts), first + _SHOWN_LINES))
    lines = [f"  {number + 1}: {_cut(texts[number])}" for number in shown]
    if end - first > _SHOWN_LINES:
        lines.append(f"  ... {end - first - _SHOWN_LINES} more lines")
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def candidates(texts: Sequence[str], spans: Iterable[tuple[int, int]]) -> str:
    """Return several places with a line around each, to choose from."""
    shown = [numbered(texts, first - 1, end + 1) for first, end in list(spans)[:_SHOWN_PLACES]]
    return "\n  --\n".join(shown)


def nearest(texts: Sequence[str], wanted: Sequence[str]) -> str | None:
    """Return the lines most like `wanted`, numbered, and how they differ; None if none is near."""
    first = _most_shared(texts, wanted)
    if first is None:
        at = _most_like_its_first_line(texts, wanted)
        return None if at is None else numbered(texts, at, at + 1)
    there = texts[first : first + len(wanted)]
    shown = numbered(texts, first, first + len(there))
    differences = _differences(first, there, wanted)
    return f"{shown}\n{differences}" if differences else shown


def already_there(texts: Sequence[str], new: Sequence[str]) -> int | None:
    """Return the line, from 1, where the new lines stand already; None if they do not."""
    wanted = [line.strip() for line in new if line.strip()]
    if not wanted or max(len(line) for line in wanted) < len("x = 1"):
        return None
    full = [(number, text.strip()) for number, text in enumerate(texts, 1) if text.strip()]
    there = [text for _, text in full]
    for at, text in enumerate(there):
        if text == wanted[0] and there[at : at + len(wanted)] == wanted:
            return full[at][0]
    return None


def _most_shared(texts: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return the start that lets most wanted lines stand where they should; letters count."""
    places: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        places.setdefault(text.strip(), []).append(number)
    votes: Counter[int] = Counter()
    for offset, line in enumerate(wanted):
        stripped = line.strip()
        for number in places.get(stripped, ()) if stripped else ():
            votes[max(0, number - offset)] += len(stripped)
    if not votes:
        return None
    most = max(votes.values())
    return min(start for start, count in votes.items() if count == most)


def _most_like_its_first_line(texts: Sequence[str], wanted: Sequence[str]) -> int | None:
    line = next((line.strip() for line in wanted if line.strip()), "")
    if not line or len(texts) > _SEARCHED_LINES or len(line) > _SHOWN_CHARACTERS:
        return None
    stripped = [text.strip()[:_SHOWN_CHARACTERS] for text in texts]
    close = difflib.get_close_matches(line, stripped, n=1, cutoff=_LEAST_LIKENESS)
    return stripped.index(close[0]) if close else None


def _differences(first: int, there: Sequence[str], wanted: Sequence[str]) -> str:
    """Return which of the lines differ, each as the file and as the edit has it."""
    different = [
        f"  line {first + offset + 1}: the file has {_cut(text)!r}, the edit {_cut(line)!r}"
        for offset, (text, line) in enumerate(zip(there, wanted, strict=False))
        if text.strip() != line.strip()
    ]
    more = len(different) - _SHOWN_DIFFERENCES
    return "\n".join(different[:_SHOWN_DIFFERENCES] + ([f"  and {more} more"] if more > 0 else []))
