"""Which files and symbols of a project matter for a goal: words first, then who uses whom. Pure.

Personalised PageRank over files: one that says the goal's words draws in what it uses, and what
uses it. Words do most (benchmarks/repository_map.py); the graph speaks where they say little, and
for what is near a file in hand.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np

from alma_agent.proposer.module_names import imported_files
from toolset.outline.values import FileOutline, OutlinedSymbol

Words = frozenset[str]

_WORD = re.compile(r"[^\W\d]\w{2,}")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
# What a goal is not about, however often files say it.
_SHAPING = frozenset(
    re.findall(
        r"\w+",
        """
        a an the of to in on at for from by with about into and or but if as is are was were be been
        do does did not no it its this that these those when where which who what how why can should
        will would must may make makes made add adds added use uses used using fix fixes fixed
        change changes changed also more some all any now new get set
        """,
    )
)
_ENDING = re.compile(r"(?<=\w{3})(?:ies|ing|ed|es|s|e|y)$")

_LONGEST_GOAL = 4_000  # characters that are looked for

# How much a word of the goal counts, by where a file says it.
_IN_PATH, _IN_SYMBOL, _IN_TEXT = 3.0, 2.0, 1.0
_OFTEN = 4.0  # said so many times, a word is half as telling as it can get
STAYS = 0.8
_ROUNDS = 20
_MOST_DEFINERS = 5  # a name that more files define joins none of them
_IMPORT = 1.0
_OF_HOLDER = 0.3  # how much the goal's words count in the name of a symbol's class
_LOCAL = 0.2  # what a function in a function is worth
# What is shared out among files in hand, likely ones, all; those that say the goal's words get 1.
_IN_HAND, _LIKELY, _ANY = 1.0, 0.5, 0.3


@dataclass(frozen=True)
class CodeFile:
    """One file: what it defines, and its text (the beginning may do)."""

    outline: FileOutline
    text: str

    @property
    def path(self) -> PurePosixPath:
        return self.outline.path

    @cached_property
    def words(self) -> Counter[str]:
        return Counter(_WORD.findall(self.text))


@dataclass(frozen=True, slots=True)
class RankedFile:
    """A file, its share of the weight (all files' add up to 1), its symbols best first."""

    outline: FileOutline
    weight: float
    symbols: tuple[OutlinedSymbol, ...]


def ranked(
    files: Sequence[CodeFile],
    goal: str,
    *,
    in_hand: Collection[PurePosixPath] = (),
    likely: Collection[PurePosixPath] = (),
    stays: float = STAYS,
) -> list[RankedFile]:
    """Return the files, those that matter most first; ties by path.

    `stays` is how much of a file's weight comes from itself (1.0: all), not from its neighbours.
    """
    files = sorted(files, key=lambda one: one.path)
    if not files:
        return []
    asked = _Asked(goal, files)
    start = _shares([asked.score(one) for one in files])
    for paths, share in ((in_hand, _IN_HAND), (likely, _LIKELY)):
        start += share * _shares([float(one.path in paths) for one in files])
    weights = _pagerank(start + _ANY / len(files), _edges(files), stays)
    users = _users(files, weights)
    found = [
        RankedFile(one.outline, weight, tuple(_by_worth(one.outline.symbols, asked, users)))
        for one, weight in zip(files, weights, strict=True)
    ]
    return sorted(found, key=lambda one: (-one.weight, one.outline.path))


class _Asked:
    """The goal's words as stems, each worth more the fewer files say it."""

    def __init__(self, goal: str, files: Sequence[CodeFile]) -> None:
        self._stems = frozenset(stems(goal[:_LONGEST_GOAL]))
        self._spelt: dict[str, Words] = {}
        self._said = {one.path: self._stems_said(one) for one in files}
        held = Counter(stem for said in self._said.values() for stem in said)
        self._worth = {
            stem: math.log(1 + len(files) / (1 + held[stem])) for stem in sorted(self._stems)
        }

    def score(self, file: CodeFile) -> float:
        in_path = self.of(str(file.path.with_suffix("")))
        in_symbols = Counter(stem for one in file.outline.symbols for stem in self.of(one.name))
        said = self._said[file.path]
        return sum(
            worth
            * (
                _IN_PATH * (stem in in_path)
                + _IN_SYMBOL * _saturated(in_symbols[stem])
                + _IN_TEXT * _saturated(said[stem])
            )
            for stem, worth in self._worth.items()
        )

    def worth(self, name: str) -> float:
        """Return what the goal's words in a name are worth."""
        return sum(self._worth[stem] for stem in sorted(self.of(name)))

    def of(self, name: str) -> Words:
        """Return the goal's stems that a name holds."""
        if name not in self._spelt:
            # A stem begins its word, so a name without any need not be taken apart.
            said = stems(name) if self._any_stem.search(name) else ()
            self._spelt[name] = self._stems & frozenset(said)
        return self._spelt[name]

    @cached_property
    def _any_stem(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self._stems))) or r"(?!)", re.IGNORECASE)

    def _stems_said(self, file: CodeFile) -> Counter[str]:
        said: Counter[str] = Counter()
        for word, times in file.words.items():
            for stem in self.of(word):
                said[stem] += times
        return said


def stems(text: str) -> Iterator[str]:
    """Yield the stems of words, and of the parts of identifiers: `readFiles`: readfil, read, fil.

    A stem is what a word begins with, without its ending: it stands for the word, and is none.
    """
    for word in re.findall(r"\w+", text):
        parts = [part.lower() for part in _PARTS.findall(word)]
        for one in dict.fromkeys((word.lower(), *parts)):
            if len(one) > 1 and one not in _SHAPING:
                yield _ENDING.sub("", one)


def _saturated(times: float) -> float:
    return times / (times + _OFTEN) * 2


def _shares(scores: Iterable[float]) -> np.ndarray:
    array = np.array(list(scores), dtype=float)
    total = array.sum()
    return array / total if total else array


_Edges = tuple[np.ndarray, np.ndarray, np.ndarray]


def _edges(files: Sequence[CodeFile]) -> _Edges:
    """Return who leads to whom, and how strongly: by imports, and by names used; both ways."""
    joined: defaultdict[tuple[int, int], float] = defaultdict(float)
    for user, definer, weight in (*_uses(files), *_imports(files)):
        joined[user, definer] += weight
        joined[definer, user] += weight
    ends = np.array(list(joined), dtype=int).reshape(-1, 2)
    return ends[:, 0], ends[:, 1], np.array(list(joined.values()), dtype=float)


def _uses(files: Sequence[CodeFile]) -> Iterator[tuple[int, int, float]]:
    definers: defaultdict[str, set[int]] = defaultdict(set)
    for number, file in enumerate(files):
        for symbol in file.outline.symbols:
            definers[symbol.name].add(number)
    telling = {name for name, found in definers.items() if len(found) <= _MOST_DEFINERS}
    used = [sorted(telling & file.words.keys()) for file in files]
    users = Counter(name for names in used for name in names)
    for number, (file, names) in enumerate(zip(files, used, strict=True)):
        for name in names:
            if number not in definers[name]:
                rare = math.log(1 + len(files) / users[name])
                weight = rare * math.sqrt(file.words[name]) / len(definers[name])
                yield from ((number, definer, weight) for definer in sorted(definers[name]))


def _imports(files: Sequence[CodeFile]) -> Iterator[tuple[int, int, float]]:
    numbers = {file.path: number for number, file in enumerate(files)}
    texts = {file.path: file.text for file in files if file.outline.language == "python"}
    for path, targets in imported_files(texts).items():
        for target in sorted(targets):
            yield numbers[path], numbers[target], _IMPORT


def _pagerank(start: np.ndarray, edges: _Edges, stays: float) -> list[float]:
    """Return where a walk is found that begins at `start`, follows edges, and begins anew."""
    tails, heads, weights = edges
    count = len(start)
    start = start / start.sum()
    leaving = np.bincount(tails, weights, minlength=count)
    flow = weights / leaving[tails]
    loose = leaving == 0
    rank = start
    for _ in range(_ROUNDS):
        moved = np.bincount(heads, flow * rank[tails], minlength=count)
        rank = stays * start + (1 - stays) * (moved + rank[loose].sum() * start)
    return [round(float(one), 12) for one in rank]  # the last bits must not decide an order


def _users(files: Sequence[CodeFile], weights: Sequence[float]) -> Mapping[str, float]:
    """Return by name how much the files weigh that say it, shared among those that define it."""
    definers = Counter(symbol.name for file in files for symbol in file.outline.symbols)
    said: defaultdict[str, float] = defaultdict(float)
    for file, weight in zip(files, weights, strict=True):
        for name in definers.keys() & file.words.keys():
            said[name] += weight / definers[name]
    return said


def _by_worth(
    symbols: Sequence[OutlinedSymbol], asked: _Asked, users: Mapping[str, float]
) -> list[OutlinedSymbol]:
    """Return symbols best first: the goal's words in their names, then how much they are used."""
    functions = {one.qualified_name for one in symbols if one.kind in ("function", "method")}

    def worth(one: OutlinedSymbol) -> float:
        holder = one.qualified_name.rpartition(".")[0]
        points = asked.worth(one.name) + users.get(one.name, 0.0)
        points += _OF_HOLDER * asked.worth(holder.rpartition(".")[2])
        local = holder in functions
        return round(points * (_LOCAL if local else 1.0), 9)

    return sorted(symbols, key=lambda one: (-worth(one), one.start_line, one.qualified_name))
