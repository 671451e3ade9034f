"""What binds a name in a file, in whichever scope: for those who need it to mean one thing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache


def bindings(tree: ast.AST, name: str) -> list[str]:
    """Return what binds the name, one entry for each place; an import as `import x` or `from`."""
    return _all_bindings(tree).get(name, [])


@lru_cache(maxsize=16)  # a tree is asked for many names
def _all_bindings(tree: ast.AST) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        for name, kind in _bound_by(node):
            found.setdefault(name, []).append(kind)
    return found


def _bound_by(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name, "assignment"
        case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
            yield name, "parameter"
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, "definition"
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, "pattern"
        case ast.MatchMapping(rest=str(name)):
            yield name, "pattern"
        case ast.Import(names=names):
            for one in names:
                yield one.asname or one.name.partition(".")[0], f"import {one.name}"
        case ast.ImportFrom(names=names):
            for one in names:
                yield one.asname or one.name, "from"


def is_bound(tree: ast.AST, name: str) -> bool:
    """Say whether anything within the tree binds the name."""
    return bool(bindings(tree, name))


def is_used(tree: ast.AST, name: str) -> bool:
    """Say whether the name stands anywhere, read or bound."""
    return is_bound(tree, name) or any(
        isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree)
    )


@lru_cache(maxsize=16)
def imports_of(tree: ast.Module) -> dict[str, str]:
    """Return the names that mean one import in the whole file, with what they stand for."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for one in node.names:
                bound = one.asname or one.name.partition(".")[0]
                if isinstance(node, ast.ImportFrom):
                    full = f"{'.' * node.level}{node.module or ''}.{one.name}"
                else:
                    full = one.name if one.asname else bound
                found.setdefault(bound, []).append(full)
    return {
        name: meanings[0]
        for name, meanings in found.items()
        if len(set(meanings)) == 1 and len(bindings(tree, name)) == len(meanings)
    }
