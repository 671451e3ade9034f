"""Every occurrence of one symbol: which places are it, by whose word, and which may be.

Every occurrence of the word is found by text, then judged by the engines. Whoever changes what
is used elsewhere starts here.
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
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.made_names import made_from, made_of
from toolset.refactor.target import find_target, unknown_name
from toolset.refactor.voting import Poll, Votes, require_agreement
from toolset.refactor.words import Word, find_words
from toolset.workspace import SourceFile

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
    `files` are those that parse and can be changed; `unseen` is what no engine sees: names in files
    that are no text, names that are put together as the program runs. `votes` are the engines'.
    """

    target: Word
    words: tuple[Word, ...]
    files: tuple[SourceFile, ...]
    unseen: tuple[Leftover, ...]
    votes: Votes

    @cached_property
    def found(self) -> tuple[Word, ...]:
        """Return what is the symbol: what an engine named, and its mention in `__all__` beside."""
        named = self.votes.same
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
        engines = self.votes.engines(place)
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
        return tuple(sorted([*(one for one in left if one), *self.unseen]))

    def others(self) -> tuple[Leftover, ...]:
        """Return the words that are known to be another symbol, by place."""
        done = {word.place for word in self.found}
        return tuple(
            Leftover(word.place, "another symbol", word.line_text[:_SHOWN])
            for word in self.words
            if word.place in self.votes.other - done and self._leftover(word) is None
        )

    def doubts(self) -> tuple[str, ...]:
        """Return a sentence for each place that may be this symbol, or another, as it runs.

        rope and pyrefly take an object of two classes for one of either, so they do not count here.
        """
        rivals = [
            word.place
            for word in self.words
            if word.is_member and word.binds and word.place not in self.votes.same
        ]
        also = f" ({', '.join(str(place) for place in rivals[:3])})" if rivals else ""
        return tuple(
            f"{word.place}: the object may be of another class that has this name too{also}"
            for word in self.found
            if word.kind == "attribute"
            and not word.binds
            and (word.place in self.votes.either or (rivals and word.place not in self.votes.jedi))
        )

    def _leftover(self, word: Word) -> Leftover | None:
        if _may_override(word, self.target):
            return Leftover(
                word.place, "parameter of a method of that name", word.line_text[:_SHOWN]
            )
        if word.place in self.votes.disputed:
            return Leftover(word.place, "the engines disagree on it", word.line_text[:_SHOWN])
        if word.place in self.votes.other:
            return None
        kind = _UNKNOWN.get(word.kind, word.kind)
        return Leftover(word.place, kind, word.line_text[:_SHOWN])


def find_references(
    draft: Draft, name: str, *, path: PurePosixPath | None = None, may_disagree: bool = False
) -> References:
    """Find what `name`, a name or a dotted name, defined or imported in `path`, stands for.

    Raises RefactoringRefused where the symbol is not found, or may be several, and, but for who
    only looks (`may_disagree`), where the two engines contradict each other; DoesNotParse where
    `path` does not.
    """
    word = name.rpartition(".")[2]
    if path is not None:
        named = draft.read(path)
        if is_python(path):
            parse(path, named.state)
    texts = list(draft.texts())
    staged = draft.changes()
    root = None if staged else draft.workspace.root
    words = tuple(find_words((one for one in texts if word in one.text), word, root=root))
    if not words:
        raise RefactoringRefused(unknown_name(word, texts))
    spoken_of = {word.place.path for word in words}
    files = tuple(one for one in texts if one.path in spoken_of and can_be_edited(one))
    with private_copy(draft.workspace, staged) if staged else nullcontext(draft.workspace) as on:
        jedi = Jedi(on.root, files)
        target = find_target(words, name, path, jedi)
        poll = Poll(on.root, target, words, files=files, texts=texts)
        votes = poll.first(jedi)
        if not may_disagree:
            require_agreement(name, words, votes, jedi)
        votes = poll.third(votes, jedi)
    unseen = [*_unread(draft, {source.path for source in texts}, word)]
    if target.is_member or not target.scope:
        unseen += made_of(texts, word)
    if target.line_text.startswith("class "):
        unseen += made_from(texts, word)
    return References(target, words, files, tuple(unseen), votes)


def can_be_edited(source: SourceFile) -> bool:
    """A file that does not parse, or ends lines with CR alone, has no positions to rely on."""
    return (
        is_python(source.path)
        and not has_lone_return(source.text)
        and parses(source.path, source.state)
    )


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
