"""A change between two trees becomes a proposal's files. Nothing is written but git's objects.

What people typed, programs printed or models said goes in without the secrets that it holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import (
    LOGS,
    PROPOSAL,
    Attached,
    Base,
    Blob,
    ChangedFile,
    Check,
    Cost,
    Evidence,
    Note,
    Origin,
    Person,
    ProposalDocument,
    Step,
    UsedMemory,
    digest,
    encode,
)
from alma_agent.proposals.folder import HOME, Folder, name_of
from alma_agent.proposals.integrity import examined
from alma_agent.proposals.refusals import NotSound
from alma_agent.redact import redacted
from toolset import trees as git_trees
from toolset.errors import PathRefused
from toolset.trees import REGULAR, Change, Entry, Trees
from toolset.workspace import is_protected

if TYPE_CHECKING:
    from alma_agent.proposals.checking import CheckRun


def new_id() -> str:
    """Return an id that no other proposal has."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a change besides the change itself; `ProposalDocument` says what each is."""

    goal: str
    author: Person
    origin: Origin
    agent: str = ""
    model: str | None = None
    rationale: str = ""
    scope: tuple[str, ...] = ()
    recipe: tuple[Step, ...] | None = None
    evidence: Evidence | None = None
    checks: tuple[CheckRun, ...] = ()
    memories: tuple[UsedMemory, ...] = ()
    notes: tuple[Note, ...] = ()
    cost: Cost = field(default_factory=Cost)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=new_id)
    revision: int = 1
    supersedes: str | None = None


def made(trees: Trees, base: str, result_tree: str, told: Told) -> tuple[str, dict[str, bytes]]:
    """Return the name of a proposal's folder, and its files.

    `base` is a commit, `result_tree` what its files are to become. Raises PathRefused for what no
    proposal may change (links, submodules, what is git's or alma's own), ValueError if nothing
    changes, GitFailed.
    """
    commit, base_tree = trees.commit_of(base), trees.tree_of(base)
    if commit is None or base_tree is None:
        raise ValueError(base)
    changes = trees.changes(base_tree, result_tree)
    if not changes:
        raise ValueError("nothing changes")
    require_plain(changes)
    goal = secretless(told.goal).strip()
    patch = _patch(trees, commit, result_tree, told, goal)
    if trees.with_patch(base_tree, patch) != result_tree:
        raise NotSound("patch", "git cannot write this change down as a patch. Nothing was made.")
    name = name_of(moment(told.created_at), goal, told.id)
    patch_name = f"0001-{name[11:-13]}.patch"
    logs = {
        f"check-{number}.txt": secretless(run.output).encode()
        for number, run in enumerate(told.checks, 1)
    }
    document = ProposalDocument(
        version=1,
        id=told.id,
        revision=told.revision,
        supersedes=told.supersedes,
        created_at=moment(told.created_at),
        author=told.author,
        goal=goal,
        rationale=secretless(told.rationale),
        origin=told.origin,
        agent=secretless(told.agent),
        model=told.model,
        base=Base(commit=commit, tree=base_tree),
        result_tree=result_tree,
        patch=Attached(file=patch_name, sha256=digest(patch)),
        files=_table(changes, trees.renames(base_tree, result_tree)),
        scope=list(told.scope),
        recipe=None if told.recipe is None else list(told.recipe),
        evidence=_secretless_evidence(told.evidence),
        checks=[_check(*one) for one in zip(told.checks, logs.items(), strict=True)],
        memories=[_secretless_memory(one) for one in told.memories],
        notes=_secretless_notes(told.notes),
        cost=told.cost,
    )
    files = {f"{LOGS}/{file}": data for file, data in logs.items()}
    files |= {PROPOSAL: encode(document), patch_name: patch}
    _require_sound(name, files)
    return name, files


def _require_sound(name: str, files: Mapping[str, bytes]) -> None:
    """Raise NotSound for what could not land: better now than when somebody has reviewed it."""
    read = {PurePosixPath(file): data for file, data in files.items()}
    examined(Folder(Path(name), HOME / name, read), Account())


def require_plain(changes: Iterable[Change]) -> None:
    """Raise PathRefused for what no proposal may change."""
    for path, before, after in changes:
        if is_protected(path):
            raise PathRefused(path, "is git's or alma's own. No proposal may change it.")
        if not str(path).isprintable():
            raise PathRefused(repr(str(path)), "has a name that alma cannot write down safely.")
        if any(entry and entry.mode not in REGULAR for entry in (before, after)):
            raise PathRefused(
                path,
                "is a link or a submodule. A proposal changes files only; propose those alone: "
                "git diff HEAD -- FILES | alma propose GOAL --from-diff -",
            )


def moment(at: datetime) -> str:
    """Return a time as a proposal writes it: in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def secretless(text: str) -> str:
    """Return a text as it may be published: no secret, nothing that UTF-8 cannot hold, no NUL."""
    whole = text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return redacted(whole)


def _patch(trees: Trees, base: str, tree: str, told: Told, goal: str) -> bytes:
    first = goal.partition("\n")[0]
    subject = "".join(one if one.isprintable() else " " for one in first).strip() or "A change"
    by = git_trees.Person(
        told.author.name, told.author.email, f"{int(told.created_at.timestamp())} +0000"
    )
    message = f"{subject}\n\nAlma-Proposal: {told.id}\n"
    return trees.patch(trees.commit(tree, (base,), message, author=by, committer=by))


def _table(
    changes: Sequence[Change], renames: dict[PurePosixPath, PurePosixPath]
) -> list[ChangedFile]:
    rows = [
        ChangedFile(
            path=str(path),
            base=_blob(before),
            result=_blob(after),
            moved_from=str(renames[path]) if path in renames else None,
        )
        for path, before, after in changes
    ]
    return sorted(rows, key=lambda row: row.path)


def _blob(entry: Entry | None) -> Blob | None:
    if entry is None:
        return None
    return Blob(blob=entry.blob, mode="100755" if entry.mode == "100755" else "100644")


def _check(run: CheckRun, log: tuple[str, bytes]) -> Check:
    return Check(
        argv=list(run.argv),
        exit_code=run.exit_code,
        seconds=round(run.seconds, 3),
        network=run.network,
        log=Attached(file=log[0], sha256=digest(log[1])),
    )


def _secretless_memory(memory: UsedMemory) -> UsedMemory:
    text = secretless(memory.text)
    return UsedMemory(id=memory.id, kind=memory.kind, text=text, sha256=digest(text.encode()))


def _secretless_notes(notes: Iterable[Note]) -> list[Note]:
    return [Note(path=one.path, line=one.line, text=secretless(one.text)) for one in notes]


def _secretless_evidence(evidence: Evidence | None) -> Evidence | None:
    if evidence is None:
        return None
    return Evidence(
        level=evidence.level,
        summary=secretless(evidence.summary),
        leftovers=_secretless_notes(evidence.leftovers),
    )
