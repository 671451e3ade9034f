"""What a function's or a class's name does where it stands: defined, called, handed on, looked at.

Read from parso's tree of one file; whether the name is the symbol has been decided before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import parso

from toolset.refactor.signatures.bracketed import Listing, Offsets
from toolset.refactor.signatures.parameters import Argument, Parameter, Parameters
from toolset.refactor.words import Word

Binding = Literal["function", "instance", "class", "static"]
_IMPLICIT_CLASS_METHODS = ("__init_subclass__", "__class_getitem__")
# What can be read of a function without calling it or looking at its parameters.
_HARMLESS = (
    "cache_clear",
    "cache_info",
    "__name__",
    "__qualname__",
    "__doc__",
    "__module__",
)
_CHECKS = ("isinstance", "issubclass")


@dataclass(frozen=True, slots=True)
class Definition:
    """One `def` of the function: the target, an override, an overload, another branch of an `if`.

    `binding` says what its first parameter is bound to in a call; `decorators` are dotted names;
    `owner` is parso's node of the class right around it, None if there is none.
    """

    word: Word
    node: Any
    parameters: Parameters
    binding: Binding
    decorators: tuple[str, ...]
    owner: Any

    @property
    def name(self) -> str:
        return str(self.node.name.value)

    @property
    def bound(self) -> int:
        """How many parameters come from the object or class that it is called on."""
        return int(self.binding in ("instance", "class") or self.name == "__new__")

    @property
    def own(self) -> tuple[Parameter, ...]:
        """The parameters that callers fill, in order, with the marks between them."""
        return self.parameters.all[self.bound :]

    @property
    def positional(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.own if one.is_positional)

    @property
    def is_overload(self) -> bool:
        return any(one.rpartition(".")[2] == "overload" for one in self.decorators)


def definition_at(word: Word) -> Definition | None:
    """Return the function whose name the word is, in its `def`; None if it is no such name."""
    node = leaf_at(word).parent
    if node.type != "funcdef" or offsets_of(word).at(node.name.start_pos) != word.start:
        return None
    decorators = tuple(_decorators(node))
    owner = _owner(node)
    return Definition(
        word,
        node,
        Parameters.read(offsets_of(word), node),
        _binding(node.name.value, decorators) if owner is not None else "function",
        decorators,
        owner,
    )


def _binding(name: str, decorators: tuple[str, ...]) -> Binding:
    if "staticmethod" in decorators or name == "__new__":
        return "static"
    if "classmethod" in decorators or name in _IMPLICIT_CLASS_METHODS:
        return "class"
    return "instance"


def leaf_at(word: Word) -> Any:
    """Return parso's leaf of a word."""
    return _syntax(word.source.text).get_leaf_for_position((word.place.line, word.place.column + 1))


def offsets_of(word: Word) -> Offsets:
    return _offsets(word.source.text)


@lru_cache(maxsize=32)
def _syntax(text: str) -> Any:
    return parso.parse(text)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=32)
def _offsets(text: str) -> Offsets:
    return Offsets(text)


def arguments_at(word: Word) -> tuple[Listing, tuple[Argument, ...]] | None:
    """Return the arguments of the call that the word is the function of; None if it is no call."""
    trailer = _next_trailer(leaf_at(word))
    if trailer is None or trailer.children[0].value != "(":
        return None
    return read_arguments(offsets_of(word), trailer)


def read_arguments(offsets: Offsets, trailer: Any) -> tuple[Listing, tuple[Argument, ...]]:
    """Return the arguments between the brackets of a call."""
    opening, *inner, closing = trailer.children
    nodes = inner[0].children if inner and inner[0].type == "arglist" else inner
    arguments = tuple(Argument.read(one) for one in nodes if getattr(one, "value", "") != ",")
    return offsets.listing(opening, closing, nodes), arguments


def imported_as(word: Word) -> str:
    """Return the other name that an import gives to the word; empty if it gives none."""
    node = leaf_at(word).parent
    if node.type == "import_as_name" and node.children[0].start_pos == leaf_at(word).start_pos:
        return str(node.children[2].value)
    return ""


def receiver_of(word: Word) -> Any:
    """Return what a method is called on: the last name of it, or its call or subscript.

    None for a plain name.
    """
    trailer = leaf_at(word).parent
    if trailer.type != "trailer":
        return None
    before = trailer.get_previous_sibling()
    if before.type == "trailer" and before.children[0].value == ".":
        return before.children[1]
    return before


def is_call_of_type(receiver: Any) -> bool:
    """Say whether a receiver is `type(...)`, that is, a class."""
    before = receiver.get_previous_sibling()
    return bool(receiver.type == "trailer" and getattr(before, "value", "") == "type")


def use_at(word: Word) -> str | None:
    """Say how a function is used that is not called here; None if it does not matter."""
    leaf = leaf_at(word)
    trailer = _next_trailer(leaf)
    if trailer is not None and trailer.children[0].value == ".":
        read = trailer.children[1].value
        return None if read in _HARMLESS else f"used by its attribute {read}"
    node = _whole(leaf)
    if node.parent.type == "decorator":
        return "used as a decorator"
    if node.parent.type in ("global_stmt", "nonlocal_stmt", "del_stmt"):
        return None
    return "used as a value, not called"


def subclass_at(word: Word) -> Any:
    """Return the class that the word is a base of; None if it is no base."""
    node = _whole(leaf_at(word))
    holder = node.parent.parent if node.parent.type == "arglist" else node.parent
    return holder if holder.type == "classdef" and node is not holder.name else None


def hands_on_class(word: Word) -> bool:
    """Say whether a class is handed on here, to be called by someone: not in a type or a check."""
    node = _whole(leaf_at(word))
    if _next_trailer(leaf_at(word)) is not None:
        return False
    parent = node.parent
    if parent.type == "arglist":
        parent = parent.parent
    if parent.type == "trailer" and parent.children[0].value == "(":
        return getattr(parent.get_previous_sibling(), "value", "") not in _CHECKS
    if parent.type in ("expr_stmt", "annassign"):
        return bool(parent.children[-1] is node)
    return parent.type in ("argument", "return_stmt", "testlist_comp", "dictorsetmaker", "atom")


def calls_of_cls(owner: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the name and the call of each `cls(...)` in the class methods of a class.

    The call is None for `type(self)(...)` and `self.__class__(...)`, whose class may be another.
    """
    leaf, end = owner.get_first_leaf(), owner.end_pos
    while leaf is not None and leaf.start_pos < end:
        trailer = _next_trailer(leaf) if leaf.type == "name" else None
        if trailer is not None and trailer.children[0].value == "(":
            if leaf.value == "cls" and leaf.parent.type != "trailer":
                yield leaf, trailer
            elif leaf.value == "__class__" or _calls_type_of(leaf, trailer):
                yield leaf, None
        leaf = leaf.get_next_leaf()


def bases_of(owner: Any) -> dict[str, Any]:
    """Return the bases and keywords of a class as they are spelt, each with its last name."""
    listed = owner.get_super_arglist()
    if listed is None:
        return {}
    nodes = listed.children if listed.type == "arglist" else [listed]
    return {
        one.get_code(include_prefix=False): _last_name(one)
        for one in nodes
        if getattr(one, "value", "") != ","
    }


def _last_name(node: Any) -> Any:
    """Return the last name of `a.b.C`, also of `a.b.C[T]`."""
    if node.type != "atom_expr":
        return node.get_last_leaf()
    dotted = [one for one in node.children if one.type == "name" or one.children[0].value == "."]
    return dotted[-1].get_last_leaf()


def _calls_type_of(leaf: Any, trailer: Any) -> bool:
    """Say whether it is `type(...)(...)`."""
    after = trailer.get_next_sibling()
    is_call = after is not None and after.type == "trailer" and after.children[0].value == "("
    return bool(leaf.value == "type" and is_call)


def _next_trailer(leaf: Any) -> Any:
    node = leaf.parent if leaf.parent.type == "trailer" else leaf
    if node.parent is None or node.parent.type not in ("atom_expr", "power"):
        return None
    after = node.get_next_sibling()
    return after if after is not None and after.type == "trailer" else None


def _whole(leaf: Any) -> Any:
    """Return the dotted name that a leaf is the end of."""
    if leaf.parent.type == "trailer" and leaf.parent.parent.children[-1] is leaf.parent:
        return leaf.parent.parent
    return leaf


def _decorators(function: Any) -> Iterator[str]:
    for one in function.get_decorators():
        spelt = one.children[1].get_code(include_prefix=False)
        yield spelt.partition("(")[0].strip()


def class_around(node: Any) -> Any:
    """Return the innermost class around a node; None if there is none."""
    while (node := node.parent) is not None:
        if node.type == "classdef":
            return node
    return None


def _owner(function: Any) -> Any:
    """Return the class that a function is a method of; None if it is none."""
    node = function.parent
    while node is not None and node.type not in ("funcdef", "lambdef", "classdef"):
        node = node.parent
    return node if node is not None and node.type == "classdef" else None
