"""The way back: what files were before an apply, kept where the user's own work is not touched.

With git: a commit under `refs/alma/checkpoints/`, made without the user's index, HEAD, stash or
hooks; it holds HEAD's tree with the exact bytes of the touched files laid over it, ignored and
untracked ones too. Without git: the bytes under `.alma/snapshots/`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from toolset.edits import FileState
from toolset.errors import CheckpointFailed, CheckpointGone
from toolset.git import GitFailed, Repository
from toolset.journal import sync_folder, write_durably
from toolset.workspace import Workspace

REFS = "refs/alma/checkpoints"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Some files as they were. `modes` has one entry a path; None where there was no file."""

    id: str
    at: datetime
    label: str
    modes: dict[PurePosixPath, int | None]


def save(
    workspace: Workspace,
    paths: Iterable[PurePosixPath],
    *,
    id: str,
    label: str,
) -> Checkpoint:
    """Keep the present bytes of `paths`. Raises CheckpointFailed: then nothing may be written."""
    states = {path: workspace.state_of(path) for path in paths}
    checkpoint = Checkpoint(
        id,
        datetime.now(UTC),
        " ".join(label.split()),
        {path: None if state is None else state.mode for path, state in states.items()},
    )
    try:
        if workspace.has_git:
            _save_in_git(workspace, checkpoint, states)
        else:
            _save_as_snapshot(workspace, checkpoint, states)
    except (GitFailed, OSError) as error:
        raise CheckpointFailed(str(error)) from error
    return checkpoint


def load(workspace: Workspace, id: str) -> Checkpoint:
    """Return one checkpoint. Raises CheckpointGone if it is gone."""
    try:
        if workspace.has_git:
            message = Repository(workspace.root).run(
                "for-each-ref", "--format=%(contents)", f"{REFS}/{id}"
            )
            return _from_json(message.decode().partition("\n\n")[2])
        return _from_json((_snapshot(workspace, id) / "manifest.json").read_text("utf-8"))
    except (GitFailed, OSError, ValueError) as error:
        raise CheckpointGone(f"checkpoint {id} is gone") from error


def state_at(workspace: Workspace, checkpoint: Checkpoint, path: PurePosixPath) -> FileState | None:
    """Return a file as it was at `checkpoint`. Raises CheckpointGone if its bytes are gone."""
    mode = checkpoint.modes[path]
    if mode is None:
        return None
    try:
        if workspace.has_git:
            repository = Repository(workspace.root)
            return FileState(repository.blob(f"{REFS}/{checkpoint.id}", str(path)), mode)
        number = list(checkpoint.modes).index(path)
        return FileState((_snapshot(workspace, checkpoint.id) / str(number)).read_bytes(), mode)
    except (GitFailed, OSError) as error:
        raise CheckpointGone(f"{path} is gone from checkpoint {checkpoint.id}") from error


def _save_in_git(
    workspace: Workspace, checkpoint: Checkpoint, states: dict[PurePosixPath, FileState | None]
) -> None:
    """Write blobs, tree, commit and ref in one process: `fast-import` takes bytes as they are."""
    repository = Repository(workspace.root)
    head = repository.head()
    message = f"alma checkpoint: {checkpoint.label}\n\n{_to_json(checkpoint)}\n".encode()
    stream = [
        f"commit {REFS}/{checkpoint.id}\n".encode(),
        f"committer alma <alma@localhost> {int(checkpoint.at.timestamp())} +0000\n".encode(),
        b"data %d\n%b\n" % (len(message), message),
    ]
    if head:
        stream.append(f"from {head}\n".encode())
    for path, state in states.items():
        name = _quoted(path)
        if state is None:
            stream.append(b"D %b\n" % name if head else b"")
        else:
            mode = b"100755" if state.mode & 0o100 else b"100644"
            stream.append(b"M %b inline %b\ndata %d\n" % (mode, name, len(state.data)))
            stream.append(state.data + b"\n")
    stream.append(b"done\n")
    repository.run("fast-import", "--quiet", "--done", "--date-format=raw", stdin=b"".join(stream))


def _save_as_snapshot(
    workspace: Workspace, checkpoint: Checkpoint, states: dict[PurePosixPath, FileState | None]
) -> None:
    final = _snapshot(workspace, checkpoint.id)
    unfinished = final.with_suffix(".tmp")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    for number, state in enumerate(states.values()):
        if state is not None:
            write_durably(unfinished / str(number), state.data)
    write_durably(unfinished / "manifest.json", _to_json(checkpoint).encode())
    sync_folder(unfinished)
    unfinished.rename(final)
    sync_folder(final.parent)


def _snapshot(workspace: Workspace, id: str) -> Path:
    return workspace.state_folder("snapshots") / id


def _quoted(path: PurePosixPath) -> bytes:
    """Quote a path as fast-import's C-style string."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return b'"%b"' % escaped.encode()


def _to_json(checkpoint: Checkpoint) -> str:
    return json.dumps(
        {
            "id": checkpoint.id,
            "at": checkpoint.at.isoformat(),
            "label": checkpoint.label,
            "modes": {str(path): mode for path, mode in checkpoint.modes.items()},
        }
    )


def _from_json(text: str) -> Checkpoint:
    content: dict[str, Any] = json.loads(text)
    return Checkpoint(
        content["id"],
        datetime.fromisoformat(content["at"]),
        content["label"],
        {PurePosixPath(path): mode for path, mode in content["modes"].items()},
    )
