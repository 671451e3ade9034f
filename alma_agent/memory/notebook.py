"""What people and agents write into memory by hand: add, edit, pin, supersede.

Nothing is overwritten in silence: an edit keeps how it stood before, a memory that replaces another
says which. Secrets are taken out first. What a scope says stays in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Literal, Protocol

from alma_agent.errors import UsageError
from alma_agent.memory.ledger import Ledger, interactions, memories
from alma_agent.memory.merging.relation import relation
from alma_agent.memory.merging.union import with_labels_of
from alma_agent.records import new_id
from alma_agent.remembered import (
    ANY,
    EVERYBODY,
    Anchor,
    Memory,
    MemoryKind,
    Recalled,
    Scope,
    Standing,
    Stratum,
    Wanted,
)
from alma_agent.secretless import secretless_memory

STRATUM_OF: dict[MemoryKind, Stratum] = {
    "interaction": "somatic",
    "fact": "cognitive",
    "preference": "metaphysical",
    "decision": "metaphysical",
    "lesson": "cognitive",
    "summary": "cognitive",
}
_ALIKE = 20  # memories that share words with a new one and are compared to it


class Surveyor(Protocol):
    """Knows where code is: binds memories to it, and says what became of it."""

    def anchor(self, path: PurePosixPath, symbol: str = "") -> Anchor:
        """Return the code as it is now. Raises UsageError if there is no such symbol."""
        ...

    def standings(self, memory: Memory) -> tuple[Standing, ...]:
        """Return what has become of each anchor."""
        ...


How = Literal["new", "known", "merged", "supersedes"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a memory that was to be kept.

    `memory` is the one that now says it. `how`: `new`; `known` (it said so already); `merged` (its
    labels went into one that says as much, or more); `supersedes` (it says more than `other`, an
    older one, or contradicts it).
    """

    memory: Memory
    how: How = "new"
    other: Memory | None = None


class Notebook:
    """The memories of one ledger, written by hand. Several notebooks may share a ledger."""

    def __init__(self, ledger: Ledger, surveyor: Surveyor) -> None:
        self._ledger = ledger
        self._surveyor = surveyor

    def add(
        self,
        text: str,
        *,
        kind: MemoryKind = "fact",
        scope: Scope = Scope(),
        paths: Sequence[PurePosixPath] = (),
        symbol: str = "",
        **others: Any,
    ) -> Kept:
        """Remember a text; `others` are fields of `Memory`. Raises UsageError if it is blank.

        `symbol` is one in the first of `paths`.
        """
        stratum = others.pop("stratum", STRATUM_OF[kind])
        anchors = [
            self._surveyor.anchor(path, symbol if number == 0 else "")
            for number, path in enumerate(paths)
        ]
        return self.keep(
            Memory(
                id=new_id(),
                at=others.pop("at", datetime.now(UTC)),
                text=text,
                kind=kind,
                stratum=stratum,
                scope=scope,
                anchors=tuple(anchors),
                **others,
            )
        )

    def keep(self, memory: Memory) -> Kept:
        """Add a memory, unless one of its scope says so already; see `Kept`.

        Raises UsageError for a blank text, an importance outside 0 to 1, a successor of nothing,
        and for what contradicts a pinned memory.
        """
        return self.keep_all([memory])[0]

    def keep_all(self, several: Iterable[Memory]) -> list[Kept]:
        """Add memories, all or none of them."""
        with self._ledger.writing() as connection:
            return [self._keep(connection, _checked(memory)) for memory in several]

    def edit(self, id_prefix: str, *, scope: Scope = Scope(), **fields: Any) -> Memory:
        """Change fields of a memory, under the same id; how it stood before is kept.

        Raises UsageError if none, or several, begin so.
        """
        with self._ledger.writing() as connection:  # nobody edits it between look and change
            old = _one(connection, id_prefix, scope)
            new = _checked(replace(old, **fields))
            if new != old:
                now = datetime.now(UTC)
                self._require_no_other(connection, old, new, now)
                memories.revise(connection, old, new, now)
        return new

    def _require_no_other(self, connection: Any, old: Memory, new: Memory, now: datetime) -> None:
        """Raise UsageError if another memory says so already, or is pinned and contradicts."""
        if new.kind == "interaction" or new.text == old.text:
            return
        same = memories.same(connection, new, now)
        if same and same.id != new.id:
            raise UsageError(f"Memory {same.id} says so already. Forget one of the two.")
        for near in memories.alike(connection, new, now, limit=_ALIKE):
            if near.id != new.id and near.pinned and relation(near.text, new.text) == "contradicts":
                raise UsageError(_contradicts_pinned(near))

    def supersede(
        self, id_prefix: str, text: str, *, scope: Scope = Scope(), **fields: Any
    ) -> Kept:
        """Put a new memory in the place of an old one, which stays to be seen.

        It is about the same, for the same people; why, till when, and whether pinned, is told anew.
        """
        old = self.one(id_prefix, scope=scope)
        afresh = {"pinned": False, "reasoning": "", "expires": None}
        fields = {**afresh, **fields, "text": text, "supersedes": old.id}
        return self.keep(replace(old, id=new_id(), at=datetime.now(UTC), **fields))

    def one(self, id_prefix: str, *, scope: Scope = EVERYBODY) -> Memory:
        """Return a memory. Raises UsageError if none, or several, begin so."""
        with self._ledger.reading() as connection:
            return _one(connection, id_prefix, scope)

    def several(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Recalled]:
        """Return memories, the newest first, with what became of their code."""
        with self._ledger.reading() as connection:
            found = memories.found(
                connection, wanted, datetime.now(UTC), limit=limit, offset=offset
            )
        return self.told(Recalled(memory) for memory in found)

    def told(self, several: Iterable[Recalled]) -> list[Recalled]:
        """Say what has become of memories: of their code, of the change, and who replaced them."""
        chosen = list(several)
        with self._ledger.reading() as connection:
            ids = {one.memory.interaction for one in chosen if one.memory.interaction}
            taken_back = interactions.taken_back_of(connection, ids)
            successors = memories.successors(connection, {one.memory.id for one in chosen})
        return [
            replace(
                one,
                memory=replace(one.memory, outcome="reverted")
                if one.memory.interaction in taken_back
                else one.memory,
                standings=self._surveyor.standings(one.memory),
                superseded_by=successors.get(one.memory.id, ""),
            )
            for one in chosen
        ]

    def former(self, id: str) -> list[tuple[datetime, Memory]]:
        """Return how a memory stood before each edit, oldest first."""
        with self._ledger.reading() as connection:
            return memories.revisions(connection, id)

    def _keep(self, connection: Any, memory: Memory) -> Kept:
        now = datetime.now(UTC)
        if memory.supersedes:
            _require_known(memories.with_ids(connection, [memory.supersedes]), memory)
        elif memory.kind != "interaction":
            known = memories.same(connection, memory, now)
            if known:
                return self._merge(connection, known, memory, "known", now)
            for near in memories.alike(connection, memory, now, limit=_ALIKE):
                how = relation(near.text, memory.text)
                if how in ("same", "says less"):
                    return self._merge(connection, near, memory, "merged", now)
                if how in ("says more", "contradicts"):
                    memory = _successor(near, memory, how)
                    memories.add(connection, [memory])
                    return Kept(memory, "supersedes", near)
        memories.add(connection, [memory])
        return Kept(memory)

    def _merge(
        self, connection: Any, known: Memory, memory: Memory, how: How, now: datetime
    ) -> Kept:
        merged = with_labels_of(memory, known)
        if merged != known:
            memories.revise(connection, known, merged, now)
        return Kept(merged, how)


def _one(connection: Any, id_prefix: str, scope: Scope) -> Memory:
    found = memories.beginning(connection, id_prefix, scope) if id_prefix else []
    if len(found) != 1:
        raise UsageError(not_one("memory", id_prefix, len(found), "alma memory list"))
    return found[0]


def _checked(memory: Memory) -> Memory:
    """Return what may be kept of a memory. Raises UsageError for what makes no sense."""
    memory = secretless_memory(memory)
    if not memory.text.strip():
        raise UsageError("There is no text to remember.")
    if not 0 <= memory.importance <= 1:
        raise UsageError(f"Importance goes from 0 to 1, not {memory.importance}.")
    if ANY in (memory.scope.namespace, memory.scope.user, memory.scope.agent):
        raise UsageError(f"A memory belongs to somebody; {ANY!r} is for searching only.")
    return memory


def _successor(old: Memory, new: Memory, how: str) -> Memory:
    if how == "says more":
        return replace(with_labels_of(old, new), supersedes=old.id)
    if old.pinned and not new.pinned:
        raise UsageError(_contradicts_pinned(old))
    return replace(new, supersedes=old.id)


def _contradicts_pinned(pinned: Memory) -> str:
    return (
        f"This contradicts memory {pinned.id}, which is pinned: {pinned.text!r}. Nothing was "
        f"remembered. Unpin that one first (alma memory pin --off {pinned.id}), or pin this one."
    )


def _require_known(found: Sequence[Memory], memory: Memory) -> None:
    if not any(one.scope == memory.scope for one in found):
        raise UsageError(f"There is no memory {memory.supersedes} here to supersede.")


def not_one(what: str, id_prefix: str, count: int, listing: str) -> str:
    found = "No" if not count else f"{count} entries fit: more than one"
    return f"{found} {what} has an id that begins with {id_prefix!r}. See {listing}."
