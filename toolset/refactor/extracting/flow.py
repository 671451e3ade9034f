"""The order in which the statements of a body read and write names, as a graph.

Loops, `break`, `finally`, exceptions and `match` are followed as Python does.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from toolset.refactor.analysis.scopes import bound_by
from toolset.refactor.extracting.event_graph import EventGraph


@dataclass(slots=True)
class _Loop:
    head: int
    breaks: set[int]


@dataclass(slots=True)
class _Finally:
    body: list[ast.stmt]
    selected: bool
    handlers: list[int]


class Flow(EventGraph):
    """The events of a body of statements."""

    def __init__(
        self, body: list[ast.stmt], tracked: Collection[str], selection: Collection[ast.stmt]
    ) -> None:
        super().__init__(tracked)
        self._selection = {id(one) for one in selection}
        self._frames: list[_Loop | _Finally] = []
        self._body(body)
        self._lead(1)

    def _body(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            outer = self._selected
            self._selected = outer or id(statement) in self._selection
            self._add("mark")
            self._statement(statement)
            self._selected = outer

    def _statement(self, node: ast.stmt) -> None:
        special: dict[type[ast.stmt], Callable[..., None]] = {
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.Try: self._try,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Match: self._match,
            ast.AugAssign: self._augmented,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
        }
        act = special.get(type(node)) or getattr(self, f"_{type(node).__name__.lower()}", None)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._nested(node)
            self._touch("write", node.name)
        elif act is not None:
            act(node)
        elif isinstance(node, ast.TryStar):
            self._try(node)
        else:
            self._parts(ast.iter_child_nodes(node))
            for name in bound_by(node):
                self._touch("write", name)

    def _return(self, node: ast.Return) -> None:
        if node.value:
            self._expression(node.value)
        self._unwind(None)
        self._lead(1)

    def _raise(self, node: ast.Raise) -> None:
        self._parts(ast.iter_child_nodes(node))
        self._tips = set()

    def _break(self, _: ast.Break) -> None:
        loop = self._loop()
        self._unwind(loop)
        loop.breaks |= self._tips
        self._tips = set()

    def _continue(self, _: ast.Continue) -> None:
        loop = self._loop()
        self._unwind(loop)
        self._lead(loop.head)

    def _loop(self) -> _Loop:
        return next(one for one in reversed(self._frames) if isinstance(one, _Loop))

    def _unwind(self, to: _Loop | None) -> None:
        """Run through each `finally` between here and a loop, or the function's end."""
        frames, handlers, selected = self._frames, self._handlers, self._selected
        for at in range(len(frames) - 1, -1, -1):
            frame = frames[at]
            if frame is to:
                break
            if isinstance(frame, _Finally):
                self._frames, self._handlers = frames[:at], frame.handlers
                self._selected = frame.selected
                self._body(frame.body)
        self._frames, self._handlers, self._selected = frames, handlers, selected

    def _if(self, node: ast.If) -> None:
        self._expression(node.test)
        before = set(self._tips)
        self._body(node.body)
        after, self._tips = self._tips, before
        self._body(node.orelse)
        self._tips |= after

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self._expression(node.iter)
        head = self._add("mark")
        self._looped(node.body, node.orelse, head, node.target)

    def _while(self, node: ast.While) -> None:
        head = self._add("mark")
        self._expression(node.test)
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self._looped(node.body, node.orelse, head, None, endless=endless)

    def _looped(
        self,
        body: list[ast.stmt],
        orelse: list[ast.stmt],
        head: int,
        target: ast.expr | None,
        *,
        endless: bool = False,
    ) -> None:
        out = set() if endless else set(self._tips)
        frame = _Loop(head, set())
        self._frames.append(frame)
        if target:
            self._expression(target)
        self._body(body)
        self._lead(head)
        self._frames.pop()
        self._tips = out
        self._body(orelse)
        self._tips |= frame.breaks

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self._expression(item.context_expr)
            if item.optional_vars:
                self._expression(item.optional_vars)
        if not may_swallow(node):
            self._body(node.body)
            return
        swallowed = self._mark()
        with self._caught_by(swallowed):
            self._body(node.body)
        self._tips.add(swallowed)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        outer = list(self._handlers)
        failed = self._mark() if node.finalbody else None
        last = [] if failed is None else [failed]
        if node.finalbody:
            self._frames.append(_Finally(node.finalbody, self._selected, outer))
        with self._caught_by(*last):
            entries = [self._mark() for _ in node.handlers]
            with self._caught_by(*entries):
                self._body(node.body)
            self._body(node.orelse)
            ends = set(self._tips)
            for entry, handler in zip(entries, node.handlers, strict=True):
                self._tips = {entry}
                self._handler(handler)
                ends |= self._tips
        if node.finalbody:
            self._frames.pop()
        if failed is not None:
            self._tips = {failed}
            self._body(node.finalbody)
        self._tips = ends
        self._body(node.finalbody)

    def _handler(self, handler: ast.ExceptHandler) -> None:
        if handler.type:
            self._expression(handler.type)
        if handler.name:
            self._touch("write", handler.name)
        self._body(handler.body)
        if handler.name:
            self._touch("unbind", handler.name)

    def _match(self, node: ast.Match) -> None:
        self._expression(node.subject)
        ends: set[int] = set()
        for case in node.cases:
            before = set(self._tips)
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.expr):
                    self._expression(part)
                for name in bound_by(part):
                    self._touch("write", name)
            if case.guard:
                self._expression(case.guard)
            tried = set(self._tips)
            self._body(case.body)
            ends |= self._tips
            certain = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            self._tips = set() if certain and not case.guard else before | tried
        self._tips |= ends

    def _augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._touch("read", node.target.id)
        else:
            self._expression(node.target)
        self._expression(node.value)
        if isinstance(node.target, ast.Name):
            self._touch("write", node.target.id)

    def _assign(self, node: ast.Assign) -> None:
        self._parts([node.value, *node.targets])

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value:
            self._expression(node.value)
        if node.value or not isinstance(node.target, ast.Name):
            self._expression(node.target)


def may_swallow(node: ast.With | ast.AsyncWith) -> bool:
    """Say whether a `with` is known to end exceptions: `suppress`, `pytest.raises` and the like."""
    words = " ".join(ast.unparse(item.context_expr) for item in node.items).lower()
    return any(word in words for word in ("suppress", "raises", "ignore", "catch"))
