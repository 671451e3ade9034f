"""Would a new name collide with one that is already there.

Asked before a rename, on the syntax tree, and answered on the safe side: a name is taken if it is
bound or used anywhere that the renamed symbol is seen from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def taken_as_global(tree: ast.Module, name: str, lines: Iterable[int]) -> list[int]:
    """Return the lines where `name` would collide with a module-level symbol used on `lines`.

    These are its bindings in the module itself and in each function around a use, and every place
    that reads `name` from outside a function that binds it (a built-in, or a star import).
    """
    used_on = set(lines)
    found = set(_bindings(tree, name, into_functions=False))
    for function in _functions(tree):
        local = set(_bindings(function, name, into_functions=False))
        if local and any(_spans(function, line) for line in used_on):
            found |= local
    found |= set(_free_reads(tree, name))
    return sorted(found)


def taken_locally(tree: ast.Module, name: str, line: int) -> list[int]:
    """Return the lines in the outermost function around `line` where `name` is seen at all."""
    homes = [function for function in _functions(tree) if _spans(function, line)]
    if not homes:
        return []
    home = max(homes, key=lambda function: (function.end_lineno or 0) - function.lineno)
    return sorted({*_bindings(home, name, into_functions=True), *_reads(home, name)})


def taken_as_member(tree: ast.Module, name: str, lines: Iterable[int]) -> list[int]:
    """Return the lines where a class that spans one of `lines` already has a member `name`."""
    found: set[int] = set()
    wanted = set(lines)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(_spans(node, line) for line in wanted):
            found |= set(_bindings(node, name, into_functions=False))
            found |= {
                inner.lineno
                for inner in ast.walk(node)
                if isinstance(inner, ast.Attribute)
                and inner.attr == name
                and isinstance(inner.value, ast.Name)
                and inner.value.id in ("self", "cls")
            }
    return sorted(found)


def _bindings(scope: ast.AST, name: str, *, into_functions: bool) -> Iterator[int]:
    """Yield the lines where `name` is bound in `scope`, parameters included."""
    if isinstance(scope, _Function):
        yield from (one.lineno for one in _parameters(scope.args) if one.arg == name)
    for node in ast.iter_child_nodes(scope):
        yield from _bound_by(node, name)
        if into_functions or not isinstance(node, (*_Function.__args__, ast.ClassDef)):
            yield from _bindings(node, name, into_functions=into_functions)


def _bound_by(node: ast.AST, name: str) -> Iterator[int]:
    match node:
        case ast.Name(id=found, ctx=ast.Store() | ast.Del()) if found == name:
            yield node.lineno
        case (
            ast.FunctionDef(name=found)
            | ast.AsyncFunctionDef(name=found)
            | ast.ClassDef(name=found)
            | ast.ExceptHandler(name=found)
            | ast.MatchAs(name=found)
            | ast.MatchStar(name=found)
            | ast.MatchMapping(rest=found)
        ) if found == name:
            yield node.lineno
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    yield alias.lineno
        case ast.Global(names=found_names) | ast.Nonlocal(names=found_names):
            if name in found_names:
                yield node.lineno


def _free_reads(scope: ast.AST, name: str) -> Iterator[int]:
    """Yield reads of `name` that no enclosing function answers."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, _Function) and any(_bindings(node, name, into_functions=False)):
            continue
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node.lineno
        yield from _free_reads(node, name)


def _reads(scope: ast.AST, name: str) -> Iterator[int]:
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id == name:
            yield node.lineno


def _functions(tree: ast.AST) -> Iterator[_Function]:
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            yield node


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (one for one in (arguments.vararg, arguments.kwarg) if one)


def _spans(node: ast.stmt | ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)
