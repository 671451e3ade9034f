"""The body of a function that can be inlined, and its text with arguments for parameters."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Layout
from toolset.refactor.analysis.scopes import bindings, free_names, own_nodes, parameters, uses_of
from toolset.refactor.analysis.substitution import substituted
from toolset.refactor.inlining.arguments import Argument
from toolset.refactor.ranges import Replacement, replaced

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Assert)
_ODD_NAMES = frozenset({"locals", "vars", "dir", "eval", "exec", "globals", "super", "__class__"})


@dataclass(frozen=True, slots=True)
class Body:
    """A function with what its calls become: `value`, or without one its statements.

    `uses` are the places of its parameters, `free` the names that it takes from its module.
    """

    layout: Layout
    node: ast.FunctionDef
    statements: list[ast.stmt]
    value: ast.expr | None
    uses: dict[str, list[ast.Name]]
    free: set[str]

    @property
    def name(self) -> str:
        return self.node.name


def read_body(layout: Layout, name: str) -> Body:
    """Return the body of a module's function. Raises RefactoringRefused if it is not simple."""
    found = [one for one in layout.tree.body if getattr(one, "name", "") == name]
    where = f"{layout.path}::{name}"
    match found:
        case [ast.FunctionDef() as node]:
            pass
        case _:
            raise RefactoringRefused(
                f"{where} is not defined once, plainly, as a function of its module. Only such a "
                "function can be inlined, no class, method or async function."
            )
    if node.decorator_list or node.args.vararg or node.args.kwarg:
        raise RefactoringRefused(f"{where} has decorators, or takes any number of arguments.")
    statements = list(node.body)
    match statements[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            statements = statements[1:]
    value: ast.expr | None = None
    match statements:
        case [ast.Return(value=ast.expr() as returned)]:
            value = returned
        case [_, *_] if all(isinstance(one, _SIMPLE) for one in statements):
            pass
        case _:
            raise RefactoringRefused(
                f"{where}: its body is not one return of a value, nor only simple statements."
            )
    _require_plain(layout, node, statements, where)
    names = [one.arg for one in parameters(node.args)]
    uses = {one: sorted(uses_of(node, one), key=layout.start) for one in names}
    free = free_names(node)
    if odd := free & _ODD_NAMES:
        raise RefactoringRefused(f"{where}: {min(odd)} means something else in another place.")
    return Body(layout, node, statements, value, uses, free)


def _require_plain(
    layout: Layout, node: ast.FunctionDef, statements: list[ast.stmt], where: str
) -> None:
    bound = [(name, one) for name, one in bindings(node) if not isinstance(one, ast.arg)]
    if bound:
        raise RefactoringRefused(f"{where}: {bound[0][0]} is assigned in it.")
    for one in own_nodes(node):
        if isinstance(one, ast.Yield | ast.YieldFrom | ast.Await | ast.NamedExpr):
            raise RefactoringRefused(f"{where}: yield, await and := cannot be inlined.")
    for statement in ast.walk(ast.Module(statements, [])):
        mangled = getattr(statement, "attr", getattr(statement, "id", ""))
        if mangled.startswith("__") and not mangled.endswith("__"):
            raise RefactoringRefused(f"{where}: Python mangles {mangled} in classes.")
    start, end = layout.start(statements[0]), layout.end(statements[-1])
    if layout.has_comment(start, layout.next_line(end)):
        raise RefactoringRefused(f"{where}: the comments in its body would be lost.")


def written_body(
    body: Body, part: ast.expr | ast.stmt, given: list[Argument]
) -> tuple[ast.expr, str]:
    """Return a part of the body with arguments in place of parameters: its tree and its text.

    Arguments stand in brackets only where they need them. For a statement, the tree is of no use.
    """
    layout = body.layout
    inside = set(ast.walk(part))
    places = [
        (use, argument)
        for argument in given
        for use in body.uses.get(argument.name, [])
        if use in inside
    ]
    for use, _ in places:
        layout.code(use)
    tree = substituted(part, {use: argument.node for use, argument in places})
    first = layout.start(part)
    text = layout.text[first : layout.end(part)]
    codes = [argument.layout.code(argument.node) for _, argument in places]
    edits = [
        Replacement(layout.start(use) - first, layout.end(use) - first, f"({code})")
        for (use, _), code in zip(places, codes, strict=True)
    ]
    wanted = ast.dump(tree)
    if not _reads_as(replaced(text, edits), wanted, part):
        raise RefactoringRefused(
            f"{layout.path}::{body.name}: an argument cannot be written in its place, as in an "
            "f-string with the same quotes."
        )
    for index, code in enumerate(codes):
        bare = Replacement(edits[index].start, edits[index].end, code)
        tried = [*edits[:index], bare, *edits[index + 1 :]]
        if _reads_as(replaced(text, tried), wanted, part):
            edits = tried
    if not isinstance(tree, ast.expr):
        tree = ast.Constant(None)
    return tree, replaced(text, edits)


def _reads_as(code: str, wanted: str, part: ast.expr | ast.stmt) -> bool:
    try:
        if isinstance(part, ast.expr):
            return ast.dump(ast.parse(f"(\n{code}\n)", mode="eval").body) == wanted
        (found,) = ast.parse(code).body
        return ast.dump(found) == wanted
    except (SyntaxError, ValueError):
        return False
