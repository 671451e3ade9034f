"""Real repositories with a proposal in them, approved, to be landed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from alma_agent.proposals import folder as folders
from alma_agent.proposals.account import Account
from alma_agent.proposals.approvals import file_names, new_approval
from alma_agent.proposals.artefact import PROPOSAL, Person, Step, digest, encode
from alma_agent.proposals.checking import CheckRun
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.landing import Landed, Wanted, land
from alma_agent.proposals.making import Told, made
from alma_agent.proposals.vouching import Consent
from toolset.git import Repository
from toolset.trees import Entry, Trees
from toolset.workspace import Workspace

Files = Mapping[str, bytes | None]

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
ANN = Person("Ann", "ann@example.org")
BEN = Person("Ben", "ben@example.org")
ID = "0123456789ab"


def git(root: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={"GIT_COMMITTER_DATE": "2026-05-01T12:00:00Z", **os.environ},
        capture_output=True,
        check=False,
        input=stdin,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@dataclass
class House:
    """A repository whose base is the commit `base`."""

    root: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root)

    @property
    def trees(self) -> Trees:
        return Trees(Repository(self.root))

    def copied(self, root: Path) -> House:
        """Return another repository like this one."""
        shutil.copytree(self.root, root, symlinks=True)
        git(root, "update-index", "-q", "--refresh")
        return House(root.resolve())

    @classmethod
    def built(cls, root: Path, files: Files, *options: str) -> House:
        root.mkdir(parents=True)
        git(root, "init", "-q", "-b", "main", *options)
        git(root, "config", "user.name", "Lander")
        git(root, "config", "user.email", "lander@example.org")
        git(root, "config", "core.autocrlf", "false")
        house = cls(root.resolve())
        house.commit("first", files)
        return house

    def commit(self, message: str, files: Files) -> str:
        """Commit files as they are, with the index and files of the user's brought along."""
        for name, data in files.items():
            path = self.root / name
            if data is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        git(self.root, "add", "--all", "--", ".", ":!.alma")
        git(self.root, "commit", "-q", "--allow-empty", "-m", message)
        return self.head

    @property
    def head(self) -> str:
        return git(self.root, "rev-parse", "HEAD")

    def ref(self, name: str) -> str:
        return git(self.root, "rev-parse", "--verify", name)

    def tree_with(
        self, files: Files, modes: Mapping[str, str] | None = None, of: str = "HEAD"
    ) -> str:
        tree = self.trees.tree_of(of)
        assert tree
        entries = {
            PurePosixPath(name): None
            if data is None
            else Entry((modes or {}).get(name, "100644"), self.trees.write_blob(data))
            for name, data in files.items()
        }
        return self.trees.with_entries(tree, entries)

    def propose(
        self,
        files: Files | str,
        *,
        modes: Mapping[str, str] | None = None,
        base: str = "HEAD",
        checks: Sequence[tuple[str, ...]] = (),
        recipe: Sequence[Step] | None = None,
        **told: Any,
    ) -> Folder:
        """Propose files, or a tree."""
        tree = files if isinstance(files, str) else self.tree_with(files, modes, of=base)
        runs = tuple(CheckRun(argv, 0, 0.1, "cut off", "fine\n") for argv in checks)
        said: dict[str, Any] = {
            "goal": "Make it better",
            "author": ANN,
            "origin": "diff" if recipe is None else "refactoring",
            "checks": runs,
            "recipe": None if recipe is None else tuple(recipe),
            "created_at": NOW - timedelta(days=1),
            "id": ID,
        }
        name, data = made(self.trees, base, tree, Told(**(said | told)))
        folders.write(self.workspace, name, data)
        return self.folder(name)

    def folder(self, name: str = ID) -> Folder:
        return folders.find(self.workspace, name)

    def approve(self, folder: Folder, reviewer: Person = BEN, **said: Any) -> Folder:
        approval = new_approval(
            folder.document(),
            digest(folder.data(PROPOSAL)),
            decision=said.get("decision", "approved"),
            reviewer=reviewer,
            reason="",
            at=said.get("at", NOW - timedelta(hours=1)),
        )
        folders.add(folder, {f"approvals/{file_names(approval)}": encode(approval)})
        return self.folder(folder.place.name)

    def approved(self, files: Files | str, **more: Any) -> Folder:
        return self.approve(self.propose(files, **more))

    def land(
        self,
        folder: Folder,
        account: Account | None = None,
        *,
        consent: Consent = lambda _: None,
        **wanted: Any,
    ) -> Landed:
        told = account or Account()
        return land(self.workspace, folder, Wanted(**wanted), told, now=NOW, consent=consent)

    def everything(self) -> dict[str, str]:
        """Return all that a failed landing must leave: refs, index, files."""
        files = {
            str(path.relative_to(self.root)): path.read_bytes().hex()
            for path in self.root.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(self.root).parts
        }
        asked = (
            ("for-each-ref",),
            ("rev-parse", "HEAD"),
            ("ls-files", "-s"),
            ("status", "--porcelain=v2", "--branch"),
        )
        return files | {words[0]: git(self.root, *words) for words in asked}
