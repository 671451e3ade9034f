"""Nearest by meaning, in Chroma: a folder of our own, or a server. The only importer of chromadb.

Two processes that write one Chroma folder lose rows, so there is one owner at a time, behind a
file lock with a short time-out. Vectors are always ours: Chroma's default embedder, a download,
is never built.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import chromadb
import httpx
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import DuplicateIDError, InvalidArgumentError
from filelock import FileLock, Timeout

from alma_agent.memory.index import Hit, IndexUnavailable, VectorIndex
from alma_agent.memory.seal import Seal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 100, "max_neighbors": 16}
_FLOATS_AT_ONCE = 400_000
_MOST_AT_ONCE = 5_000  # Chroma takes 5,461
_SAME = 1e-3


class ChromaIndex:
    """A Chroma folder, with one collection in cosine space; 0700, its files 0600."""

    def __init__(self, folder: Path, collection: str, *, lock_timeout_s: float = 0.5) -> None:
        self._folder = folder
        self._collection = _name_for_chroma(collection)
        # One thread may open the index, and another close it.
        self._lock = FileLock(
            folder.with_suffix(".lock"), timeout=lock_timeout_s, mode=0o600, thread_local=False
        )

    def open(self) -> VectorIndex:
        """Own the index until it is closed. What cannot be trusted is set aside, and begun anew.

        Raises IndexUnavailable if another process owns it, or if it cannot be made.
        """
        with ExitStack() as undo:
            undo.enter_context(self._owned())
            seal = Seal(self._folder)
            if not self._is_whole(seal):
                self._delete()
            try:
                client, collection = self._connect()
            except BaseException as error:
                if not _is_chroma_failure(error):
                    raise
                self._delete()
                client, collection = self._connect_again()
            undo.callback(seal.renew, closed=True)
            undo.callback(client.close)
            seal.renew(closed=False)
            close = undo.pop_all().close
        return _Opened(
            collection,
            close=close,
            written=lambda: seal.renew(closed=False),
            failed=seal.break_,
            alone=True,
            cure="It is made anew when it is next opened; it was not searched.",
        )

    def discard(self) -> None:
        """Delete it. Raises IndexUnavailable if another process owns it."""
        with self.discarded():
            pass

    @contextmanager
    def discarded(self) -> Iterator[None]:
        """Delete it, and let nobody make it anew meanwhile. Raises IndexUnavailable."""
        with self._owned():
            self._delete()
            yield

    @contextmanager
    def _owned(self) -> Iterator[None]:
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise IndexUnavailable(
                "Another alma is using the vector index; it was not searched."
            ) from error
        except OSError as error:
            raise IndexUnavailable(_not_made(self._folder, error)) from error
        try:
            yield
        finally:
            self._lock.release()

    def _is_whole(self, seal: Seal) -> bool:
        try:
            return seal.is_whole()
        except OSError:
            return False

    def _connect_again(self) -> tuple[Any, Any]:
        try:
            return self._connect()
        except BaseException as error:
            if not _is_chroma_failure(error):
                raise
            raise IndexUnavailable(_not_made(self._folder, error)) from error

    def _connect(self) -> tuple[Any, Any]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._folder.chmod(0o700)
        client: Any = None
        try:
            client = chromadb.PersistentClient(
                str(self._folder), settings=Settings(anonymized_telemetry=False, allow_reset=False)
            )
            collection = _collection(client, self._collection)
            _require_it_finds_itself(collection)
        except BaseException:
            if client is not None:
                client.close()
            # Chroma keeps systems by path for the life of the process, broken ones too.
            SharedSystemClient.clear_system_cache()
            raise
        return client, collection

    def _delete(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True)
class ChromaServer:
    """A collection on a Chroma server. `headers` may hold a key, and are not shown by `repr`."""

    host: str
    collection: str
    port: int = 8000
    ssl: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 10.0

    def open(self) -> VectorIndex:
        """Connect. Raises IndexUnavailable if the server cannot be reached, or will not have us."""
        with ExitStack() as undo:
            try:
                self._require_an_answer()
                client: Any = chromadb.HttpClient(
                    self.host,
                    self.port,
                    ssl=self.ssl,
                    headers=dict(self.headers),
                    settings=Settings(anonymized_telemetry=False),
                )
                undo.callback(client.close)
                # Chroma's own sessions wait for ever, and are never closed.
                for one in (client, client._admin_client):  # noqa: SLF001
                    session: httpx.Client = one._server._session  # noqa: SLF001
                    session.timeout = httpx.Timeout(self.timeout_s)
                    undo.callback(session.close)
                collection = _collection(client, _name_for_chroma(self.collection))
            except Exception as error:  # noqa: BLE001 - httpx's errors, Chroma's, and ValueError
                raise IndexUnavailable(
                    f"The Chroma server at {self.host}:{self.port} cannot be used: "
                    f"{self._without_headers(error)}. Is it running? Words alone were searched."
                ) from None  # the cause may quote the headers
            close = undo.pop_all().close
        cure = f"See to the server at {self.host}:{self.port}; it was not searched."
        return _Opened(collection, close=close, cure=cure)

    def _require_an_answer(self) -> None:
        url = f"{'https' if self.ssl else 'http'}://{self.host}:{self.port}/api/v2/heartbeat"
        httpx.get(url, headers=dict(self.headers), timeout=self.timeout_s).raise_for_status()

    def discard(self) -> None:
        """Delete the collection. Raises IndexUnavailable."""
        index = self.open()
        try:
            index.remove(index.ids())
        finally:
            index.close()

    @contextmanager
    def discarded(self) -> Iterator[None]:
        """Empty it first. Raises IndexUnavailable."""
        self.discard()
        yield

    def _without_headers(self, error: BaseException) -> str:
        told = str(error)
        for value in filter(None, self.headers.values()):
            told = told.replace(value, "[key]")
        return told


def _nothing() -> None:
    """Do nothing: a server sees to its own files."""


class _Opened:
    """A collection as a VectorIndex. `written` is called after what went well, else `failed`."""

    def __init__(
        self,
        collection: Any,
        *,
        close: Callable[[], None],
        written: Callable[[], None] = _nothing,
        failed: Callable[[], None] = _nothing,
        alone: bool = False,
        cure: str,
    ) -> None:
        self._collection = collection
        self._close: Callable[[], None] | None = close
        self._written = written
        self._failed = failed
        self._alone = alone
        self._counted: int | None = None  # counting takes Chroma 7 ms for 100,000
        self._cure = cure
        self._is_settled = False  # Chroma puts what was written in its place when next asked

    def ids(self) -> set[str]:
        with self._told():
            return set(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        with self._told():
            if self._counted is None or not self._alone:
                self._counted = int(self._collection.count())
            return self._counted

    def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        if not ids:
            return
        self._counted, self._is_settled = None, False
        size = max(1, min(_MOST_AT_ONCE, _FLOATS_AT_ONCE // vectors.shape[1]))
        with self._told():
            for start in range(0, len(ids), size):
                end = start + size
                # upsert, not add: Chroma ignores an id that it has, without a word
                self._collection.upsert(ids=list(ids[start:end]), embeddings=vectors[start:end])

    def remove(self, ids: Iterable[str]) -> None:
        gone = list(ids)
        self._counted, self._is_settled = None, False
        with self._told():
            for start in range(0, len(gone), _MOST_AT_ONCE):
                self._collection.delete(ids=gone[start : start + _MOST_AT_ONCE])

    def nearest(self, vector: NDArray[np.float32], *, limit: int) -> list[Hit]:
        with self._told():
            found = self._collection.query(
                query_embeddings=vector[None, :], n_results=limit, include=["distances"]
            )
        self._is_settled = True
        return [
            Hit(id_, 1.0 - distance)
            for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def close(self) -> None:
        close, self._close = self._close, None
        if close:
            close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell of a failure in our own words."""
        if self._close is None:
            raise IndexUnavailable("The vector index is closed.")
        try:
            yield
            if not self._is_settled:
                self._written()
        except (DuplicateIDError, InvalidArgumentError) as error:
            raise IndexUnavailable(f"The vector index does not take this: {error}.") from error
        except BaseException as error:
            if not _is_chroma_failure(error):
                raise
            self._failed()
            raise IndexUnavailable(f"The vector index failed: {error}. {self._cure}") from error


def _collection(client: Any, name: str) -> Any:
    return client.get_or_create_collection(
        name, configuration={"hnsw": dict(_HNSW)}, embedding_function=None
    )


def _require_it_finds_itself(collection: Any) -> None:
    """Load the vectors, and look for one of them: damage shows here, not in mid-search."""
    one = collection.get(limit=1, include=["embeddings"])
    if one["ids"]:
        found = collection.query(
            query_embeddings=one["embeddings"], n_results=1, include=["distances"]
        )
        if not found["ids"][0] or found["distances"][0][0] > _SAME:
            raise IndexUnavailable("The index does not find what it holds.")


def _is_chroma_failure(error: BaseException) -> bool:
    """Say whether Chroma failed, in whatever way: a panic of its core is no Exception."""
    return isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime"


def _not_made(folder: Path, error: BaseException) -> str:
    return (
        f"The index {folder} cannot be made: {error}. Check the disk and the folder's rights; "
        "it was not searched."
    )


def _name_for_chroma(name: str) -> str:
    """Return a name as Chroma takes it: of a-z, A-Z, 0-9 and `._-`, alphanumeric at both ends."""
    return ("memories-" + re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:400]).rstrip("._-")
