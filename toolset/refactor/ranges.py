"""Ranges of a text replaced: the only way in which a refactoring writes.

What lies outside the ranges cannot change, whatever an engine would have written there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from toolset.errors import RefactoringRefused


@dataclass(frozen=True, slots=True, order=True)
class Replacement:
    """Characters `start` to `end` of a text become `new`. An insertion has `start` equal `end`."""

    start: int
    end: int
    new: str


def replaced(text: str, replacements: Iterable[Replacement]) -> str:
    """Return the text with all replacements made; insertions at one place keep their order.

    Raises RefactoringRefused if two of them overlap.
    """
    ordered = sorted(replacements, key=lambda one: (one.start, one.end))
    for first, second in pairwise(ordered):
        if second.start < first.end:
            line = text.count("\n", 0, second.start) + 1
            raise RefactoringRefused(f"Two changes meet in line {line}. Nothing was changed.")
    pieces, done = [], 0
    for one in ordered:
        pieces += [text[done : one.start], one.new]
        done = one.end
    return "".join([*pieces, text[done:]])
