"""From a folder of shared memories into the ledger: all of it, or nothing; twice is as once.

What was forgotten stays so, here and there. Versions of both sides are united, the newer stands.
What is said twice, under two ids, is said once afterwards: the same one, whoever imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alma_agent.memory.exchange.folder import SharedFilesRefused
from alma_agent.memory.exchange.history import History, history_of
from alma_agent.memory.exchange.lines import spelt_out
from alma_agent.memory.exchange.loading import Shared, load
from alma_agent.memory.ledger import Ledger, histories, interactions, memories
from alma_agent.memory.merging.union import with_labels_of
from alma_agent.remembered import ANY, Memory, Scope

_ROUND_ABOUT = "supersedes itself, by way of others or at once; take `supersedes` out of its page"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, by memories' ids.

    `merged` said what another said already, and are superseded by it. `erased` were forgotten
    elsewhere; their traces outside the ledger are the caller's to remove. `kept_out` were forgotten
    here, `left_alone` are in another scope here than there.
    """

    added: tuple[str, ...] = ()
    revised: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    kept_out: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()
    known: int = 0


def import_(
    ledger: Ledger, folder: Path, *, scope: Scope = Scope(), dry_run: bool = False
) -> Imported:
    """Take over what a folder says.

    `scope` says whose memories may come in; `ANY` in it: anybody's. Raises SharedFilesRefused if
    anything in the folder is broken, or belongs to others; then, and in a dry run, nothing changes.
    """
    shared = load(folder)
    _require_scope(folder, shared, scope)
    done = Imported()
    with suppress(_OnlyLooking), ledger.writing() as connection:
        done = _Import(connection, folder, shared, scope).done()
        if dry_run:
            raise _OnlyLooking
    if done.erased and not dry_run:
        ledger.vacuum()
    return done


class _OnlyLooking(Exception):
    pass


class _Import:
    """One import, within one transaction."""

    def __init__(self, connection: Any, folder: Path, shared: Shared, scope: Scope) -> None:
        self._connection = connection
        self._folder = folder
        self._shared = shared
        self._scope = scope
        self._now = datetime.now(UTC)

    def done(self) -> Imported:
        gone = histories.forgotten(self._connection)
        kept_out = [id_ for id_ in self._shared if id_ in gone]
        erased = self._erase(self._shared.forgotten - gone)
        held = {one.id: one for one in memories.with_ids(self._connection, self._shared)}
        left_alone = {id_ for id_, one in held.items() if not is_within(one.scope, self._scope)}
        wanted = [id_ for id_ in self._shared if id_ not in left_alone | gone]
        whole = {id_: self._united(id_, held.get(id_)) for id_ in wanted}
        self._require_chains({id_: one.current for id_, one in whole.items()})
        twins = dict(self._twins(one.current for id_, one in whole.items() if id_ not in held))
        new = [one for id_, one in whole.items() if id_ not in held]
        histories.add(self._connection, [(one.current, one.former) for one in new])
        revised = [id_ for id_ in held if id_ in whole and self._revise(whole[id_], held[id_])]
        return Imported(
            added=tuple(one.id for one in new),
            revised=tuple(revised),
            merged=tuple(self._merged(twins)),
            erased=tuple(erased),
            kept_out=tuple(kept_out),
            left_alone=tuple(sorted(left_alone)),
            known=len(whole) - len(new) - len(revised),
        )

    def _erase(self, ids: Iterable[str]) -> list[str]:
        """Forget here what was forgotten there; of what is not here, know that it may not come."""
        asked = set(ids)
        held = memories.with_ids(self._connection, asked)
        ours = [one for one in held if is_within(one.scope, self._scope)]
        erased = [one.id for one in ours]
        memories.erase(self._connection, erased, self._now)
        interactions.forget(self._connection, {one.interaction for one in ours} - {""})
        histories.bury(self._connection, asked - {one.id for one in held}, self._now)
        return erased

    def _united(self, id: str, held: Memory | None) -> History:
        return self._shared.history(id, *([self._history(held)] if held else []))

    def _history(self, held: Memory) -> History:
        return history_of(held, memories.revisions(self._connection, held.id))

    def _revise(self, history: History, held: Memory) -> bool:
        """Put what is new of a memory; its link to an interaction, which stays at home, is kept."""
        if self._history(held) == history:
            return False
        memory = replace(history.current, interaction=held.interaction)
        histories.put(self._connection, memory, history.former)
        return True

    def _twins(self, new: Iterable[Memory]) -> Iterator[tuple[str, str]]:
        """Yield ids of new memories with those of the ledger that say the same already."""
        for memory in new:
            if memory.kind != "interaction":
                twin = memories.same(self._connection, memory, self._now)
                if twin is not None:
                    yield memory.id, twin.id

    def _merged(self, twins: dict[str, str]) -> Iterator[str]:
        """Let one of two that say the same supersede the other, with what both say besides.

        The older stands: everybody comes to the same, and never round about. If it is a successor
        already, both stand.
        """
        superseded = memories.successors(self._connection, {*twins, *twins.values()})
        for pair in twins.items():
            if superseded.keys() & set(pair):
                continue
            both = memories.with_ids(self._connection, pair)
            winner, loser = sorted(both, key=lambda one: (one.at, one.id))
            if winner.supersedes:
                continue
            joined = replace(with_labels_of(loser, winner), supersedes=loser.id)
            whole = self._history(winner).followed_by(joined, self._history(loser))
            histories.put(self._connection, joined, whole.former)
            yield loser.id

    def _require_chains(self, standing: dict[str, Memory]) -> None:
        """Refuse what supersedes itself, round about, or a memory of another scope."""
        known = dict(standing)
        while missing := {one.supersedes for one in known.values()} - known.keys() - {""}:
            found = {one.id: one for one in memories.with_ids(self._connection, missing)}
            if not found:
                break
            known |= found
        problems = [
            f"{self._shared.places[id_]}: {what}"
            for id_, memory in standing.items()
            if (what := broken_chain(memory, known))
        ]
        if problems:
            raise SharedFilesRefused(self._folder, problems)


def broken_chain(memory: Memory, known: Mapping[str, Memory]) -> str:
    """Say what is wrong with what a memory supersedes; empty if nothing."""
    before = known.get(memory.supersedes)
    if before and before.scope != memory.scope:
        return f"supersedes {before.id}, which belongs to {_owner(before.scope)}"
    seen = {memory.id}
    while before:
        if before.id in seen:
            return _ROUND_ABOUT if before.id == memory.id else ""
        seen.add(before.id)
        before = known.get(before.supersedes)
    return ""


def _require_scope(folder: Path, shared: Shared, scope: Scope) -> None:
    problems = []
    for id_ in shared:
        told = [one.memory for one in shared.history(id_).versions]
        strange = next((one for one in told if not is_within(one.scope, scope)), None)
        if strange:
            problems.append(
                f"{shared.places[id_]}: belongs to {_owner(strange.scope)}; ask for that scope if "
                "you mean to take it"
            )
    if problems:
        raise SharedFilesRefused(folder, problems)


def is_within(scope: Scope, wanted: Scope) -> bool:
    """Say whether what belongs to a scope is asked for; `ANY` asks for everybody's."""
    pairs = zip(astuple(scope), astuple(wanted), strict=True)
    return all(asked in (ANY, has) for has, asked in pairs)


def _owner(scope: Scope) -> str:
    names = {"namespace": scope.namespace, "user": scope.user, "agent": scope.agent}
    told = [f"{what} {spelt_out(name)!r}" for what, name in names.items() if name]
    return ", ".join(told) or "nobody in particular"
