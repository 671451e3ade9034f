"""What somebody changed, wherever it is: in the work tree, in commits, in a patch; as a tree.

The user's files, index and branches are only read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import PurePosixPath

from alma_agent.errors import UsageError
from alma_agent.proposals.refusals import Conflicts, some_of
from toolset.errors import PatchRefused
from toolset.git import GitFailed
from toolset.trees import Change, Entry, Trees
from toolset.work_tree import present_tree
from toolset.workspace import is_protected

_TAG = re.compile(r"^(?:\s*\[[^\]\n]*\]\s*)+")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a base's files become. `goal` and `rationale` are what a commit or a letter says of it.

    `authors` are who made it, as git tells them; `left_out` are files that no proposal may change,
    because they are alma's own.
    """

    tree: str
    goal: str = ""
    rationale: str = ""
    authors: tuple[str, ...] = ()
    left_out: tuple[PurePosixPath, ...] = ()


def of_work_tree(trees: Trees, base: str) -> Difference:
    """Return what is not committed yet: changed, new and deleted files, but no ignored ones.

    Raises Conflicts if it meets other changes at the base.
    """
    head = trees.tree_of("HEAD")
    if head is None:
        raise UsageError("There is no commit yet to compare with. Commit something first.")
    try:
        now = present_tree(trees.repository)
    except PatchRefused as error:
        raise UsageError(
            f"{str(error).capitalize()}. Finish it, or `git merge --abort`."
        ) from error
    except GitFailed as error:
        raise UsageError(f"Git cannot read the files as they are: {error}") from error
    return _carried(trees, head, now, base)


def of_revision(trees: Trees, base: str, revision: str) -> Difference:
    """Return what a commit has over its merge base with `base`; or, for `A..B`, B over A.

    Raises UsageError if there is no such commit, Conflicts if it meets other changes at the base.
    """
    old, dots, new = revision.partition("..")
    if dots and not new.startswith("."):
        start, end = (_commit(trees, one or "HEAD") for one in (old, new))
    else:
        end = _commit(trees, revision)
        start = _merge_base(trees, base, end, revision)
    told = _carried(trees, _tree(trees, start), _tree(trees, end), base)
    plain = ("-c", "log.showSignature=false", "log", "--no-color")
    message = trees.repository.quick(*plain, "-1", "--format=%B", end).decode(errors="replace")
    goal, _, rationale = message.strip().partition("\n")
    names = trees.repository.quick(*plain, "--format=%aN <%aE>", f"{start}..{end}")
    authors = dict.fromkeys(names.decode(errors="replace").splitlines())
    return replace(told, goal=goal, rationale=rationale.strip(), authors=tuple(authors))


def of_patch(trees: Trees, base: str, patch: bytes) -> Difference:
    """Return what a patch makes of `base`, as `git diff` or `git format-patch` write it.

    Raises UsageError if it is none, Conflicts if it does not apply.
    """
    if not patch.strip():
        raise UsageError("There is no patch on standard input. Pipe one in, such as `git diff`.")
    before = _tree(trees, base)
    try:
        after = trees.with_patch(before, patch)
    except PatchRefused as error:
        told = str(error).removeprefix("error: ")
        if "valid patches" in told or "corrupt patch" in told or "invalid path" in told:
            raise UsageError(f"This is no patch that git can read: {told}") from error
        raise Conflicts(
            "patch", f"The patch does not apply to {base[:12]}: {told}. Nothing was written."
        ) from error
    goal, author = _letter(patch)
    own = _own(trees, before, after)
    return replace(own, goal=goal, authors=(author,) if author else ())


def _letter(patch: bytes) -> tuple[str, str]:
    """Return the subject of a patch that is a letter, and who sends it; else nothing."""
    head = patch.partition(b"\ndiff --git ")[0]
    if not re.match(rb"(?:From [0-9a-f]{40}|[A-Za-z-]+:) ", head):
        return "", ""
    letter = message_from_bytes(re.sub(rb"\AFrom [^\n]*\n", b"", head), policy=policy.default)
    subject, sender = (" ".join(str(letter.get(one, "")).split()) for one in ("Subject", "From"))
    return _TAG.sub("", subject), sender


def _carried(trees: Trees, old: str, new: str, base: str) -> Difference:
    """Return what made `new` of `old`, made of `base`."""
    own, target = _own(trees, old, new), _tree(trees, base)
    if target == old:
        return own
    merged = trees.merged(old, target, own.tree)
    if merged.conflicts:
        raise Conflicts(
            "drift",
            f"The change meets others at {base[:12]}, in {some_of(merged.conflicts)}. Nothing was "
            "written. Rebase it, then propose it again; or name with --base what it was made over.",
        )
    return replace(own, tree=merged.tree)


def _own(trees: Trees, old: str, new: str) -> Difference:
    """Return a change without what it does to alma's own files."""
    strange = [one for one in trees.changes(old, new) if is_protected(one.path)]
    if not strange:
        return Difference(new)
    entries: dict[PurePosixPath, Entry | None] = {one.path: one.before for one in strange}
    return Difference(trees.with_entries(new, entries), left_out=_paths(strange))


def _paths(changes: Sequence[Change]) -> tuple[PurePosixPath, ...]:
    return tuple(one.path for one in changes)


def _merge_base(trees: Trees, base: str, end: str, revision: str) -> str:
    told = trees.repository.quick("merge-base", base, end, fine=(0, 1)).decode().split()
    if not told:
        raise UsageError(
            f"{revision} and {base[:12]} have no commit in common here. Name the range (A..B), or "
            "fetch what is missing: `git fetch --unshallow`."
        )
    return told[0]


def _commit(trees: Trees, revision: str) -> str:
    found = trees.commit_of(revision)
    if found is None:
        raise UsageError(
            f"There is no commit {revision!r}. If it is the goal, say it first: "
            "`alma propose GOAL --from-diff`."
        )
    return found


def _tree(trees: Trees, commit: str) -> str:
    found = trees.tree_of(commit)
    if found is None:
        raise UsageError(f"There is no commit {commit!r}.")
    return found
