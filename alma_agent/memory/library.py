"""The `Library` port at home: the ledger first, the index over it.

The index is brought up to date when meaning is asked for, not at each write: a refactoring that
needs no model should not wait for one to be loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from alma_agent.errors import UsageError
from alma_agent.memory.distil import memories_of
from alma_agent.memory.index import Index, IndexUnavailable, OpenIndex
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.ranking import WORTH_SAYING, Clues, about, ranked, within
from alma_agent.records import (
    Anchor,
    Freshness,
    Interaction,
    Memory,
    Recalled,
    Recollection,
    Task,
)
from toolset.errors import PathRefused
from toolset.workspace import Workspace

_CANDIDATES = 50


class HomeLibrary:
    """Memory of one workspace. `index` is called when meaning is first asked for; None: never."""

    def __init__(
        self, workspace: Workspace, ledger: Ledger, index: Callable[[], Index] | None
    ) -> None:
        self._workspace = workspace
        self._ledger = ledger
        self._index = index

    async def recall(self, task: Task) -> Recollection:
        return self.search(task.goal, file=task.file, budget_tokens=task.limits.recall_tokens)

    async def remember(self, interaction: Interaction) -> None:
        about = self._anchor(interaction.file) if interaction.file else None
        self._ledger.record(interaction, memories_of(interaction, about))

    def search(
        self,
        text: str,
        *,
        file: PurePosixPath | None = None,
        budget_tokens: int,
        at_least: float = WORTH_SAYING,
    ) -> Recollection:
        """Find memories by words, by meaning if there is an index, and by file.

        `at_least` is the relevance below which a memory is not worth the reader's time.
        """
        words = dict(self._ledger.memories_with_words(text, limit=_CANDIDATES))
        of_file = self._ledger.memories_of_file(file, limit=_CANDIDATES) if file else []
        meaning, note = self._by_meaning(text)
        found = {memory.id: memory for memory in (*words, *of_file)}
        missing = meaning.keys() - found.keys()
        found |= {memory.id: memory for memory in self._ledger.memories(missing)}
        clues = Clues(
            {memory.id: score for memory, score in words.items()},
            meaning,
            about(found.values(), file),
        )
        best = ranked(found.values(), clues, datetime.now(UTC), at_least=at_least)
        chosen, tokens = within(best, budget_tokens)
        reverted = self._ledger.reverted() if chosen else set()
        return Recollection(tuple(self._told(one, reverted) for one in chosen), tokens, note)

    def interactions(
        self, *, limit: int = 20, path: PurePosixPath | None = None
    ) -> Sequence[Interaction]:
        return self._ledger.interactions(limit=limit, path=path)

    def interaction(self, id_prefix: str) -> Interaction:
        found = self._ledger.interactions_named(id_prefix)
        if len(found) != 1:
            raise UsageError(_not_one("interaction", id_prefix, len(found), "alma log"))
        return found[0]

    def memories(self, *, limit: int) -> list[Recalled]:
        """Return the newest memories, with their freshness."""
        reverted = self._ledger.reverted()
        return [
            self._told(Recalled(memory, 0.0, (), {}), reverted)
            for memory in self._ledger.memories(limit=limit)
        ]

    def memory(self, id_prefix: str) -> Recalled:
        """Return one memory. Raises UsageError if none, or several, begin so."""
        found = self._ledger.memories_named(id_prefix)
        if len(found) != 1:
            raise UsageError(_not_one("memory", id_prefix, len(found), "alma memory list"))
        return self._told(Recalled(found[0], 0.0, (), {}), self._ledger.reverted())

    def rebuild(self) -> int:
        """Delete the index and make it anew from the ledger; return how many memories it holds.

        Raises IndexUnavailable if another process owns it, or if there is none to rebuild.
        """
        if self._index is None:
            raise IndexUnavailable("This alma has no vector index.")
        index = self._index()
        index.discard()
        with index.opened() as opened:
            self._catch_up(opened)
            return len(opened.ids())

    def waiting(self) -> int:
        """Return how many memories the index does not hold yet. Raises IndexUnavailable."""
        if self._index is None:
            return 0
        with self._index().opened() as opened:
            return len(set(self._ledger.memory_ids()) - opened.ids())

    def _by_meaning(self, text: str) -> tuple[dict[str, float], str]:
        if self._index is None:
            return {}, ""
        try:
            with self._index().opened() as opened:
                self._catch_up(opened)
                return dict(opened.nearest(text, limit=_CANDIDATES)), ""
        except IndexUnavailable as error:
            return {}, str(error)

    def _catch_up(self, opened: OpenIndex) -> None:
        """Make the index hold what the ledger holds."""
        known, held = set(self._ledger.memory_ids()), opened.ids()
        opened.remove(held - known)
        if known - held:
            opened.add([one for one in self._ledger.memories() if one.id not in held])

    def _told(self, recalled: Recalled, reverted: set[str]) -> Recalled:
        """Say what has become of the memory's files, and of the change itself."""
        memory = recalled.memory
        outcome = "reverted" if memory.interaction in reverted else memory.outcome
        return replace(
            recalled,
            memory=replace(memory, outcome=outcome),
            freshness=self._freshness(memory),
        )

    def _anchor(self, path: PurePosixPath) -> Anchor | None:
        try:
            now = self._workspace.state_of(path)
        except PathRefused:
            return None
        return Anchor(path, now.digest if now else None)

    def _freshness(self, memory: Memory) -> dict[PurePosixPath, Freshness]:
        return {anchor.path: self._compare(anchor.path, anchor.digest) for anchor in memory.anchors}

    def _compare(self, path: PurePosixPath, digest: object) -> Freshness:
        try:
            now = self._workspace.state_of(path)
        except PathRefused:
            return "gone"
        found = now.digest if now else None
        if found == digest:
            return "unchanged"
        return "gone" if now is None else "changed"


def _not_one(what: str, id_prefix: str, count: int, listing: str) -> str:
    found = "No" if not count else f"{count} entries fit: more than one"
    return f"{found} {what} has an id that begins with {id_prefix!r}. See {listing}."
