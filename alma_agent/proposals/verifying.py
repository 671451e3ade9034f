"""Is a commit exactly an approved proposal: what landing would have made of its parent, again.

The policy is the parent's; approvals count as they did when it was committed. Checks are not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from alma_agent.errors import AlmaError, UsageError
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import PROPOSAL, Person, ProposalDocument, digest
from alma_agent.proposals.drift import drift_of
from alma_agent.proposals.folder import HOME, Folder, is_name, names, read
from alma_agent.proposals.integrity import examined, require_in_policy_scope
from alma_agent.proposals.message import (
    author_of,
    claims,
    message_of,
    named_in,
    reviewer_count,
    reviewers_in,
)
from alma_agent.proposals.policy import Policy, policy_of
from alma_agent.proposals.refusals import Drifted, NotSound, ProposalRefused
from alma_agent.proposals.replaying import replay_of
from alma_agent.proposals.reviewers import is_merged, reviewers_of
from alma_agent.proposals.target import trees_of
from toolset.branches import Branches, Commit
from toolset.errors import ToolsetError
from toolset.git import GitFailed
from toolset.trees import REGULAR, Entry, Trees
from toolset.workspace import Workspace

Standing = Literal["verified", "not a proposal", "wrong"]


@dataclass(frozen=True)
class Verified:
    """What one commit is. `proposal` is the id that it names; `why` says it in a sentence."""

    commit: str
    proposal: str | None
    standing: Standing
    why: str


def verify(workspace: Workspace, revision: str, account: Account) -> tuple[Verified, ...]:
    """Return what a commit is, or each commit of a range `A..B`, parents first.

    `account` gets a step for each commit that says that it is a proposal. Raises UsageError.
    """
    trees = trees_of(workspace)
    try:
        commits = Branches(trees).commits(revision)
    except GitFailed as error:
        raise UsageError(f"{revision!r} names no commit here: {error}") from error
    return tuple(_verified(workspace, trees, commit, account) for commit in commits)


def is_proposal(trees: Trees, folder: Folder, commit: str) -> bool:
    """Say whether a commit is what landing this very proposal makes of its parent."""
    try:
        (one,) = Branches(trees).commits(commit)
        _Claim(trees, folder, one).require()
    except (AlmaError, ToolsetError, GitFailed):
        return False
    return True


def _verified(workspace: Workspace, trees: Trees, commit: Commit, account: Account) -> Verified:
    if len(commit.parents) > 1:
        return Verified(commit.id, None, "not a proposal", "It is a merge.")
    if not claims(commit.message):
        return Verified(commit.id, None, "not a proposal", "It does not say that it is one.")
    proposal, sha256 = named_in(commit.message) or (None, "")
    try:
        with account.step("commit", f"{commit.id[:12]} is an approved proposal."):
            if proposal is None:
                raise NotSound("commit", "Its trailer names no one proposal.")
            _require_one_of(workspace, trees, commit, proposal, sha256)
    except (AlmaError, ToolsetError) as error:
        return Verified(commit.id, proposal, "wrong", str(error))
    return Verified(commit.id, proposal, "verified", "It is as it was approved.")


def _require_one_of(
    workspace: Workspace, trees: Trees, commit: Commit, id: str, sha256: str
) -> None:
    """Raise why a commit is none of the folders that hold the proposal which it names."""
    why: Exception = NotSound(
        "commit",
        f"It names the proposal {id}, and no folder under {HOME} is that one, neither here nor in "
        "the commit.",
    )
    for folder in _folders(workspace, trees, commit, id):
        try:
            if digest(folder.data(PROPOSAL)) == sha256:
                _Claim(trees, folder, commit).require()
                return
        except (ProposalRefused, ToolsetError) as error:
            why = error
        except GitFailed as error:
            why = ProposalRefused("commit", f"git said no: {error}.")
    raise why


def _folders(workspace: Workspace, trees: Trees, commit: Commit, id: str) -> Iterator[Folder]:
    """Yield the folders of this id: on the disk, in the commit, in HEAD."""
    for name in names(workspace):
        if name.endswith(id):
            yield read(workspace, name)
    for revision in (commit.id, "HEAD"):
        files = trees.files_in(revision, HOME)
        tops = {path.relative_to(HOME).parts[0] for path in files}
        for name in sorted(one for one in tops if is_name(one) and one.endswith(id)):
            inside = HOME / name
            yield Folder(workspace.root / inside, inside, _data(trees, files, inside))


def _data(
    trees: Trees, files: Mapping[PurePosixPath, Entry], inside: PurePosixPath
) -> dict[PurePosixPath, bytes]:
    here = {
        path.relative_to(inside): entry for path, entry in files.items() if inside in path.parents
    }
    if any(entry.mode not in REGULAR for entry in here.values()):
        raise NotSound("paths", f"{inside} holds a link.")
    blobs = trees.blobs(entry.blob for entry in here.values())
    return {name: blobs[entry.blob] for name, entry in here.items()}


@dataclass(frozen=True)
class _Claim:
    """A commit that says that it is the proposal of a folder."""

    trees: Trees
    folder: Folder
    commit: Commit

    def require(self) -> None:
        """Raise why it is not what landing the proposal makes of its parent."""
        unheard = Account()
        document = examined(self.folder, unheard)
        onto = self._parent()
        policy = policy_of(self.trees, onto)
        require_in_policy_scope(policy.scope, document, unheard)
        (parent,) = Branches(self.trees).commits(onto)
        # A commit's date is its maker's word; it was not made before the one that it is on.
        at = max(self.commit.committed_at, parent.committed_at)
        counted = reviewers_of(
            self.trees, self.folder, document, policy, onto=onto, at=at, account=unheard
        )
        self._require_told(document, policy, onto, counted)
        drift = drift_of(
            self.trees,
            document,
            self.folder.data(document.patch.file),
            onto,
            allowed=policy.drift,
            replay=replay_of(self.trees, document),
        )
        if drift.kind == "applied" or drift.tree != self.commit.tree:
            raise NotSound("commit", f"It holds something else than the proposal {document.id}.")

    def _parent(self) -> str:
        if len(self.commit.parents) != 1:
            raise NotSound("commit", "It does not have one parent, so it cannot be a change.")
        (onto,) = self.commit.parents
        if self.trees.tree_of(onto) is None:
            raise Drifted(
                "drift",
                f"The commit before it, {onto[:12]}, is not in this clone. Fetch it, then try "
                f"again: git fetch origin {onto}",
            )
        return onto

    def _require_told(
        self, document: ProposalDocument, policy: Policy, onto: str, counted: tuple[Person, ...]
    ) -> None:
        """Raise NotSound unless it tells its author, its proposal and its reviewers truly.

        An approval may have been given that whoever landed it had not seen.
        """
        message = self.commit.message
        told = reviewers_in(message, counted)
        merged = policy.by_merge and is_merged(self.trees, self.folder, document, onto)
        if len(told) != reviewer_count(message) or len(told) + merged < policy.approvals:
            raise NotSound("approvals", "It does not name those who approved it.")
        if message != message_of(document, self.folder.sha256, told):
            raise NotSound("commit", "Its message is not the proposal's.")
        author = author_of(document)
        if self.commit.author != author._replace(date=author.date.removeprefix("@")):
            raise NotSound("commit", "Its author is not the proposal's.")
