"""A proposal's change as bytes: what each file is at its base, and what it becomes.

Needs no commit of the base, only the blobs of the files that it touches: a clone of depth 1 has
them, as long as nobody has changed these files.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from alma_agent.proposals.artefact import Blob, ProposalDocument
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.refusals import Drifted, NotSound
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.errors import PatchRefused
from toolset.git import GitFailed
from toolset.trees import Entry, Trees


def changes_of(trees: Trees, folder: Folder, document: ProposalDocument) -> ChangeSet:
    """Return a proposal's change, the bytes as git stores them.

    Raises NotSound if the patch does not give what `proposal.json` says, Drifted if the base's
    files are not in this clone.
    """
    befores = _read(trees, document, [row.base for row in document.files])
    _require_results(trees, folder, document)
    afters = _read(trees, document, [row.result for row in document.files])
    edits = [
        Edit(
            PurePosixPath(row.path),
            _file(_entry(row.base), befores),
            _file(_entry(row.result), afters),
        )
        for row in document.files
    ]
    moves = [
        Move(PurePosixPath(row.moved_from), PurePosixPath(row.path))
        for row in document.files
        if row.moved_from is not None
    ]
    return ChangeSet(tuple(sorted(edits, key=lambda edit: edit.path)), tuple(moves))


def changes_between(trees: Trees, old: str, new: str) -> ChangeSet:
    """Return how two trees differ, the bytes as git stores them; both have regular files only."""
    rows = trees.changes(old, new)
    data = trees.blobs(one.blob for row in rows for one in (row.before, row.after) if one)
    edits = [Edit(path, _file(before, data), _file(after, data)) for path, before, after in rows]
    moves = [Move(was, now) for now, was in sorted(trees.renames(old, new).items())]
    return ChangeSet(tuple(sorted(edits, key=lambda edit: edit.path)), tuple(moves))


def require_base(trees: Trees, document: ProposalDocument) -> None:
    """Raise Drifted if the commit that a proposal was made over is not in this clone."""
    if trees.tree_of(document.base.commit) != document.base.tree:
        raise _missing(document)


def _require_results(trees: Trees, folder: Folder, document: ProposalDocument) -> None:
    """Have git make what the files become, from the patch over these files alone."""
    wrong = f"The patch of {folder.inside} does not give what proposal.json says"
    before = trees.with_entries(trees.empty(), _entries(document, "base"))
    try:
        made = trees.with_patch(before, folder.data(document.patch.file))
    except PatchRefused as error:
        raise NotSound("patch", f"{wrong}: {error}.") from error
    found: dict[PurePosixPath, Entry | None] = {
        path: after for path, _, after in trees.changes(trees.empty(), made)
    }
    if found != _entries(document, "result"):
        raise NotSound("patch", f"{wrong}.")


def _entries(document: ProposalDocument, side: str) -> dict[PurePosixPath, Entry | None]:
    found: dict[PurePosixPath, Entry | None] = {}
    for row in document.files:
        if entry := _entry(row.base if side == "base" else row.result):
            found[PurePosixPath(row.path)] = entry
    return found


def _read(trees: Trees, document: ProposalDocument, blobs: list[Blob | None]) -> dict[str, bytes]:
    try:
        return trees.blobs(one.blob for one in blobs if one)
    except GitFailed as error:
        raise _missing(document) from error


def _entry(blob: Blob | None) -> Entry | None:
    return Entry(blob.mode, blob.blob) if blob else None


def _file(entry: Entry | None, data: dict[str, bytes]) -> FileState | None:
    return FileState(data[entry.blob], int(entry.mode, 8) & 0o777) if entry else None


def _missing(document: ProposalDocument) -> Drifted:
    return Drifted(
        "drift",
        f"The commit that proposal {document.id} was made over is not in this clone. Fetch it: "
        f"`git fetch origin {document.base.commit}` (or `git fetch --unshallow`), and try again.",
    )
