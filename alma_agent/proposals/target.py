"""Where a proposal lands: which commit it goes on, and which ref is moved to it."""

from __future__ import annotations

from dataclasses import dataclass

from alma_agent.errors import UsageError
from alma_agent.proposals.refusals import InTheWay
from toolset.branches import Branches
from toolset.git import Repository
from toolset.trees import Trees
from toolset.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Target:
    """A place to land.

    `commit` is what it lands on; its tree says the policy. `ref` is moved, from `old` (None: it
    comes into being). `in_place`: the ref is what is checked out here, so the files come along.
    `exists`: the branch to be made is there already, and stands at `commit`. `tree` is that of
    `commit`, if it is known already.
    """

    commit: str
    ref: str
    old: str | None
    in_place: bool = False
    exists: bool = False
    tree: str | None = None


def trees_of(workspace: Workspace) -> Trees:
    """Return the trees of a workspace's repository. Raises UsageError where there is no git."""
    if not workspace.has_git:
        raise UsageError(f"{workspace.root} is no git repository, and proposals land on branches.")
    return Trees(Repository(workspace.root))


def target_of(trees: Trees, onto: str | None, branch: str | None, *, in_place: bool) -> Target:
    """Return where a proposal lands. Raises UsageError, InTheWay, GitFailed."""
    if branch is not None:
        if in_place:
            raise UsageError("--branch makes a new branch, --in-place moves the one that is here.")
        return _new_branch(trees, onto or "HEAD", branch)
    head = Branches(trees).head()
    if onto in (None, "HEAD"):
        if head is None:
            raise UsageError("There is no commit here yet: nothing can have been proposed over it.")
        if head.ref is None and not in_place:
            raise UsageError(
                "No branch is checked out. Name one with --onto, make one with --branch, or say "
                "--in-place to move HEAD itself."
            )
        return Target(head.commit, head.ref or "HEAD", head.commit, in_place=True, tree=head.tree)
    return _onto(trees, str(onto), head.ref if head else None, in_place=in_place)


def require_still(trees: Trees, target: Target) -> None:
    """Raise InTheWay if something else is checked out now than when the target was found."""
    head = Branches(trees).head()
    here = (head.ref or "HEAD") if head else None
    if target.in_place and here != target.ref:
        raise InTheWay("work-tree", f"{target.ref} was checked out here, and is no longer.")
    if not target.in_place and here == target.ref:
        raise InTheWay("work-tree", f"{target.ref} was checked out here meanwhile. Try again.")


def _onto(trees: Trees, name: str, here: str | None, *, in_place: bool) -> Target:
    branch = Branches(trees).local_branch(name)
    if branch is None:
        raise UsageError(
            f"{name!r} is no branch of this repository. Name one, or begin one there: "
            f"--onto {name} --branch NAME"
        )
    if branch.stands_for:
        raise UsageError(f"{name!r} is only a name for {branch.stands_for}. Name that one.")
    if branch.ref == here:
        return Target(branch.commit, branch.ref, branch.commit, in_place=True)
    if in_place:
        raise UsageError(f"--in-place is for the branch that is checked out here; {name} is not.")
    if branch.place:
        raise InTheWay(
            "work-tree",
            f"{name} is checked out in another work tree, {branch.place}. Run alma apply there.",
        )
    return Target(branch.commit, branch.ref, branch.commit)


def _new_branch(trees: Trees, onto: str, name: str) -> Target:
    if not Branches(trees).is_branch_name(name):
        raise UsageError(f"{name!r} cannot be the name of a branch.")
    there = Branches(trees).local_branch(name)
    if there is not None:
        return Target(there.commit, there.ref, there.commit, exists=True)
    begun_on = Branches(trees).local_branch(onto)  # a tag of that name would come first to git
    commit = begun_on.commit if begun_on else trees.commit_of(onto)
    if commit is None:
        raise UsageError(f"There is no commit {onto!r} here to begin a branch on.")
    return Target(commit, f"refs/heads/{name}", None)
