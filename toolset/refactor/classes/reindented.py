"""A definition at another depth: its lines indented anew, its strings left as they are.

Only docstrings move with their code, as far as they are indented with it: whoever reads them strips
that indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from toolset.refactor.classes.class_syntax import Names, every_node
from toolset.refactor.ranges import Replacement
from toolset.symbols import Definition, Found

_BLANK_BELOW = re.compile(r"(?:[ \t\f]*\r?\n)*")


def reindented(names: Names, found: Found, indent: str) -> Iterator[Replacement]:
    """Yield what brings the lines from the comments above a definition to its end to `indent`."""
    text = names.source.text
    start = names.source.top_of(found.node)
    inside = set(_inside_strings(names, found))
    at = start
    while at < found.end:
        after = text.find("\n", at) + 1 or len(text)
        if text[at:after].strip() and at not in inside and text.startswith(found.indent, at):
            yield Replacement(at, at + len(found.indent), indent)
        at = after


def _inside_strings(names: Names, found: Found) -> Iterator[int]:
    """Yield where lines begin that are part of a string, and must stay."""
    text = names.source.text
    docstrings = {id(one) for one in _docstrings(found.node)}
    for node in every_node(found.node):
        if not isinstance(node, cst.SimpleString | cst.FormattedString):
            continue
        start, end = names.source.start(node), names.source.end(node)
        lines = [match.end() for match in re.finditer("\n", text[start:end])]
        moves = id(node) in docstrings and all(
            text.startswith(found.indent, start + line)
            or not text[start + line :].split("\n")[0].strip()
            for line in lines
        )
        if not moves:
            yield from (start + line for line in lines)


def _docstrings(node: cst.CSTNode) -> Iterator[cst.SimpleString]:
    for child in every_node(node):
        if not isinstance(child, Definition) or not isinstance(child.body, cst.IndentedBlock):
            continue
        match child.body.body[0]:
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() as string), *_]):
                if "b" not in string.prefix and "\\\n" not in string.value.replace("\r", ""):
                    yield string


def cut(names: Names, found: Found) -> Replacement:
    """Return what takes a definition away, with its comments and the gap that they leave.

    A block that would be empty gets `pass`.
    """
    text, block = names.source.text, found.block
    start = names.source.top_of(found.node)
    if len(block.body) == 1 and isinstance(block, cst.IndentedBlock):
        return Replacement(start, found.end, f"{found.indent}pass")
    if block.body[-1] is found.node:
        return Replacement(len(text[:start].rstrip()), found.end, "")
    after = text.find("\n", found.end) + 1 or len(text)
    below = _BLANK_BELOW.match(text, after)
    return Replacement(start, below.end() if below else after, "")
