"""The user's index and work tree, looked at and brought along by git itself.

Git's own filters and its index stay true by that; no hook runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.trees import Change, Entry, Trees, changes_in, index_info


@dataclass(frozen=True)
class Checkout:
    """What is checked out in one work tree. Everything here raises GitFailed."""

    trees: Trees

    def staged(self, tree: str) -> tuple[Change, ...]:
        """Return how the user's index differs from a tree; a file in conflict is not there."""
        words = ("--cached", "-z", "--raw", "--no-renames", "--full-index")
        return changes_in(self.trees.git("diff-index", *words, "--ignore-submodules=all", tree))

    def edited(self) -> tuple[PurePosixPath, ...]:
        """Return the files that differ from the user's index."""
        told = self.trees.git("diff-files", "-z", "--name-only", "--ignore-submodules=all")
        return tuple(PurePosixPath(os.fsdecode(name)) for name in told.split(b"\0") if name)

    def hashed(self, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, str]:
        """Return the blob that git would make of each file on the disk. They must be there."""
        wanted = tuple(paths)
        names = b"".join(b"./%b\n" % os.fsencode(str(path)) for path in wanted)
        told = self.trees.git("hash-object", "--stdin-paths", stdin=names).decode().split()
        return dict(zip(wanted, told, strict=True))

    def refresh(self) -> None:
        """Let the user's index notice which files only look changed, if nobody else holds it."""
        self.trees.git("update-index", "-q", "--refresh", fine=(0, 1, 128))

    def bring(self, old: str, new: str, *, only_look: bool = False) -> None:
        """Bring the user's index and files from one tree to another.

        Raises GitFailed if a file between them is not as `old` has it; nothing is changed then.
        """
        self.trees.git("read-tree", *(["-n"] if only_look else []), "-m", "-u", old, new)

    def stage(self, entries: Mapping[PurePosixPath, Entry | None], *, like: str) -> None:
        """Put files into the user's index, or (None) take them out of it; no file is touched.

        `like` is any id of this repository: some have longer ones.
        """
        if entries:
            feed = index_info(entries, len(like))
            self.trees.git("update-index", "-z", "--index-info", stdin=feed)

    def check_out(self, paths: Iterable[PurePosixPath]) -> None:
        """Write files as the user's index has them, over whatever is there."""
        names = b"".join(os.fsencode(str(path)) + b"\0" for path in paths)
        self.trees.git("checkout-index", "--force", "--quiet", "-z", "--stdin", stdin=names)
