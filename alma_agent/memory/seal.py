"""Whether the files of an index are as they were left.

Chroma's core ends the whole process (SIGSEGV) when it reads a vector segment that is cut off or
altered, or quietly finds less. So each file's digest is written down, and compared before Chroma
sees it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

_NAME = "seal.json"
_UNFINISHED = "seal.new"
_DATABASE = "chroma.sqlite3"


class _Stamp(NamedTuple):
    """What tells that a file is the one that was read."""

    size: int
    changed_ns: int
    mode: int


class Seal:
    """The seal of one Chroma folder: digests of its files, in a file among them.

    While the index is open its database changes at each write, so only the segments are sealed
    then; SQLite's own check judges the database of a process that was killed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME
        self._sealed: dict[str, tuple[_Stamp, str]] = {}
        self._broken = False

    def is_whole(self) -> bool:
        """Say whether the folder can be opened: it is new, or as it was left.

        Reads all of it: about 0.2 s for 100,000 vectors of 384 dimensions.
        """
        paths = self._files()
        if not paths:
            return True
        told = self._read()
        segments = {str(path.relative_to(self._folder)) for path in paths} - {_DATABASE}
        sealed: dict[str, str] = told.get("files", {})
        if segments != sealed.keys() - {_DATABASE}:
            return False
        for name, digest in sealed.items():
            path = self._folder / name
            if not path.is_file() or self._digest(path) != digest:
                return False
        return _DATABASE in sealed or _is_whole_database(self._folder / _DATABASE)

    def renew(self, *, closed: bool) -> None:
        """Write down the files as they are now, if they changed; only their owner may read them.

        Where that cannot be done there is no seal, and the next to open begins anew.
        """
        if self._broken:
            return
        try:
            self._seal(closed=closed)
        except OSError:
            self.break_()

    def _seal(self, *, closed: bool) -> None:
        before, self._sealed = self._sealed, {}
        for path in self._files():
            stamp = _stamp(path)
            if stamp.mode & 0o077:
                path.chmod(0o600)
                stamp = _stamp(path)
            if path.name == _DATABASE and not closed:
                continue
            name = str(path.relative_to(self._folder))
            known = before.get(name)
            as_before = known is not None and known[0] == stamp
            self._sealed[name] = known if known and as_before else (stamp, self._digest(path))
        if self._sealed != before or not self._path.exists():
            self._write({name: digest for name, (_, digest) in self._sealed.items()})

    def break_(self) -> None:
        """Let the folder count as damaged from now on, whatever is in it."""
        self._broken = True
        with suppress(OSError):
            self._path.unlink()

    def _files(self) -> list[Path]:
        """Return all but the seal, and SQLite's own passing files."""
        return [
            path
            for path in self._folder.rglob("*")
            if path.is_file()
            and path.name not in {_NAME, _UNFINISHED}
            and not path.name.startswith(f"{_DATABASE}-")
        ]

    def _read(self) -> dict[str, Any]:
        try:
            told = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) and isinstance(told.get("files"), dict) else {}

    def _write(self, digests: dict[str, str]) -> None:
        new = self._folder / _UNFINISHED
        with open(new, "w", opener=_for_owner) as file:
            json.dump({"files": digests}, file, indent=1, sort_keys=True)
        new.replace(self._path)

    @staticmethod
    def _digest(path: Path) -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> _Stamp:
    told = path.stat()
    return _Stamp(told.st_size, told.st_mtime_ns, stat.S_IMODE(told.st_mode))


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_whole_database(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            found: list[tuple[str]] = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error:
        return False
    return found == [("ok",)]
