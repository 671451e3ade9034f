"""Nearest by meaning, in an embedded Chroma folder. The only importer of chromadb.

Two processes that write one Chroma folder lose rows, so there is one owner at a time, behind a
file lock with a short time-out. Vectors are always ours: Chroma's default embedder, a download,
is never built.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError
from filelock import FileLock, Timeout

from alma_agent.memory.index import Embedder, Hit, IndexUnavailable, OpenIndex
from alma_agent.records import Memory

_COLLECTION = "memories"
_BATCH = 1_000


class ChromaIndex:
    """A Chroma folder with one collection, in cosine space."""

    def __init__(self, folder: Path, embedder: Embedder, *, lock_timeout_s: float = 0.5) -> None:
        self._folder = folder
        self._embedder = embedder
        self._lock = FileLock(folder.with_suffix(".lock"), timeout=lock_timeout_s, mode=0o600)

    @contextmanager
    def opened(self) -> Iterator[OpenIndex]:
        """Own the index. A folder that cannot be opened is set aside, and a new one begun.

        Raises IndexUnavailable if another process owns it.
        """
        with self._owned():
            client, collection = self._connected()
            try:
                yield _Opened(collection, self._embedder)
            except ChromaError as error:
                raise IndexUnavailable(
                    f"The index {self._folder} failed: {error}. alma memory rebuild mends it."
                ) from error
            finally:
                client.close()

    def discard(self) -> None:
        with self._owned():
            self._delete()

    @contextmanager
    def _owned(self) -> Iterator[None]:
        try:
            self._lock.acquire()
        except Timeout as error:
            raise IndexUnavailable(
                "Another alma is using the vector index; words alone were searched."
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def _connected(self) -> tuple[Any, Any]:
        try:
            return self._connect()
        except Exception:  # noqa: BLE001 - Chroma's Rust core raises several foreign types
            self._delete()
        try:
            return self._connect()
        except Exception as error:
            raise IndexUnavailable(
                f"The index {self._folder} cannot be made: {error}. Check the disk and the "
                "folder's rights; words alone were searched."
            ) from error

    def _connect(self) -> tuple[Any, Any]:
        try:
            client: Any = chromadb.PersistentClient(
                str(self._folder), settings=Settings(anonymized_telemetry=False, allow_reset=False)
            )
            collection = client.get_or_create_collection(
                f"{_COLLECTION}-{self._embedder.name}",
                configuration={"hnsw": {"space": "cosine"}},
                embedding_function=None,
            )
            # The self-test: a damaged folder says so here, not in mid-search.
            collection.get(limit=1, include=["embeddings"])
        except BaseException:
            # Chroma keeps systems by path for the life of the process, broken ones too.
            SharedSystemClient.clear_system_cache()
            raise
        return client, collection

    def _delete(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class _Opened:
    def __init__(self, collection: Any, embedder: Embedder) -> None:
        self._collection = collection
        self._embedder = embedder

    def ids(self) -> set[str]:
        return set(self._collection.get(include=[])["ids"])

    def add(self, memories: Sequence[Memory]) -> None:
        for start in range(0, len(memories), _BATCH):
            batch = memories[start : start + _BATCH]
            # upsert, not add: Chroma ignores an id that it has, without a word
            self._collection.upsert(
                ids=[memory.id for memory in batch],
                embeddings=self._embedder.embed([memory.text for memory in batch]),
                metadatas=[{"at": memory.at.isoformat(), "kind": memory.kind} for memory in batch],
            )

    def remove(self, ids: Iterable[str]) -> None:
        gone = list(ids)
        for start in range(0, len(gone), _BATCH):
            self._collection.delete(ids=gone[start : start + _BATCH])

    def nearest(self, text: str, *, limit: int) -> list[Hit]:
        count = self._collection.count()
        if not count:
            return []
        found = self._collection.query(
            query_embeddings=self._embedder.embed([text]),
            n_results=min(limit, count),
            include=["distances"],
        )
        return [
            Hit(id_, 1.0 - distance)
            for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]
