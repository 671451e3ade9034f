"""Whether a proposal's own checks may be run here: they are commands from whoever could push.

What this clone's user approved is remembered by its digest alone, in alma's private state:
`.alma/approved/<sha256 of proposal.json>`, an empty file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence

from toolset.workspace import Workspace

Consent = Callable[[Sequence[tuple[str, ...]]], None]
"""Takes commands that nobody has vouched for; returns if they may be run, else raises."""

_PLACE = "approved"
_MODE = 0o600


def vouch_here(workspace: Workspace, sha256: str) -> None:
    """Remember that this clone's user knows the proposal whose `proposal.json` has this digest.

    Raises PathRefused, OSError.
    """
    path = workspace.state_folder(_PLACE) / sha256
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, _MODE)
    try:
        os.fchmod(descriptor, _MODE)
    finally:
        os.close(descriptor)


def is_vouched_here(workspace: Workspace, sha256: str) -> bool:
    """Say whether `vouch_here` was called for this digest, in this clone.

    Raises PathRefused where git tracks alma's state: then somebody else may have written it.
    """
    path = workspace.state_path(_PLACE, sha256)
    try:
        status = path.lstat()
    except OSError:
        return False
    if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) != _MODE:
        return False
    workspace.require_own_state()
    return True
