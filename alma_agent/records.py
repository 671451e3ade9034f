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
from typing import Literal

from toolset.checks import CheckReport
from toolset.edits import ChangeSet, Digest
from toolset.gates import Finding
from toolset.refactor.evidence import Evidence


def new_id() -> str:
    """Return a short id, unique in one workspace for all practical purposes."""
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one run may go. `usd` None means no limit on money; `recall_tokens` bounds recall."""

    turns: int = 30
    seconds: float = 900.0
    usd: float | None = None
    recall_tokens: int = 800


@dataclass(frozen=True, slots=True)
class Task:
    """What a person asked for. `check` is a command and its arguments, run without a shell.

    `lint`: show what the linter finds in the change, if there is one.
    """

    goal: str
    file: PurePosixPath | None = None
    check: tuple[str, ...] = ()
    check_timeout_s: float = 600.0
    lint: bool = False
    limits: Limits = Limits()
    id: str = field(default_factory=new_id)


Freshness = Literal["unchanged", "changed", "gone"]
MemoryKind = Literal["interaction"]
Verb = Literal["undo", "redo"]
Stratum = Literal["somatic", "cognitive", "metaphysical"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """The code that a memory speaks of: a file, and its bytes' digest as the memory left it.

    `digest` is None where the memory left no file.
    """

    path: PurePosixPath
    digest: Digest | None


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing worth knowing later. `interaction` is the id of what it was learnt from."""

    id: str
    at: datetime
    text: str
    interaction: str
    outcome: str
    anchors: tuple[Anchor, ...] = ()
    kind: MemoryKind = "interaction"
    stratum: Stratum = "somatic"


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory chosen for a task: its score, the reasons, and whether its files moved on."""

    memory: Memory
    score: float
    why: tuple[str, ...]
    freshness: dict[PurePosixPath, Freshness]


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is remembered for a task, best first, and about how many tokens it takes.

    `note` says what the search had to do without; empty if nothing.
    """

    memories: tuple[Recalled, ...] = ()
    tokens: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run took from a model. `usd` None means that nobody knows the price."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal | None = Decimal(0)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits that somebody proposes, and why. `proposer` is `planner`, or a model's name.

    `findings` are what a person should see besides the diff.
    """

    changes: ChangeSet
    rationale: str
    proposer: str
    evidence: Evidence | None = None
    usage: Usage = Usage()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's decision. `by` is who decided."""

    accepted: bool
    by: str
    reason: str = ""


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
    """The run was stopped by an error or a limit; nothing was written."""

    reason: str
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


Outcome = Applied | Refused | ChecksFailed | NothingToDo | Failed | RolledBack | Undone


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of an interaction, before and after; None where there was no file."""

    path: PurePosixPath
    before: Digest | None
    after: Digest | None


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

    def ending(self, outcome: Outcome) -> Interaction:
        """Return the same interaction with another end."""
        return replace(self, outcome=outcome)


def writable(text: str) -> str:
    """Return text as UTF-8 can hold it: arguments and models' answers may bring half characters."""
    return text.encode("utf-8", "replace").decode()


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
        )
        for edit in changes
    )
