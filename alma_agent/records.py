"""The nouns: what flows through a run, from a task to what is remembered of it.

All frozen values. Paths are `PurePosixPath`s inside the workspace; times are aware, in UTC.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from alma_agent.remembered import Scope
from toolset.checks import CheckReport
from toolset.edits import ChangeSet, Digest, Edit
from toolset.encoding import is_python
from toolset.gates import Finding
from toolset.refactor.evidence import Evidence
from toolset.scope import EditScope
from toolset.touched_symbols import touched_symbols

if TYPE_CHECKING:
    from toolset.refactor.requests import Request  # many classes, and few need them

_MOST_READ = 20  # files of one change whose symbols are looked at
_LONGEST_READ = 300_000  # bytes


def new_id() -> str:
    """Return a short id, unique in one workspace for all practical purposes."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one run may go. `tokens` and `usd` None: no limit; `recall_tokens` bounds recall."""

    turns: int = 30
    seconds: float = 900.0
    tokens: int | None = None
    usd: float | None = None
    recall_tokens: int = 800


Mode = Literal["ask", "auto-edit", "plan"]


@dataclass(frozen=True, slots=True)
class Task:
    """What a person asked for. `check` is a command and its arguments, run without a shell.

    `scope` is what may be changed at all. `mode`: each edit needs a yes, edits go into the draft
    unasked, or nothing is edited. `lint`: show what the linter finds in the change. `session` names
    the conversation that it belongs to; empty if there is none. `at_hand` are files that the person
    pointed at: they are shown to the model, and bound to nothing.
    """

    goal: str
    file: PurePosixPath | None = None
    scope: EditScope = EditScope()
    mode: Mode = "auto-edit"
    check: tuple[str, ...] = ()
    check_timeout_s: float = 600.0
    check_network: bool = False
    lint: bool = False
    limits: Limits = Limits()
    session: str = ""
    at_hand: tuple[PurePosixPath, ...] = ()
    id: str = field(default_factory=new_id)

    @property
    def hand_scope(self) -> EditScope:
        """What may be edited by hand: with a file in hand and no scope, that file.

        Exact refactorings of the file's symbols may follow their uses elsewhere.
        """
        if self.scope.globs or self.file is None:
            return self.scope
        return EditScope.of_file(self.file)


Verb = Literal["undo", "redo"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run took from a model. `usd` None means that nobody knows the price."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal | None = Decimal(0)

    def __add__(self, other: Usage) -> Usage:
        known = self.usd is not None and other.usd is not None
        return Usage(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            (self.usd or Decimal(0)) + (other.usd or Decimal(0)) if known else None,
        )


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a part of a proposal that was chosen is not taken at once.

    `is_final`: it cannot be taken at all. Else choosing the same part again takes it.
    """

    why: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits that somebody proposes, and why. `proposer` is `planner`, or a model's name.

    `findings` are what a person should see besides the diff; `refusals` the writes that were
    refused because they were out of scope. `checks` are checks that it ran on these very changes.
    `objection` is to the part of it that a reviewer chose just before, who is asked once more.
    `recipe` are the exact refactorings that make it, if nothing else did: said in full.
    """

    changes: ChangeSet
    rationale: str
    proposer: str
    evidence: Evidence | None = None
    usage: Usage = Usage()
    findings: tuple[Finding, ...] = ()
    refusals: tuple[str, ...] = ()
    checks: tuple[CheckReport, ...] = ()
    objection: Objection | None = None
    recipe: tuple[Request, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's decision. `by` is who decided.

    `chosen` is what was accepted instead of the whole; it is not kept. `taken` is how many hunks
    that were, and `left_out` has a sentence for each that was said no to.
    """

    accepted: bool
    by: str
    reason: str = ""
    chosen: ChangeSet | None = None
    taken: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """The proposal is in the files. `checkpoint` leads back."""

    checkpoint: str
    kind: Literal["applied"] = "applied"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written, for this reason. `needs_human`: nobody was there to decide."""

    reason: str
    needs_human: bool = False
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class ChecksFailed:
    """The check command failed on a private copy; nothing was written."""

    report: CheckReport
    kind: Literal["checks failed"] = "checks failed"


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """The proposer proposed no change."""

    kind: Literal["nothing to do"] = "nothing to do"


@dataclass(frozen=True, slots=True)
class Failed:
    """The run was stopped by an error or a limit; nothing was written.

    `teaches`: it says something about the work, and not only that a model was not there.
    """

    reason: str
    teaches: bool = True
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The run was killed while it wrote; the old files were put back afterwards."""

    reason: str
    kind: Literal["rolled back"] = "rolled back"


@dataclass(frozen=True, slots=True)
class Undone:
    """The files are as they were before the interaction `of`. `checkpoint` leads back again."""

    of: str
    checkpoint: str
    verb: Verb = "undo"
    kind: Literal["undone"] = "undone"


@dataclass(frozen=True, slots=True)
class Approved:
    """A person approved the proposal of this id; no file was written. `reason` may be empty."""

    proposal: str
    reason: str = ""
    kind: Literal["approved"] = "approved"


Outcome = Applied | Refused | ChecksFailed | NothingToDo | Failed | RolledBack | Undone | Approved


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of an interaction, before and after; None where there was no file.

    `symbols` are the qualified names of what the change touched, where that is known.
    """

    path: PurePosixPath
    before: Digest | None
    after: Digest | None
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interaction:
    """All that happened for one task, once: one row of the ledger, never changed afterwards."""

    id: str
    at: datetime
    goal: str
    outcome: Outcome
    file: PurePosixPath | None = None
    proposer: str = ""
    rationale: str = ""
    evidence: str = ""
    files: tuple[FileChange, ...] = ()
    recalled: tuple[str, ...] = ()
    checks: tuple[CheckReport, ...] = ()
    verdict: Verdict | None = None
    usage: Usage = Usage()
    seconds: float = 0.0
    scope: Scope = Scope()
    session: str = ""
    refusals: tuple[str, ...] = ()

    def ending(self, outcome: Outcome) -> Interaction:
        """Return the same interaction with another end."""
        return replace(self, outcome=outcome)


def writable(text: str) -> str:
    """Return text as UTF-8 and every store can hold it.

    Arguments and models' answers may bring half characters; what is typed or piped, null ones.
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def reverted(history: Iterable[Interaction]) -> set[str]:
    """Return the ids of interactions that are no longer in the files. `history` is oldest first.

    Undoing an undo puts back what that had taken out, and so on down the chain.
    """
    gone: set[str] = set()
    undid: dict[str, str] = {}
    for one in history:
        if isinstance(one.outcome, Undone):
            undid[one.id] = one.outcome.of
            taken_out, id_ = True, undid.get(one.id)
            while id_:
                (gone.add if taken_out else gone.discard)(id_)
                taken_out, id_ = not taken_out, undid.get(id_)
    return gone


def file_changes(changes: ChangeSet) -> tuple[FileChange, ...]:
    """Return what a ChangeSet does to each file, without the bytes."""
    return tuple(
        FileChange(
            edit.path,
            edit.before.digest if edit.before else None,
            edit.after.digest if edit.after else None,
            _touched(edit) if number < _MOST_READ else (),
        )
        for number, edit in enumerate(changes)
    )


def _touched(edit: Edit) -> tuple[str, ...]:
    """Return the symbols that an edit touches; none if it is about a whole file."""
    if not edit.before or not edit.after or len(edit.after.data) > _LONGEST_READ:
        return ()
    names = touched_symbols(edit.before.data, edit.after.data) if is_python(edit.path) else ()
    return tuple(name for name in names if name)
