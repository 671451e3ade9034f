"""Types for a new function, as far as the function around it says them.

A hint is copied only where Python evaluates it without an error, and where it means the same: the
hint of a local variable is never evaluated in its old place, but in the new one it may be.
"""

from __future__ import annotations

import ast
import builtins
import re

from toolset.refactor.analysis.layout import Function, Layout
from toolset.refactor.analysis.scopes import bindings, bound_names
from toolset.refactor.analysis.selection import Selection
from toolset.refactor.extracting.movable import running

_GENERIC = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
_TYPE_MODULES = frozenset({"typing", "collections.abc", "typing_extensions"})
_SAFE = (ast.Name, ast.Subscript, ast.Tuple, ast.List, ast.Constant, ast.expr_context)


def hint_of(selection: Selection, name: str) -> str:
    """Return the type of a name that the function binds once; empty if it is not simply told."""
    function = selection.function
    if function is None:
        return ""
    found = [node for bound, node in bindings(function) if bound == name]
    if len(found) != 1:
        return ""
    (node,) = found
    if isinstance(node, ast.arg):
        starred = node in (function.args.vararg, function.args.kwarg)
        hint = None if starred else node.annotation
        return _copied(selection, hint, evaluated=not _is_nested(selection))
    match selection.layout.parents.get(node):
        case ast.AnnAssign(target=target, annotation=hint) if target is node:
            return _copied(selection, hint, evaluated=False)
    return ""


def return_hint(selection: Selection, results: tuple[str, ...], *, returns: bool) -> str:
    """Return the type of what the new function gives back; empty if it is not simply told."""
    function = selection.function
    if function is None or function.returns is None:
        return ""
    if not returns and not results:
        return "None"
    if not returns:
        return hint_of(selection, results[0]) if len(results) == 1 else ""
    if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in running(function)):
        return ""
    return _copied(selection, function.returns, evaluated=not _is_nested(selection))


def _copied(selection: Selection, hint: ast.expr | None, *, evaluated: bool) -> str:
    """Return the text of a hint. `evaluated` says that Python has evaluated it where it stands."""
    function = selection.function
    if function is None or hint is None:
        return ""
    around = [one for one in selection.enclosing if isinstance(one, Function | ast.ClassDef)]
    local = {name for scope in around for name in bound_names(scope)}
    local |= {str(one.name) for scope in around for one in getattr(scope, "type_params", [])}
    words = {node.id for node in ast.walk(hint) if isinstance(node, ast.Name)}
    code = selection.layout.code(hint)
    if words & local or "\n" in code or re.search(r"\b(ClassVar|Final|Self|TypeAlias)\b", code):
        return ""
    postponed = "annotations" in _futures(selection.layout)
    return code if evaluated or postponed or _evaluates(selection, hint) else ""


def _is_nested(selection: Selection) -> bool:
    """Say whether the function stands in another one, whose calls alone evaluate its hints."""
    around = [one for one in selection.enclosing if isinstance(one, Function | ast.Lambda)]
    return len(around) > 1


def _futures(layout: Layout) -> set[str]:
    return {
        one.name
        for node in layout.tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for one in node.names
    }


def _evaluates(selection: Selection, hint: ast.expr) -> bool:
    """Say whether a hint can be evaluated before the module's statement that holds the lines."""
    tree = selection.layout.tree
    plain: dict[str, ast.stmt] = {
        name: node
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef)
        and node.lineno < selection.outermost.lineno
        for name, _ in bindings(ast.Module([node], []))
    }
    found = [name for name, _ in bindings(tree)]

    def known(name: str) -> bool:
        return found.count(name) == 1 and name in plain

    for node in ast.walk(hint):
        if not isinstance(node, _SAFE):
            return False
        built_in = isinstance(node, ast.Name) and node.id in vars(builtins) and node.id not in found
        if isinstance(node, ast.Name) and not built_in and not known(node.id):
            return False
        if isinstance(node, ast.Subscript):
            root = node.value.id if isinstance(node.value, ast.Name) else ""
            maker = plain.get(root)
            typed = isinstance(maker, ast.ImportFrom) and maker.module in _TYPE_MODULES
            if not typed and (root not in _GENERIC or root in found):
                return False
    return True
