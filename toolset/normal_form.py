"""Python reduced to what it says: tokens that no formatter changes, and a digest of every symbol.

The tokens are those of `syntax_tokens`: quotes, brackets, commas, line breaks and comments are not
in them.

A symbol's digest leaves out its own name and those of the classes and functions around it, so that
it can be found again under another name; `Symbol.digest` says how.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal

from toolset.syntax_tokens import Part, constant_tokens, parts_of

Kind = Literal["module", "class", "function"]
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Ranges = tuple[tuple[int, int], ...]
_Step = Part | Callable[[], None]

_DIGITS = 32


class Unparsable(Exception):
    """The text is no Python that this interpreter can read."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A class or function, or the whole file (`name` ""), as one file has it.

    Definitions that share a qualified name (overloads, a property's getter and setter, the two
    branches of an `if`) are one symbol. `lines` are their first and last lines, from 1, decorators
    included. `binding` is how a method is bound, if that says more than its tokens do: `static`,
    or `unused self` for one that makes no use of the object that it is given. The tokens then hold
    neither the decorator nor the parameter: they are those of the same function outside a class.
    `size` is how many tokens it has.
    """

    name: str
    kind: Kind
    in_class: bool
    lines: tuple[tuple[int, int], ...]
    binding: str
    size: int
    _of_file: Sequence[str]
    _ranges: _Ranges
    _other_ranges: _Ranges

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable(self._of_file[start:end] for start, end in self._ranges))

    def read_otherwise(self) -> Symbol | None:
        """Return a method with what the class asks of it, or a function without, if they differ.

        A method that is taken out of its class as it stands keeps its parameter, used or not.
        """
        ranges = self._other_ranges
        return replace(self, size=_size(ranges), _ranges=ranges) if ranges else None

    def digest(self, *, known_as: str | None = None, strictly: bool = False) -> str:
        """Return the digest of the tokens, with placeholders for the parts of the qualified name.

        With `known_as`, the older name of what may be the same symbol, that name's parts get the
        placeholders too: if only the name has changed, this is the digest that it had. `strictly`
        leaves the new name's parts as they are: they may have stood there before for other things.
        """
        was = known_as if known_as is not None else self.name
        holders = _placeholders(was) if strictly else _placeholders(was, self.name)
        text = "\0".join([holders.get(token, token) for token in self.tokens])
        return hashlib.blake2b(text.encode(), digest_size=_DIGITS // 2).hexdigest()


def symbols_of(data: bytes) -> dict[str, Symbol]:
    """Return the symbols of a Python file by qualified name, in their order; "" is the file.

    About 30 ms per thousand lines. Raises Unparsable.
    """
    return _Reading(syntax_tree(data)).symbols()


def syntax_tree(data: bytes) -> ast.Module:
    """Parse a file's bytes, whatever their encoding and line ends. Raises Unparsable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are none of our business
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unparsable(str(error)) from error


def first_line(node: _Definition) -> int:
    """Return the line on which a definition begins, with its decorators."""
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


@dataclass(slots=True)
class _Open:
    """A definition being read: where its tokens are, and which of them do not count."""

    name: str
    kind: Kind
    in_class: bool
    lines: tuple[int, int]
    start: int
    end: int = 0
    binding: str = ""
    gaps: list[tuple[int, int]] = field(default_factory=list)
    receiver: str = ""
    class_asks: tuple[int, int] | None = None  # where `@staticmethod` is, or the first parameter

    def ask(self, range_: tuple[int, int]) -> None:
        self.class_asks = range_


class _Reading:
    """One walk over a tree, with a stack of its own: a thousand `elif` are as deep a tree."""

    def __init__(self, tree: ast.Module) -> None:
        self._tokens: list[str] = []
        self._around = [_Open("", "module", in_class=False, lines=(1, _last_line(tree)), start=0)]
        self._read = list(self._around)
        self._walk(tree)
        self._close()

    def symbols(self) -> dict[str, Symbol]:
        by_name: dict[str, list[_Open]] = defaultdict(list)
        for one in self._read:
            by_name[one.name].append(one)
        return {name: self._symbol(parts) for name, parts in by_name.items()}

    def _symbol(self, parts: list[_Open]) -> Symbol:
        first = parts[0]
        is_method = first.in_class and first.kind == "function"
        ranges = [_between(parts, in_full=in_full) for in_full in (not is_method, is_method)]
        return Symbol(
            first.name,
            first.kind,
            first.in_class,
            tuple(one.lines for one in parts),
            "-".join(one.binding for one in parts if one.binding),
            _size(ranges[0]),
            self._tokens,
            ranges[0],
            ranges[1] if ranges[1] != ranges[0] else (),
        )

    def _walk(self, tree: ast.AST) -> None:
        waiting: list[_Step] = [tree]
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                self._tokens.append(part)
            elif isinstance(part, ast.Name):
                self._tokens.append(part.id)
            elif isinstance(part, ast.Constant):
                self._tokens += constant_tokens(part.value)
            elif isinstance(part, _Definition):
                waiting.extend(reversed(self._definition(part)))
            elif isinstance(part, ast.AST):
                waiting.extend(reversed(parts_of(part)))
            else:
                part()

    def _definition(self, node: _Definition) -> list[_Step]:
        outer = self._around[-1]
        one = _Open(
            f"{outer.name}.{node.name}" if outer.name else node.name,
            "class" if isinstance(node, ast.ClassDef) else "function",
            in_class=outer.kind == "class",
            lines=(first_line(node), node.end_lineno or node.lineno),
            start=len(self._tokens),
        )
        self._around.append(one)
        self._read.append(one)
        marks = node.decorator_list if one.in_class and one.kind == "function" else []
        static = next((mark for mark in marks if _is_static(mark)), None)
        parts: list[_Step] = []
        for part in parts_of(node):
            if parts[-1:] == [".name"]:
                parts += self._noted(one.gaps.append, part)
            elif part is static:
                one.binding = "static"
                parts[-1:] = self._noted(one.ask, parts[-1], part)
            elif static is None and isinstance(part, ast.arguments):
                parts += self._arguments(part, one)
            else:
                parts.append(part)
        return [*parts, self._close]

    def _arguments(self, node: ast.arguments, one: _Open) -> list[_Step]:
        """Return the parts of a function's parameters; note where the first one's tokens are."""
        parts: list[_Step] = [*parts_of(node)]
        taken = [*node.posonlyargs, *node.args]
        if taken and not taken[0].annotation and len(node.defaults) < len(taken):
            one.receiver = taken[0].arg
            at = parts.index(taken[0])
            parts[at - 1 : at + 1] = self._noted(one.ask, parts[at - 1], parts[at])
        return parts

    def _noted(self, note: Callable[[tuple[int, int]], None], *parts: _Step) -> list[_Step]:
        """Return parts that tell `note` from where to where their tokens go."""
        start = 0

        def begins() -> None:
            nonlocal start
            start = len(self._tokens)

        return [begins, *parts, lambda: note((start, len(self._tokens)))]

    def _close(self) -> None:
        one = self._around.pop()
        one.end = len(self._tokens)
        if one.receiver and one.class_asks:
            if one.receiver in self._tokens[one.class_asks[1] : one.end]:
                one.class_asks = None
            elif one.in_class:
                one.binding = f"unused {one.receiver}"


def _between(parts: Sequence[_Open], *, in_full: bool) -> _Ranges:
    """Return from where to where the tokens go that count."""
    ranges = []
    for one in parts:
        asked = [one.class_asks] if one.class_asks and not in_full else []
        at = one.start
        for start, end in [*sorted([*one.gaps, *asked]), (one.end, one.end)]:
            ranges.append((at, start))
            at = end
    return tuple(ranges)


def _size(ranges: _Ranges) -> int:
    return sum(end - start for start, end in ranges)


def _is_static(decorator: _Step) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id == "staticmethod"


def _last_line(tree: ast.Module) -> int:
    return max((one.end_lineno or one.lineno for one in tree.body), default=1)


def _placeholders(*names: str) -> dict[str, str]:
    """Return what stands for the parts of the first name, innermost 0, and of others like it."""
    levels = [list(reversed(name.split("."))) for name in names if name]
    deepest = len(levels[0]) if names[0] else 0
    return {
        parts[level]: f"@{level}"
        for level in reversed(range(deepest))
        for parts in levels
        if level < len(parts)
    }
