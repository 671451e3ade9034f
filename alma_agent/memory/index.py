"""What the library needs of a vector index and an embedder, whoever makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from alma_agent.errors import AlmaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


Counted = Callable[[int, int], object]
"""Hears how far long work is: how many of how many are done."""


class IndexUnavailable(AlmaError):
    """The index cannot be used now; the ledger is untouched, and words still find things."""


class Hit(NamedTuple):
    """A vector's id and its cosine similarity to the query, -1 to 1 (same)."""

    id: str
    similarity: float


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Who made them: vectors of two names are not to be compared."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        ...


class VectorIndex(Protocol):
    """Vectors by id, found by nearness; open, and owned by this process, until it is closed.

    It can be lost at any time: whoever has the vectors puts them in again. Ids are free texts. Each
    method raises IndexUnavailable if the index fails.
    """

    def ids(self) -> set[str]:
        """Return the ids of all vectors that it holds."""
        ...

    def count(self) -> int:
        """Return how many vectors it holds."""
        ...

    def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add vectors, shape (len(ids), dimensions); those whose id it has are replaced."""
        ...

    def remove(self, ids: Iterable[str]) -> None:
        """Drop vectors; ids that it does not have are passed over."""
        ...

    def nearest(self, vector: NDArray[np.float32], *, limit: int) -> list[Hit]:
        """Return what is nearest to a vector, shape (dimensions,), closest first."""
        ...

    def close(self) -> None:
        """Let it go, for other processes. Closing twice does nothing."""
        ...


class IndexPlace(Protocol):
    """Where an index lies, with one owner at a time."""

    def open(self) -> VectorIndex:
        """Own the index until it is closed. Raises IndexUnavailable if another process does."""
        ...

    def discarded(self) -> AbstractContextManager[None]:
        """Delete the index, and own its place for a while. Raises IndexUnavailable."""
        ...
