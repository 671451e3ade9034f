"""The calls of a constructor: of its class, of subclasses that inherit it, and by `super()`.

A subclass's own constructor is another function, with parameters of its own.
"""

from __future__ import annotations

from typing import Any

from toolset.refactor.evidence import Place
from toolset.refactor.references import can_be_edited, find_references
from toolset.refactor.signatures.call_reading import CallReader, leftover, may_be_it
from toolset.refactor.signatures.uses import (
    Definition,
    arguments_at,
    bases_of,
    calls_of_cls,
    class_around,
    imported_as,
    leaf_at,
    offsets_of,
    read_arguments,
    receiver_of,
    subclass_at,
)
from toolset.refactor.words import Word, find_words

CONSTRUCTORS = ("__init__", "__new__")
_PLAIN_METACLASSES = ("metaclass=ABCMeta", "metaclass=abc.ABCMeta")


def is_constructor(definition: Definition) -> bool:
    return definition.owner is not None and definition.name in CONSTRUCTORS


def read_constructor(reader: CallReader) -> None:
    """Read every call that reaches the constructor which the reader's definitions are."""
    target = reader.definitions[0]
    family = _Family(reader)
    family.read(target.word.place, target.owner)
    family.read_own_calls()
    for word in find_words(
        [one for one in reader.draft.texts() if can_be_edited(one)], target.name
    ):
        if word.is_code and not word.binds and not word.imports:
            _read_by_name(reader, word, family)


def _read_by_name(reader: CallReader, word: Word, family: _Family) -> None:
    """Read `super().__init__(...)` or `Base.__init__(self, ...)`."""
    symbol = {one.word.place for one in reader.definitions}
    reached = reader.jedi.definitions(word.place) or set()
    receiver = receiver_of(word)
    by_super = _is_super(receiver) and family.inherits(word)
    by_jedi = bool(reached & symbol)
    if by_super or by_jedi:
        reader.read(word, (*["hierarchy"] * by_super, *["jedi"] * by_jedi))
    elif not reached and getattr(receiver, "value", "") in family.names:
        reader.misfits.append(leftover(word, "constructor of an unknown class"))


def _is_super(receiver: Any) -> bool:
    """Say whether a method is called on `super()`."""
    before = receiver.get_previous_sibling() if receiver is not None else None
    return getattr(before, "value", "") == "super"


class _Family:
    """The class of a constructor, and the subclasses that reach it; read from the class down."""

    def __init__(self, reader: CallReader) -> None:
        self._reader = reader
        # By the class's name: how many bases it has; none for the constructor's own class, whose
        # `super()` is another.
        self._seen: dict[Place, int] = {}
        self._inheriting: list[tuple[Word, Any]] = []
        self._is_overridden = False
        self.names: set[str] = set()

    def read(self, place: Place, owner: Any) -> None:
        """Read the calls of one class, then of those that inherit its constructor."""
        here = Place(place.path, *owner.name.start_pos)
        if here in self._seen:
            return
        self._seen[here] = len(bases_of(owner)) if self._seen else 0
        self.names.add(owner.name.value)
        references = find_references(self._reader.draft, _dotted(owner), path=place.path)
        self._inheriting.append((references.target, owner))
        symbol = {one.place for one in references.found if one.binds}
        self._reader.unknown += [one for one in may_be_it(references) if one.kind == "string"]
        uses = [(one, references.engines(one.place)) for one in references.found if one.is_code]
        aliased = self._reader.aliased(references.found, symbol)
        for word, witnesses in [*uses, *((one, ("jedi",)) for one in aliased)]:
            self.names |= {imported_as(word)} - {""} if word.imports else set()
            if not word.binds and not word.imports:
                self._reader.read_construction(word, arguments_at(word), witnesses)
                self._subclass(word)

    def inherits(self, word: Word) -> bool:
        """Say whether a word stands in a subclass whose one base reaches the constructor."""
        owner = class_around(leaf_at(word))
        return (
            owner is not None and self._seen.get(Place(word.place.path, *owner.name.start_pos)) == 1
        )

    def _subclass(self, word: Word) -> None:
        node = subclass_at(word)
        if node is None:
            return
        if len(bases_of(node)) > 1:
            self._reader.unknown.append(leftover(word, "subclass with several bases"))
        if any(one.name.value in CONSTRUCTORS for one in node.iter_funcdefs()):
            self._seen[Place(word.place.path, *node.name.start_pos)] = len(bases_of(node))
            self._is_overridden = True
        else:
            self.read(word.place, node)

    def read_own_calls(self) -> None:
        """Read `cls(...)` in the classes; of a subclass it may reach another constructor."""
        for word, owner in self._inheriting:
            self._own_calls(word, owner)

    def _own_calls(self, word: Word, owner: Any) -> None:
        reader = self._reader
        if any("metaclass=" in one and one not in _PLAIN_METACLASSES for one in bases_of(owner)):
            reader.unknown.append(leftover(word, "class with a metaclass of its own"))
        for leaf, trailer in calls_of_cls(owner):
            start = offsets_of(word).at(leaf.start_pos)
            place = Place(word.place.path, *leaf.start_pos)
            here = Word(word.source, place, start, start + len(leaf.value), "name")
            if trailer is None or self._is_overridden:
                reader.misfits.append(leftover(here, "call of the object's own class"))
            else:
                listed = read_arguments(offsets_of(word), trailer)
                reader.read_construction(here, listed, ("scopes",))


def _dotted(node: Any) -> str:
    names = []
    while node is not None:
        if node.type in ("funcdef", "classdef"):
            names.append(node.name.value)
        node = node.parent
    return ".".join(reversed(names))
