"""The next revision of a proposal, in the same folder.

Whoever approved the one before did not see this one: their approvals stay as files, and count no
more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alma_agent.proposals.artefact import (
    APPROVALS,
    Evidence,
    Note,
    ProposalDocument,
    Step,
)
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.loading import require_base
from alma_agent.proposals.making import Told, made
from toolset.edits import ChangeSet, FileState
from toolset.trees import Entry, Trees

if TYPE_CHECKING:
    from alma_agent.proposals.checking import CheckRun


@dataclass(frozen=True, slots=True)
class Revised:
    """What a revision has of its own; the rest is as before. `at` None: now."""

    checks: tuple[CheckRun, ...] = ()
    notes: tuple[Note, ...] = ()
    recipe: tuple[Step, ...] | None = None
    evidence: Evidence | None = None
    at: datetime | None = None


def revised(
    trees: Trees,
    folder: Folder,
    document: ProposalDocument,
    chosen: ChangeSet,
    *,
    checks: Sequence[CheckRun] = (),
    notes: Sequence[Note] = (),
    reason: str = "",
    at: datetime | None = None,
) -> tuple[str, dict[str, bytes]]:
    """Return the revision that holds what was `chosen` of a proposal: its folder's name and files.

    It has no recipe and no evidence: what was proven of the whole is not proven of a part. `notes`
    replace those of before, and `reason` becomes one. Raises Drifted if the base is not in this
    clone, ValueError if nothing was chosen.
    """
    require_base(trees, document)
    told = (Note(path="", line=0, text=reason),) if reason.strip() else ()
    own = Revised(checks=tuple(checks), notes=(*told, *notes), at=at)
    tree = tree_with(trees, document.base.tree, chosen)
    return following(trees, folder, document, base=document.base.commit, tree=tree, own=own)


def following(
    trees: Trees,
    folder: Folder,
    document: ProposalDocument,
    *,
    base: str,
    tree: str,
    own: Revised,
) -> tuple[str, dict[str, bytes]]:
    """Return the revision that makes `tree` of the commit `base`. Raises what `made` raises."""
    told = Told(
        goal=document.goal,
        author=document.author,
        origin=document.origin,
        agent=document.agent,
        model=document.model,
        rationale=document.rationale,
        scope=tuple(document.scope),
        recipe=own.recipe,
        evidence=own.evidence,
        checks=own.checks,
        memories=tuple(document.memories),
        notes=own.notes,
        cost=document.cost,
        created_at=own.at or datetime.now(UTC),
        id=document.id,
        revision=document.revision + 1,
        supersedes=folder.sha256,
    )
    _, files = made(trees, base, tree, told)
    kept = {str(name): data for name, data in folder.files.items() if name.parts[0] == APPROVALS}
    return folder.place.name, files | kept


def tree_with(trees: Trees, base_tree: str, changes: ChangeSet) -> str:
    """Return a tree with edits put into it, whose bytes are as git is to store them."""
    entries = {edit.path: _entry(trees, edit.after) for edit in changes}
    return trees.with_entries(base_tree, entries)


def _entry(trees: Trees, state: FileState | None) -> Entry | None:
    if state is None:
        return None
    return Entry("100755" if state.mode & 0o111 else "100644", trees.write_blob(state.data))
