"""What the library needs of a vector index and an embedder, whoever makes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from alma_agent.errors import AlmaError
from alma_agent.records import Memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class IndexUnavailable(AlmaError):
    """The index cannot be used now; the ledger is untouched, and words still find things."""


class Hit(NamedTuple):
    """A memory's id and its cosine similarity to the query, -1 to 1 (same)."""

    id: str
    similarity: float


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    name: str

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        ...


class OpenIndex(Protocol):
    """An index while one process owns it."""

    def ids(self) -> set[str]:
        """Return the ids of all memories that it holds."""
        ...

    def add(self, memories: Sequence[Memory]) -> None:
        """Embed and add memories; those it has are replaced."""
        ...

    def remove(self, ids: Iterable[str]) -> None:
        """Drop memories that the ledger does not have."""
        ...

    def nearest(self, text: str, *, limit: int) -> list[Hit]:
        """Return the memories nearest in meaning, closest first."""
        ...


class Index(Protocol):
    """A vector index with one owner at a time. It can be deleted: the ledger rebuilds it."""

    def opened(self) -> AbstractContextManager[OpenIndex]:
        """Own the index for a while. Raises IndexUnavailable if another process does."""
        ...

    def discard(self) -> None:
        """Delete it, to be rebuilt. Raises IndexUnavailable if another process owns it."""
        ...
