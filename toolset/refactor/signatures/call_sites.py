"""Where a function is defined and called, and which parameter each argument of a call fills.

The references say which words are the function; what cannot be followed, because the function is
handed on as a value, is listed for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from toolset.copies import private_copy
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.references import References, can_be_edited, find_references
from toolset.refactor.signatures.call_reading import Call, CallReader, may_be_it
from toolset.refactor.signatures.constructors import CONSTRUCTORS, is_constructor, read_constructor
from toolset.refactor.signatures.uses import Definition, bases_of, definition_at
from toolset.refactor.target import Defined, find_definition
from toolset.refactor.words import find_words

__all__ = ["Call", "CallSites", "find_call_sites"]

# Bases that call no method which they do not have themselves.
_QUIET_BASES = ("object", "ABC", "Generic", "Protocol", "Exception", "ValueError", "Enum")


@dataclass(frozen=True, slots=True)
class CallSites:
    """A function's definitions, the target's own first, and its calls in order of place.

    `values` are where it is handed on or looked at instead of being called; `misfits` calls that
    do not fit its parameters, or may reach another function; `unknown` words that may be it.
    `witnesses` are those of each definition; `outer_bases` are classes from outside the project
    that a method's classes inherit from.
    """

    address: str
    definitions: tuple[Definition, ...]
    calls: tuple[Call, ...]
    values: tuple[Leftover, ...]
    misfits: tuple[Leftover, ...]
    unknown: tuple[Leftover, ...]
    witnesses: dict[Place, tuple[str, ...]]
    outer_bases: tuple[str, ...]

    @property
    def target(self) -> Definition:
        return self.definitions[0]


def find_call_sites(draft: Draft, target: str) -> CallSites:
    """Find every definition and call of one function or method.

    For `Class.__init__` and `Class.__new__`, the calls are those of the class and of subclasses
    that inherit it, and `super().__init__(...)`. Raises AmbiguousTarget, RefactoringRefused where
    there is no such function or its name is bound otherwise too, and what `find_references` does.
    """
    defined = find_definition(draft, target)
    staged = draft.changes()
    with private_copy(draft.workspace, staged) if staged else nullcontext(draft.workspace) as on:
        jedi = Jedi(on.root, [one for one in draft.texts() if can_be_edited(one)])
        if defined.name.rpartition(".")[2] in CONSTRUCTORS:
            return _of_constructor(draft, defined, jedi)
        return _of_function(draft, defined, jedi)


def _of_function(draft: Draft, defined: Defined, jedi: Jedi) -> CallSites:
    references = find_references(draft, defined.name, path=defined.source.path)
    definitions = _definitions(references)
    reader = CallReader(draft, definitions, jedi)
    reader.unknown += may_be_it(references)
    for word in references.found:
        reader.read(word, references.engines(word.place))
    places = {one.word.place for one in definitions}
    for word in reader.aliased(references.found, places):
        reader.read(word, ("jedi",))
    witnesses = {place: references.engines(place) for place in places}
    outer = tuple(dict.fromkeys(_outer_bases(definitions, jedi)))
    return _sites(references.address, reader, witnesses, outer)


def _of_constructor(draft: Draft, defined: Defined, jedi: Jedi) -> CallSites:
    """Find what reaches a constructor; the definition itself is plain from two parsers alone."""
    scope, _, name = defined.name.rpartition(".")
    found = [
        definition
        for word in find_words([defined.source], name)
        if word.is_code
        and word.binds
        and word.scope == scope
        and (definition := definition_at(word))
    ]
    found.sort(key=lambda one: (one.is_overload, one.word.place))
    if not found or not is_constructor(found[0]):
        raise RefactoringRefused(f"{defined.address} is not the constructor of a class.")
    reader = CallReader(draft, found, jedi)
    read_constructor(reader)
    return _sites(defined.address, reader, {one.word.place: ("ast", "parso") for one in found}, ())


def _sites(
    address: str,
    reader: CallReader,
    witnesses: dict[Place, tuple[str, ...]],
    outer_bases: tuple[str, ...],
) -> CallSites:
    return CallSites(
        address,
        tuple(reader.definitions),
        tuple(call for _, call in sorted(reader.calls.items())),
        tuple(sorted(set(reader.values))),
        tuple(sorted(set(reader.misfits))),
        tuple(sorted(set(reader.unknown))),
        witnesses,
        outer_bases,
    )


def _definitions(references: References) -> list[Definition]:
    """Return the function's definitions, the target first. Raises RefactoringRefused."""
    target = definition_at(references.target)
    if target is None:
        raise RefactoringRefused(
            f"{references.address} is not a function or method. Of a class, name its constructor: "
            f"{references.address}.__init__."
        )
    others = [word for word in references.found if word.binds and word.place != target.word.place]
    found = [(word, definition_at(word)) for word in others]
    if other := [word for word, definition in found if definition is None and word.is_code]:
        raise RefactoringRefused(
            f"{references.name} is not only defined as a function. Nothing was changed:",
            candidates=[f"{word.place}  {word.line_text}" for word in other],
        )
    every = [target, *(definition for _, definition in found if definition is not None)]
    home = (target.word.place.path, target.word.scope)
    return sorted(
        every,
        key=lambda one: (
            (one.word.place.path, one.word.scope) != home,
            one.is_overload,
            one.word.place,
        ),
    )


def _outer_bases(definitions: list[Definition], jedi: Jedi) -> Iterator[str]:
    for one in definitions:
        for base, leaf in bases_of(one.owner).items() if one.owner else ():
            found = jedi.definitions(Place(one.word.place.path, *leaf.start_pos)) or set()
            inside = any(place.line for place in found)
            if not inside and "=" not in base and leaf.value not in _QUIET_BASES:
                yield base
