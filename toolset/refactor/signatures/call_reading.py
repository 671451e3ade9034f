"""Read calls: which parameter of a function does each argument fill, and is `self` passed by hand.

Jedi is asked only what a method is called on: the class itself, or an object of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from toolset.draft import Draft
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.references import References, can_be_edited
from toolset.refactor.signatures.bracketed import Listing
from toolset.refactor.signatures.parameters import Argument, bind
from toolset.refactor.signatures.uses import (
    Definition,
    arguments_at,
    hands_on_class,
    imported_as,
    is_call_of_type,
    receiver_of,
    use_at,
)
from toolset.refactor.words import Word, find_words

_SHOWN = 120  # characters of a line
_MAY_BE_IT = (
    "attribute of an unknown object",
    "name of unknown origin",
    "name that is put together as it runs",
    "dynamic use",
    "the engines disagree on it",
    "file that cannot be read",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its arguments, and for each the parameter it fills (None: cannot be told).

    `listing` has an item for each argument. A `self` that is passed by hand fills "". `witnesses`
    say that it is this function that is called; `sure` is False if it had to be guessed whether
    the call passes `self`.
    """

    word: Word
    listing: Listing
    arguments: tuple[Argument, ...]
    fills: tuple[str | None, ...]
    witnesses: tuple[str, ...]
    sure: bool = True

    @property
    def place(self) -> Place:
        return self.word.place


class CallReader:
    """Reads the uses of one function, whose definitions are known; keeps what it finds."""

    def __init__(self, draft: Draft, definitions: Sequence[Definition], jedi: Jedi) -> None:
        self.draft, self.definitions, self.jedi = draft, definitions, jedi
        self.calls: dict[Place, Call] = {}
        self.values: list[Leftover] = []
        self.misfits: list[Leftover] = []
        self.unknown: list[Leftover] = []

    def read(self, word: Word, witnesses: tuple[str, ...]) -> None:
        """Read a use of the function's own name."""
        if word.imports or word.binds or not word.is_code:
            return
        listed = arguments_at(word)
        if listed is None:
            if kind := use_at(word):
                self.values.append(leftover(word, kind))
            return
        by_hand, sure = self._passes_first(word)
        guesses = [by_hand] if sure else [by_hand, not by_hand]
        fits = [
            fills
            for guess in guesses
            if (fills := self._fills(listed[1], by_hand=guess)) is not None
        ]
        if fits:
            sure = sure or len(fits) == 1  # the other guess does not fit
            self.calls[word.place] = Call(word, *listed, fits[0], witnesses, sure)
            return
        self.misfits.append(leftover(word, "call that does not fit the parameters"))

    def read_construction(
        self,
        word: Word,
        listed: tuple[Listing, tuple[Argument, ...]] | None,
        witnesses: tuple[str, ...],
    ) -> None:
        """Read a use of the class whose constructor the function is."""
        if listed is None:
            if hands_on_class(word):
                self.values.append(leftover(word, "class that is handed on"))
        elif (fills := self._fills(listed[1], by_hand=False)) is not None:
            self.calls[word.place] = Call(word, *listed, fills, witnesses)
        else:
            self.misfits.append(leftover(word, "call that does not fit the parameters"))

    def aliased(self, words: Iterable[Word], symbol: set[Place]) -> Iterator[Word]:
        """Yield where words of a symbol are used by another name that an import gives them."""
        aliases = {alias for word in words if word.imports and (alias := imported_as(word))}
        for alias in sorted(aliases):
            texts = self.draft.texts()
            sources = [one for one in texts if alias in one.text and can_be_edited(one)]
            for word in find_words(sources, alias):
                is_used = word.is_code and not word.imports and not word.binds
                if is_used and (self.jedi.definitions(word.place) or set()) & symbol:
                    yield word

    def _fills(
        self, arguments: tuple[Argument, ...], *, by_hand: bool
    ) -> tuple[str | None, ...] | None:
        first: tuple[str | None, ...] = ()
        if by_hand:
            if not arguments or not arguments[0].is_positional:
                return None
            first, arguments = ("",), arguments[1:]
        own = [one for one in self.definitions if not one.is_overload] or self.definitions
        telling = [one for one in own if not one.parameters.passes_all] or own[:1]
        tried = (bind(one.own, arguments) for one in telling)
        fits = {fills for fills in tried if fills is not None}
        return (*first, *fits.pop()) if len(fits) == 1 else None

    def _passes_first(self, word: Word) -> tuple[bool, bool]:
        """Say whether a call passes the first parameter by hand, and whether that is sure."""
        target, receiver = self.definitions[0], receiver_of(word)
        if not target.bound or target.binding == "class":
            return False, True
        if target.name == "__new__" or receiver is None:
            return True, True
        if receiver.type != "name":
            return is_call_of_type(receiver), True
        if receiver.value == "__class__":
            return True, True
        kinds = self.jedi.kinds(Place(word.place.path, *receiver.start_pos))
        if kinds in ({"instance"}, {"class"}):
            return kinds == {"class"}, True
        looks_like_class = receiver.value[:1].isupper() and not receiver.value.isupper()
        return looks_like_class, receiver.value == "self"


def may_be_it(references: References) -> Iterator[Leftover]:
    """Yield words that may be the function, and texts that spell a call or the name of it."""
    ends = {word.place: word.source.text[word.end : word.end + 2] for word in references.words}
    for one in references.leftovers():
        after = ends.get(one.place, "")
        is_call = after[:1] == "(" and after != "()"
        is_name = one.kind in ("string", "configuration") and after[:1] in ("'", '"')
        if is_call or is_name or one.kind in _MAY_BE_IT:
            yield one


def leftover(word: Word, kind: str) -> Leftover:
    return Leftover(word.place, kind, word.line_text[:_SHOWN])
