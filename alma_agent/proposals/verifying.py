"""Is a commit exactly an approved proposal: what landing would have made of its parent, again.

The policy is the parent's, or that of a commit which is trusted: the history of a pull request says
what its author wants. Approvals count as they did when it was committed. Checks are not run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from alma_agent.errors import AlmaError, UsageError
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import Person, ProposalDocument
from alma_agent.proposals.drift import drift_of
from alma_agent.proposals.folder import HOME, Folder, is_name, names, read
from alma_agent.proposals.integrity import examined, require_in_policy_scope
from alma_agent.proposals.message import (
    author_of,
    claims,
    id_alone_in,
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


def verify(
    workspace: Workspace, revision: str, account: Account, *, policy: str | None = None
) -> tuple[Verified, ...]:
    """Return what a commit is, or each commit of a range `A..B`, parents first.

    `policy` is a commit whose policy holds for all of them, and whose tree says what was merged;
    None: the parent of each. `account` gets a step for each commit that says that it is a proposal.
    Raises UsageError, WrongPolicy.
    """
    trees = trees_of(workspace)
    trusted = None
    if policy is not None:
        trusted = trees.commit_of(policy)
        if trusted is None:
            raise UsageError(f"--policy: {policy!r} names no commit here.")
        policy_of(trees, trusted)  # else each commit would be blamed for it
    try:
        commits = Branches(trees).commits(revision)
    except GitFailed as error:
        raise UsageError(f"{revision!r} names no commit here: {error}") from error
    looking = _Looking(workspace, trees, account, trusted)
    return tuple(looking.verified(commit) for commit in commits)


def is_proposal(trees: Trees, folder: Folder, commit: str) -> bool:
    """Say whether a commit is what landing this very proposal makes of its parent."""
    try:
        (one,) = Branches(trees).commits(commit)
        _Claim(trees, folder, one).require()
    except (AlmaError, ToolsetError, GitFailed):
        return False
    return True


@dataclass(frozen=True)
class _Looking:
    """One look at commits. `trusted` is the commit whose policy holds; None: each one's parent."""

    workspace: Workspace
    trees: Trees
    account: Account
    trusted: str | None

    def verified(self, commit: Commit) -> Verified:
        """Return what one commit is."""
        if not claims(commit.message):
            why = "It is a merge." if len(commit.parents) > 1 else "It does not say that it is one."
            return Verified(commit.id, None, "not a proposal", why)
        named, sha256 = named_in(commit.message) or (id_alone_in(commit.message) or None, "")
        try:
            with self.account.step("commit", f"{commit.id[:12]} is an approved proposal."):
                _require_claim(commit, named, sha256)
                self._require_one_of(commit, str(named), sha256)
        except (AlmaError, ToolsetError) as error:
            return Verified(commit.id, named, "wrong", str(error))
        return Verified(commit.id, named, "verified", "It is as it was approved.")

    def _require_one_of(self, commit: Commit, id: str, sha256: str) -> None:
        """Raise why a commit is none of the folders that hold the proposal which it names."""
        why: Exception | None = None
        others = set()
        for folder in self._folders(commit, id):
            try:
                if folder.sha256 != sha256:
                    others.add(folder.sha256)
                    continue
                _Claim(self.trees, folder, commit, self.trusted).require()
                return
            except (ProposalRefused, ToolsetError) as error:
                why = error
            except GitFailed as error:
                why = ProposalRefused("commit", f"git said no: {error}.")
        raise why or _no_folder(id, sha256, others)

    def _folders(self, commit: Commit, id: str) -> Iterator[Folder]:
        """Yield the folders of this id: on the disk, in the commit, in HEAD, in what is trusted."""
        for name in names(self.workspace):
            if name.endswith(id):
                yield read(self.workspace, name)
        for revision in dict.fromkeys((commit.id, "HEAD", self.trusted)):
            if revision is None:
                continue
            files = self.trees.files_in(revision, HOME)
            tops = {path.relative_to(HOME).parts[0] for path in files}
            for name in sorted(one for one in tops if is_name(one) and one.endswith(id)):
                inside = HOME / name
                place = self.workspace.root / inside
                yield Folder(place, inside, _data(self.trees, files, inside))


def _require_claim(commit: Commit, id: str | None, sha256: str) -> None:
    """Raise NotSound for a commit that cannot be a proposal, whatever the proposal is."""
    if len(commit.parents) > 1:
        raise NotSound(
            "commit",
            "It is a merge, and says that it is a proposal: alma apply makes no merges. Take the "
            "trailer out of its message, or land the proposal with alma apply.",
        )
    if id is None:
        raise NotSound("commit", "Its trailer names no one proposal.")
    if not sha256:
        raise NotSound(
            "commit",
            f"It names the proposal {id} without a digest: it was applied by other means than alma "
            "apply (git am of the patch leaves that), so nothing says that this was approved. Take "
            f"it back, then: alma apply {id}",
        )


def _no_folder(id: str, sha256: str, others: Collection[str]) -> NotSound:
    named = f"It names the proposal {id}, sha256:{sha256[:12]}..."
    if others:
        held = ", ".join(f"sha256:{one[:12]}..." for one in sorted(others))
        return NotSound(
            "commit",
            f"{named}, and no folder of that proposal holds this revision: there is {held}. Check "
            f"out a commit whose {HOME} has it, and verify again.",
        )
    return NotSound(
        "commit",
        f"{named}, and there is no folder of it under {HOME}: not in the work tree, not in the "
        "commit, not in HEAD. Fetch the branch that it was proposed on, then verify again with "
        f"that folder in place: git checkout BRANCH -- {HOME}",
    )


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
    trusted: str | None = None

    def require(self) -> None:
        """Raise why it is not what landing the proposal makes of its parent."""
        unheard = Account()
        document = examined(self.folder, unheard)
        onto = self._parent()
        asking = self.trusted or onto
        policy = policy_of(self.trees, asking)
        require_in_policy_scope(policy.scope, document, unheard)
        (parent,) = Branches(self.trees).commits(onto)
        # A commit's date is its maker's word; it was not made before the one that it is on.
        at = max(self.commit.committed_at, parent.committed_at)
        counted = reviewers_of(
            self.trees, self.folder, document, policy, onto=asking, at=at, account=unheard
        )
        self._require_told(document, policy, asking, counted)
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
        self, document: ProposalDocument, policy: Policy, asking: str, counted: tuple[Person, ...]
    ) -> None:
        """Raise NotSound unless it tells its author, its proposal and its reviewers truly.

        An approval may have been given that whoever landed it had not seen.
        """
        message = self.commit.message
        told = reviewers_in(message, counted)
        merged = policy.by_merge and is_merged(self.trees, self.folder, document, asking)
        if len(told) != reviewer_count(message) or len(told) + merged < policy.approvals:
            raise NotSound("approvals", "It does not name those who approved it.")
        if message != message_of(document, self.folder.sha256, told):
            raise NotSound("commit", "Its message is not the proposal's.")
        author = author_of(document)
        if self.commit.author != author._replace(date=author.date.removeprefix("@")):
            raise NotSound("commit", "Its author is not the proposal's.")
