"""Names that nested functions share with the statements around them, and which must stay shared."""

from __future__ import annotations

import ast

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Function
from toolset.refactor.analysis.scopes import bindings, free_names
from toolset.refactor.analysis.selection import Selection
from toolset.refactor.extracting.flow import Flow

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def require_uncaptured(
    selection: Selection, flow: Flow, written: set[str], outer: set[str]
) -> None:
    """Raise RefactoringRefused if a closure would no longer see, or be seen to change, a name."""
    home = selection.function or selection.layout.tree
    calls = any(
        isinstance(one, ast.Call | ast.Await) for s in selection.statements for one in ast.walk(s)
    )
    for name, selected in sorted(flow.captured):
        if not selected and name in written and (selection.function is not None or calls):
            raise RefactoringRefused(
                f"{name} is assigned in these lines and read by a function that is defined outside "
                "of them. Choose lines that hold both."
            )
        if selected and (line := _bound_again(selection, home, name)):
            raise RefactoringRefused(
                f"{name} is read by a function that is defined in these lines, and assigned again "
                f"in line {line}. Nothing was changed."
            )
    used = {
        one.id for s in selection.statements for one in ast.walk(s) if isinstance(one, ast.Name)
    }
    for node in ast.walk(selection.outermost):
        if isinstance(node, ast.Nonlocal) and (shared := sorted(used & set(node.names))):
            raise RefactoringRefused(
                f"{shared[0]} is nonlocal in line {node.lineno}, so its value may change while "
                "these lines run."
            )
    _require_outer_kept(selection, outer)


def _bound_again(selection: Selection, home: ast.AST, name: str) -> int | None:
    """Return a line that binds a name after the selection, or in a loop around it."""
    first = selection.statements[0].lineno
    last = selection.statements[-1].end_lineno or first
    loops = [one for one in selection.enclosing if isinstance(one, _LOOPS)]
    own = [one for one in loops if one in set(ast.walk(home))]
    around = {one for loop in own for one in ast.walk(loop)}
    for bound, node in bindings(home):
        line = getattr(node, "lineno", 0)
        if bound == name and (line > last or node in around):
            return int(line)
    return None


def _require_outer_kept(selection: Selection, outer: set[str]) -> None:
    """Refuse names of functions further out that these lines hand on to a nested function."""
    nested = {
        name
        for statement in selection.statements
        for node in ast.walk(statement)
        if isinstance(node, Function | ast.Lambda | ast.GeneratorExp | ast.ClassDef)
        for name in free_names(node)
    }
    for scope in selection.enclosing:
        if not isinstance(scope, Function):
            continue
        found = [name for name, _ in bindings(scope)]
        for name in sorted(nested & outer):
            if found.count(name) > 1:
                raise RefactoringRefused(
                    f"{name} is read by a function that is defined in these lines, and assigned "
                    f"several times in {scope.name}. Nothing was changed."
                )
