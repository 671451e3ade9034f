"""Is the new Python tree the old one with the matches exchanged, and nothing else: asked of ast.

The tree that must come out is made of the old tree, the template's and the captures', each parsed
by itself; then the new text is parsed and compared. ast-grep has no part in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from toolset.errors import RefactoringRefused
from toolset.refactor.patterns.nodes import Placed
from toolset.refactor.patterns.template import Capture, Template
from toolset.refactor.patterns.tokens import VARIABLE
from toolset.snippet import parse_or_refuse

Shape = tuple[object, ...]
Items = tuple[Shape, ...]
_STAND_IN = re.compile(r"__alma_([A-Z0-9_]+)__")


class _CannotTellError(Exception):
    """A match or a capture is no expression and no statement, so nothing can be compared."""


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a variable stands for: as expressions (arguments of a call), and as statements."""

    text: str
    expressions: Items | None
    statements: Items | None

    @classmethod
    def read(cls, text: str, capture: Capture) -> _Carried:
        start, end = capture.start, capture.end
        code = text[start:end]
        before = text[text.rfind("\n", 0, start) + 1 : start]
        expressions = _arguments(code)
        if expressions and len(expressions) > 1 and not capture.is_many:
            expressions = _arguments(f"({code})")  # a tuple without parentheses
        return cls(code, expressions, _statements(code, "" if before.strip() else before))


def same_tree(text: str, new: str, placed: Sequence[Placed], template: Template) -> bool | None:
    """Say whether the new text's tree is the expected one; None if that cannot be compared."""
    try:
        found = parse_or_refuse(new, "The result does not parse")
    except RefactoringRefused:
        return False
    try:
        swap = _Swap(text, placed, template)
        expected = swap.shape(parse_or_refuse(text, "The file does not parse"))
        if not swap.is_complete:
            return None
        return expected == _Plain().shape(found)
    except (_CannotTellError, RecursionError, RefactoringRefused):
        return None


class _Plain:
    """Makes of a tree nested tuples without positions, comparable as a whole."""

    def shape(self, node: ast.AST) -> Shape:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return ("Constant", ("value", self.word(node.value, is_value=True)), node.kind)
        return (type(node).__name__, *((name, self._field(v)) for name, v in _fields(node)))

    def items(self, node: ast.AST) -> Items:
        """Return what stands in a list for one of its nodes."""
        return (self.shape(node),)

    def word(self, word: str, *, is_value: bool) -> str:  # noqa: ARG002 (a step for _Filled)
        return word

    def _field(self, value: object) -> object:
        match value:
            case list():
                return tuple(self._listed(value))
            case ast.AST():
                items = self.items(value)
                if len(items) != 1:
                    raise _CannotTellError
                return items[0]
            case str():
                return self.word(value, is_value=False)
        return value if value is Ellipsis or value is None else (type(value).__name__, repr(value))

    def _listed(self, values: list[object]) -> Iterator[object]:
        for value in values:
            if isinstance(value, ast.AST):
                yield from self.items(value)
            else:
                yield self._field(value)


class _Filled(_Plain):
    """The template's tree, with what the variables stand for in their places."""

    def __init__(self, carried: Mapping[str, _Carried]) -> None:
        self._carried = carried

    def items(self, node: ast.AST) -> Items:
        match node:
            case ast.Expr(value=ast.Name(id=name)) if found := _STAND_IN.fullmatch(name):
                return _or_cannot_tell(self._carried[found[1]].statements)
            case ast.Name(id=name) if found := _STAND_IN.fullmatch(name):
                return _or_cannot_tell(self._carried[found[1]].expressions)
        return super().items(node)

    def word(self, word: str, *, is_value: bool) -> str:
        def filled(found: re.Match[str]) -> str:
            text = self._carried[found[1]].text
            if not is_value and not text.isidentifier():
                raise _CannotTellError
            return text

        return _STAND_IN.sub(filled, word)


class _Swap(_Plain):
    """The old tree, with the template's in the places of the matches."""

    def __init__(self, text: str, placed: Sequence[Placed], template: Template) -> None:
        lines = text.split("\n")
        self._lines = lines
        self._starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self._text, self._template = text, template
        self._placed = sorted(placed, key=lambda one: one.match.start)
        self._done: set[int] = set()

    @property
    def is_complete(self) -> bool:
        return len(self._done) == len(self._placed)

    def items(self, node: ast.AST) -> Items:
        where = self._range(node)
        one = where and next(
            (p for p in self._placed if p.match.start <= where[0] and where[1] <= p.match.end), None
        )
        if not one:
            return super().items(node)
        if one.match.start in self._done:
            return ()
        self._done.add(one.match.start)
        if where and any(
            self._starts_before(d, where[0]) for d in getattr(node, "decorator_list", ())
        ):
            raise _CannotTellError  # decorators stay, and the template's tree has none of them
        return self._exchanged(one, is_statement=isinstance(node, ast.stmt))

    def _starts_before(self, node: ast.expr, where: int) -> bool:
        return self._offset(node.lineno, node.col_offset) < where

    def _exchanged(self, one: Placed, *, is_statement: bool) -> Items:
        carried = {c.name: _Carried.read(self._text, c) for c, _ in one.written.carried}
        # An empty capture stands nowhere in what was written.
        for capture in one.match.captures:
            carried.setdefault(capture.name, _Carried("", (), ()))
        code = VARIABLE.sub(r"__alma_\2__", self._template.text)
        tree = parse_or_refuse(code, "The template does not parse")
        if is_statement:
            return tuple(item for node in tree.body for item in _Filled(carried).items(node))
        match tree.body:
            case [ast.Expr(value=value)]:
                return _Filled(carried).items(value)
        raise _CannotTellError

    def _range(self, node: ast.AST) -> tuple[int, int] | None:
        if not isinstance(node, ast.expr | ast.stmt) or node.end_lineno is None:
            return None
        return (
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno, node.end_col_offset or 0),
        )

    def _offset(self, line: int, column: int) -> int:
        """Return the offset in characters; ast counts a line's bytes."""
        text = self._lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self._starts[line - 1] + column


def _fields(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Yield a node's fields; those that belong together in the source as one, in its order."""
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            yield "func", func
            yield "arguments", _in_order([*args, *keywords])
            return
        case ast.ClassDef(bases=bases, keywords=keywords):
            yield "arguments", _in_order([*bases, *keywords])
    for name, value in ast.iter_fields(node):
        if name not in ("ctx", "type_ignores", "type_comment") and not (
            isinstance(node, ast.ClassDef) and name in ("bases", "keywords")
        ):
            yield name, value


def _in_order(nodes: Sequence[ast.expr | ast.keyword]) -> list[ast.expr | ast.keyword]:
    return sorted(nodes, key=lambda one: (one.lineno, one.col_offset))


def _arguments(text: str) -> Items | None:
    try:
        tree = parse_or_refuse(f"f(\n{text}\n)", "")
    except RefactoringRefused:
        return None
    match tree.body:
        case [ast.Expr(value=ast.Call() as call)]:
            arguments = _in_order([*call.args, *call.keywords])
            return tuple(_Plain().shape(one) for one in arguments)
    return None


def _statements(code: str, indent: str) -> Items | None:
    """Read statements of which the first has lost its indentation."""
    try:
        tree = parse_or_refuse(f"if 1:\n{indent}{code}\n" if indent else code, "")
    except RefactoringRefused:
        return None
    if indent:
        match tree.body:
            case [ast.If(body=body, orelse=[])]:
                return tuple(_Plain().shape(one) for one in body)
        return None  # it goes on with an else, which is no statement
    return tuple(_Plain().shape(one) for one in tree.body)


def _or_cannot_tell(items: Items | None) -> Items:
    if items is None:
        raise _CannotTellError
    return items
