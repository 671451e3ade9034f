"""Who approved a proposal, by the policy of the commit that it lands on."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import APPROVALS, LOGS, PROPOSAL, Person, ProposalDocument
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.policy import Policy
from toolset.trees import REGULAR, Trees


def reviewers_of(
    trees: Trees,
    folder: Folder,
    document: ProposalDocument,
    policy: Policy,
    *,
    onto: str,
    at: datetime,
    account: Account,
) -> tuple[Person, ...]:
    """Return whose approvals count at a time. Raises NotApproved, Rejected, NotSound."""
    from alma_agent.proposals.approvals import standing

    return standing(
        _with_those_of(trees, folder, onto),
        document,
        policy,
        policy.signers,
        at=at,
        merged=policy.by_merge and is_merged(trees, folder, document, onto),
        account=account,
    )


def _with_those_of(trees: Trees, folder: Folder, commit: str) -> Folder:
    """Return the folder with the decisions that a commit has besides: a deletion loses none."""
    there = trees.files_in(commit, folder.inside / APPROVALS)
    lost = {
        name: entry.blob
        for path, entry in there.items()
        if (name := path.relative_to(folder.inside)) not in folder.files and entry.mode in REGULAR
    }
    if not lost:
        return folder
    data = trees.blobs(lost.values())
    return replace(folder, files={**folder.files, **{name: data[lost[name]] for name in lost}})


def is_merged(trees: Trees, folder: Folder, document: ProposalDocument, commit: str) -> bool:
    """Say whether a commit's tree holds the proposal, byte for byte.

    Approvals, and what became of the proposal, may have come later.
    """
    logs = (f"{LOGS}/{one.log.file}" for one in document.checks)
    names = [PurePosixPath(name) for name in (PROPOSAL, document.patch.file, *logs)]
    there = trees.entries(commit, [folder.inside / name for name in names])
    return all(
        (entry := there.get(folder.inside / name)) is not None
        and entry.mode in REGULAR
        and entry.blob == _blob_id(folder.data(str(name)), like=entry.blob)
        for name in names
    )


def _blob_id(data: bytes, *, like: str) -> str:
    """Return what git calls these bytes, in a repository whose ids look so."""
    kind = hashlib.sha1 if len(like) == len(hashlib.sha1(b"").hexdigest()) else hashlib.sha256  # noqa: S324 - git's own names
    return kind(b"blob %d\0" % len(data) + data).hexdigest()
