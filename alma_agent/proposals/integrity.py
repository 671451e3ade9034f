"""Is a folder what its digests say, and does its patch give what its table of files says.

The table is the truth: what is reviewed, compared, and required of every tree that is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import (
    APPROVALS,
    JUNIT,
    LOGS,
    PROPOSAL,
    RESULT,
    SARIF,
    STATEMENT,
    Attached,
    Blob,
    ChangedFile,
    ProposalDocument,
    digest,
)
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.refusals import Drifted, NotSound, PolicyForbids, some_of
from toolset.errors import MalformedScope, PatchRefused
from toolset.trees import Change, Entry, Trees

if TYPE_CHECKING:
    from toolset.scope import EditScope

_LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
_PARTIAL = (
    "This clone was made without all files, and lacks some that the proposal was made over. Fetch "
    "them, then try again: git fetch --refetch --no-filter origin"
)
_AFTERWARDS = frozenset({RESULT, JUNIT, SARIF, STATEMENT})
_NOT_OURS = frozenset({".git", ".alma"})
_NO_NAMES = frozenset({"", ".", ".."})
_SHORT = {"git~1": ".git", "alma~1": ".alma"}


def examined(folder: Folder, account: Account) -> ProposalDocument:
    """Return the proposal of a folder in which everything is as it is said to be.

    What approvals say is looked at elsewhere; here only that nothing else is in the folder.
    Raises NotSound.
    """
    with account.step("schema"):
        document = folder.document()
        _require_sense(document)
    with account.step("digests"):
        _require_digests(folder, document)
    with account.step("paths"):
        require_paths(document)
    with account.step("scope"):
        _require_scope(document)
    return document


def made_tree(trees: Trees, document: ProposalDocument, patch: bytes, over: str) -> str:
    """Return the tree that the patch makes of the tree `over`: the table's files, and no others.

    Raises NotSound if it does not apply there, or changes anything else.
    """
    return made_with_changes(trees, document, patch, over)[0]


def made_with_changes(
    trees: Trees, document: ProposalDocument, patch: bytes, over: str
) -> tuple[str, tuple[Change, ...]]:
    """Return what `made_tree` does, and how it differs from `over`."""
    try:
        made = trees.with_patch(over, patch)
    except PatchRefused as error:
        if "promisor remote" in str(error):
            raise Drifted("drift", _PARTIAL) from error
        raise NotSound("patch", f"{document.patch.file} does not apply: {error}") from error
    changes = trees.changes(over, made)
    found = {one.path: (one.before, one.after) for one in changes}
    if found != table(document):
        raise NotSound("patch", _otherwise(document, found))
    if over == document.base.tree and made != document.result_tree:
        raise NotSound("patch", f"The patch makes another tree than {PROPOSAL} says.")
    return made, changes


Sides = tuple[Entry | None, Entry | None]


def table(document: ProposalDocument) -> dict[PurePosixPath, Sides]:
    """Return the table of files as git's entries: before and after, by path."""
    return {
        PurePosixPath(row.path): (_entry(row.base), _entry(row.result)) for row in document.files
    }


def require_paths(document: ProposalDocument) -> None:
    """Raise NotSound unless the table names regular files inside the project, each one once."""
    rows = document.files
    paths = [row.path for row in rows]
    if paths != sorted(set(paths)):
        raise NotSound("paths", "The table of files is not sorted, or names a file twice.")
    for row in rows:
        _require_path(row.path)
        if row.base == row.result:
            raise NotSound("paths", f"{row.path!r} is in the table of files, and does not change.")
    _require_no_folder(rows)
    _require_moves({row.path: row for row in rows})


def require_in_policy_scope(scope: EditScope, document: ProposalDocument, account: Account) -> None:
    """Raise PolicyForbids if a file is outside of what a policy lets any proposal change."""
    if not scope.globs:
        return
    outside = [row.path for row in document.files if not scope.allows(PurePosixPath(row.path))]
    for path in outside:
        account.add("scope", "failed", f"It is outside of the policy's scope, {scope}.", path=path)
    if outside:
        raise PolicyForbids(
            "scope",
            f"The policy lets proposals change {scope}, and this one changes "
            f"{some_of(outside)} too.",
        )
    account.add("scope", "passed", f"All files are in the policy's scope, {scope}.")


def when(moment: str) -> datetime:
    """Return a moment of a document as a time with its zone. Raises ValueError for no real one."""
    return datetime.fromisoformat(moment)


def _require_sense(document: ProposalDocument) -> None:
    try:
        moment = when(document.created_at)
    except ValueError:
        raise NotSound("schema", f"{document.created_at} is no time.") from None
    if not 0 <= moment.timestamp() < _LATEST:  # git would make another time of it
        raise NotSound("schema", f"{document.created_at} is no time between 1970 and 2200.")
    if not document.goal.strip():
        raise NotSound("schema", "It says no goal.")
    if not document.author.email.strip():
        raise NotSound("schema", "It names no author.")
    for check in document.checks:
        if not check.argv or not check.argv[0] or "\0" in "".join(check.argv):
            raise NotSound("schema", "One of its checks is no command.")
    lengths = {len(one) for one in _object_ids(document)}
    if len(lengths) != 1:
        raise NotSound("schema", "Its objects are named in two ways, sha1 and sha256.")


def _object_ids(document: ProposalDocument) -> Iterator[str]:
    yield from (document.base.commit, document.base.tree, document.result_tree)
    for row in document.files:
        yield from (side.blob for side in (row.base, row.result) if side)


def _require_digests(folder: Folder, document: ProposalDocument) -> None:
    named = {PurePosixPath(PROPOSAL)}
    attached = [(PurePosixPath(document.patch.file), document.patch)]
    attached += [(PurePosixPath(LOGS, one.log.file), one.log) for one in document.checks]
    for path, one in attached:
        if path in named or (len(path.parts) == 1 and not path.name.endswith(".patch")):
            raise NotSound("digests", f"{path} cannot be what {PROPOSAL} says that it is.")
        named.add(path)
        _require_digest(folder, path, one)
    for memory in document.memories:
        if digest(memory.text.encode()) != memory.sha256:
            raise NotSound("digests", f"The memory {memory.id} is not what its digest says.")
    for path in folder.files:
        if path not in named and not _may_be_added(path):
            raise NotSound("digests", f"{folder.inside / path} is not named in {PROPOSAL}.")


def _require_digest(folder: Folder, path: PurePosixPath, attached: Attached) -> None:
    if digest(folder.data(str(path))) != attached.sha256:
        raise NotSound(
            "digests",
            f"{folder.inside / path} is not what {PROPOSAL} says: somebody changed it. Take it as "
            "it was proposed, or let it be proposed anew.",
        )


def _may_be_added(path: PurePosixPath) -> bool:
    """Say whether a file may come to a proposal later: approvals, and what became of it."""
    if len(path.parts) == 1:
        return path.name in _AFTERWARDS
    return path.parts[0] == APPROVALS and path.name.endswith((".json", ".json.sig"))


def _require_path(name: str) -> None:
    parts = name.split("/")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise NotSound("paths", f"{name!r} is no file name in UTF-8.") from None
    if not name.isprintable() or "\\" in name or not _NO_NAMES.isdisjoint(parts):
        raise NotSound("paths", f"{name!r} is no plain path inside the project.")
    if not _NOT_OURS.isdisjoint(map(_folded, parts)):
        raise NotSound("paths", f"{name!r} belongs to git or to alma's own state.")


def _folded(part: str) -> str:
    """Return a name as those systems read it that see no case and no dots at the end."""
    if part.isascii() and part[0] not in ".aAgG":  # nearly all are
        return part
    folded = part.casefold().rstrip(". ").partition(":")[0]
    return _SHORT.get(folded, folded)


def _require_no_folder(rows: list[ChangedFile]) -> None:
    """No file may stand where another needs a folder, neither before nor after."""
    for side in ("base", "result"):
        files = {row.path for row in rows if getattr(row, side)}
        folders = {path.rpartition("/")[0] for path in files} - {""}
        while folders:
            if clash := folders & files:
                raise NotSound("paths", f"{min(clash)} is both a file and a folder.")
            folders = {path.rpartition("/")[0] for path in folders} - {""}


def _require_moves(rows: Mapping[str, ChangedFile]) -> None:
    seen = set()
    for row in rows.values():
        if (source := row.moved_from) is None:
            continue
        gone = rows.get(source)
        if row.base or gone is None or gone.base is None or gone.result or source in seen:
            raise NotSound("paths", f"{row.path!r} cannot have been {source!r} before.")
        seen.add(source)


def _require_scope(document: ProposalDocument) -> None:
    if not document.scope:
        return
    from toolset.scope import EditScope  # its globs take 40 ms to load

    try:
        scope = EditScope(tuple(document.scope))
    except MalformedScope as error:
        raise NotSound("scope", str(error)) from error
    for row in document.files:
        if not scope.allows(PurePosixPath(row.path)):
            raise NotSound("scope", f"{row.path} is outside of the proposal's own scope, {scope}.")


def _entry(blob: Blob | None) -> Entry | None:
    return Entry(blob.mode, blob.blob) if blob else None


def _otherwise(document: ProposalDocument, found: Mapping[PurePosixPath, Sides]) -> str:
    """Say in which files a patch does something else than the table of files."""
    said = table(document)
    odd = sorted(path for path in said.keys() | found.keys() if said.get(path) != found.get(path))
    return f"{document.patch.file} does not do what {PROPOSAL} says, in {some_of(odd)}."
