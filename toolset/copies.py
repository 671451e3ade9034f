"""A private copy of a workspace with edits in it, for programs that read files from a disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from toolset.edits import ChangeSet
from toolset.errors import PathRefused
from toolset.workspace import Workspace


@contextmanager
def private_copy(workspace: Workspace, changes: ChangeSet) -> Iterator[Workspace]:
    """Yield a workspace that holds the project's files and `changes`; it goes at the end.

    Copied are tracked and untracked files, not ignored ones, and nothing of git's.
    """
    with tempfile.TemporaryDirectory(prefix="alma-", ignore_cleanup_errors=True) as folder:
        copy = Workspace(Path(folder).resolve())
        changed = set(changes.paths)
        for path in workspace.files():
            if path not in changed:
                _copy(workspace, copy, path)
        for edit in changes:
            if edit.after is not None:
                target = copy.absolute(edit.path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(edit.after.data)
                target.chmod(edit.after.mode)
        yield copy


def _copy(workspace: Workspace, copy: Workspace, path: PurePosixPath) -> None:
    target = copy.absolute(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(workspace.absolute(path), target)
    except OSError as error:
        raise PathRefused(path, f"cannot be copied for the check: {error.strerror}.") from error
