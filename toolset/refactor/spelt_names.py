"""Names that stand where the syntax holds no name: in strings and patterns that Python looks up.

`case C(name=...)` names an attribute, the string in `x: "C"` a type, `getattr(x, "name")` an
attribute too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from toolset.checks import parse, parses
from toolset.refactor.positions import Positions, last_name
from toolset.workspace import SourceFile

Spelt = Literal["pattern", "annotation", "dynamic use", "fixture"]

_NAME = re.compile(r"[^\W\d]\w*")
_TYPE_COMMENT = re.compile(r"#[ \t]*type:[ \t]*(?!ignore\b)(?P<type>[^\r\n#]+)")
BY_NAME = {"getattr", "setattr", "hasattr", "delattr", "attrgetter", "methodcaller"}
_FIXTURES = {"usefixtures", "getfixturevalue"}
_LITERAL = {"Literal"}


def places_of(source: SourceFile) -> dict[int, Spelt]:
    """Return the offset of each such name, and what kind it is; empty if nothing parses."""
    if not parses(source.path, source.state):
        return {}
    reader = _Reader(source.text)
    reader.visit(parse(source.path, source.state))
    if "type:" in source.text:
        reader.read_type_comments()
    return reader.found


class _Reader(ast.NodeVisitor):
    """Walks a tree once, and notes offsets in characters."""

    def __init__(self, text: str) -> None:
        self.found: dict[int, Spelt] = {}
        self._text = text
        self._at = Positions(text)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        if node.kwd_attrs:
            start, end = self._at.end(node.cls), self._at.end(node)
            for found in re.finditer(r"([^\W\d]\w*)\s*=(?!=)", self._text[start:end]):
                self.found[start + found.start()] = "pattern"
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        self._annotation(node.annotation)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._annotation(node.annotation)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._annotation(node.returns)
        self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        called = last_name(node.func)
        if called in BY_NAME:
            for one in node.args:
                self._strings((one,), "dynamic use")
        elif called in _FIXTURES:
            self._strings(node.args, "fixture")
        elif called == "parametrize" and node.args:
            self._strings(node.args[:1], "dynamic use")
        elif called == "cast" and node.args:
            self._annotation(node.args[0])
        elif called == "TypeVar":
            for one in (*node.args[1:], *(k.value for k in node.keywords if k.arg == "bound")):
                self._annotation(one)
        self.generic_visit(node)

    def read_type_comments(self) -> None:
        """Note the names in `# type:` comments; inside a string such a text is not looked up."""
        for comment in _TYPE_COMMENT.finditer(self._text):
            self._names(comment["type"], comment.start("type"), "annotation")

    def _annotation(self, node: ast.expr | None) -> None:
        if node is not None:
            self._strings(_types(node), "annotation")

    def _strings(self, nodes: Iterable[ast.expr], kind: Spelt) -> None:
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                start, written = self._at.start(node), self._at.code(node)
                # An escape or a second piece would shift the offsets.
                if written[1:-1] == node.value:
                    self._names(node.value, start + 1, kind)

    def _names(self, code: str, start: int, kind: Spelt) -> None:
        """Note the names that begin a dotted one; an attribute of another name is not one."""
        for name in _NAME.finditer(code):
            if not code[: name.start()].rstrip().endswith(".") or kind == "dynamic use":
                self.found[start + name.start()] = kind


def _types(node: ast.expr) -> Iterator[ast.expr]:
    """Yield an annotation's parts that are types: not the values of a Literal, nor metadata."""
    yield node
    if isinstance(node, ast.Subscript):
        name = last_name(node.value)
        if name in _LITERAL:
            return
        inner = node.slice
        if name == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
            inner = inner.elts[0]
        yield from _types(inner)
    elif isinstance(node, ast.BinOp):
        yield from _types(node.left)
        yield from _types(node.right)
    elif isinstance(node, ast.Tuple | ast.List):
        for one in node.elts:
            yield from _types(one)
