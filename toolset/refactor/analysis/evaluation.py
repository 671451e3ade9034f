"""In which order a statement evaluates its expressions, and which it may never come to."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Layout
from toolset.refactor.analysis.scopes import NESTED, bindings

EFFECTS = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def why_conditional(layout: Layout, node: ast.expr, statement: ast.stmt) -> str:
    """Say why a statement may not evaluate an expression, or not once; empty if it always does."""
    child: ast.AST = node
    while child is not statement:
        parent = layout.parents[child]
        if why := _why_in_expression(parent, child):
            return why
        child, last = parent, child
        if child is statement:
            return _why_in_statement(layout, statement, last)
    return ""


def evaluated_before(layout: Layout, node: ast.expr, statement: ast.stmt) -> list[ast.expr]:
    """Return the expressions that a statement has evaluated when it comes to `node`."""
    before: list[ast.expr] = []
    child: ast.AST = node
    while child is not statement:
        parent = layout.parents[child]
        for part in in_order(parent):
            if part is child:
                break
            before += [one for one in ast.walk(part) if isinstance(one, ast.expr)]
        child = parent
    return before


def require_same_order(
    layout: Layout, moved: ast.expr, at: ast.expr, statement: ast.stmt
) -> tuple[str, ...]:
    """Return the doubts about moving an expression between `at` and the line above its statement.

    Raises RefactoringRefused where it would change sides with a call.
    """
    before = evaluated_before(layout, at, statement)
    inside = [one for one in ast.walk(moved) if isinstance(one, ast.expr)]
    if isinstance(statement, ast.AugAssign):
        before += [one for one in ast.walk(statement.target) if isinstance(one, ast.expr)]
    moves = effects(inside)
    names = {one.id for one in inside if isinstance(one, ast.Name)}
    bound = {one.target.id for one in before if isinstance(one, ast.NamedExpr)}
    if (earlier := effects(before)) and (moves or names & bound or changeable(layout, inside)):
        raise RefactoringRefused(
            f"{layout.path}:{at.lineno}: {ast.unparse(earlier[0])} is evaluated before it in the "
            "same statement; their order would change. Nothing was changed."
        )
    if not moves:
        return ()
    reads = dict.fromkeys(ast.unparse(one) for one in changeable(layout, before))
    return tuple(
        f"{one} and {ast.unparse(moved)} are evaluated in another order now." for one in reads
    )


def in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node in the order in which they are evaluated."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from [value, *targets]
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            yield from [one for one in (value, annotation, target) if one]
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                yield from [one for one in (key, value) if one]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield from [test, body, orelse]
        case _:
            yield from ast.iter_child_nodes(node)


def effects(nodes: list[ast.expr]) -> list[ast.expr]:
    """Return those that may change something."""
    return [one for one in nodes if isinstance(one, EFFECTS)]


def changeable(layout: Layout, nodes: list[ast.expr]) -> list[ast.expr]:
    """Return those whose value a call may change: attributes, items, variables of the module."""
    return [
        one
        for one in nodes
        if (isinstance(one, ast.Subscript) and not isinstance(one.ctx, ast.Store))
        or (isinstance(one, ast.Attribute) and not _of_a_module(layout, one))
        or (isinstance(one, ast.Name) and not is_steady(layout, one))
    ]


def is_steady(layout: Layout, name: ast.Name) -> bool:
    """Say whether no call can give a name another value before the statement is done.

    That is so for a function's own names that are nowhere `nonlocal`, and for what a module binds
    once: its functions, classes and imports, the built-in names.
    """
    for scope in layout.around(name):
        if isinstance(scope, ast.ClassDef):
            continue
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and any(
            found == name.id for found, _ in bindings(scope)
        ):
            return not any(
                isinstance(one, ast.Nonlocal) and name.id in one.names for one in ast.walk(scope)
            ) and not _declared_global(layout, name.id)
    if _declared_global(layout, name.id):
        return False
    found = [node for bound, node in bindings(layout.tree) if bound == name.id]
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return all(isinstance(one, definitions) for one in found) or len(found) == 1


def _declared_global(layout: Layout, name: str) -> bool:
    return any(isinstance(one, ast.Global) and name in one.names for one in ast.walk(layout.tree))


def _of_a_module(layout: Layout, node: ast.Attribute) -> bool:
    """Say whether this is `module.name`, as far as the imports of the file tell."""
    root: ast.expr = node.value
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and any(
        isinstance(one, ast.Import) for name, one in bindings(layout.tree) if name == root.id
    )


def _why_in_expression(parent: ast.AST, child: ast.AST) -> str:
    why = ""
    match parent:
        case ast.BoolOp(values=[first, *_]) if child is not first:
            why = "it is evaluated only if what stands before and/or asks for it"
        case ast.IfExp(test=test) if child is not test:
            why = "it is evaluated only in one case of an if expression"
        case ast.Compare(comparators=[_, *others]) if child in others:
            why = "it is evaluated only if the comparison before it holds"
        case ast.Lambda():
            why = "it is evaluated when the lambda is called"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            first_part = parent.generators[0]
            if child is not first_part:
                why = "a comprehension evaluates it several times"
        case ast.comprehension(iter=source) if child is not source:
            why = "a comprehension evaluates it several times"
    return why


def _why_in_statement(layout: Layout, statement: ast.stmt, part: ast.AST) -> str:
    why = ""
    match statement:
        case ast.While():
            why = "a while evaluates it several times"
        case ast.If() if layout.text.startswith("elif", layout.start(statement)):
            why = "it is evaluated only if what stands before elif does not hold"
        case ast.With(items=[first, *_]) | ast.AsyncWith(items=[first, *_]) if part is not first:
            why = "it is evaluated after another part of the with is entered"
        case ast.Match(subject=subject) if part is not subject:
            why = "it belongs to a case of match"
        case ast.Assert(test=test) if part is not test:
            why = "it is evaluated only if the assertion fails"
        case ast.Try() | ast.TryStar():
            why = "it is evaluated only after an exception"
        case ast.AnnAssign(annotation=annotation) if part is annotation:
            why = "it is a type"
        case ast.For(target=target) | ast.AsyncFor(target=target) if part is target:
            why = "a for evaluates it several times"
    if isinstance(statement, NESTED) or type(statement).__name__ == "TypeAlias":
        why = "it belongs to the head of a definition"
    return why
