"""What `path:10-20` means: whole statements of one block; or `path:10`: an expression there."""

from __future__ import annotations

import ast
import re
import tokenize
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Block, Function, Layout, blocks, read_expression, shape

_WHERE = re.compile(r"(?P<path>.+?):(?P<first>\d+)(?:-(?P<last>\d+))?")
_FROZEN = {tokenize.STRING} | {
    getattr(tokenize, name)
    for name in ("FSTRING_MIDDLE", "TSTRING_MIDDLE")
    if hasattr(tokenize, name)
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Whole statements of one block, with the comments and blank lines between them.

    `start` is where the first line begins, `end` where the last line's text ends; both are offsets.
    """

    layout: Layout
    block: Block
    statements: list[ast.stmt]
    start: int
    end: int
    indent: str

    @property
    def text(self) -> str:
        return self.layout.text[self.start : self.end]

    @property
    def enclosing(self) -> list[ast.AST]:
        """Return what is around the statements, innermost first."""
        return list(self.layout.around(self.statements[0]))

    @property
    def function(self) -> Function | None:
        """Return the function whose own statements these are; None at module level.

        Raises RefactoringRefused for statements of a class.
        """
        for node in self.enclosing:
            if isinstance(node, ast.ClassDef):
                raise RefactoringRefused("These lines are a class's own. Choose lines of a method.")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                return node
        return None

    @property
    def outermost(self) -> ast.stmt:
        """Return the module's statement that holds these."""
        top = [self.statements[0], *self.enclosing][-2]
        return top if isinstance(top, ast.stmt) else self.statements[0]

    def reindented(self, indent: str) -> str:
        """Return the lines at another indentation; what stands in strings stays as it is."""
        first = self.layout.line(self.start)
        kept = _lines_in_strings(self.layout)
        lines = []
        for number, line in enumerate(self.text.split("\n"), first):
            if number in kept or not line.strip():
                lines.append(line)
            elif line.startswith(self.indent):
                lines.append(indent + line[len(self.indent) :])
            elif line.lstrip().startswith("#"):
                lines.append(indent + line.lstrip())
            else:
                lines.append(line)  # within brackets, where indentation says nothing
        return "\n".join(lines)


def parse_where(draft: Draft, where: str) -> tuple[PurePosixPath, int, int]:
    """Split `path:10-20` or `path:10`. Raises RefactoringRefused, PathRefused."""
    found = _WHERE.fullmatch(where.strip())
    if found is None:
        raise RefactoringRefused(f"{where!r} names no lines. Write path/file.py:10-20.")
    first = int(found["first"])
    last = int(found["last"] or first)
    if not 1 <= first <= last:
        raise RefactoringRefused(f"{where!r} names no lines: they count from 1, first to last.")
    return draft.workspace.locate(found["path"]), first, last


def select_statements(layout: Layout, first: int, last: int) -> Selection:
    """Return the whole statements that stand in lines `first` to `last`.

    Raises RefactoringRefused if there are none, or if a statement is only partly in these lines.
    """
    if last > layout.line(len(layout.text)):
        raise RefactoringRefused(f"{layout.path} has no line {last}.")
    block = _block_at(layout.tree.body, first, last)
    chosen = [one for one in block if _first_line(one) >= first and one.lineno <= last]
    opening, closing = chosen[0], chosen[-1]
    head = min([opening, *getattr(opening, "decorator_list", [])], key=lambda one: one.lineno)
    start = layout.line_at(_first_line(opening))
    end = layout.end(closing)
    code = layout.text[layout.start(head) : end]
    if layout.text[start : layout.start(head)].strip(" \t\f@") or _is_elif(opening, code):
        raise RefactoringRefused(f"Line {opening.lineno} does not begin with a whole statement.")
    if layout.rest_of_line(end) is None:
        raise RefactoringRefused(f"Line {closing.end_lineno} ends with other code.")
    start, end = _with_comments(layout, start, end, first, last)
    indent = layout.text[layout.line_start(layout.start(head)) :]
    return Selection(
        layout, block, chosen, start, end, indent[: len(indent) - len(indent.lstrip(" \t\f"))]
    )


def find_expression(layout: Layout, line: int, code: str) -> list[ast.expr]:
    """Return the expressions that begin on a line and read as `code`.

    Raises RefactoringRefused if there is none.
    """
    wanted = shape(read_expression(code.strip()))
    found = [
        node
        for node in ast.walk(layout.tree)
        if isinstance(node, ast.expr) and node.lineno == line and shape(node) == wanted
    ]
    if not found:
        raise RefactoringRefused(f"{layout.path}:{line}: {code.strip()} does not begin there.")
    return sorted(found, key=layout.start)


def _block_at(block: Block, first: int, last: int) -> Block:
    touched = [one for one in block if _first_line(one) <= last and (one.end_lineno or 0) >= first]
    cut = [one for one in touched if _first_line(one) < first or (one.end_lineno or 0) > last]
    if not touched:
        raise RefactoringRefused(f"Lines {first}-{last} hold no whole statement.")
    if not cut:
        return block
    if len(touched) > 1:
        raise RefactoringRefused(
            f"Lines {first}-{last} hold only a part of the statement that begins in line "
            f"{cut[0].lineno}. Choose whole statements of one block."
        )
    for inner in blocks(touched[0]):
        if _first_line(inner[0]) <= last and (inner[-1].end_lineno or 0) >= first:
            if not _only_in(touched[0], inner, first, last):
                break
            return _block_at(inner, first, last)
    raise RefactoringRefused(
        f"Lines {first}-{last} hold only a part of the statement that begins in line "
        f"{touched[0].lineno}. Choose whole statements of one block."
    )


def _only_in(statement: ast.stmt, inner: Block, first: int, last: int) -> bool:
    """Say whether the lines touch no other part of a statement: its head, another block."""
    others = [one for block in blocks(statement) if block is not inner for one in block]
    head_end = min(_first_line(block[0]) for block in blocks(statement)) - 1
    if first <= head_end and first < _first_line(inner[0]) and first <= statement.lineno:
        return False
    return not any(_first_line(one) <= last and (one.end_lineno or 0) >= first for one in others)


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, Function | ast.ClassDef) else []
    return min([node.lineno, *(one.lineno for one in decorators)])


def _is_elif(node: ast.stmt, code: str) -> bool:
    return isinstance(node, ast.If) and code.startswith("elif")


def _with_comments(layout: Layout, start: int, end: int, first: int, last: int) -> tuple[int, int]:
    """Widen a range by comments in the lines that were named, and by the last line's own."""
    lines = [one.strip() for one in layout.text.split("\n")]
    top, bottom = layout.line(start), layout.line(end)
    above = _farthest_comment(lines, range(top - 1, first - 1, -1))
    below = _farthest_comment(lines, range(bottom + 1, last + 1))
    begin = layout.line_at(min(top, above or top))
    stop = layout.next_line(layout.line_at(max(bottom, below or bottom)))
    return begin, begin + len(layout.text[begin:stop].rstrip())


def _farthest_comment(lines: list[str], numbers: range) -> int | None:
    """Return the last of these line numbers that is a comment, before anything but blank lines."""
    farthest = None
    for number in numbers:
        line = lines[number - 1]
        if line and not line.startswith("#"):
            break
        farthest = number if line else farthest
    return farthest


def _lines_in_strings(layout: Layout) -> set[int]:
    return {
        line
        for token in layout.tokens
        if token.type in _FROZEN
        for line in range(token.start[0] + 1, token.end[0] + 1)
    }
