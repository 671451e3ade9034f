"""Which memories fit a question: candidates by words, by meaning and by file, then one ranking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from alma_agent.memory.index import Counted, Embedder, IndexUnavailable
from alma_agent.memory.ledger import Connection, Ledger, memories
from alma_agent.memory.ledger.queries import seen
from alma_agent.memory.ledger.rows import completed
from alma_agent.memory.ledger.word_index import Score, matching, scored
from alma_agent.memory.questions import Question, read
from alma_agent.memory.ranking import WORTH_SAYING, Clues, ranked, within
from alma_agent.remembered import Memory, Recalled, Recollection, Wanted

if TYPE_CHECKING:
    from alma_agent.memory.meaning import Meaning, Nearness, Vector

OpenMeaning = Callable[[], "Meaning"]
_T = TypeVar("_T")

_CANDIDATES = 100  # of each source
_SCANNED = 4_000
_PATIENCE_S = 2.0  # for vectors that are missing; what is left waits for the next question


class Recaller:
    """Finds memories of one ledger. `open_meaning` is called when first needed; None: never."""

    def __init__(self, ledger: Ledger, open_meaning: OpenMeaning | None) -> None:
        self._ledger = ledger
        self._open_meaning = open_meaning
        self._meaning: Meaning | None = None

    def recall(
        self,
        question: str,
        *,
        file: PurePosixPath | None,
        wanted: Wanted,
        budget_tokens: int,
        limit: int | None,
        at_least: float | None,
    ) -> Recollection:
        """Return what fits a question, best first, within a budget.

        `file` is the one in hand: what is known of it is looked at, too. If `wanted` is about one
        file, only what is known of that is.
        """
        now, asked = datetime.now(UTC), read(question)
        vector, note = self._vector(question)
        with self._ledger.reading() as connection:
            if wanted.path:
                candidates, words = _of_file(connection, asked, wanted, now)
                ids = [one.id for one in candidates]
                near = self._compared(connection, vector, ids)
                of_file = frozenset(ids if wanted.path == file else ())
            else:
                words = matching(connection, asked.words, seen(wanted), limit=_CANDIDATES, now=now)
                near, more = self._near(
                    connection, vector, wanted, now, limit=_CANDIDATES, among=words
                )
                note = f"{more} {note}".strip()
                candidates, of_file = _loaded(connection, {*words, *near}, wanted, file, now)
            clues = Clues(
                words={id_: score.all for id_, score in words.items()},
                own_words={id_: score.own for id_, score in words.items()},
                meaning={id_: one.text for id_, one in near.items()},
                exchange={id_: one.context for id_, one in near.items()},
                about_file=of_file,
                question=asked,
            )
            floor = WORTH_SAYING if at_least is None else at_least
            best = ranked(candidates, clues, now, at_least=floor)
            chosen, tokens = within(best, budget_tokens, limit=limit)
            return Recollection(_whole(connection, chosen), tokens, note)

    def near(
        self, question: str, wanted: Wanted, *, limit: int = _CANDIDATES
    ) -> tuple[dict[str, Nearness], str]:
        """Return how near the nearest memories are in meaning.

        The text says what could not be asked; without an index, it is empty too.
        """
        vector, note = self._vector(question)
        with self._ledger.reading() as connection:
            near, more = self._near(connection, vector, wanted, datetime.now(UTC), limit=limit)
        return near, f"{more} {note}".strip()

    def embedder(self) -> Embedder | None:
        """Return who makes vectors, if anybody does."""
        return self._opened().embedder if self._open_meaning else None

    def rebuild(self, counted: Counted | None = None) -> int:
        """Make the index anew; return how many memories it holds. Raises IndexUnavailable."""
        return self._opened().rebuild(counted)

    def waiting(self) -> int:
        """Return how many memories have no vector yet."""
        return self._opened().waiting()

    def without_index(self, work: Callable[[], _T]) -> _T:
        """Do something while no index holds what it takes away; it is made anew when asked again.

        Raises IndexUnavailable if another process owns the index: nothing was done then.
        """
        return work() if self._open_meaning is None else self._opened().without_index(work)

    def close(self) -> None:
        if self._meaning:
            self._meaning.close()

    def _opened(self) -> Meaning:
        if self._meaning is None:
            if self._open_meaning is None:
                raise IndexUnavailable("This alma has no vector index.")
            self._meaning = self._open_meaning()
        return self._meaning

    def _vector(self, question: str) -> tuple[Vector | None, str]:
        """Return the question's vector, if anybody makes vectors, and what is amiss.

        Vectors that memories lack are made first, and outside of any reading: it may take a while.
        """
        if self._open_meaning is None:
            return None, ""
        try:
            meaning = self._opened()
            vector = meaning.vector(question)
            waiting = meaning.catch_up(seconds=_PATIENCE_S)
        except IndexUnavailable as error:
            return None, str(error)
        return vector, f"{waiting} memories wait to be read for their meaning." if waiting else ""

    def _near(
        self,
        connection: Connection,
        vector: Vector | None,
        wanted: Wanted,
        now: datetime,
        *,
        limit: int,
        among: Collection[str] = (),
    ) -> tuple[dict[str, Nearness], str]:
        """Return how near the nearest memories are, and `among` whatever they are."""
        if vector is None:
            return {}, ""
        note = ""
        try:
            nearest = self._opened().nearest(vector, limit=limit)
        except IndexUnavailable as error:
            nearest, is_enough, note = [], False, str(error)
        else:
            may_be_seen = memories.ids_of(connection, wanted, now, among=nearest)
            is_enough = len(nearest) < limit or len(may_be_seen) >= limit // 2
        if not is_enough:  # the nearest are of others: those that are wanted are gone through
            ids = memories.newest_ids(connection, wanted, now, limit=_SCANNED)
            every = self._compared(connection, vector, ids)
            nearest = sorted(every, key=lambda id_: -max(every[id_]))[:limit]
        return self._compared(connection, vector, {*nearest, *among}), note

    def _compared(
        self, connection: Connection, vector: Vector | None, ids: Collection[str]
    ) -> dict[str, Nearness]:
        return {} if vector is None else self._opened().compared(connection, vector, ids)


def _of_file(
    connection: Connection, asked: Question, wanted: Wanted, now: datetime
) -> tuple[list[Memory], dict[str, Score]]:
    """Return the newest memories of a file, with their words: no index need be asked."""
    found, fields = memories.newest_worded(connection, wanted, now, limit=_CANDIDATES)
    return found, scored(asked.words, fields)


def _loaded(
    connection: Connection,
    ids: Collection[str],
    wanted: Wanted,
    file: PurePosixPath | None,
    now: datetime,
) -> tuple[list[Memory], frozenset[str]]:
    """Return the candidates that a search may see, and which are about the file in hand."""
    found = memories.named_bare(connection, ids, wanted, now)
    if file is None:
        return found, frozenset()
    of_file = replace(wanted, path=file)
    newest = memories.newest_bare(connection, of_file, now, limit=_CANDIDATES)
    also = memories.ids_of(connection, of_file, now, among=ids)
    every = {one.id: one for one in (*found, *newest)}
    return list(every.values()), frozenset(also.union(one.id for one in newest))


def _whole(connection: Connection, chosen: Sequence[Recalled]) -> tuple[Recalled, ...]:
    """Return what was chosen with all that the ledger knows of it; candidates had less."""
    whole = completed(connection, [one.memory for one in chosen])
    return tuple(replace(one, memory=memory) for one, memory in zip(chosen, whole, strict=True))
