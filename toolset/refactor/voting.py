"""The engines vote on what each occurrence of a name is.

rope and jedi always; pyrefly, which has to read the whole project first, where they leave something
open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from toolset.encoding import is_python
from toolset.errors import RefactoringRefused
from toolset.refactor.engines import (
    EngineFailed,
    Jedi,
    Vote,
    rope_occurrences,
    source_roots,
)
from toolset.refactor.evidence import Place
from toolset.refactor.pyrefly import pyrefly_occurrences
from toolset.refactor.words import LAMBDA, Word
from toolset.workspace import SourceFile

_LOOKED_UP = ("pattern", "annotation")  # kinds of words that only pyrefly follows


@dataclass(frozen=True)
class Votes:
    """Which places each engine takes for the symbol, and what jedi knows to be something else.

    `definitions` are where the symbol is bound, in overrides too. `either` are places where jedi
    finds the symbol and another one: an object of one class or the other.
    """

    definitions: frozenset[Place]
    rope: frozenset[Place]
    jedi: frozenset[Place]
    other: frozenset[Place]
    either: frozenset[Place] = frozenset()
    pyrefly: frozenset[Place] = frozenset()

    @property
    def same(self) -> frozenset[Place]:
        return self.rope | self.jedi | (self.pyrefly - self.other)

    @property
    def disputed(self) -> frozenset[Place]:
        """Return what pyrefly takes for the symbol, and jedi for another: it is left."""
        return self.pyrefly & self.other

    def engines(self, place: Place) -> tuple[str, ...]:
        named = (("rope", self.rope), ("jedi", self.jedi), ("pyrefly", self.pyrefly - self.other))
        return tuple(name for name, places in named if place in places)


class Poll:
    """One symbol, and everybody who may know its places.

    `words` are all occurrences of its name, `files` those that can be edited, `texts` all files.
    """

    def __init__(
        self,
        root: Path,
        target: Word,
        words: Iterable[Word],
        *,
        files: Iterable[SourceFile],
        texts: Iterable[SourceFile],
    ) -> None:
        self._root, self._target = root, target
        self._editable = {source.path for source in files}
        self._python = [source for source in texts if is_python(source.path)]
        here = [word for word in words if word.place.path in self._editable]
        # A keyword of a call names a parameter or a field; rope takes it for a variable too.
        named = target.is_parameter or target.is_member
        self._keywords = {w.place for w in here if w.kind == "keyword" and not named}
        self._code = {
            word.place: word for word in here if word.is_code and word.place not in self._keywords
        }
        self._looked_up = {word.place for word in here if word.kind in _LOOKED_UP}

    def first(self, jedi: Jedi) -> Votes:
        """Ask rope and jedi about every occurrence; pyrefly in rope's place if rope fails.

        Raises EngineFailed if both fail: who overrides a method, jedi does not know.
        """
        named: set[Place] = set()
        by_rope, by_pyrefly = named, named
        try:
            found = rope_occurrences(self._root, self._target.place, sorted(self._editable))
            by_rope = found | {self._target.place}
            by_rope -= _lambdas_own(self._code, self._target, jedi)
        except EngineFailed:
            by_pyrefly = self._pyrefly({self._target.place})
            if not by_pyrefly:
                raise
        named = by_rope | by_pyrefly
        bound = {place for place in named if place in self._code and self._code[place].binds}
        symbol = bound | {self._target.place}
        imports = {place for place, word in self._code.items() if word.imports}
        votes = {place: self._vote(jedi, place, symbol, imports) for place in self._code}

        def voted(vote: Vote) -> frozenset[Place]:
            return frozenset(place for place, one in votes.items() if one is vote)

        return Votes(
            frozenset(symbol),
            frozenset(by_rope & self._code.keys()),
            voted(Vote.SAME),
            voted(Vote.OTHER) | self._keywords,
            voted(Vote.EITHER),
            frozenset(by_pyrefly),
        )

    def third(self, votes: Votes, jedi: Jedi) -> Votes:
        """Ask pyrefly too, if a place is open, or rests on the word of one engine."""
        local = self._target.scope and not self._target.is_member and not self._target.is_parameter
        settled = votes.other | (votes.rope & votes.jedi)
        if votes.pyrefly or local or (self._code.keys() | self._looked_up) <= settled:
            return votes
        found = self._pyrefly(votes.definitions)
        return replace(votes, pyrefly=frozenset(found), other=votes.other - self._set(found, jedi))

    def _vote(self, jedi: Jedi, place: Place, symbol: set[Place], imports: set[Place]) -> Vote:
        """Return what jedi says; a parameter of a subclass's method is no attribute, as it says."""
        if self._target.is_member and self._code[place].is_parameter:
            return Vote.OTHER
        return jedi.vote(place, symbol, imports)

    def _set(self, pyrefly: set[Place], jedi: Jedi) -> set[Place]:
        """Return which of pyrefly's places jedi traces to nothing but assignments among them.

        To jedi, `self.x = 1` in a subclass defines an attribute of its own; where the class
        inherits a property `x`, it sets that.
        """
        words = {place: self._code[place] for place in pyrefly & self._code.keys()}
        assigned = {place for place, one in words.items() if one.kind == "attribute" and one.binds}
        if not assigned:
            return set()
        traced = {place: jedi.definitions(place) for place in words}
        return {place for place, found in traced.items() if found and found <= assigned}

    def _pyrefly(self, definitions: Iterable[Place]) -> set[Place]:
        places = self._code.keys() | self._looked_up
        roots = source_roots(self._root, [source.path for source in self._python])
        inside = (Path(folder).relative_to(self._root).as_posix() for folder in roots)
        found = pyrefly_occurrences(
            self._python,
            [PurePosixPath(folder) for folder in inside],
            definitions,
            among={place.path for place in places},
        )
        return found & places


def require_agreement(name: str, words: Iterable[Word], votes: Votes, jedi: Jedi) -> None:
    """Raise RefactoringRefused where rope and jedi contradict each other."""
    code = {word.place: word for word in words}
    imported = (place for place in votes.rope - votes.jedi if code[place].imports)
    foreign = sorted(
        place for place in imported if not votes.definitions & (jedi.definitions(place) or set())
    )
    if foreign:
        raise RefactoringRefused(
            f"{name} is also imported from a place that cannot be found. Nothing was changed:",
            candidates=[f"{place}  {code[place].line_text}" for place in foreign],
        )
    disputed = sorted(votes.rope & votes.other)
    abroad = {place.path for one in disputed for place in jedi.definitions(one) or ()}
    if votes.definitions & set(disputed) and PurePosixPath("/") in abroad:
        raise RefactoringRefused(
            f"{name} seems to override what a class outside of this project defines, which would "
            "then no longer find it. Nothing was changed:",
            candidates=[f"{place}  {code[place].line_text}" for place in disputed],
        )
    if disputed:
        raise RefactoringRefused(
            f"rope and jedi disagree on whether these are {name}. Nothing was changed. "
            "Change them by hand, or rename the other symbol first:",
            candidates=[f"{place}  {code[place].line_text}" for place in disputed],
        )


def _lambdas_own(code: dict[Place, Word], target: Word, jedi: Jedi) -> set[Place]:
    """Return what is bound by a lambda's parameter: to rope, that is a name of the outer scope."""
    parameters = {
        place
        for place, word in code.items()
        if word.binds and LAMBDA in word.scope and word.scope != target.scope
    }
    if not parameters:
        return set()
    return {place for place in code if jedi.vote(place, parameters) is Vote.SAME}
