"""Who approved a proposal, and whether that is enough: each file of `approvals/`, looked at.

An approval names one revision by its digest. Where the policy names signers, it counts by its
signature alone, which then proves the e-mail in it. Only a file that is broken stops all: an
approval of an older revision, an expired one, one by a stranger is told, and does not count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

from alma_agent.errors import UsageError
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import (
    APPROVALS,
    ApprovalDocument,
    Decision,
    Person,
    ProposalDocument,
)
from alma_agent.proposals.deciding import MOMENT, Decided, Looking, one_line, wrong_person
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.refusals import NotApproved, NotSound, Rejected

SIGNATURE = ".sig"
"""What the name of a signature ends in, after the name of the approval that it is over."""

_MOST = 100
_SHOWN = 5
_FILE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,120}\.json(?:\.sig)?")


def new_approval(
    document: ProposalDocument,
    sha256: str,
    *,
    decision: Decision,
    reviewer: Person,
    reason: str,
    at: datetime,
) -> ApprovalDocument:
    """Return a decision on the revision whose `proposal.json` has this digest.

    Raises UsageError for a reviewer whose name or e-mail cannot stand in a commit's message.
    """
    if why := wrong_person(reviewer):
        raise UsageError(
            f"The reviewer's {why}. Say who you are: git config user.name NAME, and "
            "git config user.email ADDRESS."
        )
    return ApprovalDocument(
        version=1,
        proposal=document.id,
        revision=document.revision,
        sha256=sha256,
        decision=decision,
        reviewer=reviewer,
        reason=reason.encode("utf-8", "replace").decode(),  # an argument may hold any bytes
        at=at.astimezone(UTC).strftime(MOMENT),
    )


def file_names(approval: ApprovalDocument) -> str:
    """Return the name of an approval's file in `approvals/`; its signature's has `.sig` besides.

    It holds the time, too: a decision takes neither an earlier one's place nor its signature.
    """
    email = approval.reviewer.email.casefold()
    slug = re.sub(r"[^a-z0-9.]+", "-", email)[:40].strip("-.") or "reviewer"
    mark = hashlib.sha256(email.encode()).hexdigest()[:8]
    time = re.sub(r"[-:]", "", approval.at)
    return f"r{approval.revision}-{time}-{approval.decision}-{slug}-{mark}.json"


def decisions(
    folder: Folder,
    document: ProposalDocument,
    policy: Policy,
    signers: bytes | None = None,
    *,
    at: datetime,
    authors: Collection[str] = (),
    account: Account,
) -> tuple[Decided, ...]:
    """Return every decision in the folder, the oldest first, each with why it does not count.

    `at` is the time that decides what is expired; `authors` are e-mails besides the document's
    author; `signers` are by default the policy's. Each file is a step in the account. Raises
    NotSound for one that is broken, UsageError where ssh-keygen is needed and not there.
    """
    known = (policy.signers if signers is None else signers) or b""
    everybody = tuple(dict.fromkeys([document.author.email, *authors]))
    looking = Looking(folder.sha256, document, policy, known, at, everybody, account)
    inside = folder.inside
    try:
        _require_few(folder)
        read = [
            looking.decided(inside / name, data, folder.files.get(_signature(name)))
            for name, data in folder.files.items()
            if _is_approval(folder, name)
        ]
    except NotSound as error:
        account.add(error.rule, "failed", str(error))
        raise
    return tuple(sorted(read, key=lambda one: (one.approval.at, one.is_rejection, one.path)))


def standing(
    folder: Folder,
    document: ProposalDocument,
    policy: Policy,
    signers: bytes | None = None,
    *,
    at: datetime,
    merged: bool = False,
    authors: Collection[str] = (),
    account: Account,
) -> tuple[Person, ...]:
    """Return the people whose approvals count, if they are enough and nobody said no.

    `merged`: the folder stands byte for byte in the commit that the proposal lands on; the rest is
    as for `decisions`. Raises Rejected, NotApproved, NotSound.
    """
    every = decisions(folder, document, policy, signers, at=at, authors=authors, account=account)
    latest = {one.approval.reviewer.email.casefold(): one for one in every if one.is_theirs}
    for one in latest.values():
        if one.is_rejection:
            error = Rejected("rejections", _rejected(folder, document, one))
            account.add("rejections", "failed", str(error), path=str(one.path))
            raise error
    account.add("rejections", "passed")
    people = _distinct([one for one in latest.values() if not one.but])
    names = [f"{one.name} <{one.email}>" for one in people]
    if merged and policy.by_merge:
        names.append("the merge that brought it here")
    told = f"{len(names)} of {policy.approvals} approvals"
    if names:
        told = f"{told}: {', '.join(names)}"
    if len(names) < policy.approvals:
        missing = NotApproved("approvals", _missing(document, policy, told, every))
        account.add("approvals", "failed", str(missing))
        raise missing
    account.add("approvals", "passed", told)
    return people


def _require_few(folder: Folder) -> None:
    """Raise NotSound for more decisions than people make: each costs a look at its signature."""
    found = sum(name.parts[0] == APPROVALS and name.suffix != SIGNATURE for name in folder.files)
    if found > _MOST:
        raise NotSound(
            "approvals",
            f"{folder.inside}/{APPROVALS} holds {found} decisions; {_MOST} are the most.",
        )


def _is_approval(folder: Folder, name: PurePosixPath) -> bool:
    """Say whether a file is an approval. Raises NotSound for what does not belong beside them."""
    if name.parts[0] != APPROVALS:
        return False
    if not _FILE.fullmatch(name.name) or len(name.parts) != len((APPROVALS, "file")):
        raise NotSound("approvals", f"{folder.inside / name} is no approval. Remove it.")
    if name.suffix != SIGNATURE:
        return True
    if name.with_suffix("") not in folder.files:
        raise NotSound(
            "signatures",
            f"{folder.inside / name} is the signature of an approval that is not there. Remove it, "
            "or put the approval back.",
        )
    return False


def _signature(name: PurePosixPath) -> PurePosixPath:
    return name.with_name(f"{name.name}{SIGNATURE}")


def _distinct(approvals: Sequence[Decided]) -> tuple[Person, ...]:
    """Return one person for all approvals that share an e-mail or a key."""
    groups: list[tuple[Person, set[str]]] = []
    for one in approvals:
        marks = one.marks
        same = [group for group in groups if group[1] & marks]
        groups = [group for group in groups if group not in same]
        marks = marks.union(*(group[1] for group in same))
        groups.append((same[0][0] if same else one.approval.reviewer, marks))
    return tuple(person for person, _ in groups)


def _rejected(folder: Folder, document: ProposalDocument, one: Decided) -> str:
    reason = f": {one_line(one.approval.reason)}" if one.approval.reason.strip() else ""
    patch = folder.files.get(PurePosixPath(document.patch.file), b"")
    how = "Propose it"
    if max(patch.count(mark) for mark in (b"\n@@ -", b"\ndiff --git ")) > 1:
        how = f"Take a part of it (`alma review {document.id} --hunks`), propose it"
    return (
        f"{one.who} rejected revision {document.revision} of {document.id}{reason}. "
        f"{how} anew, or ask them to approve it."
    )


def _missing(
    document: ProposalDocument, policy: Policy, told: str, every: Sequence[Decided]
) -> str:
    others = [f"{one.who}: {one.but}" for one in every if one.but]
    more = f"; and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    uncounted = f" Not counted: {'; '.join(others[:_SHOWN])}{more}." if others else ""
    sign = " --sign KEY" if policy.allowed_signers else ""
    return (
        f"Revision {document.revision} of {document.id} has {told}.{uncounted} "
        f"`alma review {document.id} --approve{sign}` adds one."
    )
