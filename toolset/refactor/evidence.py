"""What a refactoring can show for itself: what was changed, by whose word, and what was left."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from toolset.edits import ChangeSet

Level = Literal["proven", "likely"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A word in a file: line from 1, column from 0 in characters."""

    path: PurePosixPath
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Leftover:
    """An occurrence of the old name that was not changed, and that a person should look at."""

    place: Place
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a refactoring may be believed.

    `changed` maps each place to who vouches for it: engines, or alma's own analysis by its name.
    `doubts` are sentences: what about the whole change could not be shown. `checks` are the checks
    that the result passed. `others` are occurrences of the name that are known to be something
    else. `level` is `proven` if two agree on every place and nothing is left over
    or in doubt, else `likely`.
    """

    changed: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    leftovers: tuple[Leftover, ...] = ()
    doubts: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    others: tuple[Leftover, ...] = ()

    @property
    def level(self) -> Level:
        sure = all(len(engines) > 1 for engines in self.changed.values())
        return "proven" if sure and not self.leftovers and not self.doubts else "likely"

    def summary(self) -> str:
        files = len({place.path for place in self.changed})
        single = sum(len(engines) == 1 for engines in self.changed.values())
        parts = [f"{_count(len(self.changed), 'occurrence')} in {_count(files, 'file')}"]
        if single:
            parts.append(f"{single} on the word of one engine")
        left = sum(one.place not in self.changed for one in self.leftovers)
        if left:
            parts.append("1 left as it is" if left == 1 else f"{left} left as they are")
        if changed := len(self.leftovers) - left:
            parts.append(f"{changed} changed to look at")
        if self.doubts:
            parts.append(_count(len(self.doubts), "doubt"))
        return f"{self.level}: {', '.join(parts)}"

    def __add__(self, other: Evidence) -> Evidence:
        """Return what speaks for both of two changes; each check once."""
        return Evidence(
            self.changed | other.changed,
            self.leftovers + other.leftovers,
            self.doubts + other.doubts,
            tuple(dict.fromkeys(self.checks + other.checks)),
            self.others + other.others,
        )


@dataclass(frozen=True, slots=True)
class Refactoring:
    """A refactoring that could be done: its edits, a sentence about it, and its evidence."""

    title: str
    changes: ChangeSet
    evidence: Evidence


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
