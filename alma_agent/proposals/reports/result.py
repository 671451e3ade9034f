"""`result.json`, what became of a proposal; and all the files that a run leaves in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from alma_agent.proposals.artefact import (
    JUNIT,
    PROPOSAL,
    RESULT,
    SARIF,
    STATEMENT,
    Attached,
    Check,
    Person,
    ResultDocument,
    Unreadable,
    decode,
    digest,
    encode,
)
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.reports import junit, sarif, statement
from alma_agent.proposals.reports.escaping import utf8
from alma_agent.proposals.reports.outcome import Outcome


def files(outcome: Outcome) -> Mapping[str, bytes]:
    """Return the files of a proposal's folder that tell of this run, by their names."""
    told = {JUNIT: junit.report(outcome), SARIF: sarif.report(outcome)}
    made = statement.report(outcome)
    if made is not None:
        told[STATEMENT] = made
    if f"{outcome.inside}/{PROPOSAL}" in outcome.digests:
        told[RESULT] = encode(document(outcome, junit_sha256=digest(told[JUNIT])))
    return told


def document(outcome: Outcome, *, junit_sha256: str) -> ResultDocument:
    """Return what became of a proposal. What its checks said is in the JUnit report beside it."""
    landed = outcome.landed
    log = Attached(file=JUNIT, sha256=junit_sha256)
    return ResultDocument(
        version=1,
        proposal=outcome.about,
        sha256=outcome.digests[f"{outcome.inside}/{PROPOSAL}"],
        at=outcome.moment,
        outcome=outcome.word,
        exit_code=outcome.exit_code,
        drift=landed.drift.kind if landed else None,
        onto=landed.onto if landed else None,
        commit=landed.commit if landed else None,
        tree=landed.tree if landed else None,
        ref=landed.ref if landed else None,
        reviewers=[
            Person(name=utf8(one.name), email=utf8(one.email))
            for one in (landed.reviewers if landed else ())
        ],
        checks=[
            Check(
                argv=[utf8(word) for word in one.argv],
                exit_code=one.exit_code,
                seconds=one.seconds,
                network=one.network,
                log=log,
            )
            for one in (landed.checks if landed else ())
        ],
        message=utf8(outcome.message),
    )


def landed_before(folder: Folder) -> bool:
    """Say whether the folder has the result of a run that landed this very revision."""
    data = folder.files.get(PurePosixPath(RESULT))
    try:
        told = decode(data, ResultDocument) if data else None
    except Unreadable:
        return False
    return bool(told and told.outcome == "landed" and told.sha256 == folder.sha256)
