"""Reads and writes of names as a graph, in the order in which expressions do them.

Each event is one read, one write, or a mark; edges lead on normally, or to the handlers of an
exception. `toolset.refactor.extracting.flow` adds the statements.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from toolset.refactor.analysis.scopes import (
    bound_by,
    evaluated_inside,
    evaluated_outside,
    free_names,
)

Kind = Literal["read", "write", "unbind", "mark"]


@dataclass(slots=True)
class Event:
    """One step. `selected` says that it is in the selected statements."""

    kind: Kind
    name: str
    selected: bool
    then: set[int] = field(default_factory=set)
    raises: set[int] = field(default_factory=set)


class EventGraph:
    """Events so far; `events[0]` is the start, `events[1]` the end.

    Only names in `tracked` count. `captured` are those read by nested functions, with whether that
    function stands in the selection.
    """

    def __init__(self, tracked: Collection[str]) -> None:
        self.events = [Event("mark", "", selected=False), Event("mark", "", selected=False)]
        self.captured: set[tuple[str, bool]] = set()
        self._tracked = set(tracked)
        self._selected = False
        self._tips = {0}
        self._handlers: list[int] = []
        self._shadowed: list[set[str]] = []

    def _add(self, kind: Kind, name: str = "") -> int:
        at = len(self.events)
        self.events.append(Event(kind, name, self._selected, raises=set(self._handlers)))
        for tip in self._tips:
            self.events[tip].then.add(at)
        self._tips = {at}
        return at

    def _lead(self, to: int) -> None:
        for tip in self._tips:
            self.events[tip].then.add(to)
        self._tips = set()

    def _mark(self) -> int:
        """Add an event that nothing leads to yet."""
        tips, self._tips = self._tips, set()
        at = self._add("mark")
        self._tips = tips
        return at

    def _touch(self, kind: Kind, name: str) -> None:
        if name in self._tracked and not any(name in one for one in self._shadowed):
            self._add(kind, name)

    @contextmanager
    def _caught_by(self, *handlers: int) -> Iterator[None]:
        outer = self._handlers
        self._handlers = [*outer, *handlers]
        yield
        self._handlers = outer

    def _parts(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self._expression(node)

    def _expression(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                self._touch("read", name)
            case ast.Name(id=name, ctx=ast.Store()):
                self._touch("write", name)
            case ast.Name(id=name):
                self._touch("unbind", name)
            case ast.BoolOp(values=[first, *others]):
                self._expression(first)
                self._perhaps(others)
            case ast.Compare(left=left, comparators=[first, *others]):
                self._parts([left, first])
                self._perhaps(others)
            case ast.IfExp():
                self._choice(node)
            case ast.NamedExpr():
                self._parts([node.value, node.target])
            case ast.Lambda() | ast.GeneratorExp():
                self._nested(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                self._comprehension(node)
            case _:
                self._parts(ast.iter_child_nodes(node))

    def _perhaps(self, nodes: Iterable[ast.AST]) -> None:
        """Each of these may be evaluated, and those after it then too."""
        skipped: set[int] = set()
        for node in nodes:
            skipped |= self._tips
            self._expression(node)
        self._tips |= skipped

    def _choice(self, node: ast.IfExp) -> None:
        self._expression(node.test)
        before = set(self._tips)
        self._expression(node.body)
        after, self._tips = self._tips, before
        self._expression(node.orelse)
        self._tips |= after

    def _comprehension(self, node: ast.AST) -> None:
        self._parts(evaluated_outside(node))
        head = self._add("mark")
        walrus = {one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr)}
        inside = evaluated_inside(node)
        bound = {name for part in inside for one in ast.walk(part) for name in bound_by(one)}
        self._shadowed.append(bound - walrus)
        self._parts(inside)
        self._shadowed.pop()
        for tip in self._tips:
            self.events[tip].then.add(head)
        self._tips.add(head)

    def _nested(self, node: ast.AST) -> None:
        self._parts(evaluated_outside(node))
        for name in sorted(free_names(node) & self._tracked):
            self._touch("read", name)
            self.captured.add((name, self._selected))
