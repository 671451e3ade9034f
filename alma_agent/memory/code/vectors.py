"""The vectors of symbols: embedded once, and kept by the digest of what was embedded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alma_agent.memory.code.documents import CodeDocument
from alma_agent.memory.index import Counted, Embedder

Matrix = NDArray[np.float32]
_STORED = np.dtype("<f4")
_AT_ONCE = 32  # so many are lost if embedding is interrupted


class VectorCache(Protocol):
    """Keeps the vectors of one embedder, by the SHA-256 of what was embedded.

    Vectors are bytes: 32-bit floats, little-endian.
    """

    def get(self, digests: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors that are kept, of those asked for."""
        ...

    def put(self, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors; those that are kept already may be passed over."""
        ...


class CodeVectors:
    """The vectors of documents, two each: of the heading and of the code."""

    def __init__(
        self, documents: Sequence[CodeDocument], embedder: Embedder, kept: VectorCache
    ) -> None:
        self._documents = documents
        self._embedder = embedder
        self._kept = kept
        digests = sorted({digest for one in documents for digest in one.digests})
        known = kept.get(digests)
        self._rows = {digest: row for row, digest in enumerate(known)}
        self._vectors = [np.frombuffer(vector, _STORED) for vector in known.values()]

    def embed(
        self,
        order: Iterable[int] = (),
        *,
        at_most: int | None = None,
        counted: Counted | None = None,
    ) -> int:
        """Embed the texts that have no vector, `at_most` so many; return how many are left.

        `order` says which documents come first. A text takes 5 to 50 ms; what was done is kept
        even if this is interrupted.
        """
        missing = self._missing(order)
        # By length, since each batch is padded to its longest text.
        chosen = sorted(list(missing.items())[:at_most], key=lambda one: len(one[1]))
        for start in range(0, len(chosen), _AT_ONCE):
            batch = chosen[start : start + _AT_ONCE]
            vectors = self._embedder.embed([text for _, text in batch])
            self._add([digest for digest, _ in batch], vectors)
            if counted:
                counted(start + len(batch), len(chosen))
        return len(missing) - len(chosen)

    def similarities(self, question: str) -> Matrix:
        """Return the cosines to a question, shape (2, documents): of the headings, of the code.

        What has no vector yet counts as average, so that it is neither preferred nor buried.
        """
        (asked,) = self._embedder.embed([question])
        if not self._vectors:
            return np.zeros((2, len(self._documents)), np.float32)
        cosines = self._matrix @ asked
        return np.append(cosines, cosines.mean())[self._places]

    def _missing(self, order: Iterable[int]) -> dict[str, str]:
        """Return texts by digest, those of the documents in `order` first."""
        found: dict[str, str] = {}
        for row in dict.fromkeys((*order, *range(len(self._documents)))):
            one = self._documents[row]
            found |= zip(one.digests, (one.heading, one.code), strict=True)
        return {digest: text for digest, text in found.items() if digest not in self._rows}

    def _add(self, digests: Sequence[str], vectors: Matrix) -> None:
        stored = vectors.astype(_STORED)
        self._kept.put({digest: row.tobytes() for digest, row in zip(digests, stored, strict=True)})
        self._rows |= {digest: row for row, digest in enumerate(digests, len(self._vectors))}
        self._vectors += list(stored)
        for made_of_them in ("_matrix", "_places"):
            self.__dict__.pop(made_of_them, None)

    @cached_property
    def _matrix(self) -> Matrix:
        return np.stack(self._vectors)

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        """Rows of the matrix, shape (2, documents); -1, the last, for what has no vector."""
        rows = [
            [self._rows.get(one, -1) for one in document.digests] for document in self._documents
        ]
        return np.array(rows, np.intp).reshape(-1, 2).T
