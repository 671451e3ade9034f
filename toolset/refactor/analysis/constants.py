"""Literals of a module: which of them a constant can stand for, and where constants are defined."""

from __future__ import annotations

import ast
import re

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Function, Layout, shape

_PLAIN = (str, bytes, int, float, complex)
_TYPE_MAKERS = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple", "NewType", "ForwardRef"}) | {
    *("NamedTuple", "TypedDict", "namedtuple", "cast")
}


def is_literal(node: ast.expr) -> bool:
    """Say whether a node is a number, a string, bytes, or a tuple of these."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, _PLAIN) and not isinstance(value, bool)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=value)):
            return isinstance(value, int | float | complex) and not isinstance(value, bool)
        case ast.Tuple(elts=elts, ctx=ast.Load()):
            return bool(elts) and all(is_literal(one) for one in elts)
    return False


def constant_uses(
    layout: Layout, first: ast.expr, *, every: bool
) -> tuple[list[ast.expr], list[tuple[ast.expr, str]]]:
    """Return the literals to replace, and with `every` those that must stay, with why.

    Raises RefactoringRefused if `first` must stay.
    """
    if why := why_fixed(layout, first):
        raise RefactoringRefused(f"{layout.path}:{first.lineno}: it must stay, because {why}.")
    if not every:
        return [first], []
    wanted = shape(first)
    same = [n for n in ast.walk(layout.tree) if isinstance(n, ast.expr) and shape(n) == wanted]
    same.sort(key=lambda node: (node.lineno, node.col_offset))
    fixed = [(node, why) for node in same if (why := why_fixed(layout, node))]
    kept = {node for node, _ in fixed}
    return [node for node in same if node not in kept], fixed


def why_fixed(layout: Layout, node: ast.expr) -> str:
    """Say why no name can stand in place of a literal; empty if one can."""
    child: ast.AST = node
    for parent in layout.around(node):
        if why := _why_under(parent, child):
            return why
        if isinstance(parent, ast.stmt):
            break
        child = parent
    statement = layout.statement(node)
    if isinstance(statement, ast.Assign) and any(
        isinstance(one, ast.Name) and one.id in ("__all__", "__slots__", "__match_args__")
        for one in statement.targets
    ):
        return "tools read this list as it is written"
    return ""


def _why_under(parent: ast.AST, child: ast.AST) -> str:
    a_type = "it is a part of a type"
    why = ""
    match parent:
        case ast.Expr(value=ast.Constant()):
            why = "it is a docstring, or a value that nobody uses"
        case ast.JoinedStr() if isinstance(child, ast.Constant):
            why = "it is a part of an f-string"
        case ast.MatchValue() | ast.MatchMapping():
            why = "in a pattern, a name would be bound"
        case ast.AnnAssign(annotation=hint) | ast.arg(annotation=hint) if child is hint:
            why = a_type
        case ast.Subscript(value=value) if ast.unparse(value).endswith("Literal"):
            why = a_type
        case ast.Call(func=func) if ast.unparse(func).rpartition(".")[2] in _TYPE_MAKERS:
            why = a_type
    if isinstance(parent, Function) and child is parent.returns:
        why = a_type
    return a_type if type(parent).__name__ == "TypeAlias" else why


def constants_place(layout: Layout, nodes: list[ast.expr]) -> tuple[int, int, str]:
    """Return where a new constant goes: before which statement, at which offset, in what frame.

    It goes behind the module's imports, or its docstring, or else to the top.
    """
    body = layout.tree.body
    used = min(body.index(_top(layout, node)) for node in nodes)
    last = -1
    for index, statement in enumerate(body[:used]):
        if isinstance(statement, Function | ast.ClassDef):
            break
        if _is_import(statement) or (index == 0 and _is_docstring(statement)):
            last = index
    newline = layout.newline
    if last < 0:
        return 0, *_at_the_top(layout, body[0])
    end = layout.end(body[last])
    if layout.rest_of_line(end) is None:
        raise RefactoringRefused(f"Line {body[last].end_lineno} holds code after its import.")
    stop = layout.next_line(end)
    at = layout.line_start(end) + len(layout.text[layout.line_start(end) : stop].rstrip("\r\n"))
    blank = len(re.match(r"(?:[ \t\f]*\r?\n)*", layout.text[stop:])[0].split("\n")) - 1  # type: ignore[index]
    following = body[last + 1]
    gap = 2 if isinstance(following, Function | ast.ClassDef) else 1
    return last + 1, at, newline * 2 + "{}" + newline * max(0, gap - blank)


def _at_the_top(layout: Layout, first: ast.stmt) -> tuple[int, str]:
    decorated = isinstance(first, Function | ast.ClassDef)
    line = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", []))])
    lines = layout.text.split("\n")
    top = line
    while top > 1 and lines[top - 2].startswith("#"):
        top -= 1
    top = line if top == 1 else top
    return layout.line_at(top), "{}" + layout.newline * (3 if decorated else 2)


def _top(layout: Layout, node: ast.AST) -> ast.stmt:
    *_, statement, _module = [node, *layout.around(node)]
    if not isinstance(statement, ast.stmt):
        raise RefactoringRefused("It stands in no statement.")
    return statement


def _is_import(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.If(body=body, orelse=orelse):
            return all(_is_import(one) for one in (*body, *orelse))
        case ast.Try(body=body, handlers=handlers):
            inner = [*body, *(one for handler in handlers for one in handler.body)]
            return any(_is_import(one) for one in inner)
    return False


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
