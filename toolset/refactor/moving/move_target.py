"""Put a piece into the module that it goes to, with the imports that it needs there."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.encoding import newline_of
from toolset.errors import RefactoringRefused
from toolset.imports import Imported, add_import
from toolset.refactor.moving.file_imports import FileImports, is_checking
from toolset.refactor.moving.import_edits import without_item
from toolset.refactor.moving.module_names import Key
from toolset.refactor.moving.moved_needs import Needs
from toolset.refactor.moving.moved_text import Piece, pasted
from toolset.refactor.moving.moved_uses import SymbolMove
from toolset.refactor.moving.relocation import FileChange
from toolset.refactor.ranges import Replacement, replaced

FUTURE = "from __future__ import annotations"


def into_target(
    draft: Draft, move: SymbolMove, piece: Piece, needs: Needs, target: PurePosixPath
) -> FileChange | None:
    """Stage the target with the piece; return what changed in it before, None if it is new."""
    there = move.project.files.get(target)
    if there is None:
        draft.create(target, _new(move, piece, needs, target))
        return None
    change = _without_source(move, there)
    _require_free(piece.name, change, move, there)
    text = replaced(there.text, change.replacements)
    if not text.strip():
        draft.write(target, _new(move, piece, needs, target))
        return change
    draft.write(target, text)
    now = FileImports(draft.read(target))
    before = _first_needed(now, piece.name)
    below = max((_line_of(now, name) for name in needs.present), default=0)
    if before is not None and below >= before:
        raise RefactoringRefused(
            f"{target} uses {piece.name} in line {before}, before what that needs is defined there "
            f"(line {below}). Nothing was changed."
        )
    text = pasted(text, piece, before=before, below=below)
    draft.write(target, _with_imports(text, move, piece, needs, target))
    return change


def _new(move: SymbolMove, piece: Piece, needs: Needs, target: PurePosixPath) -> str:
    """Return the text of a new module."""
    text = add_import("", FUTURE) if has_future(piece.file) else ""
    text = _with_imports(text, move, piece, needs, target)
    newline = newline_of(piece.file.text)
    gap = newline * (2 if piece.is_definition else 1) if text else ""
    return f"{text.replace(chr(10), newline)}{gap}{piece.text}{newline}"


def spelled_for(move: SymbolMove, key: Key, path: PurePosixPath, near: FileImports) -> str:
    """Return the name of a module for an import in `path`, relative if `near` imports so."""
    style = [one.imported.module for one in near.names if one.imported.name]
    like = "." if any(one.startswith(".") for one in style) else ""
    root = move.after.root_of(path)
    own = root == move.after.root_of(move.after.file_of(key) or path)
    hit = move.after.absolute(move.after.dotted(key, root if own else None), path)
    if hit is None or hit.key != key:
        raise RefactoringRefused(f"{path} cannot import {key} by a name. Nothing was changed.")
    return move.after.spelled(key, path, like, hit)


def has_future(file: FileImports) -> bool:
    return any(str(one.imported) == FUTURE for one in file.names)


def _without_source(move: SymbolMove, there: FileImports) -> FileChange:
    """Return what the target no longer needs: its import of the name, and `a.` before it."""
    change = FileChange(there)
    for one in there.names:
        if not move.imports_it(one, there):
            continue
        if one.imported.alias not in (None, move.name):
            change.refuse(one.name[0], "it has another name here; use its own name first")
        if one.node not in there.tree.body:
            change.refuse(one.name[0], "import it at the top of the file first")
            continue
        span = (
            _line_of_statement(there, one.statement) if one.is_alone else without_item(one, there)
        )
        change.replace(span, "", at=one.name[0], names=move.source)
    for chain in there.chains:
        if part := move.part_of(chain, there):
            span = (chain.spans[0][0], chain.spans[part][1])
            change.replace(span, move.name, at=chain.spans[part][0], names=move.source)
    if change.stuck:
        raise RefactoringRefused(
            "These are in the way. Nothing was changed:", candidates=change.stuck
        )
    return change


def _line_of_statement(file: FileImports, span: tuple[int, int]) -> tuple[int, int]:
    """Return a statement's lines, whole; its own characters alone where it shares them."""
    start, end = span
    first = file.text.rfind("\n", 0, start) + 1
    last = file.text.find("\n", end) + 1 or len(file.text)
    rest = file.text[end:last].strip()
    if file.text[first:start].strip() or rest.startswith(";"):
        raise RefactoringRefused(
            f"{file.place(start)} shares its line with other code. Nothing was changed."
        )
    return first, last


def _require_free(name: str, change: FileChange, move: SymbolMove, there: FileImports) -> None:
    """Refuse where the target has the name already, as more than an import of this symbol."""
    module = there.bindings.module
    own = [o for o in there.names if o.imported.bound == name and not move.imports_it(o, there)]
    clash = module.others.get(name) or any(there.scope_of(one) is module for one in own)
    imported = any(move.imports_it(one, there) for one in there.names)
    free = any(
        root.id == name and scope.home(name) is module for _, root, scope in there.bindings.reads
    )
    hidden = change.places and any(
        scope is not module and scope.binds(name) for scope in there.bindings.scopes
    )
    if clash or (free and not imported) or hidden:
        raise RefactoringRefused(
            f"{there.path} has another {name} already. Nothing was changed. Rename one first."
        )


def _first_needed(file: FileImports, name: str) -> int | None:
    """Return the line of the first statement that reads a name as soon as the module is run."""
    module = file.bindings.module
    lines = []
    for node, root, scope in file.bindings.reads:
        lazy = scope
        while lazy.parent is not None and (lazy.is_class or lazy.is_comprehension):
            lazy = lazy.parent
        if root.id == name and scope.home(name) is module and lazy is module:
            lines.append(node.lineno)
    return min(lines, default=None)


def _line_of(file: FileImports, name: str) -> int:
    """Return the line in which the target itself defines a name, 0 if it imports it."""
    nodes = file.bindings.module.others.get(name, [])
    return max((getattr(node, "lineno", 0) for node in nodes), default=0)


def _with_imports(
    text: str, move: SymbolMove, piece: Piece, needs: Needs, target: PurePosixPath
) -> str:
    near = move.project.files.get(target) or piece.file
    if needs.from_source:
        source = spelled_for(move, move.source, target, near)
        for name in needs.from_source:
            text = add_import(text, str(Imported(source, name, None)))
    for one in needs.imports:
        text = add_import(text, str(one))
    for one in needs.checking:
        text = _for_checkers(text, str(one))
    return text


def _for_checkers(text: str, statement: str) -> str:
    """Add an import that is for type checkers only."""
    newline = newline_of(text)
    for node in ast.parse(text).body:
        if isinstance(node, ast.If) and is_checking(node.test):
            lines = text.split("\n")
            indent = re.match(r"[ \t]*", lines[node.body[-1].lineno - 1])
            at = sum(len(line) + 1 for line in lines[: node.body[-1].end_lineno or 0])
            new = f"{indent[0] if indent else ''}{statement}{newline}"
            return replaced(text, [Replacement(at, at, new)])
    text = add_import(text, "from typing import TYPE_CHECKING")
    top = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: top[-1].end_lineno or 0])
    unit = "\t" if re.search(r"(?m)^\t", text) else "    "
    block = f"{newline}if TYPE_CHECKING:{newline}{unit}{statement}{newline}"
    return replaced(text, [Replacement(at, at, block)])
