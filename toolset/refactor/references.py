"""Every occurrence of one symbol: which places are it, by whose word, and which may be.

Every occurrence of the word is found by text, then judged: rope and jedi each say whether it is
this symbol. Whoever changes what is used elsewhere starts here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from toolset.checks import parse, parses
from toolset.copies import private_copy
from toolset.draft import Draft
from toolset.encoding import has_lone_return, is_python
from toolset.errors import RefactoringRefused
from toolset.refactor.engines import Jedi, Vote, rope_occurrences
from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.target import find_target, unknown_name
from toolset.refactor.words import LAMBDA, Word, find_words
from toolset.workspace import SourceFile, Workspace

_SHOWN = 120  # characters of a line
_UNKNOWN = {
    "attribute": "attribute of an unknown object",
    "keyword": "keyword of an unknown call",
    "name": "name of unknown origin",
}


@dataclass(frozen=True)
class References:
    """The occurrences of a symbol's name.

    `target` is the word that defines it; `words` are all words of that name, in every text file;
    `files` are those that parse and can be changed; `unread` stands in files that are no text.
    """

    target: Word
    words: tuple[Word, ...]
    files: tuple[SourceFile, ...]
    unread: tuple[Leftover, ...]
    rope: frozenset[Place]
    jedi: frozenset[Place]
    other: frozenset[Place]

    @cached_property
    def found(self) -> tuple[Word, ...]:
        """Return what is the symbol: what an engine named, and its mention in `__all__` beside."""
        named = self.rope | self.jedi
        bound = [word for word in self.words if word.binds or word.imports]
        here = {word.place.path for word in bound if word.place in named and not word.scope}
        elsewhere = {word.place.path for word in bound if word.place not in named}
        exact = here - elsewhere  # files in which the name means this symbol and nothing else
        return tuple(
            word
            for word in self.words
            if word.place in named
            or (word.kind == "__all__" and word.place.path in here)
            or (word.kind == "annotation" and word.place.path in exact)
        )

    @property
    def name(self) -> str:
        """Return the symbol's dotted name in its file."""
        scope = f"{self.target.scope}." if self.target.scope else ""
        return scope + self.target.source.text[self.target.start : self.target.end]

    @property
    def address(self) -> str:
        """Return `path::Class.name`."""
        return f"{self.target.place.path}::{self.name}"

    def engines(self, place: Place) -> tuple[str, ...]:
        """Return who named a place that is `found`."""
        named = (("rope", self.rope), ("jedi", self.jedi))
        engines = tuple(name for name, places in named if place in places)
        # A mention in `__all__` or in an annotation that is a string has two witnesses too: what
        # it stands in, and the name bound in the same file.
        return engines or (("spelling", "binding") if place in self._spelt else ())

    @cached_property
    def _spelt(self) -> frozenset[Place]:
        kinds = ("__all__", "annotation")
        return frozenset(word.place for word in self.found if word.kind in kinds)

    def leftovers(self) -> tuple[Leftover, ...]:
        """Return the other words that may be the symbol, or speak of it, by place."""
        done = {word.place for word in self.found}
        left = (self._leftover(word) for word in self.words if word.place not in done)
        return tuple(sorted([*(one for one in left if one), *self.unread]))

    def _leftover(self, word: Word) -> Leftover | None:
        if _may_override(word, self.target):
            return Leftover(
                word.place, "parameter of a method of that name", word.line_text[:_SHOWN]
            )
        if word.place in self.other:
            return None
        kind = _UNKNOWN.get(word.kind, word.kind)
        return Leftover(word.place, kind, word.line_text[:_SHOWN])


def find_references(draft: Draft, name: str, *, path: PurePosixPath | None = None) -> References:
    """Find what `name`, a name or a dotted name, defined or imported in `path`, stands for.

    Raises RefactoringRefused where the symbol is not found, or may be several, and where the two
    engines contradict each other; DoesNotParse where `path` does not.
    """
    word = name.rpartition(".")[2]
    if path is not None:
        named = draft.read(path)
        if is_python(path):
            parse(path, named.state)
    readable, sources = set(), []
    for source in draft.texts():
        readable.add(source.path)
        if word in source.text:
            sources.append(source)
    words = tuple(find_words(sources, word))
    if not words:
        raise RefactoringRefused(unknown_name(word, draft.texts()))
    files = tuple(source for source in sources if can_be_edited(source))
    staged = draft.changes()
    with private_copy(draft.workspace, staged) if staged else nullcontext(draft.workspace) as on:
        target, by_rope, by_jedi, other = _vote(on, name, path, words, files)
    unread = tuple(_unread(draft, readable, word))
    return References(target, words, files, unread, by_rope, by_jedi, other)


def can_be_edited(source: SourceFile) -> bool:
    """A file that does not parse, or ends lines with CR alone, has no positions to rely on."""
    return (
        is_python(source.path)
        and not has_lone_return(source.text)
        and parses(source.path, source.state)
    )


def _vote(
    workspace: Workspace,
    name: str,
    path: PurePosixPath | None,
    words: tuple[Word, ...],
    files: tuple[SourceFile, ...],
) -> tuple[Word, frozenset[Place], frozenset[Place], frozenset[Place]]:
    """Find the symbol; return what rope and jedi take for it, and what jedi knows to be another."""
    jedi = Jedi(workspace.root, files)
    target = find_target(words, name, path, jedi)
    editable = {source.path for source in files}
    by_rope = rope_occurrences(workspace.root, target.place, sorted(editable)) | {target.place}
    code = {word.place: word for word in words if word.is_code and word.place.path in editable}
    by_rope -= _lambdas_own(code, target, jedi)
    symbol = {place for place in by_rope if place in code and code[place].binds} | {target.place}
    votes = {place: jedi.vote(place, symbol) for place in code}
    by_rope = by_rope & code.keys()
    by_jedi = {place for place, vote in votes.items() if vote is Vote.SAME}
    other = {place for place, vote in votes.items() if vote is Vote.OTHER}
    imported = (place for place in by_rope - by_jedi if code[place].imports)
    if foreign := sorted(p for p in imported if not symbol & (jedi.definitions(p) or set())):
        raise RefactoringRefused(
            f"{name} is also imported from a place that cannot be found. Nothing was changed:",
            candidates=[f"{place}  {code[place].line_text}" for place in foreign],
        )
    if disputed := sorted(by_rope & other):
        raise RefactoringRefused(
            f"rope and jedi disagree on whether these are {name}. Nothing was changed. "
            "Change them by hand, or rename the other symbol first:",
            candidates=[f"{place}  {code[place].line_text}" for place in disputed],
        )
    return target, frozenset(by_rope), frozenset(by_jedi), frozenset(other)


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


def _unread(draft: Draft, readable: set[PurePosixPath], word: str) -> Iterator[Leftover]:
    """Yield where the word stands in Python files that no engine was shown: they are no text."""
    for path in draft.files():
        if path in readable or not is_python(path):
            continue
        state = draft.workspace.state_of(path)
        lines = state.data.split(b"\n") if state else []
        for number, line in enumerate(lines, 1):
            if re.search(rb"\b" + re.escape(word.encode()) + rb"\b", line):
                shown = line.decode(errors="backslashreplace").strip()[:_SHOWN]
                yield Leftover(Place(path, number, 0), "file that cannot be read", shown)


def _may_override(word: Word, target: Word) -> bool:
    """Say whether a parameter may stand in an override of the method whose parameter is renamed."""
    both = word.is_parameter and target.is_parameter and "." in word.scope and "." in target.scope
    return both and word.scope.rpartition(".")[2] == target.scope.rpartition(".")[2]
