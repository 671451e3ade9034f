"""Runs that stopped before their end, kept so that another process can go on with them.

A kept run holds approvals that are open and edits that are not yet made, so it is signed with a key
of the user's that lies outside any repository: a repository cannot bring one of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import platformdirs
from filelock import FileLock, Timeout
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from alma_agent.errors import AlmaError, NotAuthentic, UsageError
from alma_agent.records import Task
from alma_agent.redact import redacted, without_configured
from toolset.edits import ChangeSet, Digest
from toolset.refactor.evidence import Evidence, Leftover, Place
from toolset.workspace import Workspace

_FOLDER = "paused"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """Evidence in a form that JSON can hold: its places are no keys."""

    changed: tuple[tuple[Place, tuple[str, ...]], ...]
    leftovers: tuple[Leftover, ...]
    doubts: tuple[str, ...]
    checks: tuple[str, ...]
    others: tuple[Leftover, ...]

    @classmethod
    def of(cls, one: Evidence) -> KeptEvidence:
        return cls(tuple(one.changed.items()), one.leftovers, one.doubts, one.checks, one.others)

    def whole(self) -> Evidence:
        return Evidence(dict(self.changed), self.leftovers, self.doubts, self.checks, self.others)


@dataclass(frozen=True, slots=True)
class PausedRun:
    """All that it takes to go on: the task, the staged edits, what was said.

    `talk` are items of the conversation; `state` is the SDK's own, where calls wait for a yes, and
    `heard_now` how many of its items are recorded. `agent` is who was at work. `model` and
    `architect` are as `--model` takes them, `endpoint` where the first was. `seen` are the files
    that the model has looked at, as they were; `waiting` tells of the calls.
    """

    task: Task
    why: str
    opening: str
    changes: ChangeSet
    talk: list[dict[str, Any]]
    heard_now: int = 0
    state: dict[str, Any] | None = None
    agent: str = ""
    agents: bool = False
    model: str = ""
    endpoint: str = ""
    architect: str = ""
    ask_before: tuple[str, ...] = ()
    session: str = ""
    edited_by_hand: bool = True
    evidence: KeptEvidence | None = None
    refusals: tuple[str, ...] = ()
    seen: Mapping[PurePosixPath, Digest | None] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@checked_dataclass(frozen=True, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
class _Body:
    version: int
    workspace: str
    run: PausedRun


@checked_dataclass(frozen=True)
class _Signed:
    signature: str
    body: str


class PausedRuns:
    """The paused runs of one workspace, a file each, readable by their owner only."""

    def __init__(self, workspace: Workspace, *, key: bytes | None = None) -> None:
        self._workspace = workspace
        self._key = key

    def keep(self, run: PausedRun) -> str:
        """Keep a run; return its id. What was kept under this id before is replaced.

        Secrets in what was said are taken out; staged edits are kept as they are.
        """
        run = _secretless(run)
        folder = self._workspace.state_folder(_FOLDER)
        body = _bodies().dump_json(_Body(_VERSION, str(self._workspace.root), run)).decode()
        body = without_configured(body)
        signed = TypeAdapter(_Signed).dump_json(_Signed(self._signature(body), body))
        path = folder / f"{run.task.id}.json"
        fresh = path.with_suffix(f".{secrets.token_hex(4)}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(signed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return run.task.id

    def ids(self) -> list[str]:
        """Return the ids of what is kept, newest first."""
        folder = self._workspace.state_path(_FOLDER)
        found = [one for one in folder.glob("*.json") if one.is_file() and not one.is_symlink()]
        return [one.stem for one in sorted(found, key=lambda one: one.stat().st_mtime_ns)[::-1]]

    def run(self, id_prefix: str = "") -> PausedRun:
        """Return the run whose id begins so; the newest if nothing is named.

        Raises UsageError if there is none, or several; NotAuthentic if it is not of this user's.
        """
        return self._read(self.named(id_prefix))

    def named(self, id_prefix: str = "") -> str:
        """Return the whole id; the newest's if nothing is named. Raises UsageError."""
        ids = self.ids()
        found = [one for one in ids if one.startswith(id_prefix)] if id_prefix else ids[:1]
        if not found:
            what = f"called {id_prefix}" if id_prefix else "here"
            raise UsageError(f"There is no paused run {what}. `alma resume --list` shows them.")
        if len(found) > 1:
            raise UsageError(f"{id_prefix} may be one of: {', '.join(found)}. Say which.")
        return found[0]

    def newest_since(self, since: datetime) -> str:
        """Return the id of the newest run that was kept since then; empty if none was."""
        newest = next(iter(self.ids()), "")
        if not newest:
            return ""
        path = self._workspace.state_path(_FOLDER, f"{newest}.json")
        return newest if path.stat().st_mtime >= since.timestamp() - 1 else ""

    @contextmanager
    def taken(self, id: str) -> Iterator[None]:
        """Hold a run while one process works on it. Raises AlmaError if another does."""
        path = self._workspace.state_folder(_FOLDER) / f"{id}.lock"
        try:
            with FileLock(path, timeout=0, mode=0o600):
                try:
                    yield
                finally:
                    path.unlink(missing_ok=True)
        except Timeout as error:
            raise AlmaError(f"Another alma works on {id} now. Nothing was done.") from error

    def forget(self, id: str) -> None:
        self._workspace.state_path(_FOLDER, f"{id}.json").unlink(missing_ok=True)

    def _read(self, id: str) -> PausedRun:
        path = self._workspace.state_path(_FOLDER, f"{id}.json")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read()
        try:
            signed = TypeAdapter(_Signed).validate_json(data)
            if not hmac.compare_digest(signed.signature, self._signature(signed.body)):
                raise _not_ours(id)
            body = _bodies().validate_json(signed.body)
        except ValidationError as error:
            raise _not_ours(id) from error
        if body.version != _VERSION or body.workspace != str(self._workspace.root):
            raise _not_ours(id)
        if body.run.task.id != id:
            raise _not_ours(id)
        return body.run

    def _signature(self, body: str) -> str:
        key = self._key if self._key is not None else user_key()
        return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()


def _secretless(run: PausedRun) -> PausedRun:
    talk = [
        one | {"content": redacted(one["content"])} if isinstance(one.get("content"), str) else one
        for one in run.talk
    ]
    task = replace(run.task, goal=redacted(run.task.goal))
    return replace(run, task=task, opening=redacted(run.opening), talk=talk, why=redacted(run.why))


def user_key() -> bytes:
    """Return the key that signs what this user's alma keeps; made at the first use.

    Raises AlmaError if it can be neither read nor made.
    """
    path = Path(platformdirs.user_state_path("alma")) / "key"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"key.{secrets.token_hex(4)}.new")
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
                to.write(secrets.token_bytes(32))
            try:
                os.link(fresh, path)  # whoever comes second uses what the first one made
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        key = path.read_bytes()
    except OSError as error:
        raise AlmaError(f"The key at {path} cannot be used: {error.strerror}.") from error
    if len(key) != 32:  # noqa: PLR2004
        raise AlmaError(f"The key at {path} is damaged. Remove it; paused runs are then lost.")
    return key


def _not_ours(id: str) -> NotAuthentic:
    return NotAuthentic(
        f"The paused run {id} was not kept by your alma for this folder, or was changed since. "
        "Nothing was done. Remove it from .alma/paused/ and run the task again."
    )


@cache
def _bodies() -> TypeAdapter[_Body]:
    return TypeAdapter(_Body)
