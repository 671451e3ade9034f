"""Three memories that do the same work, for `memory_cost`, and what they are filled with."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

DIMENSIONS = 384
START = datetime(2026, 1, 1, tzinfo=UTC)
_ENDS = ["lar", "met", "nos", "pik", "rud", "sav", "tig", "vor", "zen", "dal", "fic", "gor"]
VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in _ENDS]
_WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(VOCABULARY) + 1)))


class Contestant(Protocol):
    """A memory in a folder, which another process may have filled."""

    def fill(self, texts: Sequence[str], paths: Sequence[str]) -> None: ...

    def write(self, text: str, path: str) -> None: ...

    def in_file(self, question: str, path: str) -> object: ...

    def everywhere(self, question: str) -> object: ...


def text_of(chance: random.Random) -> str:
    return " ".join(chance.choices(VOCABULARY, cum_weights=_WEIGHTS, k=20))


def question_of(chance: random.Random) -> str:
    return " ".join(text_of(chance).split()[:8])


def path_of(chance: random.Random, size: int) -> str:
    return f"src/module_{chance.randrange(max(1, size // 50))}.py"


class RandomVectors:
    """Vectors that depend on the text alone, and cost next to nothing."""

    name = "random"

    def embed(self, texts: Sequence[str]) -> Vector:
        rows = [vector_of(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)


@lru_cache(1_000)
def vector_of(text: str) -> Vector:
    """Return a unit vector, shape (DIMENSIONS,), which stands in for the text's embedding."""
    seed = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
    row = np.random.default_rng(seed).standard_normal(DIMENSIONS, np.float32)
    return row / np.linalg.norm(row)


class Alma:
    """alma's library as a workspace uses it, but for the embedder."""

    def __init__(self, folder: Path) -> None:
        from alma_agent.memory.chroma_index import ChromaIndex
        from alma_agent.memory.ledger import Ledger
        from alma_agent.memory.library import HomeLibrary
        from alma_agent.memory.meaning import Meaning
        from toolset.workspace import Workspace

        self._ledger = Ledger(folder / "ledger.sqlite3")
        index = folder / "index"
        meaning = Meaning(self._ledger, RandomVectors(), lambda model: ChromaIndex(index, model))
        self._meaning = meaning
        self._library = HomeLibrary(Workspace(folder), self._ledger, lambda: meaning)

    def fill(self, texts: Sequence[str], paths: Sequence[str]) -> None:
        from alma_agent.memory.ledger.recording import keep
        from alma_agent.remembered import Anchor, Memory

        made = [
            Memory(
                id=f"m{number}",
                at=START + timedelta(minutes=number),
                text=text,
                anchors=(Anchor(PurePosixPath(path)),),
            )
            for number, (text, path) in enumerate(zip(texts, paths, strict=True))
        ]
        for start in range(0, len(made), 1_000):
            keep(self._ledger, made[start : start + 1_000])
        self._meaning.catch_up()
        self._meaning.nearest(vector_of("anything"), limit=1)

    def write(self, text: str, path: str) -> None:
        from alma_agent.records import Applied, FileChange, Interaction, new_id

        id_ = new_id()
        told = Interaction(
            id=id_,
            at=datetime.now(UTC),
            goal=text,
            outcome=Applied(id_),
            files=(FileChange(PurePosixPath(path), None, None),),
        )
        asyncio.run(self._library.remember(told))

    def in_file(self, question: str, path: str) -> object:
        from alma_agent.remembered import Wanted

        return self._library.search(
            question, wanted=Wanted(path=PurePosixPath(path)), budget_tokens=400, at_least=0.0
        )

    def everywhere(self, question: str) -> object:
        return self._library.search(question, budget_tokens=400, at_least=0.0)


class Plain:
    """SQLite as few lines as it takes, with all vectors in one matrix."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "plain.sqlite3", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE IF NOT EXISTS m (id INTEGER PRIMARY KEY, text, path, vector BLOB);"
            "CREATE INDEX IF NOT EXISTS by_path ON m (path);"
            "CREATE VIRTUAL TABLE IF NOT EXISTS w USING "
            "fts5(text, content='', tokenize='porter unicode61');"
        )
        rows = self._db.execute("SELECT vector FROM m ORDER BY id").fetchall()
        self._matrix = np.frombuffer(b"".join(row[0] for row in rows), np.float32)
        self._matrix = self._matrix.reshape(-1, DIMENSIONS)

    def fill(self, texts: Sequence[str], paths: Sequence[str]) -> None:
        self._db.execute("BEGIN")
        for text, path in zip(texts, paths, strict=True):
            self._insert(text, path)
        self._db.execute("COMMIT")
        self._matrix = np.stack([vector_of(text) for text in texts])

    def write(self, text: str, path: str) -> None:
        self._db.execute("BEGIN")
        self._insert(text, path)
        self._db.execute("COMMIT")

    def _insert(self, text: str, path: str) -> None:
        row = (text, path, vector_of(text).tobytes())
        id_ = self._db.execute("INSERT INTO m (text, path, vector) VALUES (?, ?, ?)", row).lastrowid
        self._db.execute("INSERT INTO w (rowid, text) VALUES (?, ?)", (id_, text))

    def in_file(self, question: str, path: str) -> object:
        rows = self._db.execute("SELECT id, text, vector FROM m WHERE path = ?", (path,)).fetchall()
        near = np.stack([np.frombuffer(row[2], np.float32) for row in rows]) @ vector_of(question)
        asked = set(question.split())
        shares = [len(asked & set(row[1].split())) for row in rows]
        return [rows[at] for at in np.argsort(-(near + np.array(shares)))[:10]]

    def everywhere(self, question: str) -> object:
        match = " OR ".join(question.split())
        found = dict(
            self._db.execute(
                "SELECT rowid, -bm25(w) FROM w WHERE w MATCH ? ORDER BY bm25(w) LIMIT 100", (match,)
            ).fetchall()
        )
        best = max(found.values(), default=1.0)
        near = self._matrix @ vector_of(question)
        for at in np.argpartition(-near, min(100, len(near) - 1))[:100]:
            found.setdefault(int(at) + 1, 0.0)
        scores = {id_: one / best + near[id_ - 1] for id_, one in found.items() if id_ <= len(near)}
        ids = sorted(scores, key=lambda id_: -scores[id_])[:10]
        marks = ",".join("?" * len(ids))
        return self._db.execute(f"SELECT * FROM m WHERE id IN ({marks})", ids).fetchall()


class ChromaAlone:
    """One Chroma collection with texts, vectors and paths."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        client: Any = chromadb.PersistentClient(
            str(folder / "chroma"), settings=Settings(anonymized_telemetry=False)
        )
        self._rows: Any = client.get_or_create_collection(
            "memories", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        self._count = self._rows.count()

    def fill(self, texts: Sequence[str], paths: Sequence[str]) -> None:
        for start in range(0, len(texts), 5_000):
            self._add(texts[start : start + 5_000], paths[start : start + 5_000])

    def write(self, text: str, path: str) -> None:
        self._add([text], [path])

    def _add(self, texts: Sequence[str], paths: Sequence[str]) -> None:
        self._rows.add(
            ids=[str(self._count + number) for number in range(len(texts))],
            documents=list(texts),
            embeddings=np.stack([vector_of(text) for text in texts]),
            metadatas=[{"path": path} for path in paths],
        )
        self._count += len(texts)

    def in_file(self, question: str, path: str) -> object:
        return self._query(question, where={"path": path})

    def everywhere(self, question: str) -> object:
        return self._query(question)

    def _query(self, question: str, **others: Any) -> object:
        vector = vector_of(question)[None, :]
        return self._rows.query(query_embeddings=vector, n_results=10, **others)


CONTESTANTS: dict[str, Callable[[Path], Contestant]] = {
    "alma": Alma,
    "SQLite + numpy": Plain,
    "Chroma alone": ChromaAlone,
}
