"""Where code went that is not in its place: renamed or moved, the same or changed a little. Pure.

A place counts only if the code was not there before as well: what was copied stays what it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

from alma_agent.memory.anchoring.marks import Code, Files, Mark, Place, binding_of
from alma_agent.memory.anchoring.surroundings import Surroundings, last_name, outer_name
from alma_agent.remembered import Anchor
from toolset.normal_form import Symbol

_MOST_CANDIDATES = 5
_NEARLY_ALL, _MANY = 0.8, 0.6  # of the code's words: comments and names may have changed
_TELLING = 20  # tokens; what is shorter says too little to be known by under another name elsewhere
_ALIKE_BY_NAME, _ALIKE = 0.5, 0.7


class Found(NamedTuple):
    """Where the code is now. `is_same`: nothing but its place or name has changed."""

    code: Code | None = None
    is_same: bool = False
    candidates: tuple[Place, ...] = ()


def followed(anchor: Anchor, mark: Mark, files: Files) -> Found:
    """Look for code that is not in its place."""
    around = Surroundings(anchor, mark, files)
    return _SymbolSearch(around).found() if anchor.symbol else _file(around)


class _SymbolSearch:
    def __init__(self, around: Surroundings) -> None:
        self._around, self._place, self._mark = around, around.place, around.mark
        self._copies: list[Place] = []

    def found(self) -> Found:
        around = self._around
        near = [path for path in (self._place.path, around.renamed) if path]
        same = [one for path in near for one in self._same_in(path)]
        if not any(self._is_namesake(one.place) for one in same):
            far = around.likely_files(_NEARLY_ALL, but=near)
            same += [one for path in far for one in self._same_in(path)]
        if same:
            return self._nearest(same)
        if around.renamed and (code := around.at(Place(around.renamed, self._place.symbol))):
            return Found(code)
        likely = around.likely_files(_MANY, but=near) if around.tokens else []
        return self._most_alike(one for path in (*near, *likely) for one in self._new_in(path))

    def _same_in(self, path: PurePosixPath) -> Iterator[Code]:
        """Yield what says the same in a file under whatever name, and was not there before."""
        for symbol in self._around.symbols(path).values():
            place = Place(path, symbol.name)
            if not symbol.name or not self._is_same(symbol):
                continue
            is_near = path == self._place.path or self._is_namesake(place)
            if self._was_another(place, symbol):
                self._copies.append(place)
            elif (is_near or symbol.size >= _TELLING) and (code := self._around.at(place)):
                yield code

    def _is_same(self, symbol: Symbol) -> bool:
        readings: list[Symbol | None] = [symbol]
        binding = binding_of(symbol)
        if bool(binding) != bool(self._mark.binding):  # it went into a class, or out
            readings.append(symbol.read_otherwise())
        elif binding != self._mark.binding:
            return False
        return any(
            one.digest(known_as=self._place.symbol, strictly=strictly) == self._mark.core
            for one in readings
            if one is not None and one.size == self._mark.size
            for strictly in (False, True)
        )

    def _was_another(self, place: Place, symbol: Symbol) -> bool:
        """Say whether it was there before, or is another symbol of the anchor's file, moved."""
        paths = {place.path}
        if symbol.name != self._place.symbol:
            paths.add(self._place.path)
        if not self._was_committed:
            paths.discard(self._place.path)
        before = (self._around.symbols_before(path).get(symbol.name) for path in paths)
        return any(old is not None and old.tokens == symbol.tokens for old in before)

    @property
    def _was_committed(self) -> bool:
        """Say whether the commit had such a symbol; else it tells of a file as it was earlier."""
        return self._place.symbol in self._around.symbols_before(self._place.path)

    def _nearest(self, same: Sequence[Code]) -> Found:
        """Return the one nearest in name and place; of several equals, the one in this order."""
        nearness = self._around.nearness
        best = max(nearness(one.place) for one in same)
        nearest = [one for one in same if nearness(one.place) == best]
        if len(nearest) == 1 and self._is_namesake(nearest[0].place):
            return Found(nearest[0], is_same=True)
        gone = self._gone_with_it({last_name(one.place) for one in same})
        if len(nearest) == 1 and len(gone) <= 1:
            return Found(nearest[0], is_same=True)
        if len(gone) != len(nearest) or self._place.symbol not in gone:
            return Found(candidates=tuple(one.place for one in same[:_MOST_CANDIDATES]))
        return Found(nearest[gone.index(self._place.symbol)], is_same=True)

    def _gone_with_it(self, found: set[str]) -> list[str]:
        """Return the names of equal code that have gone from beside it, in their order.

        Without those that were `found` under the same last name.
        """
        left = self._around.symbols(self._place.path)
        before = self._around.symbols_before(self._place.path)
        places = (Place(self._place.path, name) for name in before if name not in left)
        beside = (one.symbol for one in places if outer_name(one) == outer_name(self._place))
        return [
            name
            for name in beside
            if name.rpartition(".")[2] not in found
            and before[name].size == self._mark.size
            and before[name].digest() == self._mark.core
        ]

    def _new_in(self, path: PurePosixPath) -> Iterator[Code]:
        """Yield symbols of names that the file did not have before."""
        before = self._around.symbols_before(path)
        for symbol in self._around.symbols(path).values():
            place = Place(path, symbol.name)
            is_new = bool(symbol.name) and symbol.name not in before
            if is_new and not self._was_another(place, symbol) and (code := self._around.at(place)):
                yield code

    def _most_alike(self, codes: Iterable[Code]) -> Found:
        scored = [(self._likeness(code), code) for code in codes]
        best = max((score for score, _ in scored), default=0.0)
        if not best:
            return Found(candidates=tuple(self._copies[:_MOST_CANDIDATES]))
        first = [code for score, code in scored if score == best]
        if len(first) > 1:
            return Found(candidates=tuple(code.place for code in first[:_MOST_CANDIDATES]))
        return Found(first[0])

    def _likeness(self, code: Code) -> float:
        """Return how much of both is the same, more for the same name; 0 if that is too little."""
        was, now = self._around.tokens, code.symbol.tokens if code.symbol else ()
        is_namesake = self._is_namesake(code.place)
        if was[:1] != now[:1] or not (is_namesake or len(was) >= _TELLING):
            return 0.0
        alike = _overlap(was, now)
        if alike < (_ALIKE_BY_NAME if is_namesake else _ALIKE):
            return 0.0
        return alike + is_namesake + (code.place.symbol == self._place.symbol)

    def _is_namesake(self, place: Place) -> bool:
        return last_name(place) == last_name(self._place)


def _file(around: Surroundings) -> Found:
    """Look for a file that is gone."""

    def says_the_same(path: PurePosixPath) -> bool:
        code = around.at(Place(path))
        return code is not None and code.mark.said == around.mark.said

    if around.renamed and (code := around.at(Place(around.renamed))):
        return Found(code, is_same=says_the_same(around.renamed))
    same = _new_files(around, around.changed_files, around.has_the_same_bytes)
    same = same or _new_files(around, around.likely_files(_NEARLY_ALL), says_the_same)
    if same:
        best = max(around.nearness(one.place) for one in same)
        nearest = [one for one in same if around.nearness(one.place) == best]
        if len(nearest) == 1:
            return Found(nearest[0], is_same=True)
        return Found(candidates=tuple(one.place for one in nearest[:_MOST_CANDIDATES]))
    similar = _new_files(around, around.likely_files(_MANY), lambda _: True)
    return Found(similar[0] if similar else None)


def _new_files(
    around: Surroundings,
    paths: Iterable[PurePosixPath],
    is_it: Callable[[PurePosixPath], bool],
) -> list[Code]:
    """Return the files that pass and that were not there before."""
    new = (path for path in paths if is_it(path) and around.before(path) is None)
    return [code for path in new if (code := around.at(Place(path)))]


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of neighbouring tokens that both have (Dice), 0 to 1."""
    pairs, others = Counter(pairwise(one)), Counter(pairwise(other))
    return 2 * (pairs & others).total() / max(1, pairs.total() + others.total())
