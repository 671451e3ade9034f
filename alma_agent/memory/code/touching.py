"""Which files a task will touch, by what earlier interactions touched. Pure.

What a caller must bring is bounded however long the history is: the interactions nearest to the
goal, the latest ones, and the files that are there. Witnesses speak, each from 0 to 1, and their
weighted sum ranks. The weights are round numbers near a fit to the public histories of six
projects, where each project was judged by the fit to the others; a third more or less of any
changes little.

Paths are texts here, relative and with `/`: thousands of them are compared within milliseconds.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from alma_agent.memory.words import split

NEAREST = 200  # interactions by words, and as many by meaning, that are worth bringing
LATEST = 200  # so many of the newest are worth bringing: older ones weigh next to nothing

_SIMILAR, _TOGETHER, _JUST_NOW, _LATELY = 1.2, 0.7, 0.3, 0.3  # the history
_PATH, _NAMED, _DEFINES, _CONTENTS = 0.8, 0.5, 1.0, 0.7  # the files as they are
_SHARPNESS = 5  # a goal half as similar has a 32nd of the voice: few near ones beat many far ones
_SHORT_HALF_LIFE, _LONG_HALF_LIFE = 3, 30  # in interactions
_SWEEPING = 50  # an interaction that touched more files says nothing of any of them
_LEADERS = 5
_DOUBT = 3  # so many interactions without the other file are added: two seen together prove little
_WORTH_SAYING = 0.25  # of what weighs most

_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s)$")

Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier interaction: its id, the files it touched, and how near its goal is.

    `words`: the BM25 score, higher is nearer, in any scale; `meaning`: cosine similarity. Each is 0
    where the interaction was not among the nearest by it.
    """

    id: str
    files: tuple[str, ...]
    words: float = 0.0
    meaning: float = 0.0


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the past, for one goal.

    `similar`: the `NEAREST` interactions by words and the `NEAREST` by meaning, each once.
    `latest`: the `LATEST` newest, newest first. `definers`: for the `names_in` the goal, the files
    that define one so called; names that nobody defines may be missing. `contents`: how well the
    words of the goal fit what stands in a file, by BM25 in any scale; the best few hundred will do.
    Each may be empty: the others speak then.
    """

    similar: Sequence[Past] = ()
    latest: Sequence[Past] = ()
    definers: Mapping[str, Collection[str]] = field(default_factory=dict)
    contents: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touch:
    """A file that the task may touch; `score` only orders. `why` begins with what weighs most."""

    path: str
    score: float
    why: tuple[str, ...]


class _Witness(NamedTuple):
    """What speaks for files: how loud, for which (0 to 1), and how a person is told."""

    weight: float
    scores: Scores
    says: Callable[[str], str]


def will_touch(
    goal: str, existing: Collection[str], history: History, *, limit: int = 10
) -> list[Touch]:
    """Return up to `limit` of the existing files, the likeliest first; ties by path.

    A file for which nothing speaks is not among them.
    """
    files = frozenset(existing)
    similar, latest = (_telling(pasts, files) for pasts in (history.similar, history.latest))
    witnesses = [
        _similar_goals(similar),
        _lately(latest, _JUST_NOW, _SHORT_HALF_LIFE, "touched just now"),
        _lately(latest, _LATELY, _LONG_HALF_LIFE, "touched often of late"),
        _path_words(goal, files),
        _named(goal, files),
        _defining(history.definers, files),
        _holding(history.contents, files),
    ]
    leaders = _best(_sums(witnesses), _LEADERS)
    witnesses.append(_together(leaders, {past.id: past for past in (*similar, *latest)}.values()))
    return [
        Touch(path, round(score, 4), _reasons(path, witnesses))
        for path, score in _best(_sums(witnesses), limit).items()
    ]


def names_in(goal: str) -> frozenset[str]:
    """Return the words of a goal that look like names of code: in backticks, a_b, aB or AbC."""
    quoted = re.findall(r"`+([^`]+)`+", goal)
    names = {name for code in quoted for name in re.findall(r"[^\W\d]\w{2,}", code)}
    names.update(re.findall(r"\b[^\W\d_]+_\w+|\b\w*[a-z][A-Z]\w*", goal))
    return frozenset(names)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words, in small letters, identifiers whole and in parts, each once."""
    return tuple(dict.fromkeys(split(text)))


def _telling(pasts: Iterable[Past], files: frozenset[str]) -> list[Past]:
    """Return the interactions that say something, with those of their files that exist."""
    return [
        replace(past, files=tuple(path for path in past.files if path in files))
        for past in pasts
        if len(past.files) <= _SWEEPING
    ]


def _similar_goals(similar: Sequence[Past]) -> _Witness:
    """Interactions speak for their files by how near their goals are, in words and meaning.

    Half of it compares the files, half is the share of all voices that a file has: that is high
    only where the near interactions agree.
    """
    most = max((past.words for past in similar), default=0.0) or 1.0
    near = [(max(0.0, past.words) / most + max(0.0, past.meaning)) / 2 for past in similar]
    voices = [one**_SHARPNESS for one in near]
    votes, total = _votes(similar, voices), sum(voices)
    shares: Scores = defaultdict(float)
    for past, voice in zip(similar, voices, strict=True):
        for path in past.files:
            shares[path] += voice / total if total else 0.0

    def says(path: str) -> str:
        heard = zip(voices, similar, strict=True)
        here = [(voice, past.id) for voice, past in heard if path in past.files]
        nearest = ", ".join(id_ for _, id_ in heapq.nlargest(2, here))
        return f"touched for goals like this: {nearest}"

    scores = {path: (vote + shares[path]) / 2 for path, vote in votes.items()}
    return _Witness(_SIMILAR, scores, says)


def _lately(latest: Sequence[Past], weight: float, half_life: int, saying: str) -> _Witness:
    fading = [0.5 ** (age / half_life) for age in range(len(latest))]
    return _Witness(weight, _votes(latest, fading), lambda _: saying)


def _path_words(goal: str, files: frozenset[str]) -> _Witness:
    """Words that path and goal share; the fewer files have a word, the more it says."""
    wanted = frozenset(map(_stem, words_of(goal)))
    shared = {path: words for path in files if (words := wanted & _words_of_path(path))}
    counts = Counter(word for words in shared.values() for word in words)
    weight = {word: math.log1p((len(files) - n + 0.5) / (n + 0.5)) for word, n in counts.items()}
    scores = {path: sum(weight[word] for word in words) for path, words in shared.items()}
    return _Witness(
        _PATH, _from_0_to_1(scores), lambda path: f"{'/'.join(sorted(shared[path]))} in its path"
    )


def _named(goal: str, files: frozenset[str]) -> _Witness:
    """Files whose name stands in the goal (1), or all words of it (a half)."""
    text, words = goal.lower(), frozenset(words_of(goal))
    scores: Scores = {}
    for path in files:
        if words.issuperset(_words_of_name(path)):
            scores[path] = 1.0 if _name(path).lower() in text else 0.5
    return _Witness(_NAMED, scores, lambda _: "named in the goal")


def _defining(definers: Mapping[str, Collection[str]], files: frozenset[str]) -> _Witness:
    """A name of the goal that many files define says little of each."""
    scores: Scores = defaultdict(float)
    for paths in definers.values():
        for path in files.intersection(paths):
            scores[path] = min(1.0, scores[path] + 1 / len(paths))

    def says(path: str) -> str:
        return f"defines {', '.join(sorted(name for name in definers if path in definers[name]))}"

    return _Witness(_DEFINES, scores, says)


def _holding(contents: Mapping[str, float], files: frozenset[str]) -> _Witness:
    scores = _from_0_to_1({path: contents[path] for path in contents if path in files})
    return _Witness(_CONTENTS, scores, lambda _: "holds words of the goal")


def _together(leaders: Scores, pasts: Iterable[Past]) -> _Witness:
    """How often a file was touched where a leading one was, over all of those by their scores."""
    beside = {leader: Counter[str]() for leader in leaders}
    for past in pasts:
        for leader in beside.keys() & past.files:
            beside[leader].update(past.files)
    total = sum(leaders.values())
    parts: dict[str, dict[str, float]] = defaultdict(dict)
    for leader, counts in beside.items():
        share = leaders[leader] / total / (counts[leader] + _DOUBT)
        for path, count in counts.items():
            if path != leader:
                parts[path][leader] = share * count
    scores = {path: sum(by_leader.values()) for path, by_leader in parts.items()}

    def says(path: str) -> str:
        return f"touched together with {max(parts[path], key=parts[path].__getitem__)}"

    return _Witness(_TOGETHER, scores, says)


def _votes(pasts: Sequence[Past], voices: Sequence[float]) -> Scores:
    """Each interaction speaks for its files; where there are many, less for each."""
    votes: Scores = defaultdict(float)
    for past, voice in zip(pasts, voices, strict=True):
        for path in past.files:
            votes[path] += voice / math.sqrt(len(past.files))
    return _from_0_to_1(votes)


def _sums(witnesses: Iterable[_Witness]) -> Scores:
    sums: Scores = defaultdict(float)
    for witness in witnesses:
        for path, score in witness.scores.items():
            sums[path] += witness.weight * score
    return sums


def _best(scores: Scores, limit: int) -> Scores:
    best = heapq.nsmallest(limit, scores.items(), key=lambda one: (-one[1], one[0]))
    return {path: score for path, score in best if score > 0}


def _reasons(path: str, witnesses: Iterable[_Witness]) -> tuple[str, ...]:
    """Return what speaks for a file, what weighs most first, without what hardly weighs."""
    parts = [(one.weight * one.scores.get(path, 0.0), one) for one in witnesses]
    parts.sort(key=lambda part: -part[0])
    return tuple(one.says(path) for part, one in parts if part >= _WORTH_SAYING * parts[0][0])


def _from_0_to_1(scores: Scores) -> Scores:
    most = max(scores.values(), default=0.0)
    return {path: score / most for path, score in scores.items()} if most > 0 else {}


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(word: str) -> str:
    return _ENDING.sub("", word)


@lru_cache(maxsize=50_000)
def _words_of_path(path: str) -> frozenset[str]:
    return frozenset(map(_stem, words_of(path)))


@lru_cache(maxsize=50_000)
def _words_of_name(path: str) -> frozenset[str]:
    """The words of `editing` for `test_editing.py`: a test is asked for by what it tests."""
    stem = _name(path).lstrip(".").partition(".")[0]
    return frozenset(words_of(stem.removeprefix("test_"))) or frozenset((path,))
