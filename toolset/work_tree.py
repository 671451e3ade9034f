"""The files of a work tree as a tree of git: through its filters, as if they were added.

The user's index is not touched; objects are written.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from toolset.errors import PatchRefused
from toolset.git import Repository

_UNASKED = ("-c", "core.safecrlf=false", "-c", "advice.addEmbeddedRepo=false")


def present_tree(repository: Repository) -> str:
    """Return the tree of the files as they are: tracked ones and new ones, but none ignored.

    What is alma's own is as the index has it. Raises PatchRefused while a merge waits for its
    conflicts to be resolved, GitFailed.
    """
    if repository.quick("ls-files", "--unmerged", "-z"):
        raise PatchRefused("a merge has conflicts that are not resolved yet")
    place = repository.quick("rev-parse", "--git-path", "index").removesuffix(b"\n")
    own = repository.root / os.fsdecode(place)
    with tempfile.TemporaryDirectory(prefix="alma-") as folder:
        index = Path(folder) / "index"
        if own.exists():  # with what it says of files that are not checked out
            shutil.copy2(own, index)  # its time, too: git goes by it
        also = {"GIT_INDEX_FILE": str(index)}
        paths = (".", ":(exclude,top,icase).alma")
        repository.quick(*_UNASKED, "add", "--all", "--", *paths, also=also)
        return _written(repository, also)


def tree_with(repository: Repository, changed: Iterable[PurePosixPath]) -> str:
    """Return the index's tree with these files as they are now, or gone from it.

    The index is changed: for a private work tree. Raises GitFailed.
    """
    names = b"".join(os.fsencode(str(path)) + b"\0" for path in changed)
    options = ("--add", "--remove", "--replace", "-z", "--stdin")
    repository.quick(*_UNASKED, "update-index", *options, stdin=names)
    return _written(repository)


def uncommitted(repository: Repository) -> tuple[PurePosixPath, ...]:
    """Return the tracked files that are not as HEAD has them, by path. Raises GitFailed."""
    told = repository.quick(
        "status", "--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules"
    )
    return tuple(PurePosixPath(os.fsdecode(line[3:])) for line in told.split(b"\0") if line)


def _written(repository: Repository, also: Mapping[str, str] | None = None) -> str:
    return repository.quick("write-tree", also=also).decode().strip()
