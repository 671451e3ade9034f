"""What may not move into a function of its own, because it means something else there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Layout
from toolset.refactor.analysis.name_readers import reads_names
from toolset.refactor.analysis.scopes import COMPREHENSIONS, evaluated_inside, own_nodes
from toolset.refactor.analysis.selection import Selection

_OF_A_MODULE = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)
_FRAME_READERS = frozenset({"_getframe", "currentframe", "getouterframes", "stacklevel"})


def running(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that a scope runs itself, comprehensions included, functions not."""
    for node in own_nodes(scope):
        yield node
        if isinstance(node, COMPREHENSIONS):
            for part in evaluated_inside(node):
                yield from running(ast.Module([ast.Expr(part)], []))  # type: ignore[arg-type]


def waits(body: ast.Module) -> bool:
    """Say whether statements await something."""
    return any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (isinstance(node, ast.comprehension) and node.is_async)
        or (isinstance(node, COMPREHENSIONS) and any(one.is_async for one in node.generators))
        for node in running(body)
    )


def uses_super(statements: list[ast.stmt]) -> bool:
    """Say whether statements need the class and the object around them without naming them."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    return any(_identifier(node) in ("super", "__class__") for node in nodes)


def require_movable(selection: Selection, body: ast.Module, *, into_class: bool) -> None:
    """Raise RefactoringRefused for what cannot stand in another function."""
    for node in running(body):
        if why := _immovable(node):
            raise RefactoringRefused(f"{_at(selection.layout, node)}: {why}")
    if selection.function is None and (
        whole := next((one for one in running(body) if isinstance(one, _OF_A_MODULE)), None)
    ):
        raise RefactoringRefused(
            f"{_at(selection.layout, whole)}: a module keeps its imports, classes and functions."
        )
    _require_no_jumps(selection.layout, selection.statements, in_loop=False)
    first = selection.statements[0]
    if _is_docstring(selection, first):
        raise RefactoringRefused(f"Line {first.lineno} is a docstring, which belongs where it is.")
    for node in ast.walk(body):
        name = _identifier(node)
        if not into_class and name in ("super", "__class__"):
            raise RefactoringRefused(
                f"{_at(selection.layout, node)}: {name} means the class around it. "
                "Use extract-method."
            )
        if not into_class and re.match(r"__\w*(?<!__)$", name) and _in_class(selection):
            raise RefactoringRefused(
                f"{_at(selection.layout, node)}: Python mangles {name} in a class. "
                "Use extract-method."
            )
    around = selection.function or selection.layout.tree
    for node in (*filter(reads_names, ast.walk(around)), *filter(_reads_frames, ast.walk(body))):
        raise RefactoringRefused(
            f"{_at(selection.layout, node)}: {ast.unparse(node)} looks at the names or the frame "
            "of the function that runs. Nothing was changed."
        )


def _reads_frames(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="inspect"), attr="stack"):
            return True
    return _identifier(node) in _FRAME_READERS


def _immovable(node: ast.AST) -> str:
    match node:
        case ast.Yield() | ast.YieldFrom():
            return "yield cannot move to another function."
        case ast.Delete(targets=targets) if any(isinstance(one, ast.Name) for one in targets):
            return "del of a name cannot move to another function."
        case ast.Global() | ast.Nonlocal():
            return "global and nonlocal cannot move to another function."
        case ast.ImportFrom(names=[ast.alias(name="*")]) | ast.ImportFrom(module="__future__"):
            return "this import cannot move into a function."
        case ast.AnnAssign(value=None):
            return "a declaration without a value cannot move. Choose lines without it."
    return ""


def _require_no_jumps(layout: Layout, body: list[ast.stmt], *, in_loop: bool) -> None:
    for node in body:
        if isinstance(node, ast.Break | ast.Continue) and not in_loop:
            word = "break" if isinstance(node, ast.Break) else "continue"
            raise RefactoringRefused(
                f"{_at(layout, node)}: this {word} belongs to a loop outside of these lines."
            )
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        loop = isinstance(node, ast.For | ast.AsyncFor | ast.While)
        _require_no_jumps(layout, getattr(node, "body", []), in_loop=in_loop or loop)
        for field in ("orelse", "finalbody"):
            _require_no_jumps(layout, getattr(node, field, []), in_loop=in_loop)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            _require_no_jumps(layout, part.body, in_loop=in_loop)


def _is_docstring(selection: Selection, first: ast.stmt) -> bool:
    home = selection.layout.parents[first]
    scope = isinstance(home, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return scope and first is selection.block[0] and _is_text(first)


def _is_text(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _in_class(selection: Selection) -> bool:
    return any(isinstance(node, ast.ClassDef) for node in selection.enclosing)


def _identifier(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return name
        case ast.keyword(arg=str(name)):
            return name
    return ""


def _at(layout: Layout, node: ast.AST) -> str:
    return f"{layout.path}:{getattr(node, 'lineno', 1)}"
