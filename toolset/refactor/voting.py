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
from toolset.refactor.engines import Jedi, Vote, rope_occurrences, source_roots
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


def first_votes(
    root: Path,
    target: Word,
    words: Iterable[Word],
    files: Iterable[SourceFile],
    jedi: Jedi,
) -> Votes:
    """Ask rope and jedi about every occurrence in `files`."""
    editable = {source.path for source in files}
    by_rope = rope_occurrences(root, target.place, sorted(editable)) | {target.place}
    code = {word.place: word for word in words if word.is_code and word.place.path in editable}
    by_rope -= _lambdas_own(code, target, jedi)
    symbol = {place for place in by_rope if place in code and code[place].binds} | {target.place}
    votes = {place: jedi.vote(place, symbol) for place in code}
    return Votes(
        frozenset(symbol),
        frozenset(by_rope & code.keys()),
        frozenset(place for place, vote in votes.items() if vote is Vote.SAME),
        frozenset(place for place, vote in votes.items() if vote is Vote.OTHER),
        frozenset(place for place, vote in votes.items() if vote is Vote.EITHER),
    )


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
    if votes.definitions & set(disputed):
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


def with_third_vote(
    votes: Votes,
    root: Path,
    target: Word,
    words: Iterable[Word],
    *,
    files: Iterable[SourceFile],
    texts: Iterable[SourceFile],
) -> Votes:
    """Ask pyrefly too, if a place in `files` is open, or rests on the word of one engine.

    `texts` are all files of the project.
    """
    editable = {source.path for source in files}
    code = {
        word.place
        for word in words
        if word.place.path in editable and (word.is_code or word.kind in _LOOKED_UP)
    }
    is_local = bool(target.scope) and not target.is_member and not target.is_parameter
    if is_local or code <= votes.other | (votes.rope & votes.jedi):
        return votes
    python = [source for source in texts if is_python(source.path)]
    found = pyrefly_occurrences(
        python,
        [
            PurePosixPath(Path(folder).relative_to(root).as_posix())
            for folder in source_roots(root, [source.path for source in python])
        ],
        votes.definitions,
        among={place.path for place in code},
    )
    return replace(votes, pyrefly=frozenset(found & code))


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
