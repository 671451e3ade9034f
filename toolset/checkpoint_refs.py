"""Checkpoints in git: two commits each, made without the user's index, HEAD, stash or hooks.

`refs/alma/checkpoints/<id>` holds HEAD's tree with the exact bytes that the touched files had laid
over it, ignored and untracked ones too; `refs/alma/results/<id>`, its child, what they became.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal

from toolset.edits import ChangeSet, FileState
from toolset.git import GitFailed, Repository

Side = Literal["before", "after"]
SIDES: tuple[Side, Side] = ("before", "after")
_REFS: dict[Side, str] = {"before": "refs/alma/checkpoints", "after": "refs/alma/results"}


@dataclass(frozen=True)
class CheckpointRefs:
    """The checkpoints of one repository. Everything here raises GitFailed."""

    repository: Repository

    def write(self, id: str, manifest: str, label: str, at: datetime, changes: ChangeSet) -> None:
        """Write both commits and refs in one process; fast-import takes bytes as they are."""
        if self.manifest(id):
            raise GitFailed(f"there is a checkpoint {id} already")
        head = self.repository.head()
        who = f"committer alma <alma@localhost> {int(at.timestamp())} +0000\n".encode()
        before = {edit.path: edit.before for edit in changes}
        after = {edit.path: edit.after for edit in changes}
        stream = [
            f"commit {_REFS['before']}/{id}\nmark :1\n".encode(),
            who,
            _counted(_first_message(label, manifest)),
            f"from {head}\n".encode() if head else b"",
            *_files(before, deletable=bool(head)),
            f"commit {_REFS['after']}/{id}\n".encode(),
            who,
            _counted(_second_message(label)),
            b"from :1\n",
            *_files(after, deletable=True),
            b"done\n",
        ]
        options = ("--quiet", "--done", "--date-format=raw")
        self.repository.run("fast-import", *options, stdin=b"".join(stream))

    def manifest(self, id: str) -> str:
        """Return what was written with a checkpoint; empty if there is none."""
        return next(iter(self._manifests(f"{_REFS['before']}/{id}")), "")

    def manifests(self) -> list[str]:
        return self._manifests(_REFS["before"])

    def data(
        self,
        id: str,
        side: Side,
        paths: Sequence[PurePosixPath],
        order: Sequence[PurePosixPath],  # noqa: ARG002 - git finds files by their names
    ) -> list[bytes]:
        """Return files' bytes on one side of a checkpoint."""
        return self.repository.blobs([f"{_REFS[side]}/{id}:{path}" for path in paths])

    def relabel(self, id: str, manifest: str, label: str) -> None:
        """Put commits with other messages, and the same trees and times, in the place of both."""
        before, after = (f"{ref}/{id}" for ref in _REFS.values())
        old = self.repository.run("rev-parse", before, after).decode().split()
        headers = [
            self.repository.run("cat-file", "commit", one).partition(b"\n\n")[0] for one in old
        ]
        first = self._commit(headers[0], _first_message(label, manifest))
        child = headers[1].replace(f"parent {old[0]}".encode(), f"parent {first}".encode())
        new = [first, self._commit(child, _second_message(label))]
        updates = zip((before, after), new, old, strict=True)
        feed = "".join(f"update {ref} {to} {at}\n" for ref, to, at in updates)
        self.repository.run("update-ref", "--stdin", stdin=feed.encode())  # both, or none
        for ref in (before, after):
            self._drop_log(ref)

    def remove(self, id: str) -> None:
        """Forget a checkpoint; git frees its bytes when it next collects its garbage."""
        refs = [f"delete {ref}/{id}\n" for ref in _REFS.values()]
        self.repository.run("update-ref", "--stdin", stdin="".join(refs).encode())

    def _commit(self, headers: bytes, message: bytes) -> str:
        options = ("-t", "commit", "-w", "--stdin")
        made = self.repository.run("hash-object", *options, stdin=headers + b"\n\n" + message)
        return made.decode().strip()

    def _drop_log(self, ref: str) -> None:
        """Drop what git may have been told to write down of a ref's past."""
        try:
            self.repository.run("reflog", "exists", ref)
        except GitFailed:
            return
        self.repository.run("reflog", "expire", "--expire=all", ref)

    def _manifests(self, pattern: str) -> list[str]:
        # NUL cannot stand in a commit's message, so it can stand between them.
        listing = self.repository.run("for-each-ref", "--format=%(contents)%00", pattern)
        messages = listing.decode(errors="replace").split("\0")
        return [message.partition("\n\n")[2].strip() for message in messages if message.strip()]


def _first_message(label: str, manifest: str) -> bytes:
    return f"alma checkpoint: {label}\n\n{manifest}\n".encode()


def _second_message(label: str) -> bytes:
    return f"alma: {label}\n".encode()


def _files(states: dict[PurePosixPath, FileState | None], *, deletable: bool) -> Iterator[bytes]:
    """Yield fast-import's commands, deletions first: a folder may come where a file was."""
    for path, state in states.items():
        if state is None and deletable:
            yield b"D %b\n" % _quoted(path)
    for path, state in states.items():
        if state is not None:
            mode = b"100755" if state.mode & 0o100 else b"100644"
            yield b"M %b inline %b\n%b" % (mode, _quoted(path), _counted(state.data))


def _counted(data: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(data), data)


def _quoted(path: PurePosixPath) -> bytes:
    """Quote a path as fast-import's C-style string."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return b'"%b"' % escaped.encode()
