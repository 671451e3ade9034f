"""Calls that look at a scope's names as data: `locals()`, `eval` and the like.

To them a name is a key, so a variable that comes or goes is seen, whatever the syntax says.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Layout
from toolset.refactor.analysis.scopes import COMPREHENSIONS, NESTED

_OF_THE_SCOPE = frozenset({"locals", "vars", "dir"})
_RUNNERS = frozenset({"eval", "exec"})
_FRAMES = frozenset({"f_locals", "f_globals"})


def reads_names(node: ast.AST) -> bool:
    """Say whether a node looks at the names of the function that runs."""
    match node:
        case ast.Call(func=ast.Name(id="eval" | "exec")):
            return True
        case ast.Call(func=ast.Name(id=name), args=[]):
            return name in _OF_THE_SCOPE
    return False


def require_names_unread(layout: Layout, node: ast.AST, name: str) -> None:
    """Raise RefactoringRefused if the scope that owns `node` may be asked for a variable `name`.

    That is the function around it, with those nested in it, or else the module.
    """
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    home = next((one for one in layout.around(node) if isinstance(one, functions)), None)
    for one in ast.walk(home or layout.tree):
        if _sees(one) if home else _sees_module(layout, one):
            whose = f"the function {home.name}" if home else "the module"
            raise RefactoringRefused(
                f"{layout.path}:{getattr(one, 'lineno', 1)}: {ast.unparse(one)} looks at the names "
                f"of {whose}, {name} among them. Nothing was changed."
            )


def module_name_readers(layout: Layout) -> Iterator[tuple[int, str]]:
    """Yield the lines and the text of what looks at the names of a module."""
    for node in ast.walk(layout.tree):
        if isinstance(node, ast.expr) and _sees_module(layout, node):
            yield node.lineno, ast.unparse(node)


def _sees(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="builtins"), attr=name), args=args):
            return name in _RUNNERS or (name in _OF_THE_SCOPE and not args)
        case ast.Attribute(attr=name):
            return name in _FRAMES
    return reads_names(node)


def _sees_module(layout: Layout, node: ast.AST) -> bool:
    """Say whether a node looks at the names of its module, from wherever it stands."""
    match node:
        case ast.Call(func=ast.Name(id="globals") | ast.Attribute(attr="globals")):
            return True
        case ast.Call(func=ast.Name(id="locals" | "vars" | "dir")):
            scopes = (one for one in layout.around(node) if isinstance(one, NESTED))
            return _sees(node) and all(isinstance(one, COMPREHENSIONS) for one in scopes)
    return _sees(node)
