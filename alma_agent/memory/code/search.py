"""Find code by what it does: "where are colours stripped" -> the functions that do it.

Scores are fused: the cosine of the question to a symbol's heading and to its code, the words that
they share, and how much of the symbol's name the question says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from alma_agent.memory.code.documents import CodeDocument
from alma_agent.memory.code.vectors import CodeVectors, VectorCache
from alma_agent.memory.code.words import CodeWords
from alma_agent.memory.index import Counted, Embedder
from alma_agent.records import writable

Scores = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each clue counts: `code` and `heading` are cosines, `words` and `name` go from 0 to 1.

    Chosen on several packages together; half or twice as much of one changes little.
    """

    code: float = 1.0
    heading: float = 0.7
    words: float = 0.3
    name: float = 0.15


@dataclass(frozen=True, slots=True)
class Found:
    """A symbol that was found. Its score is the sum of its `parts`, which tell why."""

    path: PurePosixPath
    symbol: str
    line: int
    score: float
    parts: Mapping[str, float]


class CodeIndex:
    """The symbols of a project as they are now, to be searched; asked by one thread at a time.

    It lives in memory: when code changes, make a new one, which embeds only what `kept` does not
    have. Without an embedder, words alone are searched.
    """

    def __init__(
        self,
        documents: Iterable[CodeDocument],
        embedder: Embedder | None = None,
        kept: VectorCache | None = None,
    ) -> None:
        self._documents = list(documents)
        self._embedder = embedder
        self._kept = _Forgotten() if kept is None else kept

    def search(
        self,
        question: str,
        *,
        limit: int = 10,
        embed_at_most: int | None = None,
        weights: Weights | None = None,
        counted: Counted | None = None,
    ) -> list[Found]:
        """Return the symbols that fit best, best first; equals in the order of the documents.

        Texts that have no vector yet are embedded first, if need be `embed_at_most` so many, those
        that share words with the question before the others: 64 find nearly what all do (on click
        MRR@10 0.61, not 0.62).
        """
        question, weights = writable(question), weights or Weights()
        parts = self._by_words(question, weights)
        if self._vectors:
            by_words = _best_first(_total(parts))
            self._vectors.embed(by_words, at_most=embed_at_most, counted=counted)
            headings, codes = self._vectors.similarities(question)
            parts["meaning"] = weights.heading * headings + weights.code * codes
        scores = _total(parts)
        best = (row for row in _best_first(scores)[:limit] if scores[row] > 0)
        return [self._found(row, parts) for row in best]

    def embed(self, *, at_most: int | None = None) -> int:
        """Embed what has no vector, `at_most` so many texts; return how many are left."""
        return self._vectors.embed(at_most=at_most) if self._vectors else 0

    def close(self) -> None:
        self._words.close()

    def _by_words(self, question: str, weights: Weights) -> dict[str, Scores]:
        return {
            "words": weights.words * self._row(self._words.scores(question)),
            "name": weights.name * self._row(self._words.name_shares(question)),
        }

    def _row(self, scores: Mapping[int, float]) -> Scores:
        row = np.zeros(len(self._documents))
        row[list(scores)] = list(scores.values())
        return row

    def _found(self, row: int, parts: Mapping[str, Scores]) -> Found:
        one = self._documents[row]
        said = {name: round(float(part[row]), 4) for name, part in parts.items()}
        return Found(one.path, one.symbol, one.line, round(sum(said.values()), 4), said)

    @cached_property
    def _words(self) -> CodeWords:
        return CodeWords(self._documents)

    @cached_property
    def _vectors(self) -> CodeVectors | None:
        return CodeVectors(self._documents, self._embedder, self._kept) if self._embedder else None


def _total(parts: Mapping[str, Scores]) -> Scores:
    total: Scores = np.sum(list(parts.values()), axis=0)
    return total


def _best_first(scores: Scores) -> list[int]:
    return [int(row) for row in np.argsort(-scores, kind="stable")]


class _Forgotten:
    """A cache that keeps nothing."""

    def get(self, digests: Sequence[str]) -> Mapping[str, bytes]:  # noqa: ARG002
        return {}

    def put(self, vectors: Mapping[str, bytes]) -> None:
        pass
