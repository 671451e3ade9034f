"""Outlines that were made before, kept in alma's state folder by the digest of each file's bytes.

It is text and holds no code: whatever stands in it, reading it runs nothing. It may be deleted, cut
off or written by two processes at once; what does not fit is made anew.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path, PurePosixPath
from secrets import token_hex

from toolset.edits import Digest
from toolset.errors import PathRefused
from toolset.outline.values import FileOutline, OutlinedSymbol, Unread
from toolset.workspace import STATE_FOLDER, Workspace

_FORMAT = 1
_NAME = "outline.txt"
_SETTLED_NS = 2_000_000_000  # longer than any file system takes for granted of its clock
_UNSETTLED = "-"
_FIELDS = attrgetter(*(field.name for field in fields(OutlinedSymbol)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the file: an outline, still as JSON, and which bytes it is of.

    `stamp` is what the file system said of these bytes when they had lain still for a while.
    """

    stamp: str
    digest: str
    outline: str


class OutlineCache:
    """The kept outlines of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept = _read(workspace) if _may_keep(workspace) else {}
        self._now: dict[str, Entry] = {}

    def by_stamp(self, path: PurePosixPath, stamp: str) -> FileOutline | None:
        """Return the outline of a file that is just as it was; its bytes are not read."""
        entry = self._kept.get(str(path))
        if entry is None or entry.stamp != stamp or stamp == _UNSETTLED:
            return None
        return self._taken(path, entry)

    def by_digest(self, path: PurePosixPath, stamp: str, digest: Digest) -> FileOutline | None:
        """Return the outline of these bytes, if it is known under this path."""
        entry = self._kept.get(str(path))
        if entry is None or entry.digest != digest.hex:
            return None
        return self._taken(path, Entry(stamp, entry.digest, entry.outline))

    def add(self, outline: FileOutline, stamp: str, digest: Digest) -> None:
        self._now[str(outline.path)] = Entry(stamp, digest.hex, _encoded(outline))

    def keep(self, *, whole: bool) -> None:
        """Write what was added or taken; with `whole`, forget all else. Does nothing if it cannot.

        The file is replaced as a whole, so a reader finds the old one or the new one.
        """
        entries = self._now if whole else self._kept | self._now
        if entries == self._kept or not _may_keep(self._workspace):
            return
        lines = [_heading(), *(_line(path, entry) for path, entry in sorted(entries.items()))]
        with suppress(OSError, PathRefused):
            self._workspace.state_folder()
            path = self._workspace.state_path(_NAME)
            unfinished = path.with_name(f"{_NAME}-{token_hex(8)}.tmp")
            try:
                unfinished.write_text("".join(lines), encoding="ascii")
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)

    def _taken(self, path: PurePosixPath, entry: Entry) -> FileOutline | None:
        try:
            outline = _decoded(path, entry.outline)
        except (ValueError, TypeError, RecursionError):
            return None
        self._now[str(path)] = entry
        return outline


def stamp_of(file: Path) -> str:
    """Return what the file system says of a file, before it is read. Raises OSError.

    A file that was changed a moment ago gets a stamp that fits nothing: it could change again, to
    the same size, within the same tick of the clock. So git does it too.
    """
    status = file.lstat()
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    if time.time_ns() - changed < _SETTLED_NS:
        return _UNSETTLED
    return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {status.st_ino}"


def _may_keep(workspace: Workspace) -> bool:
    """Say whether a cache may be read and written here.

    Without git, alma's folder marks where a project begins; to look must not make one.
    """
    if not (workspace.root / STATE_FOLDER).is_dir():
        return workspace.has_git
    try:
        workspace.require_own_state()
    except PathRefused:
        return False
    return True


def _heading() -> str:
    """Return the first line: what, besides a file's bytes, an outline depends on."""
    made_by = [version("complexipy"), version("ast-grep-py"), sys.version]
    return json.dumps(["alma outline", _FORMAT, *made_by]) + "\n"


def _line(path: str, entry: Entry) -> str:
    return "\t".join((json.dumps(path), entry.stamp, entry.digest, entry.outline)) + "\n"


def _read(workspace: Workspace) -> dict[str, Entry]:
    try:
        text = workspace.state_path(_NAME).read_text("ascii")
    except (OSError, ValueError, PathRefused):
        return {}
    heading, _, rest = text.partition("\n")
    if f"{heading}\n" != _heading():
        return {}
    return dict(_entries(rest.split("\n")))


def _entries(lines: Iterable[str]) -> Iterable[tuple[str, Entry]]:
    for line in lines:
        parts = line.split("\t")
        if len(parts) == len(("path", "stamp", "digest", "outline")):
            with suppress(ValueError):
                yield str(json.loads(parts[0])), Entry(*parts[1:])


def _encoded(outline: FileOutline) -> str:
    error = outline.error and (outline.error.line, outline.error.message)
    symbols = [_FIELDS(symbol) for symbol in outline.symbols]
    content = [outline.language, outline.lines, outline.cognitive_complexity, error, symbols]
    return json.dumps(content, separators=(",", ":"))


def _decoded(path: PurePosixPath, text: str) -> FileOutline:
    """Raises ValueError or TypeError for what is no outline."""
    language, lines, complexity, error, symbols = json.loads(text)
    return FileOutline(
        path,
        language,
        lines,
        tuple(
            OutlinedSymbol(name, dotted, kind, start, end, line, tuple(parameters), is_async, cost)
            for name, dotted, kind, start, end, line, parameters, is_async, cost in symbols
        ),
        complexity,
        None if error is None else Unread(*error),
    )
