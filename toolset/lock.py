"""One writer a workspace: a lock that a killed process lets go of by dying."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from toolset.errors import PathRefused, WorkspaceBusy
from toolset.workspace import Workspace


@contextmanager
def exclusive(workspace: Workspace, *, timeout_s: float = 30.0) -> Iterator[None]:
    """Hold the workspace's write lock. Raises WorkspaceBusy after `timeout_s`.

    Not re-entrant: take it once, at the outside.
    """
    lock = FileLock(workspace.state_folder() / "lock", timeout=timeout_s, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise WorkspaceBusy(workspace.root, timeout_s) from error
    except OSError as error:
        why = f"cannot be locked: {error.strerror}. Look at it, and move it away."
        raise PathRefused(workspace.state_path("lock"), why) from error
    try:
        yield
    finally:
        lock.release()
