"""Which symbols share words with a question: SQLite's full-text search, in memory.

Both scores use its stemmer (porter), so that "creating" in a question finds `create`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

from alma_agent.memory.code.documents import CodeDocument, words_of

_TOKENIZE = "tokenize='porter unicode61'"


@dataclass(frozen=True, slots=True)
class ColumnWeights:
    """How much a word counts, by where it stands (BM25)."""

    name: float = 4.0
    place: float = 2.0
    parameters: float = 2.0
    body: float = 1.0


class CodeWords:
    """The words of documents, which are called by their position. Asked by one thread at a time."""

    def __init__(self, documents: Sequence[CodeDocument]) -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.executescript(
            f"CREATE VIRTUAL TABLE code USING fts5(name, place, parameters, body, {_TOKENIZE});"
            f"CREATE VIRTUAL TABLE asked USING fts5(words, {_TOKENIZE});"
            "CREATE VIRTUAL TABLE stems USING fts5vocab(code, instance);"
            "CREATE VIRTUAL TABLE asked_stems USING fts5vocab(asked, row);"
        )
        self._connection.executemany(
            "INSERT INTO code(rowid, name, place, parameters, body) VALUES (?, ?, ?, ?, ?)",
            (
                (row, one.name, one.place, one.parameters, one.body)
                for row, one in enumerate(documents)
            ),
        )
        self._names: dict[int, set[str]] = {}
        for row, stem in self._stems_of_names():
            self._names.setdefault(row, set()).add(stem)

    def scores(self, question: str, weights: ColumnWeights | None = None) -> dict[int, float]:
        """Return the BM25 of the documents that share a word, divided by the best: 0 to 1."""
        words = sorted(set(words_of(question)))
        if not words:
            return {}
        columns = ", ".join(map(str, astuple(weights or ColumnWeights())))
        found = self._connection.execute(
            f"SELECT rowid, -bm25(code, {columns}) FROM code WHERE code MATCH ?",  # noqa: S608
            (" OR ".join(f'"{word}"' for word in words),),
        ).fetchall()
        best = max((score for _, score in found), default=1.0)
        return {row: score / best for row, score in found}

    def name_shares(self, question: str) -> dict[int, float]:
        """Return how much of its name the question says, 0 to 1, for names of which it says any."""
        asked = self._stems(question)
        shared = ((row, len(stems & asked) / len(stems)) for row, stems in self._names.items())
        return {row: share for row, share in shared if share}

    def close(self) -> None:
        self._connection.close()

    def _stems(self, question: str) -> set[str]:
        run = self._connection.execute
        run("DELETE FROM asked")
        run("INSERT INTO asked(words) VALUES (?)", (" ".join(words_of(question)),))
        return {stem for (stem,) in run("SELECT term FROM asked_stems")}

    def _stems_of_names(self) -> Iterator[tuple[int, str]]:
        yield from self._connection.execute("SELECT doc, term FROM stems WHERE col = 'name'")
