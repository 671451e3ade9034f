"""Does each new piece stand where the old one stood, as whole nodes: ast-grep reads the result.

This finds what text alone cannot show: an operator that binds a neighbour, a comment that swallows
the rest of its line, a separator too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toolset.refactor.patterns.grammar import Node, broken_nodes, parsed
from toolset.refactor.patterns.layout import Written
from toolset.refactor.patterns.template import Capture, Match, Template


@dataclass(frozen=True, slots=True)
class Placed:
    """One match, what was written for it, and where in the new text that begins."""

    match: Match
    written: Written
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.written.text)


class Nodes:
    """The nodes of one text."""

    def __init__(self, text: str, template: Template) -> None:
        root = parsed(text, template.language)
        self.broken = broken_nodes(root)
        self.root = Node.of(root)


def stands_whole(before: Nodes, after: Nodes, placed: Sequence[Placed]) -> bool:
    """Say whether all the new pieces, and all that was carried into them, are whole nodes.

    Around them the nodes must be of the same kinds as before.
    """
    old = [(one.match.start, one.match.end) for one in placed]
    new = [(one.start, one.end) for one in placed]
    return (
        after.broken <= before.broken
        and _outline(before.root, old) == _outline(after.root, new)
        and all(_run(after.root, *where) for where in new)
        and all(
            _is_carried(before.root, after.root, capture, one.start + at)
            for one in placed
            for capture, at in one.written.carried
            if capture.start < capture.end
        )
    )


def _is_carried(before: Node, after: Node, capture: Capture, start: int) -> bool:
    old = _run(before, capture.start, capture.end)
    new = _run(after, start, start + capture.end - capture.start)
    if capture.is_many:
        return bool({_kinds(one) for one in old} & {_kinds(one) for one in new})
    return bool({one[0].kind for one in old if len(one) == 1} & _single_kinds(new))


def _single_kinds(runs: list[tuple[Node, ...]]) -> set[str]:
    return {one[0].kind for one in runs if len(one) == 1}


def _kinds(run: tuple[Node, ...]) -> tuple[str, ...]:
    return tuple(node.kind for node in run)


def _run(node: Node, start: int, end: int) -> list[tuple[Node, ...]]:
    """Return the runs of siblings that fill a range exactly, the outermost first."""
    runs: list[tuple[Node, ...]] = []
    while True:
        if (node.start, node.end) == (start, end):
            runs.append((node,))
        touched = [one for one in node.children if one.start < end and start < one.end]
        if len(touched) == 1 and touched[0].covers(start, end):
            node = touched[0]
            continue
        if touched and touched[0].start == start and touched[-1].end == end:
            runs.append(tuple(touched))
        return runs


def _outline(node: Node, holes: Sequence[tuple[int, int]]) -> list[str]:
    """Return the kinds of all nodes that are not inside a hole, in order, with their ends."""
    if node.start == node.end:
        return []
    inside = [hole for hole in holes if hole[0] < node.end and node.start < hole[1]]
    if any(start <= node.start and node.end <= end for start, end in inside):
        return []
    lines = [node.kind]
    for child in node.children:
        lines += _outline(child, inside)
    return [*lines, "."]
