"""Which files a task will touch, and where code is that does something: the ledger's part in it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alma_agent.memory import words
from alma_agent.memory.code.touching import (
    LATEST,
    NEAREST,
    History,
    Past,
    Touch,
    names_in,
    will_touch,
)
from alma_agent.memory.ledger import Ledger, interactions, vectors, word_index
from alma_agent.memory.ledger.filters import condition
from alma_agent.remembered import Scope, Wanted
from toolset.git import Repository
from toolset.outline.repository import outline
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.memory.meaning import Nearness


_MOST_WORDS = 12
_MANY_LINES = 2  # as BM25 has it: so many lines count half of what endless ones would


def likely_files(
    workspace: Workspace,
    ledger: Ledger,
    goal: str,
    near: Mapping[str, Nearness],
    *,
    scope: Scope,
    limit: int,
) -> list[Touch]:
    """Return the files that a task will touch, the likeliest first.

    `near`: how near memories are to the goal in meaning, by id; empty if nobody could say.
    """
    with ledger.reading() as connection:
        wanted = condition(Wanted(scope, kinds=("interaction",)), datetime.now(UTC))
        by_words = word_index.matching(connection, words.asked(goal), wanted, limit=NEAREST)
        latest = interactions.newest_ids(connection, scope, limit=LATEST)
        ids = {*by_words, *near, *latest}
        touched = interactions.files_of(connection, ids)
    past = {
        id_: Past(
            id_,
            tuple(map(str, touched[id_])),
            by_words[id_].own if id_ in by_words else 0.0,
            near[id_].text if id_ in near else 0.0,
        )
        for id_ in ids
        if id_ in touched
    }
    history = History(
        similar=[past[id_] for id_ in {**by_words, **near} if id_ in past],
        latest=[past[id_] for id_ in latest if id_ in past],
        definers=_definers(workspace, names_in(goal)),
        contents=_contents(workspace, goal),
    )
    return will_touch(goal, [str(path) for path in workspace.files()], history, limit=limit)


def _contents(workspace: Workspace, goal: str) -> dict[str, float]:
    """Return how well the files hold the goal's words: rare words, in many lines, count most."""
    if not workspace.has_git:
        return {}
    repository, count = Repository(workspace.root), len(workspace.files())
    scores: dict[str, float] = {}
    for word in sorted(words.asked(goal), key=len)[-_MOST_WORDS:]:
        found = repository.lines_with(word)
        rarity = math.log1p(count / (1 + len(found)))
        for path, lines in found.items():
            scores[path] = scores.get(path, 0.0) + rarity * lines / (lines + _MANY_LINES)
    return scores


def _definers(workspace: Workspace, names: Collection[str]) -> dict[str, list[str]]:
    """Return which files define a symbol of each name."""
    if not names:
        return {}
    found: dict[str, list[str]] = {}
    for file in outline(workspace):
        for symbol in file.symbols:
            if symbol.name in names:
                found.setdefault(symbol.name, []).append(str(file.path))
    return found


class KeptVectors:
    """The cache of code's vectors in a ledger."""

    def __init__(self, ledger: Ledger, model: str) -> None:
        self._ledger, self._model = ledger, model

    def get(self, digests: Collection[str]) -> dict[str, bytes]:
        with self._ledger.reading() as connection:
            return vectors.code(connection, self._model, digests)

    def put(self, made: Mapping[str, bytes]) -> None:
        with self._ledger.writing() as connection:
            vectors.put_code(connection, self._model, made)
