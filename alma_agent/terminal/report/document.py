"""A report as JSON tells it."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.terminal import documents
from alma_agent.terminal.documents import ToldInteraction
from alma_agent.terminal.report.gathering import Report


class ToldPassage(TypedDict):
    """One thing that was said: `told` to the model, `said`, `thought` or `called` by it, `other`.

    `name` is a tool's, whose `answer` stands with the call.
    """

    kind: str
    at: str
    by: str
    text: str
    name: str
    answer: str


class ToldFileDiff(TypedDict):
    """What a run did to one file; `kind` is `create`, `change`, `delete` or `move`."""

    path: str
    kind: str
    diff: str


class ToldMemory(TypedDict):
    """A memory that the run began with; `text` is null if it was forgotten since."""

    id: str
    at: str | None
    kind: str | None
    text: str | None
    reasoning: str | None


class ToldVerdict(TypedDict):
    """Who decided, and why; `left_out` are the parts of the change that were said no to."""

    accepted: bool
    by: str
    reason: str
    left_out: list[str]


class ReportResult(TypedDict):
    """`alma report`. `change` is a draft that was not applied if `is_draft` says so."""

    run: ToldInteraction | None
    evidence: str
    verdict: ToldVerdict | None
    memories: list[ToldMemory]
    transcript: list[ToldPassage]
    change: list[ToldFileDiff]
    is_draft: bool


def nothing() -> ReportResult:
    """Return the document where alma has not worked."""
    return ReportResult(
        run=None,
        evidence="",
        verdict=None,
        memories=[],
        transcript=[],
        change=[],
        is_draft=False,
    )


def document(report: Report) -> ReportResult:
    told = report.told
    undone = {told.id} if report.taken_back else set[str]()
    return ReportResult(
        run=documents.interaction(told, undone),
        evidence=told.evidence,
        verdict=_verdict(report),
        memories=_memories(report),
        transcript=[
            ToldPassage(
                kind=one.kind,
                at=one.at.isoformat(),
                by=one.by,
                text=one.text,
                name=one.name,
                answer=one.answer,
            )
            for one in report.talk
        ],
        change=[ToldFileDiff(path=o.path, kind=o.kind, diff=o.diff) for o in report.change],
        is_draft=report.is_draft,
    )


def _verdict(report: Report) -> ToldVerdict | None:
    verdict = report.told.verdict
    if verdict is None:
        return None
    return ToldVerdict(
        accepted=verdict.accepted,
        by=verdict.by,
        reason=verdict.reason,
        left_out=list(verdict.left_out),
    )


def _memories(report: Report) -> list[ToldMemory]:
    kept = [
        ToldMemory(
            id=one.id,
            at=one.at.isoformat(),
            kind=one.outcome or one.kind,
            text=one.text,
            reasoning=one.reasoning,
        )
        for one in report.memories
    ]
    return kept + [
        ToldMemory(id=id_, at=None, kind=None, text=None, reasoning=None) for id_ in report.missing
    ]
