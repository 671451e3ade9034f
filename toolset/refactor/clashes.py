"""Would a new name collide with one that is already there.

Asked before a rename, on the syntax tree, and answered on the safe side: a name is taken if it is
bound or used anywhere that the renamed symbol is seen from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

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
    found |= {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Global) and name in node.names
    }
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


def taken_in_family(
    trees: Mapping[PurePosixPath, ast.Module], homes: Iterable[str], name: str
) -> list[tuple[PurePosixPath, int]]:
    """Return where a base class or a subclass of the classes `homes` binds `name`.

    Classes are told apart by their bare names: two of one name count as one.
    """
    bases, subclasses = _kinship(trees)
    family = _reachable(homes, bases) | _reachable(homes, subclasses)
    return sorted(
        (path, line)
        for path, tree in trees.items()
        for node in _classes(tree)
        if node.name in family
        for line in taken_as_member(tree, name, [node.lineno])
    )


def meeting_in_a_subclass(
    trees: Mapping[PurePosixPath, ast.Module], homes: Iterable[str], name: str
) -> Iterator[tuple[PurePosixPath, int, str]]:
    """Yield where another class binds `name` that has to be, or is, the same method for somebody.

    That is: a protocol, which classes fit without saying so, and a class that a subclass of `homes`
    inherits from too. The last value says which it is.
    """
    bases, subclasses = _kinship(trees)
    own = set(homes)
    joint = _reachable(_reachable(own, subclasses), bases) - own
    for path, tree in trees.items():
        for node in _classes(tree):
            is_protocol = any(ast.unparse(base).startswith(_PROTOCOL) for base in node.bases)
            if is_protocol or node.name in joint:
                why = f"the protocol {node.name}" if is_protocol else f"{node.name}"
                for line in _bindings(node, name, into_functions=False):
                    yield path, line, why


_PROTOCOL = ("Protocol", "typing.Protocol", "t.Protocol", "typing_extensions.Protocol")


def _kinship(
    trees: Mapping[PurePosixPath, ast.Module],
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the bases and the subclasses of each class, by their bare names."""
    bases: dict[str, set[str]] = {}
    subclasses: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in _classes(tree):
            for base in node.bases:
                base_name = ast.unparse(base).partition("[")[0].rpartition(".")[2]
                bases.setdefault(node.name, set()).add(base_name)
                subclasses.setdefault(base_name, set()).add(node.name)
    return bases, subclasses


def class_names(tree: ast.Module, line: int) -> set[str]:
    """Return the names of the classes around `line`."""
    return {node.name for node in _classes(tree) if _spans(node, line)}


def unseen_bindings(tree: ast.Module, name: str, *, captures: bool) -> Iterator[int]:
    """Yield the lines of `nonlocal name` and, if wanted, of patterns in functions that bind it."""
    for function in _functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Nonlocal) and name in node.names:
                yield node.lineno
            elif captures and isinstance(node, ast.MatchAs | ast.MatchStar | ast.MatchMapping):
                yield from _bound_by(node, name)


def _reachable(start: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(edges.get(name, ()))
    return found


def _classes(tree: ast.AST) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


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
