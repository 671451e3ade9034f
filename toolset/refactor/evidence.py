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

    `changed` maps each place to the engines that named it. `level` is `proven` if two engines
    agree on every place and nothing is left over, else `likely`.
    """

    changed: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    leftovers: tuple[Leftover, ...] = ()

    @property
    def level(self) -> Level:
        sure = all(len(engines) > 1 for engines in self.changed.values())
        return "proven" if sure and not self.leftovers else "likely"

    def summary(self) -> str:
        files = len({place.path for place in self.changed})
        single = sum(len(engines) == 1 for engines in self.changed.values())
        parts = [f"{_count(len(self.changed), 'occurrence')} in {_count(files, 'file')}"]
        if single:
            parts.append(f"{single} on the word of one engine")
        if self.leftovers:
            parts.append(f"{len(self.leftovers)} left as they are")
        return f"{self.level}: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Refactoring:
    """A refactoring that could be done: its edits, a sentence about it, and its evidence."""

    title: str
    changes: ChangeSet
    evidence: Evidence


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
