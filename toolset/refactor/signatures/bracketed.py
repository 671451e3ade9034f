"""A list in brackets, to the character: of parameters or of arguments, changed by ranges alone.

Comments, line breaks and trailing commas stay as they are; one item a line stays one a line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from toolset.errors import RefactoringRefused
from toolset.refactor.ranges import Replacement

_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n)")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list in brackets; `comma` is the offset of the comma after it."""

    start: int
    end: int
    comma: int | None

    @property
    def after(self) -> int:
        """The offset behind the item and its comma."""
        return self.end if self.comma is None else self.comma + 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in brackets: `open` lies behind the opening one, `close` before the closing one."""

    text: str
    open: int
    close: int
    items: tuple[Item, ...]

    def spelt(self, index: int) -> str:
        return self.text[self.items[index].start : self.items[index].end]

    def with_item(self, index: int, new: str) -> Replacement:
        """Put a new item before the one at `index`; at the end, if there is none."""
        if not self.items:
            return Replacement(self.open, self.open, new)
        if index == 0:
            first = self.items[0].start
            gap = self._break_before(0) if self._begins_line(0) else " "
            return Replacement(first, first, f"{new},{gap}")
        if index < len(self.items):
            return self._between(index, new)
        return self._at_end(new)

    def _between(self, index: int, new: str) -> Replacement:
        before, after = self.items[index - 1], self.items[index]
        if self._begins_line(index):
            at = self._line_rest(before.after)
            return Replacement(at, at, f"{self._break_before(index)}{new},")
        return Replacement(after.start, after.start, f"{new}, ")

    def _at_end(self, new: str) -> Replacement:
        last = self.items[-1]
        own_line = self._begins_line(len(self.items) - 1)
        gap = self._break_before(len(self.items) - 1) if own_line else " "
        rest = self._line_rest(last.after) if own_line else last.after
        if last.comma is not None:
            return Replacement(rest, rest, f"{gap}{new},")
        comment = self.text[last.end : rest]
        return Replacement(last.end, rest, f",{comment}{gap}{new}")

    def without(self, indexes: Collection[int]) -> Iterator[Replacement]:
        """Take items away, with their commas.

        A comment goes with them only if it stands behind one on a line of its own. Raises
        RefactoringRefused where another comment would be lost.
        """
        for first, last in _runs(indexes):
            after = self.items[last].after
            own = self._line_rest(after) if self._begins_line(first) else after
            for start, end in self._ranges_without(first, last):
                lost = self._gaps(start, min(end, after)) + self.text[min(own, end) : end]
                if "#" in lost:
                    line = self.text.count("\n", 0, start) + 1
                    raise RefactoringRefused(
                        f"A comment in line {line} would be lost. Nothing was changed. "
                        "Move it first."
                    )
                yield Replacement(start, end, "")

    def _ranges_without(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield what goes with a run of neighbours."""
        run = Item(self.items[first].start, self.items[last].end, self.items[last].comma)
        begins, is_last = self._begins_line(first), last == len(self.items) - 1
        if first == 0 and is_last:
            yield self.open, self.close
        elif begins and self._ends_line(run.after):
            yield self._break_start(run.start), self._line_rest(run.after)
            if is_last and run.comma is None:
                yield self.items[first - 1].end, self.items[first - 1].after
        elif first > 0 and (not begins or is_last):
            before = self.items[first - 1]
            keeps_comma = not is_last or run.comma is not None
            yield (before.after if keeps_comma else before.end), run.after
        else:
            following = self.items[last + 1].start
            keeps = "#" in self.text[run.after : following]
            yield run.start, (run.after if keeps else following)

    def _gaps(self, start: int, end: int) -> str:
        """Return what stands in a range outside the items."""
        inside = [item for item in self.items if start <= item.start and item.end <= end]
        edges = [start, *(edge for item in inside for edge in (item.start, item.end)), end]
        return "".join(self.text[a:b] for a, b in list(pairwise(edges))[::2])

    def comment_above(self, index: int) -> int | None:
        """Return where a comment begins on the line above an item that begins its own."""
        if not self._begins_line(index):
            return None
        end = self._break_start(self.items[index].start)
        start = self.text.rfind("\n", 0, end) + 1
        comment = start + len(self.text[start:end]) - len(self.text[start:end].lstrip())
        return comment if self.text[comment : comment + 1] == "#" else None

    def comment_behind(self, index: int) -> str:
        """Return the comment behind an item on its line, if no other item follows there."""
        after = self.items[index].after
        return self.text[after : self._line_rest(after)].strip()

    def in_order(self, order: Sequence[int]) -> Iterator[Replacement]:
        """Put the items `order` in the places that they now have, in this order.

        Raises RefactoringRefused if a comment stands between them: whose would it be?
        """
        slots = sorted(order)
        if "#" in self._gaps(
            self.items[slots[0]].start, self._line_rest(self.items[slots[-1]].after)
        ):
            line = self.text.count("\n", 0, self.items[slots[0]].start) + 1
            raise RefactoringRefused(
                f"Comments stand between the items of the list in line {line}. "
                "Nothing was changed. Move them first."
            )
        for slot, index in zip(slots, order, strict=True):
            if slot != index:
                item = self.items[slot]
                yield Replacement(item.start, item.end, self.spelt(index))

    def _begins_line(self, index: int) -> bool:
        start = self.items[index].start
        line = self.text.rfind("\n", 0, start) + 1
        return line > self.open and not self.text[line:start].strip()

    def _ends_line(self, offset: int) -> bool:
        return _REST_OF_LINE.match(self.text, offset) is not None

    def _line_rest(self, offset: int) -> int:
        """Return where the line ends, if only a comment follows; else the offset itself."""
        rest = _REST_OF_LINE.match(self.text, offset)
        return rest.end() if rest and rest.end() <= self.close else offset

    def _break_start(self, offset: int) -> int:
        """Return where the line break before the line at `offset` begins."""
        newline = self.text.rfind("\n", 0, offset)
        return newline - (self.text[newline - 1] == "\r")

    def _break_before(self, index: int) -> str:
        """Return the line break and the indentation before an item that begins its line."""
        start = self.items[index].start
        return self.text[self._break_start(start) : start]


def _runs(indexes: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of neighbours."""
    ordered = sorted(indexes)
    starts = [i for i in ordered if i - 1 not in indexes]
    ends = [i for i in ordered if i + 1 not in indexes]
    yield from zip(starts, ends, strict=True)


class Offsets:
    """Where parso's lines and columns are in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    def at(self, position: tuple[int, int]) -> int:
        return self._lines[position[0] - 1] + position[1]

    def listing(self, opening: Any, closing: Any, nodes: Sequence[Any]) -> Listing:
        """Return the list between two brackets; commas may be among the nodes, or end them."""
        items: list[Item] = []
        for node in nodes:
            if node.type == "operator" and node.value == ",":
                last = items.pop()
                items.append(Item(last.start, last.end, self.at(node.start_pos)))
            else:
                items.append(self._item(node))
        return Listing(
            self.text, self.at(opening.end_pos), self.at(closing.start_pos), tuple(items)
        )

    def _item(self, node: Any) -> Item:
        start, leaf = self.at(node.start_pos), node.get_last_leaf()
        if node.type == "param" and leaf.value == ",":
            return Item(start, self.at(node.children[-2].end_pos), self.at(leaf.start_pos))
        return Item(start, self.at(node.end_pos), None)
