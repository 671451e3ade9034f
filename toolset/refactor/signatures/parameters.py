"""The parameters of a function and the arguments of a call, and which of these fills which."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from toolset.refactor.signatures.bracketed import Listing, Offsets

Kind = Literal["positional-only", "plain", "*args", "keyword-only", "**kwargs", "/", "*"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, or one of the marks `/` and `*` between them, which have no name."""

    name: str
    kind: Kind
    default: str | None = None

    @property
    def is_positional(self) -> bool:
        return self.kind in ("positional-only", "plain")

    @property
    def is_required(self) -> bool:
        return self.default is None and self.kind in ("positional-only", "plain", "keyword-only")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a function; `listing.items` has one item for each of `all`."""

    listing: Listing
    all: tuple[Parameter, ...]

    @classmethod
    def read(cls, offsets: Offsets, function: Any) -> Parameters:
        """Read those of a function's node of parso."""
        node = next(one for one in function.children if one.type == "parameters")
        opening, *nodes, closing = node.children
        read = [_parameter(one) for one in nodes if getattr(one, "value", "") != ","]
        return cls(offsets.listing(opening, closing, nodes), tuple(_with_kinds(read)))

    @property
    def positional(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.all if one.is_positional)

    def named(self, name: str) -> Parameter | None:
        return next((one for one in self.all if one.name == name), None)

    def index(self, name: str) -> int:
        """Return which item of the list a parameter is."""
        return [one.name for one in self.all].index(name)

    def of_kind(self, kind: Kind) -> int | None:
        """Return the first item of a kind."""
        return next((i for i, one in enumerate(self.all) if one.kind == kind), None)

    @property
    def passes_all(self) -> bool:
        """Whether it takes whatever is passed: `*args, **kwargs`."""
        return self.of_kind("*args") is not None and self.of_kind("**kwargs") is not None


def _parameter(node: Any) -> Parameter:
    if node.type == "operator":
        return Parameter("", "/" if node.value == "/" else "*")
    kinds: dict[int, Kind] = {0: "plain", 1: "*args", 2: "**kwargs"}
    default = node.default
    spelt = None if default is None else default.get_code(include_prefix=False)
    return Parameter(node.name.value, kinds[node.star_count], spelt)


def _with_kinds(read: Sequence[Parameter]) -> Iterator[Parameter]:
    """Tell plain parameters before `/` and after `*` from the others."""
    slash = next((i for i, one in enumerate(read) if one.kind == "/"), -1)
    star = next((i for i, one in enumerate(read) if one.kind in ("*", "*args")), len(read))
    for index, one in enumerate(read):
        if one.kind != "plain":
            yield one
        elif index < slash:
            yield Parameter(one.name, "positional-only", one.default)
        else:
            yield Parameter(one.name, "plain" if index < star else "keyword-only", one.default)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: `stars` before it, its `keyword` if it has one, and its value."""

    keyword: str
    stars: int
    value: str
    is_bare_generator: bool = False

    @classmethod
    def read(cls, node: Any) -> Argument:
        if node.type != "argument":
            return cls("", 0, node.get_code(include_prefix=False))
        first, *rest = node.children
        if getattr(first, "value", "") in ("*", "**"):
            return cls("", len(first.value), rest[0].get_code(include_prefix=False))
        if getattr(rest[0], "value", "") == "=":
            return cls(first.value, 0, rest[1].get_code(include_prefix=False))
        generator = rest[-1].type in ("comp_for", "sync_comp_for")
        return cls("", 0, node.get_code(include_prefix=False), generator)

    @property
    def is_positional(self) -> bool:
        return not self.keyword and not self.stars

    @property
    def effect(self) -> Literal["none", "attribute", "unknown"]:
        """What happens when the value is read: nothing, an attribute is looked up, or anything."""
        tree = ast.parse(f"({self.value}\n)", mode="eval").body
        found: Literal["none", "attribute", "unknown"] = "none"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                found = "attribute"
            elif not isinstance(node, _SILENT) and not _is_negative_number(node):
                return "unknown"
        return found


_SILENT = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.expr_context, ast.USub, ast.Lambda)


def _is_negative_number(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
    )


def bind(
    parameters: Sequence[Parameter], arguments: Sequence[Argument]
) -> tuple[str | None, ...] | None:
    """Return the parameter that each argument fills; None if the call does not fit.

    `parameters` are those that the call itself fills, without a bound `self`. What is unpacked, and
    what stands behind `*xs`, fills None: nobody can tell from the call.
    """
    names: list[str | None] = []
    positional = iter([one for one in parameters if one.is_positional])
    by_keyword = {one.name for one in parameters if one.kind in ("plain", "keyword-only")}
    extra = {one.kind: one.name for one in parameters if one.kind in ("*args", "**kwargs")}
    unpacked = False
    for argument in arguments:
        if argument.stars or (argument.is_positional and unpacked):
            names.append(None)
            unpacked = unpacked or argument.stars == 1
        elif argument.keyword:
            known = argument.keyword in by_keyword
            names.append(argument.keyword if known else extra.get("**kwargs", "?"))
        else:
            one = next(positional, None)
            names.append(one.name if one else extra.get("*args", "?"))
    own = [name for name in names if name is not None and name not in extra.values()]
    missing = {one.name for one in parameters if one.is_required} - set(own)
    if "?" in own or len(set(own)) < len(own) or (missing and not any(a.stars for a in arguments)):
        return None
    return tuple(names)
