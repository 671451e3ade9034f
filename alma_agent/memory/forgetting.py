"""Forgetting: a memory, and every trace that alma keeps of what it said.

In an order that can be broken off anywhere: the ledger comes last, so that whoever was stopped
finds the memory still there, and forgets it again. Git's own old objects, other people's clones,
and the user's commits of an exported folder are out of reach.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alma_agent.memory.exchange import forget_in
from alma_agent.memory.exchange.importing import is_within
from alma_agent.memory.ledger import Ledger, erasing, histories, interactions, memories
from alma_agent.memory.ledger.erasing import FORGOTTEN
from alma_agent.remembered import Memory, Scope
from toolset import checkpoints
from toolset.apply import close
from toolset.errors import NoSuchCheckpoint
from toolset.lock import exclusive
from toolset.workspace import Workspace

WithoutIndex = Callable[[Callable[[], "Forgotten"]], "Forgotten"]
SHARED_FOLDER = "memories"  # under `.alma/`


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The ids of memories that are erased, of interactions that say nothing any more.

    `mentions` is what else still holds the same text, word by word, to be forgotten by itself:
    `memory ID`, `interaction ID`.
    """

    memories: tuple[str, ...] = ()
    interactions: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()


def forget(
    workspace: Workspace,
    ledger: Ledger,
    ids: Collection[str],
    *,
    scope: Scope = Scope(),
    without_index: WithoutIndex,
) -> Forgotten:
    """Erase memories of a scope, and what else says the same: undos, labels, turns, exported files.

    `without_index` deletes the vector index and keeps others from making one while the work it is
    handed is done: what is deleted inside of an index stays in its files. It raises
    IndexUnavailable if another process owns the index; nothing is forgotten then.

    Raises WorkspaceBusy, LedgerUnavailable, SharedFilesRefused, CheckpointGone. What is left then
    is forgotten when it is asked for again.
    """
    with ledger.reading() as connection:
        going, _ = _going(connection, ids, scope)
        is_gone = bool(histories.forgotten(connection) & set(ids))
    if going:
        return without_index(lambda: _forget(workspace, ledger, ids, scope))
    if is_gone:
        ledger.vacuum()  # whoever erased them may have been stopped before
    return Forgotten()


def _forget(workspace: Workspace, ledger: Ledger, ids: Collection[str], scope: Scope) -> Forgotten:
    with ledger.reading() as connection:
        going, silenced = _going(connection, ids, scope)
    with exclusive(workspace):
        for id_ in sorted(silenced):
            close(workspace, id_)  # a journal that a killed run left; the ledger has all of it
            with suppress(NoSuchCheckpoint):
                checkpoints.relabel(workspace, id_, FORGOTTEN)
    forget_in(workspace.state_path(SHARED_FOLDER), [one.id for one in going])
    with ledger.writing() as connection:
        going, silenced = _going(connection, ids, scope)
        for memory in going:
            erasing.silence_session(connection, memory)
        memories.erase(connection, [one.id for one in going], datetime.now(UTC))
        interactions.forget(connection, silenced)
        said = dict.fromkeys(text for one in going for text in (one.text, one.reasoning))
        found = [one for text in said for one in erasing.mentions(connection, text, scope)]
    ledger.vacuum()
    return Forgotten(
        tuple(one.id for one in going), tuple(sorted(silenced)), tuple(dict.fromkeys(found))
    )


def _going(
    connection: Any, ids: Collection[str], scope: Scope
) -> tuple[list[Memory], frozenset[str]]:
    """Return the memories that go, and the interactions that fall silent with them.

    What an interaction taught besides stays; whoever took it back, or put it back, said the same.
    """
    asked = [one for one in memories.with_ids(connection, ids) if is_within(one.scope, scope)]
    told = {one.interaction for one in asked if one.kind == "interaction"} - {""}
    told |= erasing.undone_and_redone(connection, told)
    known = {one.id for one in asked}
    also = [one for one in memories.with_ids(connection, told - known) if one.interaction in told]
    return asked + also, frozenset(told)
