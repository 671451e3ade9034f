"""Which repositories of this user hold a ledger of their own: so that money can be summed up.

One small file a repository, in the user's state folder; it holds the repository's path, nothing
else. It is written when alma asks a model there, and only read by who asks for all repositories.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

import platformdirs

_FOLDER = "repositories"


def note(root: Path) -> None:
    """Remember that alma has worked in the repository at `root`. What fails is left out.

    Asking a model must not fail because of a note for the statistics.
    """
    folder = _folder()
    file = folder / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    if file.exists():
        return
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
            to.write(os.fsencode(root))
        fresh.replace(file)


def repositories() -> list[Path]:
    """Return the roots that were noted, in the order of their names, also those that are gone."""
    try:
        files = [one for one in _folder().iterdir() if not one.name.startswith(".")]
        roots = [Path(os.fsdecode(one.read_bytes())) for one in files]
    except OSError:
        return []
    return sorted(one for one in roots if one.is_absolute())


def _folder() -> Path:
    return Path(platformdirs.user_state_path("alma")) / _FOLDER
