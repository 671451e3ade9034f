"""Edits that change what code does, one kind a function: which node becomes what.

A text in place of a node is put before a definition.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _operator(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp():
            yield ast.BinOp(
                node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right
            )
        case ast.Compare(ops=[op]):
            other = ast.NotEq() if isinstance(op, ast.Eq) else ast.Eq()
            yield ast.Compare(node.left, [other], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _constant(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=None):
            yield ast.Constant(0)


def _string(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Expr():
            pass
        case ast.Constant(value=str(value)):
            yield ast.Constant(value + "x")
            if value and not value[0].isspace():
                yield ast.Constant(value[1:])


def _default(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.arguments) and node.defaults:
        first = node.defaults[0]
        new = ast.Constant(1 if isinstance(first, ast.Constant) and first.value is None else None)
        yield ast.copy_location(new, first)


def _statement(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.stmt) and not isinstance(node, _Definition | ast.Pass):
        yield ast.Pass()


def _argument(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and len(node.args) > 1:
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)


def _keyword(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and node.keywords:
        yield ast.Call(node.func, node.args, node.keywords[1:])


def _name(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Name(ctx=ast.Load()):
            yield ast.Name(f"{node.id}_")
        case ast.Attribute(ctx=ast.Load()):
            yield ast.Attribute(node.value, f"{node.attr}_")


def _condition(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)


def _header(pattern: type[ast.AST], new: str) -> Callable[[ast.AST], Iterator[str]]:
    def edits(node: ast.AST) -> Iterator[str]:
        if type(node) is pattern:
            yield new

    return edits


def _base(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.ClassDef) and node.bases:
        yield ast.copy_location(ast.Name("Other"), node.bases[0])


EDITS: dict[str, Callable[[ast.AST], Iterator[ast.AST | str]]] = {
    "operator": _operator,
    "constant": _constant,
    "string": _string,
    "default": _default,
    "statement removed": _statement,
    "arguments swapped": _argument,
    "keyword removed": _keyword,
    "another name": _name,
    "condition negated": _condition,
    "decorator": _header(ast.FunctionDef, "@other\n"),
    "static": _header(ast.FunctionDef, "@staticmethod\n"),
    "async": _header(ast.FunctionDef, "async "),
    "base": _base,
}


def spliced(text: str, target: ast.AST, new: ast.AST | str) -> str:
    """Return the text with one node's text replaced, or with words put before a definition."""
    lines = text.encode().split(b"\n")
    if isinstance(new, str):
        row, column = target.lineno - 1, target.col_offset  # type: ignore[attr-defined]
        indent = lines[row][:column]
        put = new.encode() + (indent if new.endswith("\n") else b"")
        lines[row] = lines[row][:column] + put + lines[row][column:]
        return b"\n".join(lines).decode(errors="replace")
    place = new if hasattr(new, "lineno") else target
    code = f"({ast.unparse(new)})" if isinstance(new, ast.expr) else ast.unparse(new)
    row, column = place.lineno - 1, place.col_offset  # type: ignore[attr-defined]
    last, end = place.end_lineno - 1, place.end_col_offset  # type: ignore[attr-defined]
    put = lines[row][:column] + code.encode() + lines[last][end:]
    return b"\n".join([*lines[:row], put, *lines[last + 1 :]]).decode(errors="replace")
