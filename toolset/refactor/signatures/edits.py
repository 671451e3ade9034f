"""The edits of one change of a signature, as they are gathered from definitions and calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.signatures.call_sites import Call, CallSites
from toolset.refactor.words import Word

_SHOWN = 120  # characters of a line


class Edits:
    """The ranges to change in each file, and who vouches for each place."""

    def __init__(self) -> None:
        self.changed: dict[Place, tuple[str, ...]] = {}
        self._ranges: dict[PurePosixPath, list[Replacement]] = {}
        self._texts: dict[PurePosixPath, str] = {}

    def add(self, word: Word, ranges: Iterable[Replacement], witnesses: tuple[str, ...]) -> None:
        if found := list(ranges):
            self.changed[word.place] = witnesses
            self._ranges.setdefault(word.place.path, []).extend(found)
            self._texts[word.place.path] = word.source.text

    def stage(self, draft: Draft) -> None:
        for path, ranges in sorted(self._ranges.items()):
            draft.write(path, replaced(self._texts[path], ranges))


def refuse_calls(calls: Iterable[Call], why: str) -> None:
    if found := [f"{call.place}  {call.word.line_text}" for call in calls]:
        raise RefactoringRefused(f"{why} Nothing was changed. Change them first:", candidates=found)


def guessed(sites: CallSites, edits: Edits) -> Iterator[Leftover]:
    """Yield the changed calls of which it had to be guessed whether they pass `self` by hand."""
    for call in sites.calls:
        if not call.sure and call.place in edits.changed:
            yield left(call.word, "call on an object of unknown type")


def left(word: Word, kind: str) -> Leftover:
    return Leftover(word.place, kind, word.line_text[:_SHOWN])


def done(
    draft: Draft,
    title: str,
    edits: Edits,
    leftovers: Iterable[Leftover],
    doubts: Iterable[str],
) -> Refactoring:
    evidence = Evidence(edits.changed, tuple(sorted(set(leftovers))), tuple(dict.fromkeys(doubts)))
    return Refactoring(title, draft.changes(), evidence)
