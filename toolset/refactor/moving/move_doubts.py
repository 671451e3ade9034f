"""What a move may change although every name is found: what is done when a module is run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from toolset.refactor.moving.file_imports import FileImports
from toolset.refactor.moving.module_names import key_of
from toolset.refactor.moving.move_target import has_future
from toolset.refactor.moving.moved_text import Piece
from toolset.refactor.moving.project_imports import Project

_QUIET = frozenset({"property", "staticmethod", "classmethod"})
_PICKLERS = frozenset({"pickle", "shelve", "copyreg", "multiprocessing", "dill", "cloudpickle"})


def doubts_on(piece: Piece, project: Project, target: PurePosixPath) -> tuple[str, ...]:
    """Return sentences on what could not be shown."""
    return (*_at_import(piece, target), *_left_behind(piece), *_around(piece, project, target))


def _left_behind(piece: Piece) -> Iterator[str]:
    """Yield what the module does with the symbol when it is run: importers may miss it."""
    for node in piece.file.tree.body:
        if node in piece.nodes or not isinstance(node, ast.Expr | ast.Assign | ast.AugAssign):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node]
        plain = all(isinstance(one, ast.Name | ast.Tuple) for one in targets)
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        if piece.name in names and not plain:
            yield (
                f"{piece.file.path}:{node.lineno} does something with {piece.name} when that is "
                "imported."
            )


def _at_import(piece: Piece, target: PurePosixPath) -> Iterator[str]:
    """Yield what is called when the module is run: it may register something, or take long."""
    for node in piece.nodes:
        calls: list[ast.expr] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            calls += node.decorator_list
            if isinstance(node, ast.ClassDef):
                calls += [one.value for one in node.keywords if one.arg == "metaclass"]
        elif getattr(node, "value", None) is not None:
            calls += [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
        for call in calls:
            if not _is_quiet(call, piece.file):
                yield f"{ast.unparse(call)} is called when {target} is imported."


def _is_quiet(called: ast.expr, file: FileImports) -> bool:
    """Say whether what is called is of the standard library, or of Python itself."""
    root = called.func if isinstance(called, ast.Call) else called
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    module = file.bindings.module
    if not module.binds(root.id):
        return True
    found = [one.imported for one in file.names if one.imported.bound == root.id]
    quiet = all(one.module.partition(".")[0] in sys.stdlib_module_names for one in found)
    return bool(found) and quiet and not module.others.get(root.id)


def _around(piece: Piece, project: Project, target: PurePosixPath) -> Iterator[str]:
    there = project.files.get(target)
    if there is not None:
        if has_future(there) != has_future(piece.file) and _has_hints(piece):
            yield f"{target} evaluates annotations at another time than {piece.file.path}."
        if piece.name in piece.file.exported and there.exported:
            yield f"The __all__ of {target} does not list {piece.name}."
        shown = not piece.name.startswith("_") and not there.exported
        for file, _, name in project.taken_from(key_of(target)) if shown else ():
            if name == "*":
                yield f"{file.path} imports all of {target}, and gets {piece.name} too."
    yield from _by_name(piece, project)


def _by_name(piece: Piece, project: Project) -> Iterator[str]:
    """Yield what knows a class by the name of its module, and which stub is not changed."""
    stub = piece.file.path.with_suffix(".pyi")
    if stub in project.layout.files:
        yield f"{stub} is not changed."
    for file in project.files.values() if isinstance(piece.nodes[0], ast.ClassDef) else ():
        if any(one.imported.module.partition(".")[0] in _PICKLERS for one in file.names):
            yield f"{file.path} may pickle by the module's name; old data name the old module."


def _has_hints(piece: Piece) -> bool:
    return any(
        isinstance(one, ast.AnnAssign)
        or (isinstance(one, ast.arg) and one.annotation is not None)
        or (isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.returns is not None)
        for node in piece.nodes
        for one in ast.walk(node)
    )
