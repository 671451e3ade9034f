"""The commands that look at memories: `list`, `search`, `show`; and what the others share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.memory.ledger import interactions, memories
from alma_agent.memory.library import HomeLibrary
from alma_agent.records import Undone
from alma_agent.remembered import (
    ANY,
    EVERYBODY,
    Memory,
    MemoryKind,
    Recalled,
    Scope,
    Stratum,
    Wanted,
)
from alma_agent.terminal import render_memory
from alma_agent.terminal.consoles import err, tell
from alma_agent.terminal.memory import documents
from alma_agent.terminal.opening import opened_house
from alma_agent.wiring import House

ANY_LIKENESS = 0.1  # who searches wants to see what is nearest, even if it is not near
SEARCH_BUDGET_TOKENS = 100_000  # a screen takes what a prompt does not; `limit` bounds it
_PAGE = 200


class MemoryListResult(TypedDict):
    """`alma memory list`: memories, the newest first."""

    memories: list[documents.RecalledDocument]


class MemorySearchResult(TypedDict):
    """`alma memory search`: memories, the most fitting first.

    `note` says what the search had to do without; empty if nothing.
    """

    question: str
    memories: list[documents.RecalledDocument]
    note: str


class MemoryShowResult(TypedDict):
    """`alma memory show`; null where nothing is remembered at all."""

    memory: documents.DetailsDocument | None


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose memories somebody asks for; `namespace` None is this repository's."""

    everybody: bool = False
    namespace: str | None = None
    user: str = ""
    agent: str = ""

    def scope(self, own: Scope) -> Scope:
        if self.everybody:
            return EVERYBODY
        namespace = own.namespace if self.namespace is None else self.namespace
        return Scope(namespace, self.user, self.agent)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a search is narrowed down to, in the words of the command line."""

    kinds: tuple[MemoryKind, ...] = ()
    strata: tuple[Stratum, ...] = ()
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    file: Path | None = None
    by: str = ""
    session: str = ""
    since: str = ""
    contains: str = ""
    least_importance: float = 0.0
    pinned: bool = False
    superseded: bool = False
    whose: Whose = Whose()

    def wanted(self, house: House) -> Wanted:
        """Raises UsageError for a time that is none, PathRefused for a file outside."""
        return Wanted(
            self.whose.scope(house.scope),
            session=self.session,
            kinds=self.kinds,
            strata=self.strata,
            tags=self.tags,
            topics=self.topics,
            path=located(house, self.file),
            least_importance=self.least_importance,
            since=time_of(self.since),
            contains=self.contains,
            pinned=True if self.pinned else None,
            superseded=self.superseded,
        )


async def house_of_memory(
    nothing: Mapping[str, Any] | None = None, *, begin: bool = False
) -> House | None:
    """Open the house; where alma has not been, say so, and tell `nothing` as the result.

    `begin`: make it if need be.
    """
    house = await opened_house(has_worked=begin)
    if house is None:
        tell(nothing or {})
    return house


async def list_memories(asked: Narrowed, *, limit: int) -> int:
    house = await house_of_memory(MemoryListResult(memories=[]))
    if house is None:
        return 0
    found = _listed(house, asked, limit)
    tell(
        MemoryListResult(memories=[documents.recalled(one) for one in found]),
        render_memory.table(found) if found else _nothing(house),
    )
    return 0


def _nothing(house: House) -> str:
    return "No memory fits." if house.library.count() else "Nothing is remembered yet."


async def search_memories(text: str, asked: Narrowed, *, file: Path | None, limit: int) -> int:
    if not text.strip():
        raise UsageError("There is nothing to look for. alma memory list shows the newest.")
    house = await house_of_memory(MemorySearchResult(question=text, memories=[], note=""))
    if house is None:
        return 0
    library = house.library_with_meaning
    found = library.search(
        text,
        file=located(house, file),
        wanted=asked.wanted(house),
        budget_tokens=SEARCH_BUDGET_TOKENS,
        limit=limit,
        at_least=ANY_LIKENESS,
    )
    library.close()
    several = as_told(library, found.memories)
    told = [documents.recalled(one) for one in several]
    hits = [render_memory.hit(winner, losers) for winner, losers in _paired(house, several)]
    tell(
        MemorySearchResult(question=text, memories=told, note=found.note),
        *(hits or ["No memory fits."]),
    )
    if found.note:
        err.print(found.note)
    return 0


async def show_memory(id_prefix: str) -> int:
    house = await house_of_memory(MemoryShowResult(memory=None))
    if house is None:
        return 0
    one = memory_of(house, id_prefix)
    former = house.library.notebook.former(one.memory.id)
    with house.ledger.reading() as connection:
        use = interactions.recall_counts(connection).get(one.memory.id, (0, 0))
    tell(
        MemoryShowResult(memory=documents.details(one, former, use)),
        render_memory.details(one, former, use),
    )
    return 0


def memory_of(house: House, id_prefix: str, scope: Scope | None = None) -> Recalled:
    """Return a memory with what became of it. Raises UsageError if none, or several, begin so."""
    notebook = house.library.notebook
    memory = notebook.one(id_prefix, scope=scope or named_scope(house))
    return as_told(house.library, notebook.told([Recalled(memory)]))[0]


def named_scope(house: House) -> Scope:
    """Return where a memory is looked for whose id is given: with all who share the namespace."""
    return Scope(house.scope.namespace, ANY, ANY)


def as_told(library: HomeLibrary, several: Iterable[Recalled]) -> list[Recalled]:
    """Tell a redo from an undo: both took a change back."""
    return [
        replace(one, memory=replace(one.memory, outcome="redone"))
        if _is_redo(library, one.memory)
        else one
        for one in several
    ]


def located(house: House, file: Path | None) -> PurePosixPath | None:
    """Return a file's path in the workspace. Raises PathRefused."""
    return house.workspace.locate(file, base=Path.cwd()) if file else None


def time_of(text: str) -> datetime | None:
    """Return when a window such as `2h` began, None for none. Raises UsageError."""
    if not text:
        return None
    from alma_agent.memory.times import since

    return since(text)


def _listed(house: House, asked: Narrowed, limit: int) -> list[Recalled]:
    notebook, wanted = house.library.notebook, asked.wanted(house)
    if wanted.path and not asked.by:
        paths = [wanted.path, *house.library.former_paths(wanted.path)]
        found = {
            one.memory.id: one
            for path in paths
            for one in notebook.several(replace(wanted, path=path), limit=limit)
        }
        newest = sorted(found.values(), key=lambda one: one.memory.at, reverse=True)
        return as_told(house.library, newest[:limit])
    if not asked.by:
        return as_told(house.library, notebook.several(wanted, limit=limit))
    by = asked.by.casefold()
    signed = (Recalled(one) for one in _newest(house, wanted) if one.by.casefold() == by)
    return as_told(house.library, notebook.told(islice(signed, limit)))


def _newest(house: House, wanted: Wanted) -> Iterator[Memory]:
    now, offset = datetime.now(UTC), 0
    with house.ledger.reading() as connection:
        while page := memories.found(connection, wanted, now, limit=_PAGE, offset=offset):
            yield from page
            offset += len(page)


def _paired(
    house: House, found: Sequence[Recalled]
) -> Iterator[tuple[Recalled, tuple[Recalled, ...]]]:
    """Yield each memory that stands with those found, or known, that it replaced; best first."""
    by_id = {one.memory.id: one for one in found}
    shown: set[str] = set()
    for one in found:
        winner = one
        while winner.superseded_by:
            winner = by_id.get(winner.superseded_by) or memory_of(
                house, winner.superseded_by, EVERYBODY
            )
        if winner.memory.id in shown:
            continue
        shown.add(winner.memory.id)
        yield winner, tuple(_replaced(house, winner, by_id))


def _replaced(house: House, winner: Recalled, by_id: dict[str, Recalled]) -> Iterator[Recalled]:
    one = winner
    while one.memory.supersedes:
        try:
            id_ = one.memory.supersedes
            one = by_id.get(id_) or memory_of(house, id_, EVERYBODY)
        except UsageError:  # it was forgotten
            return
        yield one


def _is_redo(library: HomeLibrary, memory: Memory) -> bool:
    if memory.outcome != "undone" or not memory.interaction:
        return False
    try:
        end = library.interaction(memory.interaction).outcome
    except UsageError:  # of another scope
        return False
    return isinstance(end, Undone) and end.verb == "redo"
