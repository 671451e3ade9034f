"""Which memories, in what order, within how many tokens. Pure.

Scores are fused, not ranks: each source's go from 0 to 1. Fusing ranks loses to the better source
alone (measured; see docs/architecture.md).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest
from pathlib import PurePosixPath
from statistics import fmean

from alma_agent.memory.questions import NO_QUESTION, Question
from alma_agent.memory.words import split
from alma_agent.remembered import Memory, Recalled

WORTH_SAYING = 0.25
_FILE_IS_WORTH = 0.6
_HALF_LIFE = timedelta(days=30)
_CHARACTERS_PER_TOKEN = 3
_BEST_OF_SESSION = 3
_FULL_SUBSTANCE = 50  # words


@dataclass(frozen=True, slots=True)
class Clues:
    """What each source says of the memories, by id; who has no entry has 0.

    `words` and `own_words` are BM25 scores of one query, weighed by `words.ALL_FIELDS` and by
    `words.TEXT_ALONE`: at least 0, in any unit, but both in the same. `meaning` and `exchange` are
    cosine similarities, -1 to 1, of the text, and of the text with the one before. `about_file` are
    the memories of the file in hand.
    """

    words: Mapping[str, float]
    meaning: Mapping[str, float]
    about_file: frozenset[str] = frozenset()
    own_words: Mapping[str, float] = field(default_factory=dict)
    exchange: Mapping[str, float] = field(default_factory=dict)
    question: Question = NO_QUESTION


def ranked(
    memories: Iterable[Memory], clues: Clues, now: datetime, *, at_least: float = WORTH_SAYING
) -> list[Recalled]:
    """Return the memories relevant enough, best first; their `parts` add up to their `score`.

    Relevant is what holds the question's words, is near it in meaning, or is about the file. All
    else (who spoke, when, how much it matters) only orders what is relevant.
    """
    candidates = list(memories)
    best = max(clues.words.values(), default=0.0) or 1.0
    words = {id_: score / best for id_, score in clues.words.items()}
    own_words = {id_: score / best for id_, score in clues.own_words.items()}
    sessions = _sessions(candidates, words)
    weights = clues.question.weights
    found = []
    for memory in candidates:
        if _is_relevant(memory, clues, words.get(memory.id, 0.0), at_least):
            parts = {
                "words": weights.words * words.get(memory.id, 0.0),
                "own words": weights.own_words * own_words.get(memory.id, 0.0),
                "session": weights.session * sessions.get(memory.session, 0.0),
                "meaning": weights.meaning * max(0.0, clues.meaning.get(memory.id, 0.0)),
                "exchange": weights.exchange * max(0.0, clues.exchange.get(memory.id, 0.0)),
                "same file": weights.same_file * (memory.id in clues.about_file),
                **_manner(memory, clues.question, now),
            }
            told = {name: part for name, part in parts.items() if part}
            found.append(Recalled(memory, round(sum(told.values()), 4), told))
    return sorted(found, key=lambda one: (-one.score, one.memory.at, one.memory.id))


def within(
    recalled: Iterable[Recalled], budget_tokens: int, *, limit: int | None = None
) -> tuple[tuple[Recalled, ...], int]:
    """Return the first memories that fit the budget together, and their tokens; `limit` at most.

    What says the same in the same words as a memory before it is left out.
    """
    chosen: list[Recalled] = []
    said: set[tuple[str, ...]] = set()
    spent = 0
    for one in recalled:
        if limit is not None and len(chosen) >= limit:
            break
        cost = tokens_of(one.memory.text)
        if spent + cost > budget_tokens:
            continue
        saying = tuple(split(one.memory.text))
        if saying not in said:
            chosen.append(one)
            said.add(saying)
            spent += cost
    return tuple(chosen), spent


def tokens_of(text: str) -> int:
    """Estimate tokens from above: code and prose have three to five characters a token."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN) + 8


def about(memories: Iterable[Memory], path: PurePosixPath | None) -> frozenset[str]:
    """Return the ids of the memories that are anchored in a file."""
    return frozenset(
        memory.id
        for memory in memories
        if path and any(anchor.path == path for anchor in memory.anchors)
    )


def _is_relevant(memory: Memory, clues: Clues, words: float, at_least: float) -> bool:
    """Say whether a memory surely has to do with the question: unlike the score, not relative.

    The best word score of a question is 1 even if it is for one common word of many. So it counts
    by the share of the question's words that the memory holds; a match by stem alone counts as one.
    """
    certain = max(0.0, clues.meaning.get(memory.id, 0.0))
    if memory.id in clues.about_file:
        certain += _FILE_IS_WORTH
    asked = clues.question.words
    if words and asked and certain < at_least:
        held = set(split(f"{memory.text} {memory.by}"))
        words *= max(1, sum(word in held for word in asked)) / len(asked)
    return certain + words >= at_least


def _sessions(memories: Iterable[Memory], words: Mapping[str, float]) -> dict[str, float]:
    """Return how well each session fits, by its best memories: what is asked is talked about."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for memory in memories:
        if memory.session:
            scores[memory.session].append(words.get(memory.id, 0.0))
    return {name: fmean(nlargest(_BEST_OF_SESSION, some)) for name, some in scores.items()}


def _manner(memory: Memory, question: Question, now: datetime) -> dict[str, float]:
    """Return what speaks for or against a memory, whatever it says: who said it, how, and when."""
    weights = question.weights
    spoken = memory.kind == "interaction" and bool(memory.session)
    return {
        "speaker": weights.speaker * question.names(memory.by),
        "substance": weights.substance * (_substance(memory.text) - 1) if spoken else 0.0,
        "asking": -weights.asking * _asking(memory.text) if spoken else 0.0,
        "importance": weights.importance * (2 * memory.importance - 1),
        "pinned": weights.pinned * memory.pinned,
        "recency": weights.recency * _recency(memory.at, now),
    }


def _substance(text: str) -> float:
    """Return from 0 to 1 how much a text can say: by the logarithm of its length."""
    return min(1.0, math.log1p(len(text.split())) / math.log1p(_FULL_SUBSTANCE))


def _asking(text: str) -> float:
    """Return the share of a text's sentences that are questions."""
    asked = text.count("?")
    return asked / (asked + text.count(".") + text.count("!")) if asked else 0.0


def _recency(at: datetime, now: datetime) -> float:
    return float(0.5 ** (max(now - at, timedelta()) / _HALF_LIFE))
