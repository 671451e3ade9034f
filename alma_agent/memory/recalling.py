"""Which memories fit a question: candidates by words, by meaning and by file, then one ranking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from alma_agent.memory.index import Embedder, IndexUnavailable
from alma_agent.memory.ledger import Ledger, memories
from alma_agent.memory.ledger.filters import condition
from alma_agent.memory.ledger.word_index import Score, matching, scored
from alma_agent.memory.questions import Question, read
from alma_agent.memory.ranking import WORTH_SAYING, Clues, ranked, within
from alma_agent.remembered import Memory, Recalled, Recollection, Wanted

if TYPE_CHECKING:
    from alma_agent.memory.meaning import Meaning, Nearness

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
        now = datetime.now(UTC)
        asked = read(question)
        if wanted.path:
            candidates, words, near, note = self._of_file(asked, wanted, now)
            of_file = frozenset(one.id for one in candidates if wanted.path == file)
        else:
            words = self._by_words(asked, wanted, now)
            near, note = self.near(question, wanted, among=words)
            candidates, of_file = self._loaded({*words, *near}, wanted, file, now)
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
        return Recollection(self._whole(chosen), tokens, note)

    def near(
        self,
        question: str,
        wanted: Wanted,
        *,
        among: Collection[str] = (),
        limit: int = _CANDIDATES,
    ) -> tuple[dict[str, Nearness], str]:
        """Return how near the nearest memories are in meaning, and `among` whatever they are.

        The text says what could not be asked; without an index, it is empty too.
        """
        if self._open_meaning is None:
            return {}, ""
        try:
            meaning = self._opened()
            vector = meaning.vector(question)
            waiting = meaning.catch_up(seconds=_PATIENCE_S)
        except IndexUnavailable as error:
            return {}, str(error)
        note = f"{waiting} memories wait to be read for their meaning." if waiting else ""
        try:
            found = meaning.nearest(vector, limit=limit)
            is_enough = len(found) < limit or self._seen(found, wanted) >= limit // 2
        except IndexUnavailable as error:
            found, is_enough, note = {}, False, f"{error} {note}".strip()
        if not is_enough:  # the nearest are of others: those that are wanted are gone through
            with self._ledger.reading() as connection:
                ids = memories.newest_ids(connection, wanted, datetime.now(UTC), limit=_SCANNED)
            every = meaning.compared(vector, ids)
            best = sorted(every, key=lambda id_: -max(every[id_]))[:limit]
            found = {id_: every[id_] for id_ in best}
        return found | meaning.compared(vector, set(among) - found.keys()), note

    def embedder(self) -> Embedder | None:
        """Return who makes vectors, if anybody does."""
        return self._opened().embedder if self._open_meaning else None

    def rebuild(self) -> int:
        """Make the index anew; return how many memories it holds. Raises IndexUnavailable."""
        return self._opened().rebuild()

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

    def _by_words(self, asked: Question, wanted: Wanted, now: datetime) -> dict[str, Score]:
        with self._ledger.reading() as connection:
            return matching(connection, asked.words, condition(wanted, now), limit=_CANDIDATES)

    def _of_file(
        self, asked: Question, wanted: Wanted, now: datetime
    ) -> tuple[list[Memory], dict[str, Score], dict[str, Nearness], str]:
        """Compare the newest memories of a file, one by one: the index need not be asked."""
        with self._ledger.reading() as connection:
            found = memories.newest_bare(connection, wanted, now, limit=_CANDIDATES)
            ids = [one.id for one in found]
            words = scored(connection, asked.words, ids)
        if self._open_meaning is None:
            return found, words, {}, ""
        try:
            meaning = self._opened()
            meaning.catch_up(seconds=_PATIENCE_S)
            return found, words, meaning.compared(meaning.vector(asked.text), ids), ""
        except IndexUnavailable as error:
            return found, words, {}, str(error)

    def _seen(self, ids: Collection[str], wanted: Wanted) -> int:
        """Return how many of some memories a search may see."""
        with self._ledger.reading() as connection:
            return len(memories.ids_of(connection, wanted, datetime.now(UTC), among=ids))

    def _loaded(
        self, ids: Collection[str], wanted: Wanted, file: PurePosixPath | None, now: datetime
    ) -> tuple[list[Memory], frozenset[str]]:
        """Return the candidates that a search may see, and which are about the file in hand."""
        with self._ledger.reading() as connection:
            found = memories.named_bare(connection, ids, wanted, now)
            if file is None:
                return found, frozenset()
            of_file = replace(wanted, path=file)
            newest = memories.newest_bare(connection, of_file, now, limit=_CANDIDATES)
            also = memories.ids_of(connection, of_file, now, among=ids)
        every = {one.id: one for one in (*found, *newest)}
        return list(every.values()), frozenset(also.union(one.id for one in newest))

    def _whole(self, chosen: Sequence[Recalled]) -> tuple[Recalled, ...]:
        """Return what was chosen with all that the ledger knows of it; candidates had less."""
        with self._ledger.reading() as connection:
            whole = memories.with_ids(connection, [one.memory.id for one in chosen])
        by_id = {one.id: one for one in whole}
        return tuple(
            replace(one, memory=by_id[one.memory.id]) for one in chosen if one.memory.id in by_id
        )
