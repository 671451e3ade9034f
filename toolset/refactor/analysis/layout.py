"""Where each node of a Python file's syntax tree stands, in characters of its text.

`ast` counts columns in UTF-8 bytes, and before Python 3.12 it misplaces what stands in f-strings: a
node whose text cannot be read back as that node is refused.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cached_property

from toolset.checks import parse
from toolset.encoding import has_lone_return, newline_of
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Place
from toolset.workspace import SourceFile

Function = ast.FunctionDef | ast.AsyncFunctionDef
Block = list[ast.stmt]
_REST = re.compile(r"[ \t\f;]*(#[^\r\n]*)?(?=\r?\n|\Z)")


class Layout:
    """A Python file with its tree; offsets count characters of `text`."""

    def __init__(self, source: SourceFile) -> None:
        """Raise DoesNotParse, RefactoringRefused for a file that cannot be edited."""
        if has_lone_return(source.text):
            raise RefactoringRefused(f"{source.path} ends lines with CR alone. Convert it first.")
        self.source, self.text, self.path = source, source.text, source.path
        self.tree = parse(source.path, source.state)
        self.newline = newline_of(source.text)
        self._lines = [0, *(found.end() for found in re.finditer("\n", source.text))]
        self.parents: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def line_at(self, number: int) -> int:
        """Return the offset where a line begins, counted from 1; past the last, the text's end."""
        return self._lines[number - 1] if number <= len(self._lines) else len(self.text)

    def offset(self, line: int, column: int) -> int:
        start = self.line_at(line)
        raw = self.text[start : self.line_at(line + 1)].encode("utf-8", "surrogatepass")
        return start + len(raw[:column].decode("utf-8", "replace"))

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def place(self, offset: int) -> Place:
        line = self.line(offset)
        return Place(self.path, line, offset - self.line_at(line))

    def line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def next_line(self, offset: int) -> int:
        """Return where the line after the one at `offset` begins, or the text's end."""
        return self.text.find("\n", offset) + 1 or len(self.text)

    def code(self, node: ast.expr) -> str:
        """Return an expression's text. Raises RefactoringRefused where it cannot be told."""
        text = self.text[self.start(node) : self.end(node)]
        if not same_expression(text, node):
            where = f"{self.path}:{node.lineno}"
            if self.in_fstring(node):
                raise RefactoringRefused(
                    f"{where}: where the expression stands cannot be told to the character, "
                    "because it is in an f-string. Change it by hand."
                )
            raise RefactoringRefused(
                f"{where}: {text} cannot be read by itself, outside of its place. Change it by "
                "hand."
            )
        return text

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that holds a node."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def block(self, statement: ast.stmt) -> Block:
        """Return the list of statements that one stands in."""
        return next(one for one in blocks(self.parents[statement]) if statement in one)

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what encloses a node, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def in_fstring(self, node: ast.AST) -> bool:
        return any(isinstance(one, ast.JoinedStr) for one in self.around(node))

    def opens_line(self, statement: ast.stmt) -> bool:
        """Say whether nothing but space stands before a statement in its line."""
        start = self.start(statement)
        return not self.text[self.line_start(start) : start].strip(" \t\f")

    def rest_of_line(self, offset: int) -> str | None:
        """Return the comment behind a statement, or ""; None if code follows in its line."""
        found = _REST.match(self.text, offset)
        return None if found is None else (found[1] or "")

    def indent(self, statement: ast.stmt) -> str:
        start = self.start(statement)
        return self.text[self.line_start(start) : start]

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        """Return the file's tokens; columns count characters. Raises RefactoringRefused."""
        try:
            return list(tokenize.generate_tokens(io.StringIO(self.text, newline="").readline))
        except (tokenize.TokenError, SyntaxError) as error:
            raise RefactoringRefused(f"{self.path} cannot be read as tokens: {error}") from error

    def has_comment(self, start: int, end: int) -> bool:
        return any(
            token.type == tokenize.COMMENT
            and start <= self.line_at(token.start[0]) + token.start[1] < end
            for token in self.tokens
        )

    @cached_property
    def unit(self) -> str:
        """Return what the file indents by: what its first indented block has more than its head."""
        for node in ast.walk(self.tree):
            for block in blocks(node):
                if isinstance(node, ast.stmt) and block[0].lineno > node.lineno:
                    inner, outer = self.indent(block[0]), self.indent(node)
                    if not inner.strip() and inner.startswith(outer):
                        return inner[len(outer) :]
        return "    "


def blocks(node: ast.AST) -> Iterator[Block]:
    """Yield the lists of statements right under a node, in order."""
    for value in (
        getattr(node, field)
        for field in ("body", "handlers", "orelse", "finalbody")
        if hasattr(node, field)
    ):
        if isinstance(value, list) and value:
            if isinstance(value[0], ast.stmt):
                yield value
            else:
                yield from (one.body for one in value)
    if isinstance(node, ast.Match):
        yield from (one.body for one in node.cases)


def same_expression(code: str, node: ast.expr) -> bool:
    """Say whether a text, read as an expression, is that node."""
    try:
        found = read_expression(code)
    except RefactoringRefused:
        return False
    return shape(found) == shape(node)


def read_expression(code: str) -> ast.expr:
    """Return an expression's tree. Raises RefactoringRefused if it is none."""
    try:
        tree = ast.parse(f"(\n{code}\n)", mode="eval").body
        again = ast.parse(f"[\n{code}\n,]", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RefactoringRefused(f"{code!r} is no expression of Python.") from error
    if not isinstance(again, ast.List) or len(again.elts) != 1:
        bare_tuple = isinstance(tree, ast.Tuple) and isinstance(again, ast.List)
        if not bare_tuple:
            raise RefactoringRefused(f"{code!r} is no single expression of Python.")
    return tree


def shape(node: ast.AST) -> str:
    """Return what a tree says, without where it stands."""
    return ast.dump(node)
