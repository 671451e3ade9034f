"""Where a new function goes: beside a definition, with the blank lines that the file has there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import pairwise

from toolset.refactor.analysis.layout import Block, Function, Layout
from toolset.refactor.ranges import Replacement

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def placed_after(layout: Layout, node: ast.stmt, code: str, default_gap: int) -> Replacement:
    """Return the insertion of a definition after another, and after those of the same name."""
    block = layout.block(node)
    after = block[block.index(node) + 1 :]
    while after and getattr(after[0], "name", "") == getattr(node, "name", None):
        node = after.pop(0)
    gap = _gap(layout, block, default_gap)
    end = _end(layout, node)
    rest = layout.text[layout.next_line(end) :]
    blank = len(re.match(r"(?:[ \t\f]*\r?\n)*", rest)[0].split("\n")) - 1  # type: ignore[index]
    below = gap - blank if after and blank < gap else 0
    lines = layout.newline
    return Replacement(end, end, lines * (gap + 1) + code + lines * below)


def placed_before(layout: Layout, node: ast.stmt, code: str, default_gap: int) -> Replacement:
    """Return the insertion of a definition before a statement and the comments attached to it."""
    gap = _gap(layout, layout.block(node), default_gap)
    lines = layout.text.split("\n")
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    top = first
    while top > 1 and lines[top - 2].startswith("#"):
        top -= 1
    if top == 1:  # a comment that reaches up to the first line is the file's own
        top = first
    blank = 0
    while top - 2 - blank >= 0 and not lines[top - 2 - blank].strip():
        blank += 1
    above = gap - blank if top > 1 and blank < gap and top - blank > 1 else 0
    at = layout.line_at(top)
    return Replacement(at, at, layout.newline * above + code + layout.newline * (gap + 1))


def _gap(layout: Layout, block: Block, default: int) -> int:
    """Return the blank lines that mostly stand between the definitions of a block."""
    gaps: Counter[int] = Counter()
    for before, after in pairwise(block):
        if isinstance(before, _DEFINITIONS) and isinstance(after, _DEFINITIONS):
            head = min([after.lineno, *(one.lineno for one in after.decorator_list)])
            between = layout.text[layout.next_line(layout.end(before)) : layout.line_at(head)]
            if not between.strip():
                gaps[between.count("\n")] += 1
    return gaps.most_common(1)[0][0] if gaps else default


def _end(layout: Layout, node: ast.stmt) -> int:
    """Return the end of a definition's last line, comments included that are indented deeper."""
    indent = layout.indent(node) if isinstance(node, Function) else ""
    stop = layout.next_line(layout.end(node))
    end = layout.line_start(layout.end(node)) + len(
        layout.text[layout.line_start(layout.end(node)) : stop].rstrip("\r\n")
    )
    comment = re.compile(rf"(?:\r?\n[ \t]*(?=\r?\n))*\r?\n{indent}[ \t]+#[^\r\n]*")
    while deeper := comment.match(layout.text, end):
        end = deeper.end()
    return end
