"""The toolset as plain functions: they take strings, return dictionaries, and raise nothing.

Each works in the workspace that its file lies in; a relative path starts at the current folder.
On failure the dictionary holds `success: False`, `file_path` and `error`, and no file was changed.
"""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from toolset import checkpoints, rewrite
from toolset.apply import apply, belongs_to_a_caller, close, recover
from toolset.arguments import require_path, require_text, texts_of
from toolset.checkpoints import LIBRARY_LABEL
from toolset.checks import require_sound
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit
from toolset.encoding import decode_leniently, line_count
from toolset.errors import ToolsetError, UnfinishedRun
from toolset.gates import findings
from toolset.imports import add_import, remove_import
from toolset.lock import exclusive
from toolset.merging import taken_back
from toolset.rewrite import Address, edit_module, edit_symbol
from toolset.spills import require_no_spill
from toolset.structure import structure_of
from toolset.workspace import Workspace

Result = dict[str, Any]
SymbolAction = Literal[
    "replace body", "replace", "insert before", "insert after", "delete", "decorate"
]
_SYMBOL_ACTIONS: dict[str, Callable[[str, str, str], str]] = {
    "replace body": lambda code, source, name: rewrite.replace_body(source, name, code),
    "replace": lambda code, source, name: rewrite.replace_symbol(source, name, code),
    "insert before": lambda code, source, name: rewrite.insert_before(source, name, code),
    "insert after": lambda code, source, name: rewrite.insert_after(source, name, code),
    "delete": lambda _, source, name: rewrite.delete(source, name),
    "decorate": lambda code, source, name: rewrite.wrap_in_decorator(source, name, code),
}


def safe_replace_text_in_file(file_path: str, old_text: str, new_text: str) -> Result:
    """Replace the one place where `old_text` stands; the file is backed up first.

    Returns `success`, `file_path`, `lines_modified` (numbers in the new file, from 1), `message`
    and `checkpoint`, the backup's id; `warnings`, if something deserves a look (conflict markers, a
    huge deletion); or `success` False and `error`. Encoding, BOM, line endings and mode are kept. A
    Python file that parses must still parse afterwards.
    """

    def edit(workspace: Workspace, path: PurePosixPath) -> Result:
        landed = _land(
            workspace,
            lambda draft: draft.replace(path, old_text, new_text),
            f"replace text in {path}",
        )
        told = _told(landed)
        count = len(told["lines_modified"])
        return {**told, "message": f"Replaced {_lines(count)} in {path}."} if landed else told

    return _reported(file_path, edit, old_text=old_text, new_text=new_text)


def safe_create_file(file_path: str, content: str) -> Result:
    """Create a file that is not there yet; a checkpoint is taken first (in git where there is git).

    Returns `success`, `file_path`, `lines_modified`, `message` and `checkpoint`; or `success` False
    and `error`. A Python file must parse.
    """

    def create(workspace: Workspace, path: PurePosixPath) -> Result:
        landed = _land(workspace, lambda draft: draft.create(path, content), f"create {path}")
        count = line_count(content)
        return {
            "lines_modified": list(range(1, count + 1)),
            "checkpoint": landed[0] if landed else None,
            "message": f"Created {path} with {_lines(count)}.",
        }

    return _reported(file_path, create, content=content)


def safe_edit_symbol(address: str, action: SymbolAction, code: str = "") -> Result:
    """Change one class, function or method, addressed as `pkg/mod.py::Class.method`.

    `action` is `replace body` (all of it, docstring and comments too), `replace`, `insert before`,
    `insert after`, `delete` or `decorate`. `code` is the new body, the new definition, what to
    insert, or the decorator; it takes the file's own indentation and quotes. Returns as
    `safe_replace_text_in_file` does.
    """

    def edit(workspace: Workspace, path: PurePosixPath) -> Result:
        name = Address.parse(address).name
        change = _SYMBOL_ACTIONS[action]
        landed = _land(
            workspace,
            lambda draft: edit_symbol(draft, f"{path}::{name}", partial(change, code)),
            f"{action} {name} in {path}",
        )
        return _told(landed, f"{action.capitalize()}: {name} in {path}.")

    if str(action) not in _SYMBOL_ACTIONS:
        known = ", ".join(_SYMBOL_ACTIONS)
        return {"success": False, "file_path": address, "error": f"{action!r} is none of {known}."}
    return _reported(str(address).partition("::")[0], edit, address=address, code=code)


def safe_edit_imports(
    file_path: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Result:
    """Add and remove imports, each one statement, such as `from a import b as c`.

    Returns as `safe_replace_text_in_file` does. A name that is still used is not removed.
    """

    def edit(workspace: Workspace, path: PurePosixPath) -> Result:
        wanted, unwanted = texts_of("add", add), texts_of("remove", remove)

        def stage(draft: Draft) -> None:
            for statement in wanted:
                edit_module(draft, str(path), partial(add_import, statement=statement))
            for statement in unwanted:
                edit_module(draft, str(path), partial(remove_import, statement=statement))

        landed = _land(workspace, stage, f"imports of {path}")
        return _told(landed, f"Changed the imports of {path}.")

    return _reported(file_path, edit)


def safe_apply_patch(patch: str, *, path: str = ".") -> Result:
    """Carry out the edits of a reply, in any format that `patch_files` reads: all of them, or none.

    File names in it count from the root of the workspace that `path` lies in; if `path` is a file,
    edits that name none are for it. Returns `success`, `files` (those touched), `message` and
    `checkpoint`, and `warnings` as `safe_replace_text_in_file` does; or `success` False and
    `error`.
    """

    def patched() -> Result:
        require_text(patch=patch)
        require_path(path=path)
        place = Path.cwd() / path
        workspace = _workspace_of(place)
        only = workspace.locate(place) if place.is_file() else None
        landed = _land(workspace, lambda draft: draft.patch(patch, only=only), "apply a patch")
        if landed is None:
            return {"checkpoint": None, "files": [], "message": "Nothing to change."}
        checkpoint, changes = landed
        files = [str(path) for path in changes.paths]
        count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
        told = {"checkpoint": checkpoint, "files": files, "message": f"Patched {count}."}
        return {**told, **_warned(changes)}

    return _dictionary({}, patched)


def safe_undo(checkpoint: str, *, path: str = ".") -> Result:
    """Take back what a function of this module did in the workspace that `path` lies in.

    `checkpoint` is the id that it returned. What was changed since elsewhere in the file stays; a
    change in the same or neighbouring lines is an `error`. Returns `success`, `files`, `message`
    and `checkpoint`, the way forward again.
    """

    def undone() -> Result:
        require_text(checkpoint=checkpoint)
        require_path(path=path)
        workspace = _workspace_of(Path.cwd() / path)
        kept = checkpoints.load(workspace, checkpoint)
        changes = checkpoints.changes_of(workspace, kept)
        what = kept.label.removeprefix(LIBRARY_LABEL)
        landed = _land(
            workspace,
            lambda draft: draft.stage(taken_back(workspace, changes, id=checkpoint)),
            f"undo {what}",
        )
        if landed is None:
            told = {"files": [], "message": "The files are as they were before it already."}
            return {"checkpoint": None, **told}
        files = [str(path) for path in landed[1].paths]
        return {"checkpoint": landed[0], "files": files, "message": f"Took back {what}."}

    return _dictionary({"checkpoint": checkpoint}, undone)


def analyze_file_structure(file_path: str) -> Result:
    """Read a Python file's structure.

    Returns `success`, `file_path`, `structure` (see `Structure.to_dict`), `scopes_count` and
    `complexity_score` (cognitive complexity); or `success` False and `error`.
    """

    def analyze(workspace: Workspace, path: PurePosixPath) -> Result:
        structure = structure_of(workspace.read(path))
        return {
            "structure": structure.to_dict(),
            "scopes_count": len(structure.scopes),
            "complexity_score": structure.complexity_score,
        }

    return _reported(file_path, analyze)


def _reported(
    file_path: str, act: Callable[[Workspace, PurePosixPath], Result], **texts: object
) -> Result:
    def done() -> Result:
        require_path(file_path=file_path)
        require_text(**texts)
        start = Path.cwd() / file_path
        workspace = _workspace_of(start.parent)
        return act(workspace, workspace.locate(start))

    return _dictionary({"file_path": file_path}, done)


def _dictionary(about: Result, act: Callable[[], Result]) -> Result:
    """Return what `act` does, or why it did not, as a dictionary with what it is `about`."""
    try:
        return {"success": True, **about, **act()}
    except (ToolsetError, OSError, ValueError) as error:
        return {"success": False, **about, "error": str(error)}


def _workspace_of(path: Path) -> Workspace:
    return Workspace.around(next(one for one in (path, *path.parents) if one.is_dir()))


def _land(
    workspace: Workspace, stage: Callable[[Draft], object], label: str
) -> tuple[str, ChangeSet] | None:
    """Check, checkpoint and apply what `stage` drafts; return the checkpoint's id and the change.

    None if it changes nothing. It is drafted again under the lock, on files that nobody else's
    alma changes meanwhile.
    """
    if not _drafted(workspace, stage):
        return None
    id_ = secrets.token_hex(4)
    with exclusive(workspace):
        if belongs_to_a_caller(workspace):
            raise UnfinishedRun(workspace.root)
        for recovery in recover(workspace):
            close(workspace, recovery.id)
        changes = _drafted(workspace, stage)
        with checkpoints.kept(workspace, changes, id=id_, label=f"{LIBRARY_LABEL}{label}"):
            apply(workspace, changes, id=id_)
        close(workspace, id_)
    return id_, changes


def _told(landed: tuple[str, ChangeSet] | None, message: str = "") -> Result:
    if landed is None:
        return {"lines_modified": [], "message": "The new text is the old one."}
    checkpoint, changes = landed
    lines = [line for edit in changes for line in _modified_lines(edit)]
    told = {"lines_modified": lines, "checkpoint": checkpoint, "message": message}
    return {**told, **_warned(changes)}


def _warned(changes: ChangeSet) -> Result:
    warnings = [f"{one.path}:{one.line or 1}: {one.what}" for one in findings(changes)]
    return {"warnings": warnings} if warnings else {}


def _drafted(workspace: Workspace, stage: Callable[[Draft], object]) -> ChangeSet:
    draft = Draft(workspace)
    stage(draft)
    changes = draft.changes()
    require_sound(changes)
    require_no_spill(changes)
    return changes


def _modified_lines(edit: Edit) -> Iterator[int]:
    old, new = (
        decode_leniently(edit.path, state.data).split("\n") if state else []
        for state in (edit.before, edit.after)
    )
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag != "equal":
            yield from range(start + 1, end + 1)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
