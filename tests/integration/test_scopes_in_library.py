"""No search, duplicate, contradiction or forgetting crosses namespace, user or agent unasked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alma_agent.memory.index import Hit, VectorIndex
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.library import HomeLibrary
from alma_agent.memory.meaning import Meaning
from alma_agent.remembered import ANY, EVERYBODY, Memory, Scope, Wanted
from toolset.workspace import Workspace

SCOPES = [Scope(*names) for names in product(("", "n"), ("", "u"), ("", "a"))]
TEXTS = (
    "Indent with 2 spaces",
    "Indent with 4 spaces",
    "indent with 4 spaces.",
    "The default port is 8000",
    "The default port is 9000",
    "Use uv for environments",
)
Said = tuple[Scope, str]


class SameForAll:
    """Vectors that are all near each other: whoever searches by meaning meets everybody's."""

    name = "near"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = []
        for text in texts:
            seed = int.from_bytes(blake2b(text.encode(), digest_size=4).digest())
            row = 1 + 0.01 * np.random.default_rng(seed).standard_normal(8, np.float32)
            rows.append(row / np.linalg.norm(row))
        return np.stack(rows)


@dataclass
class ListedVectors:
    """An index that looks at every vector; and the place where it lies."""

    held: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def open(self) -> VectorIndex:
        return self

    @contextmanager
    def discarded(self) -> Iterator[None]:
        self.held.clear()
        yield

    def ids(self) -> set[str]:
        return set(self.held)

    def count(self) -> int:
        return len(self.held)

    def upsert(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self.held.update(zip(ids, vectors, strict=True))

    def remove(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            self.held.pop(id_, None)

    def nearest(self, vector: NDArray[np.float32], *, limit: int) -> list[Hit]:
        hits = (Hit(id_, float(one @ vector)) for id_, one in self.held.items())
        return sorted(hits, key=lambda hit: -hit.similarity)[:limit]

    def close(self) -> None:
        """Nothing is held open."""


@contextmanager
def a_library() -> Iterator[HomeLibrary]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        ledger, index = Ledger(folder / "ledger.sqlite3"), ListedVectors()
        meaning = Meaning(ledger, SameForAll(), lambda _: index)
        yield HomeLibrary(Workspace(folder), ledger, lambda: meaning)
        ledger.close()


def everything(library: HomeLibrary) -> list[Memory]:
    wanted = Wanted(EVERYBODY, superseded=True)
    return [one.memory for one in library.notebook.several(wanted, limit=-1)]


sayings = st.lists(st.tuples(st.sampled_from(SCOPES), st.sampled_from(TEXTS)), max_size=12)
one_by_one = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@one_by_one
@given(sayings, st.sampled_from(SCOPES), st.sampled_from(TEXTS))
def test_a_search_finds_its_own_scope_s_memories_only(
    said: list[Said], asking: Scope, question: str
) -> None:
    with a_library() as library:
        for scope, text in said:
            library.notebook.add(text, scope=scope)

        found = library.search(question, wanted=Wanted(asking), budget_tokens=10_000, at_least=0)

        assert {one.memory.scope for one in found.memories} <= {asking}
        wanted = {text for scope, text in said if scope == asking}
        assert bool(found.memories) == bool(wanted)


@one_by_one
@given(sayings, st.sampled_from(SCOPES), st.sampled_from(TEXTS))
def test_what_is_added_changes_nothing_of_another_scope(
    said: list[Said], adding: Scope, text: str
) -> None:
    with a_library() as library:
        for scope, one in said:
            library.notebook.add(one, scope=scope)
        before = [one for one in everything(library) if one.scope != adding]

        kept = library.notebook.add(text, scope=adding)

        assert kept.memory.scope == adding
        assert kept.other is None or kept.other.scope == adding
        assert [one for one in everything(library) if one.scope != adding] == before


@one_by_one
@given(sayings, st.sampled_from(SCOPES))
def test_what_is_forgotten_is_of_the_scope_that_was_named(
    said: list[Said], forgetting: Scope
) -> None:
    with a_library() as library:
        for scope, text in said:
            library.notebook.add(text, scope=scope)
        before = everything(library)

        library.forget([one.id for one in before], scope=forgetting)

        assert everything(library) == [one for one in before if one.scope != forgetting]


@one_by_one
@given(st.sampled_from(SCOPES), st.sampled_from(TEXTS))
def test_who_asks_for_everybody_s_sees_it(scope: Scope, text: str) -> None:
    with a_library() as library:
        library.notebook.add(text, scope=scope)

        wanted = Wanted(Scope(ANY, ANY, ANY))
        found = library.search(text, wanted=wanted, budget_tokens=10_000, at_least=0)

        assert [one.memory.scope for one in found.memories] == [scope]
