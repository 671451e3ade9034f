"""Checkpoints where there is no git: the bytes themselves, in a folder each under `.alma/`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolset.checkpoint_refs import Side
from toolset.edits import ChangeSet
from toolset.journal import sync_folder, write_durably
from toolset.workspace import Workspace


@dataclass(frozen=True)
class Snapshots:
    """The snapshots of one workspace. Everything here raises OSError."""

    workspace: Workspace

    def write(self, id: str, manifest: str, changes: ChangeSet) -> None:
        final = self.workspace.state_folder("snapshots") / id
        unfinished = final.with_suffix(".tmp")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        for number, edit in enumerate(changes):
            for side, state in (("before", edit.before), ("after", edit.after)):
                if state is not None:
                    write_durably(unfinished / f"{number}.{side}", state.data)
        write_durably(unfinished / "manifest.json", manifest.encode())
        sync_folder(unfinished)
        unfinished.rename(final)
        sync_folder(final.parent)

    def manifest(self, id: str) -> str:
        """Return what was written with a snapshot; empty if there is none."""
        path = self._folder(id) / "manifest.json"
        return path.read_text("utf-8") if path.exists() else ""

    def manifests(self) -> list[str]:
        home = self.workspace.state_path("snapshots")
        ids = [path.name for path in home.iterdir() if not path.suffix] if home.is_dir() else []
        return [text for text in map(self.manifest, ids) if text]

    def data(
        self, id: str, side: Side, paths: Sequence[PurePosixPath], order: Sequence[PurePosixPath]
    ) -> list[bytes]:
        """Return files' bytes; `order` is the snapshot's own order of paths."""
        folder = self._folder(id)
        return [(folder / f"{order.index(path)}.{side}").read_bytes() for path in paths]

    def relabel(self, id: str, manifest: str, label: str) -> None:  # noqa: ARG002 - in the manifest
        path = self._folder(id) / "manifest.json"
        unfinished = path.with_suffix(".tmp")
        unfinished.unlink(missing_ok=True)
        write_durably(unfinished, manifest.encode())
        unfinished.rename(path)
        sync_folder(path.parent)

    def remove(self, id: str) -> None:
        shutil.rmtree(self._folder(id))

    def _folder(self, id: str) -> Path:
        return self.workspace.state_path("snapshots") / id
