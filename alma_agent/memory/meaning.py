"""Nearness in meaning: vectors are made once, kept in the ledger, and found by an index.

Only the index has one owner at a time; vectors in the ledger anybody can compare. A write waits for
no model: vectors are made when meaning is asked for, as many as the time allows, newest first.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from alma_agent.memory.index import (
    Counted,
    Embedder,
    IndexPlace,
    IndexUnavailable,
    VectorIndex,
)
from alma_agent.memory.ledger import Connection, Ledger, changes, vectors
from alma_agent.memory.ledger.vectors import Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_BATCH = 64
_LOOKED_UP = 5_000  # at once: looking for the last of many goes through all
_AT_ONCE = 500
_CONTEXT = "~context"
T = TypeVar("T")


class Nearness(NamedTuple):
    """Cosine similarities of one memory to a question, -1 to 1.

    `text` is the memory's own; `context` that of its text with the one said before it.
    """

    text: float
    context: float


class Meaning:
    """The vectors of one ledger's memories, and the index over them.

    `place` says where the index of an embedder lies, by its name. The index is opened when it is
    first needed, and kept until `close`.
    """

    def __init__(
        self, ledger: Ledger, embedder: Embedder, place: Callable[[str], IndexPlace]
    ) -> None:
        self.embedder = embedder
        self._ledger = ledger
        self._place = place
        self._index: VectorIndex | None = None
        self._is_checked = False
        self._complete: changes.State | None = None  # when no memory lacked a vector

    def vector(self, question: str) -> Vector:
        """Return the vector of a question, shape (dimensions,). Raises IndexUnavailable."""
        made: Vector = self.embedder.embed([question])[0]
        return made

    def catch_up(self, *, seconds: float | None = None, counted: Counted | None = None) -> int:
        """Make missing vectors, for some time at most; return how many memories still wait.

        Raises IndexUnavailable if they cannot be made.
        """
        started = time.monotonic()
        done, total = 0, self.waiting() if counted else 0
        while waiting := self._lacking(limit=_LOOKED_UP):
            for start in range(0, len(waiting), _BATCH):
                if seconds is not None and time.monotonic() - started >= seconds:
                    return self.waiting()
                some = waiting[start : start + _BATCH]
                self._make_vectors(some)
                if counted:
                    done += len(some)
                    counted(done, max(done, total))
        return 0

    def nearest(self, vector: Vector, *, limit: int) -> list[str]:
        """Return the memories nearest to a question, of all that the index holds, closest first.

        Raises IndexUnavailable if another process owns the index.
        """
        try:
            hits = self._up_to_date().nearest(vector, limit=2 * limit)
        except IndexUnavailable:
            if self._index is None:
                raise
            self.close()  # it failed while it was open: what is opened now is begun anew
            hits = self._up_to_date().nearest(vector, limit=2 * limit)
        ids = list(dict.fromkeys(hit.id.removesuffix(_CONTEXT) for hit in hits))
        return ids[:limit]

    def compared(
        self, connection: Connection, vector: Vector, ids: Collection[str]
    ) -> dict[str, Nearness]:
        """Return how near some memories are, without the index; of those that have a vector."""
        rows = vectors.of(connection, self.embedder.name, ids)
        if not rows:
            return {}
        found: dict[str, dict[str, float]] = {}
        for row, similarity in zip(rows, (_matrix(rows) @ vector).tolist(), strict=True):
            found.setdefault(row.memory, {})[row.part] = similarity
        return {
            id_: Nearness(parts.get("text", 0.0), parts.get("context", parts.get("text", 0.0)))
            for id_, parts in found.items()
        }

    def rebuild(self, counted: Counted | None = None) -> int:
        """Empty the index and fill it from the ledger; return how many memories it holds.

        Raises IndexUnavailable if another process owns it.
        """
        self.catch_up(counted=counted)
        self.close()
        with self._place(self.embedder.name).discarded():
            pass
        index = self._opened()
        return len({id_.removesuffix(_CONTEXT) for id_ in self._heal(index, counted)})

    def waiting(self) -> int:
        """Return how many memories have no vector yet."""
        return len(self._lacking(limit=100_000))

    def without_index(self, work: Callable[[], T]) -> T:
        """Delete the index, then do something that its files must not outlive.

        Raises IndexUnavailable if another process owns it; nothing was done then.
        """
        self.close()
        with self._place(self.embedder.name).discarded():
            return work()

    def close(self) -> None:
        """Let the index go, for other processes."""
        if self._index:
            self._index.close()
        self._index, self._is_checked = None, False

    def _lacking(self, *, limit: int) -> list[str]:
        """Return memories that lack a vector; once none did, only what was written since counts."""
        with self._ledger.reading() as connection:
            now, then = changes.state(connection), self._complete
            if now == then:
                return []
            after = then.last if then and then.changed == now.changed else 0
            model = self.embedder.name
            found = vectors.without(connection, model, limit=limit, after=after)
        if not found:
            self._complete = now
        return found

    def _make_vectors(self, ids: Sequence[str]) -> None:
        with self._ledger.reading() as connection:
            texts = vectors.texts_of(connection, ids)
        made = self.embedder.embed(list(texts.values()))
        packed = {key: row.astype("<f4").tobytes() for key, row in zip(texts, made, strict=True)}
        with self._ledger.writing() as connection:
            vectors.put(connection, self.embedder.name, packed)

    def _opened(self) -> VectorIndex:
        if self._index is None:
            self._index = self._place(self.embedder.name).open()
            weakref.finalize(self, self._index.close)
        return self._index

    def _up_to_date(self) -> VectorIndex:
        """Return the index with what changed since it was last asked, and what it had lost."""
        index, model = self._opened(), self.embedder.name
        while True:
            with self._ledger.reading() as connection:
                old = vectors.mark(connection, model)
                fresh = vectors.since(connection, model, old, limit=_AT_ONCE)
            if fresh.mark == old:
                break
            index.remove([one for id_ in fresh.gone for one in (id_, id_ + _CONTEXT)])
            _put(index, fresh.vectors)
            with self._ledger.writing() as connection:
                vectors.put_mark(connection, model, fresh.mark)
        if not self._is_checked:
            with self._ledger.reading() as connection:
                expected = vectors.count(connection, model)
            if index.count() != expected:
                self._heal(index)
            self._is_checked = True
        return index

    def _heal(self, index: VectorIndex, counted: Counted | None = None) -> set[str]:
        """Make the index hold what the ledger holds; return the ids."""
        with self._ledger.reading() as connection:
            known = {_index_id(*key): key for key in vectors.keys(connection, self.embedder.name)}
        held = index.ids()
        index.remove(held - known.keys())
        missing = sorted({known[id_][0] for id_ in known.keys() - held})
        for start in range(0, len(missing), _AT_ONCE):
            with self._ledger.reading() as connection:
                some = missing[start : start + _AT_ONCE]
                _put(index, vectors.of(connection, self.embedder.name, some))
            if counted:
                counted(start + len(some), len(missing))
        return set(known)


def _put(index: VectorIndex, stored: Sequence[Stored]) -> None:
    if stored:
        matrix = _matrix(stored)
        index.upsert([_index_id(one.memory, one.part) for one in stored], matrix)


def _matrix(stored: Sequence[Stored]) -> NDArray[np.float32]:
    return np.frombuffer(b"".join(one.vector for one in stored), "<f4").reshape(len(stored), -1)


def _index_id(memory: str, part: str) -> str:
    return memory + _CONTEXT if part == "context" else memory
