"""Which conversations there are on this project's terminals, and which of them was cut off.

A note a session, in a file of its own. While a conversation goes on its process holds a lock, which
a killed process lets go of by dying: so a note that says "open" and whose lock is free was cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alma_agent.errors import AlmaError
from alma_agent.redact import redacted
from toolset.errors import PathRefused
from toolset.workspace import Workspace

_FOLDER = "chat"
_MOST_BYTES = 100_000
_LONGEST_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class SessionNote:
    """What it takes to go on with a conversation besides what was said in it.

    `seen` is when it was last at work, ISO 8601. `goal` is the turn that is under way; empty
    between two turns. `files` and `scope` are what /add and /scope said.
    """

    session: str
    seen: str = ""
    turns: int = 0
    is_open: bool = True
    goal: str = ""
    mode: str = "auto-edit"
    files: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()


def new_name() -> str:
    """Return a name for a session that begins now."""
    return f"chat-{datetime.now().astimezone():%Y%m%d-%H%M}-{secrets.token_hex(2)}"


def may_be_name(text: str) -> bool:
    """Say whether a session may be called so: it is shown, and kept as it is."""
    is_short = 0 < len(text) <= _LONGEST_NAME
    return is_short and text.isprintable() and redacted(text) == text


class Sessions:
    """The notes of one workspace, in `.alma/chat/`. Nothing is made before the first is written."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock: Any = None

    def notes(self) -> list[SessionNote]:
        """Return what is known of every session, the one last at work first."""
        try:
            paths = list(self._workspace.state_path(_FOLDER).glob("*.json"))
        except PathRefused:
            return []
        found = [note for path in paths if (note := _read(path))]
        return sorted(found, key=lambda note: note.seen, reverse=True)

    def note(self, session: str) -> SessionNote | None:
        return next((one for one in self.notes() if one.session == session), None)

    def cut_off(self) -> SessionNote | None:
        """Return the newest session whose process died in the middle of it."""
        return next((one for one in self.notes() if one.is_open and self._is_free(one)), None)

    def write(self, note: SessionNote) -> None:
        """Write a note, as a whole or not at all. Raises PathRefused."""
        self._workspace.state_folder(_FOLDER)
        path = self._path(note.session, "json")
        fresh = path.with_suffix(f".{secrets.token_hex(4)}.new")
        told = replace(note, seen=datetime.now(UTC).isoformat(), goal=redacted(note.goal))
        text = json.dumps(asdict(told))
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as to:
                to.write(text)
            fresh.replace(path)
        except OSError as error:
            raise PathRefused(path, f"cannot be written: {error.strerror}.") from error

    def hold(self, session: str) -> None:
        """Let no other process lead this session; the one that was held before is let go.

        Raises AlmaError if another process holds it.
        """
        from filelock import FileLock, Timeout

        self._workspace.state_folder(_FOLDER)
        path = self._path(session, "lock")
        if self._lock is not None and self._lock.lock_file == str(path):
            return
        lock = FileLock(path, timeout=0, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            raise AlmaError(
                f"Another alma is in the session {session} now. Choose another one with --session, "
                "or end that one."
            ) from error
        self.let_go()
        self._lock = lock

    def let_go(self) -> None:
        """Hold nothing any more."""
        if self._lock is not None:
            path = Path(self._lock.lock_file)
            self._lock.release()
            path.unlink(missing_ok=True)
            self._lock = None

    def _is_free(self, note: SessionNote) -> bool:
        from filelock import FileLock, Timeout

        path = self._path(note.session, "lock")
        if not path.exists():
            return True
        with suppress(Timeout, OSError), FileLock(path, timeout=0, mode=0o600):
            return True
        return False

    def _path(self, session: str, ending: str) -> Path:
        name = hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()[:16]
        return self._workspace.state_path(_FOLDER, f"{name}.{ending}")


def _read(path: Path) -> SessionNote | None:
    """Return a note; None for a file that is none, whoever wrote it."""
    try:
        if not path.is_file():  # to open a pipe would wait for its writer
            return None
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            told = json.loads(file.read(_MOST_BYTES))
        return SessionNote(
            session=_name(told["session"]),
            seen=_checked(told["seen"], str),
            turns=_checked(told["turns"], int),
            is_open=_checked(told["is_open"], bool),
            goal=" ".join(_checked(told["goal"], str).split()),
            mode=told["mode"] if told["mode"] in ("ask", "auto-edit", "plan") else "auto-edit",
            files=tuple(_checked(one, str) for one in told["files"]),
            scope=tuple(_checked(one, str) for one in told["scope"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _name(value: Any) -> str:
    """Return a session's name. Raises ValueError for one that could look like something else."""
    name: str = _checked(value, str)
    if not may_be_name(name):
        raise ValueError(name)
    return name


def _checked(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise TypeError(kind.__name__)
    return value
