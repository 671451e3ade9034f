"""Has a proposal landed: as this clone noted, as a commit says, or as what is checked out shows."""

from __future__ import annotations

from alma_agent.errors import UsageError
from alma_agent.proposals.artefact import (
    RESULT,
    ProposalDocument,
    ResultDocument,
    Unreadable,
    decode,
)
from alma_agent.proposals.drift import applied_in
from alma_agent.proposals.folder import HOME, Folder
from alma_agent.proposals.message import TRAILER, named_in
from alma_agent.proposals.refusals import NotSound
from alma_agent.proposals.reviewers import is_merged
from toolset.branches import Branches
from toolset.git import GitFailed
from toolset.trees import Trees


def has_landed(folder: Folder, trees: Trees | None, head: str | None) -> bool:
    """Say whether a proposal has landed; `head` is the tree of HEAD. Raises NotSound."""
    if trees is None or head is None:
        return False
    return bool(how_landed(folder, folder.document(), trees, "HEAD"))


def how_landed(folder: Folder, document: ProposalDocument, trees: Trees, at: str) -> str:
    """Say how a proposal has landed at a commit, or where this clone noted it; empty: it has not.

    Raises NotSound.
    """
    if commit := landed_by(folder, document, trees, at):
        return f"It landed already, by {commit[:12]}."
    try:
        tree = trees.tree_of(at)
        there = tree is not None and applied_in(trees, document, tree)
    except (GitFailed, ValueError):
        there = False
    return f"All of it is in {at} already." if there else ""


def landed_by(folder: Folder, document: ProposalDocument, trees: Trees, at: str) -> str | None:
    """Return the commit by which it landed: this clone's note names it, or it leads to `at`.

    What changed it since, or took it back, is not asked. Raises NotSound.
    """
    return _noted(folder, trees) or landed_in(folder, document, trees, at)


def landed_in(folder: Folder, document: ProposalDocument, trees: Trees, at: str) -> str | None:
    """Return the commit that leads to `at` and is the proposal, approved. Raises NotSound."""
    claim = f"{TRAILER}: {document.id} sha256:{folder.sha256}"
    try:
        saying = Branches(trees).commits_saying(claim, of=at, beyond=document.base.commit)
    except GitFailed:
        return None
    for commit in saying:
        from alma_agent.proposals.verifying import is_proposal

        if is_proposal(trees, folder, commit):
            return commit
    return None


def require_kept(folder: Folder, document: ProposalDocument, trees: Trees, commit: str) -> None:
    """Raise UsageError if a new revision would take away the only copy of what has landed."""
    if trees.commit_of("HEAD") and is_merged(trees, folder, document, "HEAD"):
        return
    raise UsageError(
        f"{document.id} landed, by {commit[:12]}, and its next revision would take the place of "
        f"what landed, which no commit holds: `alma verify` needs it. Commit {HOME} first. "
        "Nothing was written."
    )


def _noted(folder: Folder, trees: Trees) -> str | None:
    """Return the commit that alma noted for this very revision, if it is here and says so, too."""
    try:
        result = decode(folder.data(RESULT), ResultDocument)
        if result.commit is None or result.exit_code or result.sha256 != folder.sha256:
            return None
        (commit,) = Branches(trees).commits(result.commit)
    except (NotSound, Unreadable, GitFailed, ValueError):
        return None
    return commit.id if named_in(commit.message) == (folder.id, folder.sha256) else None
