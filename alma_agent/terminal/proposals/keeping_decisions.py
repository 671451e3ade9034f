"""A decision is kept in its proposal's folder: one file, with its signature if there is one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from alma_agent.proposals import folder as folders
from alma_agent.proposals.account import Account
from alma_agent.proposals.approvals import SIGNATURE, file_names, new_approval
from alma_agent.proposals.artefact import (
    APPROVALS,
    ApprovalDocument,
    Decision,
    Person,
    Unreadable,
    decode,
    encode,
)
from alma_agent.proposals.deciding import Looking
from alma_agent.proposals.making import secretless
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.refusals import PolicyForbids
from alma_agent.proposals.signing import sign
from alma_agent.proposals.vouching import vouch_here
from alma_agent.terminal.proposals.cases import Case
from alma_agent.terminal.proposals.review_documents import ToldDecision, ToldPerson
from alma_agent.terminal.proposals.who_reviews import Key

_TICK = timedelta(seconds=1)  # a decision's time is told to the second


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision, and the name of its file in the proposal's folder."""

    decision: Decision
    reviewer: Person
    reason: str
    signed: bool
    file: str

    def told(self, left_out: tuple[str, ...], why_not: str) -> ToldDecision:
        return ToldDecision(
            decision=self.decision,
            reviewer=ToldPerson(name=self.reviewer.name, email=self.reviewer.email),
            reason=self.reason,
            signed=self.signed,
            file=self.file,
            left_out=list(left_out),
            not_remembered=why_not,
        )


def keep_decision(
    case: Case,
    decision: Decision,
    reviewer: Person,
    reason: str,
    *,
    key: Key | None,
    policy: Policy,
    onto: str,
) -> Kept:
    """Write a decision on the revision that was shown. The same one said before is replaced.

    `onto` is what the policy is of. Raises UsageError and NeedsHuman if it cannot be signed,
    PolicyForbids if it would not count: then it was not written.
    """
    approval = new_approval(
        case.document,
        case.folder.sha256,
        decision=decision,
        reviewer=reviewer,
        reason=secretless(reason).strip(),  # it is made to be published
        at=_next_moment(case, reviewer),
    )
    data = encode(approval)
    name = f"{APPROVALS}/{file_names(approval)}"
    files = {name: data}
    if key is not None:
        with key.file() as file:
            files[f"{name}{SIGNATURE}"] = sign(data, file)
    _require_counting(case, policy, name, files, onto)
    if key is None:  # said twice in one second: a signature over the first is over other bytes
        (case.folder.place / f"{name}{SIGNATURE}").unlink(missing_ok=True)
    folders.add(case.folder, files)
    _drop_older(case, approval, keep=name, signed=key is not None)
    if decision == "approved":
        vouch_here(case.workspace, case.folder.sha256)
    return Kept(decision, reviewer, approval.reason, key is not None, name)


def _require_counting(
    case: Case, policy: Policy, name: str, files: dict[str, bytes], onto: str
) -> None:
    """Raise PolicyForbids for a decision that the policy would pass over, and its signature."""
    looking = Looking(
        case.folder.sha256,
        case.document,
        policy,
        policy.signers or b"",
        datetime.now(UTC),
        (case.document.author.email,),
        Account(),
    )
    signature = files.get(f"{name}{SIGNATURE}")
    one = looking.decided(PurePosixPath(name), files[name], signature)
    if one.but:
        said = "An approval" if one.approval.decision == "approved" else "A rejection"
        by = f"{policy.source} at {onto}" if policy.source else f"the policy of {onto}"
        raise PolicyForbids(
            "policy",
            f"{said} by {one.who} would not count, by {by}: {one.but}. It was not written.",
        )


def _next_moment(case: Case, reviewer: Person) -> datetime:
    """Return a time after whatever the same person said: of two decisions the later one holds."""
    now = datetime.now(UTC)
    said = [
        datetime.fromisoformat(one.at) + _TICK
        for path, data in case.folder.files.items()
        if path.parts[0] == APPROVALS and (one := _read(data)) is not None
        if one.reviewer.email.casefold() == reviewer.email.casefold()
    ]
    return max([now, *(one for one in said if one - now <= _TICK)])


def _drop_older(case: Case, new: ApprovalDocument, *, keep: str, signed: bool) -> None:
    """Take away what the same person said before, if it is the same; a signature is never lost."""
    for path, data in case.folder.files.items():
        signature = path.with_name(f"{path.name}{SIGNATURE}")
        has_one = signature in case.folder.files
        if path.parts[0] != APPROVALS or path == PurePosixPath(keep) or path.suffix != ".json":
            continue
        if (has_one and not signed) or not _is_same(data, new):
            continue
        for one in (signature, path):
            (case.folder.place / one).unlink(missing_ok=True)


def _read(data: bytes) -> ApprovalDocument | None:
    try:
        return decode(data, ApprovalDocument)
    except Unreadable:  # a signature, say
        return None


def _is_same(data: bytes, new: ApprovalDocument) -> bool:
    old = _read(data)
    return old is not None and (old.sha256, old.decision, old.reviewer.email.casefold()) == (
        new.sha256,
        new.decision,
        new.reviewer.email.casefold(),
    )
