"""What became of the files that a proposal touches, since it was made; and the tree that lands.

A proposal lands as it was approved, or not: where others changed the same files, a merge has to be
clean, and allowed, or an exact refactoring has to come to the same when it is made again.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from alma_agent.proposals.integrity import Sides, made_with_changes, table
from alma_agent.proposals.refusals import Conflicts, Drifted, NotSound, some_of
from toolset.errors import ToolsetError
from toolset.git import GitFailed
from toolset.trees import REGULAR, Change, Entry, Trees

if TYPE_CHECKING:
    from alma_agent.proposals.artefact import ProposalDocument
    from alma_agent.proposals.policy import Level

Kind = Literal["exact", "untouched", "merge", "replay", "applied"]
Replay = Callable[[str], str]
"""Makes a recipe again over a commit; returns the tree that it comes to."""

_FOLDER = "040000"


@dataclass(frozen=True, slots=True)
class Drift:
    """How a proposal's base compares with where it lands, and the tree that it makes there.

    `paths` are the files of the proposal that others changed meanwhile. `applied`: the tree has all
    of the proposal already, and is as it was. `changes` are what it makes of the tree before.
    """

    kind: Kind
    tree: str
    paths: tuple[PurePosixPath, ...] = ()
    changes: tuple[Change, ...] = field(default=(), repr=False)


def drift_of(
    trees: Trees,
    document: ProposalDocument,
    patch: bytes,
    onto: str,
    *,
    allowed: Level,
    replay: Replay | None,
    target: str | None = None,
) -> Drift:
    """Return what a proposal makes of the commit `onto`.

    `allowed` is how far the base may have moved; `replay` makes the recipe again, if there is one;
    `target` is the tree of `onto`, if it is known. Raises Drifted, Conflicts, NotSound, GitFailed.
    """
    return _Case(trees, document, patch, onto, allowed, replay).drift(target)


def applied_in(trees: Trees, document: ProposalDocument, tree: str) -> bool:
    """Say whether a tree has every file as the proposal would make it."""
    return _Standing(trees, tree, table(document)).applied


def moved_in(trees: Trees, document: ProposalDocument, tree: str) -> tuple[PurePosixPath, ...]:
    """Return the proposal's files that a tree has in another form than its base."""
    return _Standing(trees, tree, table(document)).moved


class _Standing:
    """What stands in a tree where a proposal's files are."""

    def __init__(self, trees: Trees, tree: str, rows: Mapping[PurePosixPath, Sides]) -> None:
        self.tree = tree
        self._rows = rows
        self._trees = trees
        self._leaving = {path for path, (_, after) in rows.items() if after is None}
        self._created = tuple(path for path, (before, _) in rows.items() if before is None)
        above = {folder for path in self._created for folder in path.parents[:-1]}
        self._found = trees.entries(tree, {*rows, *above})

    @property
    def applied(self) -> bool:
        return all(self._found.get(path) == after for path, (_, after) in self._rows.items())

    @property
    def moved(self) -> tuple[PurePosixPath, ...]:
        """The files that are not as the proposal's base had them."""
        return tuple(
            path
            for path, (before, _) in self._rows.items()
            if self._found.get(path) != before and not self._is_emptied(path)
        )

    def require_room(self) -> None:
        """Raise Conflicts where a file is to come, and a folder is; or a file is its folder."""
        clashes: list[PurePosixPath] = []
        for path in self._created:
            if self._mode(path) == _FOLDER:
                clashes += self._trees.files_in(self.tree, path).keys() - self._leaving
            clashes += [
                folder
                for folder in path.parents[:-1]
                if self._mode(folder) not in ("", _FOLDER) and folder not in self._leaving
            ]
        if clashes:
            raise _clash(clashes)

    def _is_emptied(self, path: PurePosixPath) -> bool:
        """Say so of a folder where a file is to come, and that loses files for it."""
        return (
            path in self._created
            and self._mode(path) == _FOLDER
            and any(path in one.parents for one in self._leaving)
        )

    def _mode(self, path: PurePosixPath) -> str:
        found: Entry | None = self._found.get(path)
        return found.mode if found else ""


@dataclass(frozen=True)
class _Case:
    """One proposal over one commit."""

    trees: Trees
    document: ProposalDocument
    patch: bytes
    onto: str
    allowed: Level
    replay: Replay | None

    def drift(self, target: str | None) -> Drift:
        target = target or self.trees.tree_of(self.onto)
        base = self.document.base
        if target is None:
            raise _not_here("The commit that it lands on", self.onto)
        if target == base.tree:
            made, changes = self._made(target)
            return Drift("exact", made, changes=changes)
        if self.onto == base.commit:
            raise _other_tree(base.commit)
        standing = _Standing(self.trees, target, table(self.document))
        if standing.applied:
            return Drift("applied", target)
        standing.require_room()
        if not standing.moved:
            made, changes = self._made(target)
            return Drift("untouched", made, changes=changes)
        return self._over_changed(target, standing.moved)

    def _made(self, over: str) -> tuple[str, tuple[Change, ...]]:
        return made_with_changes(self.trees, self.document, self.patch, over)

    def _over_changed(self, target: str, paths: tuple[PurePosixPath, ...]) -> Drift:
        """Make what was approved meet what came since: clean, and allowed, or not at all."""
        merged, changes = self._merged(target, paths)
        if self.replay is not None and self.allowed != "refuse":
            replayed = self._replayed(self.replay, paths)
            if replayed == merged:
                return Drift("replay", merged, paths, changes)
            if replayed is not None:
                raise Drifted(
                    "drift",
                    "The refactoring, made again over what is there now, comes to something else "
                    f"than what was approved. {self._anew}",
                )
        if self.allowed == "merge":
            return Drift("merge", merged, paths, changes)
        raise Drifted(
            "drift",
            f"Others changed {_told(paths)} since it was made. It merges cleanly, but that is not "
            f"allowed here (drift is {self.allowed!r}). {self._anew}; or, where the policy allows "
            "it: --drift merge",
        )

    def _merged(
        self, target: str, paths: tuple[PurePosixPath, ...]
    ) -> tuple[str, tuple[Change, ...]]:
        base = self.document.base
        if self.trees.tree_of(base.tree) is None:
            raise _not_here(f"Others changed {_told(paths)} meanwhile, and its base", base.commit)
        if (known := self.trees.tree_of(base.commit)) and known != base.tree:
            raise _other_tree(base.commit)
        result, _ = self._made(base.tree)
        try:
            merged = self.trees.merged(base.tree, target, result)
        except GitFailed as error:
            raise Drifted("drift", f"Others changed {_told(paths)} meanwhile: {error}.") from error
        changes = () if merged.conflicts else self.trees.changes(target, merged.tree)
        if strange := merged.conflicts or self._strange(changes):
            raise Conflicts(
                "drift",
                f"Others changed the same places meanwhile, in {_told(strange)}. Nothing was "
                f"moved. {self._after_conflict}",
            )
        return merged.tree, changes

    def _replayed(self, replay: Replay, paths: tuple[PurePosixPath, ...]) -> str | None:
        """Return the tree that the recipe comes to; None if it cannot be made, and need not be."""
        try:
            return replay(self.onto)
        except ToolsetError as error:
            if self.allowed == "merge":
                return None
            raise Drifted(
                "drift",
                f"Others changed {_told(paths)} meanwhile, and the refactoring cannot be made "
                f"again: {error}",
            ) from error

    def _strange(self, changes: Iterable[Change]) -> tuple[PurePosixPath, ...]:
        """Return what a merge changed that nobody approved: other files, links."""
        rows = table(self.document)
        return tuple(
            one.path
            for one in changes
            if one.path not in rows or (one.after and one.after.mode not in REGULAR)
        )

    @property
    def _after_conflict(self) -> str:
        """What to do where a merge is not clean: only a recipe can be made again then."""
        if self.document.recipe:
            return self._anew
        goal = shlex.quote(self.document.goal.strip().splitlines()[0])
        again = f"alma propose {goal}"
        if self.document.origin == "diff":
            return f"Propose it again: rebase the change, then {again} --from-diff"
        return f"Propose it again: {again}"

    @property
    def _anew(self) -> str:
        return f"Let it be made over what is there, and reviewed: alma repropose {self.document.id}"


def _clash(paths: Iterable[PurePosixPath]) -> Conflicts:
    return Conflicts(
        "drift",
        f"A file and a folder would have the same name, or a folder that goes got files: "
        f"{_told(paths)}. Nothing was moved.",
    )


def _not_here(what: str, commit: str) -> Drifted:
    return Drifted(
        "drift",
        f"{what}, {_short(commit)}, is not in this clone. Fetch it, then try again: "
        f"git fetch origin {commit}",
    )


def _other_tree(commit: str) -> NotSound:
    return NotSound("drift", f"{_short(commit)} has another tree than the proposal says.")


def _told(paths: Iterable[PurePosixPath]) -> str:
    return some_of(sorted(set(map(str, paths))))


def _short(commit: str) -> str:
    return commit[:12]
