"""What `alma review` shows, put into the document that a program gets."""

from __future__ import annotations

from collections.abc import Sequence

from alma_agent.proposals.artefact import Evidence, Note, Person
from alma_agent.terminal.proposals.cases import Case, Standing
from alma_agent.terminal.proposals.propose_documents import changed_files
from alma_agent.terminal.proposals.review_documents import (
    ReviewResult,
    ToldCost,
    ToldNote,
    ToldPerson,
    ToldProof,
    ToldProposalCheck,
    ToldRefactoring,
    ToldScope,
    ToldStanding,
    ToldStep,
    ToldUsedMemory,
)


def result_of(case: Case, standing: Standing) -> ReviewResult:
    """Return all that is shown of a proposal; nothing is decided in it."""
    document = case.document
    policy = standing.policy
    return ReviewResult(
        id=document.id,
        folder=str(case.folder.inside),
        revision=document.revision,
        sha256=case.folder.sha256,
        created_at=document.created_at,
        author=_person(document.author),
        origin=document.origin,
        agent=document.agent,
        model=document.model,
        base=document.base.commit,
        goal=document.goal,
        rationale=document.rationale,
        scope=ToldScope(
            globs=document.scope,
            policy=list(policy.scope.globs) if policy else [],
            outside=case.outside(policy),
        ),
        files=changed_files(document),
        diff=case.diff,
        recipe=[
            ToldRefactoring(refactoring=one.refactoring, arguments=one.arguments)
            for one in document.recipe or ()
        ],
        evidence=_evidence(document.evidence),
        notes=_notes(document.notes),
        checks=_checks(case),
        memories=[
            ToldUsedMemory(id=one.id, kind=one.kind, text=one.text) for one in document.memories
        ],
        cost=ToldCost(
            requests=document.cost.requests,
            input_tokens=document.cost.input_tokens,
            cached_tokens=document.cost.cached_tokens,
            output_tokens=document.cost.output_tokens,
            usd=document.cost.usd,
        ),
        standing=_standing(standing),
        revised_from=None,
        decided=None,
    )


def _person(one: Person) -> ToldPerson:
    return ToldPerson(name=one.name, email=one.email)


def _evidence(found: Evidence | None) -> ToldProof | None:
    if found is None:
        return None
    return ToldProof(level=found.level, summary=found.summary, leftovers=_notes(found.leftovers))


def _notes(notes: Sequence[Note]) -> list[ToldNote]:
    return [ToldNote(path=one.path, line=one.line, text=one.text) for one in notes]


def _checks(case: Case) -> list[ToldProposalCheck]:
    return [
        ToldProposalCheck(
            argv=one.argv,
            passed=one.exit_code == 0,
            exit_code=one.exit_code,
            seconds=one.seconds,
            network=one.network,
            output=log,
        )
        for one, log in zip(case.document.checks, case.logs, strict=True)
    ]


def _standing(standing: Standing) -> ToldStanding:
    policy = standing.policy
    return ToldStanding(
        onto=standing.onto,
        commit=standing.commit or None,
        policy=policy.source if policy else "",
        needed=policy.approvals if policy else 0,
        signed=bool(policy and policy.allowed_signers),
        counted=[_person(one) for one in standing.people],
        is_enough=not standing.missing,
        steps=[
            ToldStep(rule=one.rule, standing=one.standing, message=one.message)
            for one in standing.steps
        ],
        missing=standing.missing,
    )
