"""Which memories, in what order, within how many tokens. Pure.

Scores are fused, not ranks: each source's go from 0 to 1. Fusing ranks loses to the better source
alone (measured; see docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from alma_agent.records import Memory, Recalled

_WORDS, _MEANING, _FILE, _RECENCY = 1.0, 1.0, 0.6, 0.1
WORTH_SAYING = 0.25
_HALF_LIFE = timedelta(days=30)
_CHARACTERS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Clues:
    """What each source says of the memories, by id.

    `words`: how well the words fit, 0 to 1. `meaning`: cosine similarity, -1 to 1.
    """

    words: Mapping[str, float]
    meaning: Mapping[str, float]
    about_file: frozenset[str]


def ranked(
    memories: Iterable[Memory], clues: Clues, now: datetime, *, at_least: float = WORTH_SAYING
) -> list[Recalled]:
    """Return the memories relevant enough, best first; `freshness` is filled in by the caller."""
    scored = []
    for memory in memories:
        parts = {
            "same file": _FILE * (memory.id in clues.about_file),
            "words": _WORDS * clues.words.get(memory.id, 0.0),
            "meaning": _MEANING * max(0.0, clues.meaning.get(memory.id, 0.0)),
        }
        relevance = sum(parts.values())
        if relevance >= at_least:
            why = tuple(name for name, part in parts.items() if part > 0)
            score = relevance + _RECENCY * _recency(memory.at, now)
            scored.append(Recalled(memory, round(score, 4), why, freshness={}))
    return sorted(scored, key=lambda one: (-one.score, one.memory.at, one.memory.id))


def within(recalled: Iterable[Recalled], budget_tokens: int) -> tuple[tuple[Recalled, ...], int]:
    """Return the first memories that fit the budget together, and their tokens."""
    chosen: list[Recalled] = []
    spent = 0
    for one in recalled:
        cost = tokens_of(one.memory.text)
        if spent + cost <= budget_tokens:
            chosen.append(one)
            spent += cost
    return tuple(chosen), spent


def tokens_of(text: str) -> int:
    """Estimate tokens from above: code and prose have three to five characters a token."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN) + 8


def about(memories: Iterable[Memory], path: PurePosixPath | None) -> frozenset[str]:
    return frozenset(
        memory.id
        for memory in memories
        if path and any(anchor.path == path for anchor in memory.anchors)
    )


def _recency(at: datetime, now: datetime) -> float:
    return float(0.5 ** (max(now - at, timedelta()) / _HALF_LIFE))
