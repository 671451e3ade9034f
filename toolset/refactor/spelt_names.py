"""Names that stand where the syntax holds no name: in strings and patterns that Python looks up.

`case C(name=...)` names an attribute, the string in `x: "C"` a type, `getattr(x, "name")` an
attribute too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Literal

from toolset.checks import parse, parses
from toolset.workspace import SourceFile

Spelt = Literal["pattern", "annotation", "dynamic use"]

_NAME = re.compile(r"[^\W\d]\w*")
_TYPE_COMMENT = re.compile(r"#[ \t]*type:[ \t]*(?!ignore\b)(?P<type>[^\r\n#]+)")
_BY_NAME = {"getattr", "setattr", "hasattr", "delattr", "attrgetter", "methodcaller"}
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
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        if node.kwd_attrs:
            start = self._offset(node.cls.end_lineno, node.cls.end_col_offset)
            end = self._offset(node.end_lineno, node.end_col_offset)
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
        called = _last_name(node.func)
        if called in _BY_NAME:
            for one in node.args:
                self._strings((one,), "dynamic use")
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
                start = self._offset(node.lineno, node.col_offset)
                written = self._text[start : self._offset(node.end_lineno, node.end_col_offset)]
                # An escape or a second piece would shift the offsets.
                if written[1:-1] == node.value:
                    self._names(node.value, start + 1, kind)

    def _names(self, code: str, start: int, kind: Spelt) -> None:
        """Note the names that begin a dotted one; an attribute of another name is not one."""
        for name in _NAME.finditer(code):
            if not code[: name.start()].rstrip().endswith(".") or kind == "dynamic use":
                self.found[start + name.start()] = kind

    def _offset(self, line: int | None, column: int | None) -> int:
        """Return the offset of a place that `ast` gives: it counts bytes of UTF-8."""
        if line is None or column is None:
            return 0  # only for nodes that no source was parsed to
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())


def _types(node: ast.expr) -> Iterator[ast.expr]:
    """Yield an annotation's parts that are types: not the values of a Literal, nor metadata."""
    yield node
    if isinstance(node, ast.Subscript):
        name = _last_name(node.value)
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


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
