"""What was typed before, kept for each project in the user's own folder; no keys in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory

from alma_agent.redact import redacted

_LONGEST = 1_000_000  # bytes; past it, the older half is forgotten at the next start


class TypedHistory(FileHistory):
    """A history in a file that only its owner reads. What cannot be written is not kept."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path = path
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
            path.chmod(0o600)
            _shortened(path)

    def load_history_strings(self) -> Iterable[str]:
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def append_string(self, string: str) -> None:
        super().append_string(redacted(string))

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)


def history_path(root: Path) -> Path:
    """Return where the history of the project at `root` is kept."""
    import platformdirs

    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path(platformdirs.user_state_path("alma")) / "history" / name


def _shortened(path: Path) -> None:
    if path.stat().st_size <= _LONGEST:
        return
    kept = path.read_bytes()[-_LONGEST // 2 :].partition(b"\n\n")[2]
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(b"\n" + kept)
    fresh.replace(path)
