"""Edits carried out on bytes in memory: no disk, all or nothing.

`edit_bytes` and `patch_files` are for everybody who has bytes and an edit; `Draft.patch` is the
same over a workspace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.arguments import require_blocks, require_bytes, require_files, require_text
from toolset.elision import refuse_elision
from toolset.encoding import TextFormat, decode, encode
from toolset.errors import (
    FileExists,
    FileMissing,
    MalformedEdit,
    NoMatch,
    NotText,
    OutsideWorkspace,
    StaleDelete,
)
from toolset.formats.operations import (
    AddFile,
    Block,
    DeleteFile,
    Operation,
    ReplaceIn,
    UpdateFile,
    WriteFile,
)
from toolset.formats.reading import parse
from toolset.formats.search_replace import EXAMPLE
from toolset.hunks import Hunk, with_hunks
from toolset.lines import Lines
from toolset.replacing import Replaced, replace_once, with_line_ends_of

_DATA, _SCRIPT = PurePosixPath("data"), PurePosixPath("data.py")
_NEW = TextFormat("utf-8")


def edit_bytes(data: bytes, blocks: Iterable[tuple[str, str]]) -> bytes:
    """Return `data` with each (search, replace) carried out, in order.

    Encoding, BOM, line endings and final newline are kept. Raises ToolsetError, which says why:
    NotText, NoMatch, Ambiguous, Elided, WrongArgument. Whether a Python file still parses is not
    looked at here.
    """
    require_bytes(data=data)
    for old, new in require_blocks(blocks):
        path = _SCRIPT if _is_script(data) else _DATA
        text, text_format = decode(path, data)
        data = encode(path, replace_once(path, text, old, new).text, text_format)
    return data


def patch_files(files: Mapping[str, bytes], patch: str) -> dict[str, bytes]:
    """Return `files` (bytes by path) with a patch of any known format carried out.

    A V4A patch may add a file that is there already, and writes over it. A patch that names no
    file is for the only one there is. Raises ToolsetError, which says why; never changes `files`.
    Whether Python files still parse is not looked at here.
    """
    require_files(files)
    require_text(patch=patch)
    tree = Tree(dict(files))
    carry_out(tree, parse(patch))
    return tree.files


def unnamed_edit() -> MalformedEdit:
    return MalformedEdit("the edit does not say which file it is for", example=EXAMPLE)


def _is_script(data: bytes) -> bool:
    """Say whether bytes without a name can be read as Python's rules say: by their coding line."""
    try:
        decode(_SCRIPT, data)
    except NotText:
        return False
    return True


@dataclass
class Tree:
    """Files in memory. `modes` are those that a patch sets, by path; `moves` are (old, new).

    `may_overwrite`: a file may be added, or moved, to where one is, if its patch allows it.
    """

    files: dict[str, bytes]
    may_overwrite: bool = True

    def __post_init__(self) -> None:
        self.modes: dict[str, int] = {}
        self.moves: list[tuple[str, str]] = []

    def put(self, path: str, data: bytes, *, is_new: bool, overwrites: bool) -> None:
        if is_new and self.files.get(path) is not None and not (overwrites and self.may_overwrite):
            raise FileExists(path)
        self.files[path] = data


def carry_out(tree: Tree, operations: Iterable[Operation]) -> None:
    """Carry out operations one after the other. Raises ToolsetError; `tree` is worthless then."""
    for operation in operations:
        match operation:
            case ReplaceIn():
                _replace(tree, operation)
            case UpdateFile():
                _update(tree, operation)
            case AddFile():
                _add(tree, operation)
            case WriteFile():
                _write(tree, operation)
            case DeleteFile():
                _delete(tree, operation)


def _replace(tree: Tree, operation: ReplaceIn) -> None:
    path = _found(tree, operation.path)
    text, text_format = decode(PurePosixPath(path), tree.files[path])
    place = PurePosixPath(path)
    grown: list[tuple[int, int]] = []
    for block in operation.blocks:
        line = block.line
        if line:  # numbers are those of the file as it was before the first block
            line += sum(lines for at, lines in grown if at < line)
        replaced = _with_block(place, text, block, line)
        shift = (line or 0) - (block.line or 0)
        grown.append((replaced.line - shift, replaced.text.count("\n") - text.count("\n")))
        text = replaced.text
    tree.files[path] = encode(place, text, text_format)


def _with_block(path: PurePosixPath, text: str, block: Block, line: int | None) -> Replaced:
    try:
        return replace_once(path, text, block.old, block.new, line=line)
    except NoMatch:
        if block.unnumbered is None:
            raise
        return replace_once(path, text, *block.unnumbered, line=line)


def _update(tree: Tree, operation: UpdateFile) -> None:
    path = _found(tree, operation.path)
    place = PurePosixPath(path)
    data = tree.files[path]
    if operation.hunks:
        text, text_format = decode(place, data)
        data = encode(place, _with_hunks(place, text, operation), text_format)
    target = path if operation.moved_to is None else _safe(operation.moved_to)
    if target != path:
        del tree.files[path]
        tree.moves.append((path, target))
    tree.put(target, data, is_new=target != path, overwrites=operation.overwrites)
    if operation.mode is not None:
        tree.modes[target] = operation.mode


def _with_hunks(path: PurePosixPath, text: str, operation: UpdateFile) -> str:
    hunks: Sequence[Hunk] = operation.hunks
    if "\r" not in text:
        # A diff of a CRLF file carries the CRs; the file may have been checked out without.
        bare = [hunk.without_returns() for hunk in hunks]
        hunks = hunks if None in bare else [hunk for hunk in bare if hunk is not None]
    return with_hunks(
        path,
        text,
        hunks,
        newline=operation.newline,
        ends_with_newline=operation.ends_with_newline,
    )


def _add(tree: Tree, operation: AddFile) -> None:
    path = _safe(operation.path)
    data = encode(PurePosixPath(path), operation.text, _NEW)
    tree.put(path, data, is_new=True, overwrites=operation.overwrites)
    if operation.mode is not None:
        tree.modes[path] = operation.mode


def _write(tree: Tree, operation: WriteFile) -> None:
    path = _safe(operation.path)
    if path not in tree.files:
        tree.files[path] = encode(PurePosixPath(path), operation.text, _NEW)
        return
    text, text_format = decode(PurePosixPath(path), tree.files[path])
    refuse_elision(PurePosixPath(path), text, text, operation.text)
    written = operation.text.removeprefix("\ufeff")  # the file's own byte order mark stays
    new = with_line_ends_of(text, written, Lines.of(text).newline())
    if text and not text.endswith("\n"):
        new = new.removesuffix("\n").removesuffix("\r")
    tree.files[path] = encode(PurePosixPath(path), new, text_format)


def _delete(tree: Tree, operation: DeleteFile) -> None:
    path = _found(tree, operation.path)
    if operation.hunks:
        text, _ = decode(PurePosixPath(path), tree.files[path])
        if with_hunks(PurePosixPath(path), text, operation.hunks).strip():
            raise StaleDelete(path)
    del tree.files[path]


def _found(tree: Tree, name: str | None) -> str:
    """Return the path of a file that is there; of the only one, if none is named."""
    if name is not None:
        path = _safe(name)
        if path not in tree.files:
            raise FileMissing(path)
        return path
    if len(tree.files) != 1:
        raise unnamed_edit()
    return next(iter(tree.files))


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise OutsideWorkspace(name, PurePosixPath("the given files"))
    return str(path)
