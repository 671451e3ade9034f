"""Proposals made without a proposer: some files of a repository, changed, in a sound folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from alma_agent.proposals import folder
from alma_agent.proposals.artefact import Person
from alma_agent.proposals.making import Told, made
from tests.ssh_keys import ssh_keygen
from toolset.git import Repository
from toolset.trees import Entry, Trees
from toolset.workspace import Workspace

AUTHOR = Person(name="An Author", email="author@example.org")


def proposed(
    workspace: Workspace, files: Mapping[str, str | None], **told: Any
) -> tuple[str, Path]:
    """Propose that files become so (None: that they go); return the proposal's id and folder."""
    trees = Trees(Repository(workspace.root))
    entries: dict[PurePosixPath, Entry | None] = {
        PurePosixPath(name): Entry("100644", trees.write_blob(text.encode()))
        if text is not None
        else None
        for name, text in files.items()
    }
    tree = trees.with_entries(str(trees.tree_of("HEAD")), entries)
    known: dict[str, Any] = {
        "goal": "Rename x to y",
        "author": AUTHOR,
        "origin": "diff",
        "created_at": datetime.now(UTC),
    }
    name, parts = made(trees, "HEAD", tree, Told(**(known | told)))
    return name[-12:], folder.write(workspace, name, parts)


def a_key(place: Path, name: str) -> tuple[Path, str]:
    """Make an SSH key; return its file, and its public half as lists of signers have it."""
    file = place / name
    ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(file))
    kind, key, _ = file.with_name(f"{name}.pub").read_text().split(" ", 2)
    return file, f"{kind} {key}"
