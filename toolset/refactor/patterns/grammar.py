"""What ast-grep reads in a text: its nodes, as far as positions go, and what it could not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A node as far as positions go. Asked of ast-grep once, for every question costs a call."""

    kind: str
    start: int
    end: int
    children: tuple[Node, ...]

    @classmethod
    def of(cls, node: Any) -> Node:
        where = node.range()
        children = tuple(Node.of(child) for child in node.children())
        return cls(node.kind(), where.start.index, where.end.index, children)

    def covers(self, start: int, end: int) -> bool:
        return self.start <= start and end <= self.end


def parsed(text: str, language: str) -> Any:
    """Return ast-grep's root node. Raises UnicodeEncodeError for text that is no Unicode."""
    from ast_grep_py import SgRoot

    return SgRoot(text, language).root()


def broken_nodes(root: Any) -> int:
    """Count what a grammar could not read: errors, and signs that it had to add."""
    return sum(
        node.kind() == "ERROR" or (not node.text() and not re.search(r"[\w\s]|^$", node.kind()))
        for node in every_node(root)
    )


def every_node(root: Any) -> Iterator[Any]:
    yield root
    for child in root.children():
        yield from every_node(child)
