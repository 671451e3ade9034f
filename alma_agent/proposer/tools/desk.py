"""What the tools of one run share: the draft, what the task allows, and what came of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from alma_agent.ports import Observer
from alma_agent.proposer.repetition import Repetitions
from alma_agent.proposer.tools.secret_files import SecretFile, refuse_secrets
from alma_agent.records import Task
from toolset.checks import CheckReport
from toolset.draft import Draft
from toolset.edits import Digest
from toolset.errors import (
    OutOfScope,
    OutsideWorkspace,
    PathRefused,
    ProtectedPath,
    ToolsetError,
)
from toolset.refactor.evidence import Evidence


class FoundCode(Protocol):
    """A symbol that was found by what it does."""

    @property
    def path(self) -> PurePosixPath:
        """The file."""
        ...

    @property
    def symbol(self) -> str:
        """Its dotted name."""
        ...

    @property
    def line(self) -> int:
        """Its first line, from 1."""
        ...


FindCode = Callable[[str], Sequence[FoundCode]]


class EditsOff(ToolsetError):
    """A tool that edits was called in a run that only plans."""

    def __init__(self) -> None:
        super().__init__(
            "This run only plans: nothing may be edited. Read what you need, then say what should "
            "be changed, where, and why."
        )


class OutsideTask(OutOfScope):
    """Several paths, or one, are out of scope; all of them are named."""

    def __init__(self, paths: Iterable[PurePosixPath], scope: str, hint: str = "") -> None:
        self.paths = tuple(paths)
        super().__init__(", ".join(str(path) for path in self.paths), scope)
        self.args = (f"{self}{hint} Nothing was staged.",)


@dataclass
class Desk:
    """The one object that every tool of a run is handed.

    `find_code` finds symbols by what they do, if there is an index. `refusals` are writes that were
    out of scope, as `b.py: replace_text`, and attempts at what is nobody's here; `finished` is the
    rationale once the model is done; `passed` the state that the
    check passed on last, `report` what it said; `seen` the
    files that the model has looked at, as they were on the disk.
    """

    draft: Draft
    task: Task
    seconds_left: Callable[[], float] = lambda: math.inf
    find_code: FindCode | None = None
    observer: Observer = field(kw_only=True)
    evidence: Evidence | None = None
    edited_by_hand: bool = False
    refusals: list[str] = field(default_factory=list)
    finished: str | None = None
    passed: int | None = None
    report: CheckReport | None = None
    seen: dict[PurePosixPath, Digest | None] = field(default_factory=dict)
    repetitions: Repetitions = field(default_factory=Repetitions)

    @property
    def state(self) -> int:
        """Return a number for what the draft holds; of two equal drafts it is the same."""
        return hash(tuple((edit.path, edit.after) for edit in self.draft.changes()))

    def locate(self, path: str) -> PurePosixPath:
        """Return the real path. Raises OutsideWorkspace, ProtectedPath, PathRefused."""
        # Models like to write "./app.py" and "a/app.py" (a diff's header); only the first is safe.
        return self.draft.workspace.locate(re.sub(r"^(?:\./)+", "", path.strip()))

    def readable(self, path: str) -> PurePosixPath:
        """Return the real path of a file to show. Raises SecretFile too."""
        located = self.locate(path)
        refuse_secrets(located)
        self._note_seen(located)
        return located

    def require_edits(self) -> None:
        """Raise EditsOff in a run that only plans."""
        if self.task.mode == "plan":
            raise EditsOff

    def require_hand_edit(self, *paths: PurePosixPath) -> None:
        """Raise EditsOff, OutsideTask or SecretFile if any of these may not be edited by hand."""
        self.require_edits()
        scope = self.task.hand_scope
        if outside := [path for path in paths if not scope.allows(path)]:
            widened = scope != self.task.scope
            raise OutsideTask(outside, str(scope), _MAY_REFACTOR if widened else "")
        for path in paths:
            refuse_secrets(path)
            self._note_seen(path)

    def _note_seen(self, path: PurePosixPath) -> None:
        with suppress(ToolsetError):
            state = self.draft.workspace.state_of(path)
            self.seen[path] = state.digest if state else None

    def note_refusal(self, tool: str, error: PathRefused) -> None:
        """Keep an attempt at what is no business of the task's, and tell the person."""
        paths = error.paths if isinstance(error, OutsideTask) else (error.path,)
        why = _WHY.get(type(error), "")
        for path in paths:
            told = f": {why}" if why else " is out of scope"
            self.observer.step(f"refused {tool.replace('_', ' ')}: {path}{told}")
            line = f"{path}: {tool}" + (f" ({why})" if why else "")
            if line not in self.refusals:
                self.refusals.append(line)


_WHY: dict[type[PathRefused], str] = {
    OutsideWorkspace: "outside the project",
    ProtectedPath: "git's or alma's own",
    SecretFile: "it holds secrets",
}
_MAY_REFACTOR = " Exact refactorings of its symbols may change their uses in other files."
