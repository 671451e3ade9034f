"""A workspace's files as anchors need them: now by the disk, then by git."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from functools import cache, cached_property
from pathlib import PurePosixPath

from alma_agent.errors import UsageError
from alma_agent.memory.anchoring import anchors
from alma_agent.remembered import Anchor, Memory, Standing, place
from toolset.digest import Digest
from toolset.errors import PathRefused
from toolset.git import GitFailed, Repository
from toolset.workspace import Workspace


class Survey:
    """Binds memories to the code of one workspace, and says what became of it.

    Looks at each file once: make a new one for each question.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._files = _WorkspaceFiles(workspace)

    def anchor(self, path: PurePosixPath, symbol: str = "") -> Anchor:
        """Return the code as it is now; without a digest if there is no such file.

        Raises UsageError if the file has no such symbol, PathRefused for what alma does not touch.
        """
        self._workspace.require_inside(path)
        data = self._files.read(path)
        if data is None:
            return Anchor(path, symbol, None, self._files.head)
        anchor = anchors.anchored(path, symbol, data, self._files.head)
        if symbol and anchor.digest is None:
            raise UsageError(f"{path} has no {symbol}. See alma outline {path}.")
        return anchor

    def anchors_as_left(
        self, path: PurePosixPath, symbols: Sequence[str], left: Digest | None
    ) -> list[Anchor]:
        """Return anchors of what a change left of a file: of its symbols, or of all of it.

        `left` is the digest of what it left; of other bytes that are there now, nothing is said.
        """
        data = self._files.read(path)
        if data is None or left is None or Digest.of(data) != left:
            return [Anchor(path, "", left.hex if left else None, self._files.head)]
        found = [anchors.anchored(path, one, data, self._files.head) for one in symbols or [""]]
        return [one for one in found if one.digest] or [
            anchors.anchored(path, "", data, self._files.head)
        ]

    def standings(self, memory: Memory) -> tuple[Standing, ...]:
        return tuple(self._standing(anchor) for anchor in memory.anchors)

    def _standing(self, anchor: Anchor) -> Standing:
        found = anchors.standing(anchor, self._files)
        candidates = tuple(place(*one) for one in found.candidates)
        return Standing(
            anchor, found.verdict, found.path, found.symbol, found.difference, candidates
        )


class _WorkspaceFiles:
    """The `Files` of anchors: a workspace now, and its repository's commits."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._repository = Repository(workspace.root) if workspace.has_git else None
        self.read = cache(self._read)
        self.committed = cache(self._committed)
        self._renames = cache(self._find_renames)
        self.changed = cache(self._changed)

    @cached_property
    def head(self) -> str:
        return (self._repository.head() or "") if self._repository else ""

    @cached_property
    def _paths(self) -> tuple[PurePosixPath, ...]:
        try:
            return self._workspace.files()
        except PathRefused:  # too many to be looked through: what is not in its place is gone
            return ()

    def _read(self, path: PurePosixPath) -> bytes | None:
        try:
            state = self._workspace.state_of(path)
        except PathRefused:
            return None
        return state.data if state else None

    def _committed(self, path: PurePosixPath, head: str) -> bytes | None:
        if not self._repository or not head:
            return None
        try:
            return self._repository.run("cat-file", "blob", f"{head}:{path}")
        except GitFailed:
            return None

    def renamed(self, path: PurePosixPath, head: str) -> PurePosixPath | None:
        return self._renames(head).get(path)

    def _changed(self, head: str) -> Collection[PurePosixPath]:
        """Return the files that differ from a commit, and those that git does not know."""
        if not self._repository or not head:
            return self._paths
        try:
            told = self._repository.run("diff", "--name-only", "--no-renames", "-z", head, "--")
            tracked = self._repository.run("ls-tree", "-r", "--name-only", "-z", head)
        except GitFailed:
            return self._paths
        differing, known = set(_paths_of(told)), set(_paths_of(tracked))
        return [path for path in self._paths if path in differing or path not in known]

    def _find_renames(self, head: str) -> dict[PurePosixPath, PurePosixPath]:
        """Return which files of a commit are elsewhere now, by git's own detection."""
        if not self._repository or not head:
            return {}
        try:
            told = self._repository.run(
                "diff", "--find-renames", "--diff-filter=R", "--name-status", "-z", head, "--"
            )
        except GitFailed:
            return {}
        names = _paths_of(told)
        return {names[at + 1]: names[at + 2] for at in range(0, len(names) - 2, 3)}


def _paths_of(told: bytes) -> list[PurePosixPath]:
    """Return the names that git parts by NUL."""
    return [PurePosixPath(os.fsdecode(name)) for name in told.split(b"\0") if name]
