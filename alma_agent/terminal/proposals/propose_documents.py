"""What `alma propose`, `repropose` and `proposals list` tell a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import msgspec
from typing_extensions import TypedDict

from alma_agent.proposals.artefact import LOGS, Check, ProposalDocument
from alma_agent.terminal.proposals.review_documents import (
    ToldChangedFile,
    ToldCost,
    ToldNote,
    ToldPerson,
    ToldProof,
    ToldProposalCheck,
    ToldRefactoring,
    ToldUsedMemory,
)


class ToldProposal(TypedDict):
    """A proposal as it stands in its folder; paths are whole, `base` is a commit.

    `origin` is `refactoring`, `model` or `diff`. `scope` are globs of what it may change.
    """

    id: str
    revision: int
    goal: str
    rationale: str
    origin: str
    author: ToldPerson
    agent: str
    model: str | None
    base: str
    files: list[ToldChangedFile]
    scope: list[str]
    recipe: list[ToldRefactoring] | None
    evidence: ToldProof | None
    notes: list[ToldNote]
    checks: list[ToldProposalCheck]
    memories: list[ToldUsedMemory]
    cost: ToldCost


class ProposeResult(TypedDict):
    """`alma propose`.

    `outcome` is `proposed`, `would be proposed` (a dry run), `nothing to do` (then `proposal` is
    null) or `checks failed`. `folder` is where it lies in the repository; null where nothing was
    written. `left_out` are files that a diff changes and no proposal may. `diff` is for people.
    """

    outcome: str
    folder: str | None
    proposal: ToldProposal | None
    diff: str
    left_out: list[str]


class ReproposeResult(TypedDict):
    """`alma repropose`.

    `outcome` is `reproposed`, `would be reproposed` (a dry run), `nothing to do` or `checks
    failed`. `by` is how it was carried over: `replay` or `merge`. `range_diff` compares the two
    revisions as `git range-diff` does; empty where the old base is not here. `dead` are files of
    approvals that no longer count. `why` says why there is nothing to do.
    """

    outcome: str
    why: str
    folder: str | None
    proposal: ToldProposal | None
    by: str | None
    range_diff: str
    dead: list[str]


class ToldListed(TypedDict):
    """One line of `alma proposals list`.

    `approved` and `rejected` are how many files of this revision say so; whether they count, `alma
    review` says. `standing` is `open`, `landed`, `broken`, or `rejected`, where somebody's latest
    word on this revision is a no; `why` says what is broken.
    """

    id: str
    folder: str
    created_at: str
    goal: str
    revision: int
    files: int
    approved: int
    rejected: int
    standing: str
    why: str


class ProposalsListResult(TypedDict):
    """`alma proposals list`, the newest last."""

    proposals: list[ToldListed]


def proposal(document: ProposalDocument, files: Mapping[str, bytes]) -> ToldProposal:
    """Return a proposal as it is told; `files` are those of its folder."""
    cost = document.cost
    return ToldProposal(
        id=document.id,
        revision=document.revision,
        goal=document.goal,
        rationale=document.rationale,
        origin=document.origin,
        author=ToldPerson(name=document.author.name, email=document.author.email),
        agent=document.agent,
        model=document.model,
        base=document.base.commit,
        files=changed_files(document),
        scope=document.scope,
        recipe=_recipe(document),
        evidence=msgspec.to_builtins(document.evidence),
        notes=msgspec.to_builtins(document.notes),
        checks=[_check(one, files) for one in document.checks],
        memories=[
            ToldUsedMemory(id=one.id, kind=one.kind, text=one.text) for one in document.memories
        ],
        cost=ToldCost(
            requests=cost.requests,
            input_tokens=cost.input_tokens,
            cached_tokens=cost.cached_tokens,
            output_tokens=cost.output_tokens,
            usd=cost.usd,
        ),
    )


def changed_files(document: ProposalDocument) -> list[ToldChangedFile]:
    """Return the files of a proposal; a moved one is told once, under its new name."""
    gone = {row.moved_from for row in document.files}
    return [
        ToldChangedFile(
            path=row.path,
            kind=_kind(moved=bool(row.moved_from), had=bool(row.base), has=bool(row.result)),
            mode=row.result.mode if row.result else None,
            moved_from=row.moved_from,
        )
        for row in document.files
        if row.path not in gone
    ]


def paths(several: Sequence[PurePosixPath]) -> list[str]:
    return [str(path) for path in several]


def _kind(*, moved: bool, had: bool, has: bool) -> str:
    if moved:
        return "move"
    if not had:
        return "create"
    return "change" if has else "delete"


def _recipe(document: ProposalDocument) -> list[ToldRefactoring] | None:
    if document.recipe is None:
        return None
    return [
        ToldRefactoring(refactoring=one.refactoring, arguments=one.arguments)
        for one in document.recipe
    ]


def _check(one: Check, files: Mapping[str, bytes]) -> ToldProposalCheck:
    log = files.get(f"{LOGS}/{one.log.file}", b"")
    return ToldProposalCheck(
        argv=one.argv,
        passed=one.exit_code == 0,
        exit_code=one.exit_code,
        seconds=one.seconds,
        network=one.network,
        output=log.decode("utf-8", "replace"),
    )
