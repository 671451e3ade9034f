"""What a recorded task is: a goal, the steps of a good model, and the files they must end in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

Fixture = Literal["flat", "shapes"]


@dataclass(frozen=True)
class Use:
    """The model calls a tool."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Say:
    """The model answers with text, and is done."""

    text: str


Step = Use | Say


@dataclass(frozen=True)
class RecordedTask:
    """One task on a copy of a fixture. The last step ends it: a text, or the tool `finish`.

    `check` names the interpreter `python`. `expected` holds the changed files as they must be, by
    path, None for one that must be gone; written by hand, not made from the steps.
    """

    name: str
    fixture: Fixture
    goal: str
    steps: tuple[Step, ...]
    expected: Mapping[str, bytes | None]
    file: PurePosixPath | None = None
    scope: tuple[str, ...] = ()
    check: tuple[str, ...] = ()

    @property
    def rationale(self) -> str:
        """What the model says at the end."""
        last = self.steps[-1]
        return last.text if isinstance(last, Say) else last.arguments["rationale"]


def use(tool: str, **arguments: Any) -> Use:
    return Use(tool, arguments)
