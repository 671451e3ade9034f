"""What the commands about runs tell a program: the `result` of each, for the envelope.

Times are ISO 8601 with their zone; ids and paths are whole; money is a decimal number as text, null
where nobody knows the price.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from alma_agent.records import (
    ChecksFailed,
    Failed,
    Interaction,
    Proposal,
    Refused,
    RolledBack,
    Task,
    Undone,
    Usage,
)
from alma_agent.redact import redacted
from alma_agent.terminal.render import told_kind
from toolset.checkpoints import Checkpoint
from toolset.checks import CheckReport
from toolset.edits import ChangeSet

if TYPE_CHECKING:
    from alma_agent.paused import PausedRun  # loads pydantic


class ToldUsage(TypedDict):
    """What models took."""

    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: str | None


class ToldCheck(TypedDict):
    """A check that was run; `exit_code` is null if it ran too long. `output` is its last part."""

    command: list[str]
    passed: bool
    exit_code: int | None
    seconds: float
    output: str


class ToldFile(TypedDict):
    """A file of a change; `kind` is `create`, `change` or `delete`."""

    path: str
    kind: str


class ToldLeftover(TypedDict):
    """An occurrence that a refactoring left; the line counts from 1, the column from 0."""

    path: str
    line: int
    column: int
    kind: str
    text: str


class ToldEvidence(TypedDict):
    """How sure an exact refactoring is: `level` is `proven`, `likely`."""

    level: str
    summary: str
    doubts: list[str]
    leftovers: list[ToldLeftover]


class ToldFinding(TypedDict):
    """What deserves a look; `line` 0 is the whole file."""

    path: str
    line: int
    what: str


class RunResult(TypedDict):
    """`alma run`, `alma resume`.

    `outcome` is `applied`, `refused`, `checks failed`, `nothing to do`, `failed` or `rolled back`.

    It is `proposed` for a dry run, whose `id` is null. `paused` is the id by which `alma resume`
    goes on. `left_out` are the parts of the change that a person said no to.
    """

    id: str | None
    goal: str
    outcome: str
    reason: str
    title: str
    proposer: str
    session: str
    files: list[ToldFile]
    diff: str
    evidence: ToldEvidence | None
    findings: list[ToldFinding]
    left_out: list[str]
    refusals: list[str]
    checks: list[ToldCheck]
    recalled: list[str]
    usage: ToldUsage
    seconds: float
    paused: str | None


class ToldInteraction(TypedDict):
    """One line of `alma log`; `undoes` is what an undo or a redo took back."""

    id: str
    at: str
    goal: str
    outcome: str
    reason: str
    is_in_the_files: bool
    undoes: str | None
    title: str
    proposer: str
    session: str
    file: str | None
    files: list[str]
    refusals: list[str]
    checks: list[ToldCheck]
    recalled: list[str]
    usage: ToldUsage
    seconds: float


class LogResult(TypedDict):
    """`alma log`, newest first."""

    interactions: list[ToldInteraction]


class UndoResult(TypedDict):
    """`alma undo`, `alma redo`: what was done, in this order."""

    undone: list[ToldInteraction]


class DiffResult(TypedDict):
    """`alma diff`."""

    files: list[ToldFile]
    diff: str


class ToldCheckpoint(TypedDict):
    """A way back."""

    id: str
    at: str
    label: str
    files: list[str]


class CheckpointsResult(TypedDict):
    """`alma checkpoints list`."""

    checkpoints: list[ToldCheckpoint]


class PruneResult(TypedDict):
    """`alma checkpoints prune`: what was forgotten, or would be; and how many there were."""

    forgotten: list[ToldCheckpoint]
    kept: int
    dry_run: bool


class ToldPart(TypedDict):
    """One part that `alma doctor` tried."""

    name: str
    ok: bool
    told: str


class DoctorResult(TypedDict):
    """`alma doctor`."""

    parts: list[ToldPart]


class ToldPausedRun(TypedDict):
    """A run that waits. `waiting` are calls that need a yes."""

    id: str
    at: str
    goal: str
    why: str
    session: str
    files: list[ToldFile]
    waiting: list[str]


class PausedResult(TypedDict):
    """`alma resume --list`; `unreadable` are the ids of what this alma did not keep."""

    paused: list[ToldPausedRun]
    unreadable: list[str]


class DropResult(TypedDict):
    """`alma resume --drop`."""

    dropped: str


def run_result(
    task: Task,
    proposal: Proposal | None,
    end: Interaction | None,
    *,
    checks: Sequence[CheckReport] = (),
    paused: str = "",
    error: BaseException | None = None,
) -> RunResult:
    """Return what a run came to; `end` None: nothing was decided (a dry run, or an `error`)."""
    changes = proposal.changes if proposal else ChangeSet(())
    outcome = "failed" if error else "proposed" if changes else "nothing to do"
    return RunResult(
        id=end.id if end else None,
        goal=redacted(task.goal),
        outcome=end.outcome.kind if end else outcome,
        reason=reason_of(end) if end else redacted(str(error or "")),
        title=redacted(proposal.rationale) if proposal else "",
        proposer=proposal.proposer if proposal else "",
        session=task.session,
        files=files(changes),
        diff=changes.diff(),
        evidence=_evidence(proposal),
        findings=[
            ToldFinding(path=str(one.path), line=one.line or 0, what=one.what)
            for one in (proposal.findings if proposal else ())
        ],
        left_out=list(end.verdict.left_out) if end and end.verdict else [],
        refusals=list(proposal.refusals) if proposal else [],
        checks=[check(one) for one in (end.checks if end else checks)],
        recalled=list(end.recalled) if end else [],
        usage=usage(proposal.usage if proposal else Usage()),
        seconds=end.seconds if end else 0.0,
        paused=paused or None,
    )


def interaction(one: Interaction, undone: Collection[str] = ()) -> ToldInteraction:
    """Return what happened once; `undone` are the ids of what is not in the files any more."""
    return ToldInteraction(
        id=one.id,
        at=one.at.isoformat(),
        goal=one.goal,
        outcome=told_kind(one.outcome),
        reason=reason_of(one),
        is_in_the_files=one.outcome.kind in ("applied", "undone") and one.id not in undone,
        undoes=one.outcome.of if isinstance(one.outcome, Undone) else None,
        title=one.rationale,
        proposer=one.proposer,
        session=one.session,
        file=str(one.file) if one.file else None,
        files=[str(each.path) for each in one.files],
        refusals=list(one.refusals),
        checks=[check(each) for each in one.checks],
        recalled=list(one.recalled),
        usage=usage(one.usage),
        seconds=one.seconds,
    )


def paused_run(id: str, run: PausedRun) -> ToldPausedRun:
    return ToldPausedRun(
        id=id,
        at=run.at.isoformat(),
        goal=run.task.goal,
        why=run.why,
        session=run.session,
        files=files(run.changes),
        waiting=list(run.waiting),
    )


def checkpoint(one: Checkpoint) -> ToldCheckpoint:
    return ToldCheckpoint(
        id=one.id,
        at=one.at.isoformat(),
        label=one.label,
        files=[str(path) for path in one.files],
    )


def files(changes: ChangeSet) -> list[ToldFile]:
    return [ToldFile(path=str(edit.path), kind=edit.kind) for edit in changes]


def check(report: CheckReport) -> ToldCheck:
    return ToldCheck(
        command=list(report.command),
        passed=report.passed,
        exit_code=report.exit_code,
        seconds=round(report.duration_s, 3),
        output=redacted(report.output_tail),
    )


def usage(spent: Usage) -> ToldUsage:
    return ToldUsage(
        requests=spent.requests,
        input_tokens=spent.input_tokens,
        cached_tokens=spent.cached_tokens,
        output_tokens=spent.output_tokens,
        usd=None if spent.usd is None else f"{spent.usd:f}",
    )


def reason_of(one: Interaction) -> str:
    """Return why it did not come to what was asked for; empty if it did."""
    match one.outcome:
        case Refused(reason=reason) | Failed(reason=reason) | RolledBack(reason=reason):
            return reason
        case ChecksFailed(report=report):
            code = report.exit_code
            return "the check ran too long" if code is None else f"the check's exit code was {code}"
    return ""


def _evidence(proposal: Proposal | None) -> ToldEvidence | None:
    if proposal is None or proposal.evidence is None:
        return None
    found = proposal.evidence
    return ToldEvidence(
        level=found.level,
        summary=found.summary(),
        doubts=list(found.doubts),
        leftovers=[
            ToldLeftover(
                path=str(one.place.path),
                line=one.place.line,
                column=one.place.column,
                kind=one.kind,
                text=one.text,
            )
            for one in found.leftovers
        ],
    )
