"""`alma memory forget`: shows what goes, asks, and erases it for good."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from alma_agent.errors import NeedsHuman, UsageError
from alma_agent.memory.forgetting import Forgotten
from alma_agent.memory.ledger import histories
from alma_agent.remembered import Recalled, Wanted
from alma_agent.terminal import render_memory
from alma_agent.terminal.consoles import err, out
from alma_agent.terminal.memory import documents
from alma_agent.terminal.memory.looking import (
    as_told,
    house_of_memory,
    memory_of,
    named_scope,
    time_of,
)
from alma_agent.wiring import House

_ALL = -1
_REFUSED = 1


@dataclass(frozen=True, slots=True)
class Doomed:
    """What somebody wants forgotten: by ids, or whatever fits all else that is given."""

    ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    session: str = ""
    before: str = ""

    @property
    def is_search(self) -> bool:
        return bool(self.tags or self.session or self.before)


async def forget(doomed: Doomed, *, yes: bool, json: bool) -> int:
    """Erase memories. The exit code is 1 if somebody at the terminal says no.

    Raises UsageError if nothing is named, NeedsHuman without a terminal to ask on.
    """
    if bool(doomed.ids) == doomed.is_search:
        raise UsageError("Name the memories: by their ids, or by --tag, --session, --before.")
    house = await house_of_memory(json=json, memories=[], interactions=[], mentions=[])
    if house is None:
        return 0
    found = _found(house, doomed)
    if found and not json:
        out.print(render_memory.table(found))
    if found and not yes and not _is_accepted(len(found), may_ask=not json):
        out.print("Nothing was forgotten.")
        return _REFUSED
    done = _forgotten(house, found, doomed)
    if json:
        documents.print_document(
            memories=list(done.memories),
            interactions=list(done.interactions),
            mentions=list(done.mentions),
        )
    else:
        _tell(done)
    return 0


def _found(house: House, doomed: Doomed) -> list[Recalled]:
    library = house.library
    if doomed.is_search:
        wanted = Wanted(
            house.scope,
            session=doomed.session,
            tags=doomed.tags,
            until=time_of(doomed.before),
            superseded=True,
        )
        return as_told(library, library.notebook.several(wanted, limit=_ALL))
    with house.ledger.reading() as connection:
        gone = histories.forgotten(connection)
    found = [memory_of(house, id_) for id_ in doomed.ids if id_ not in gone]
    return list({one.memory.id: one for one in found}.values())


def _forgotten(house: House, found: list[Recalled], doomed: Doomed) -> Forgotten:
    """Erase what was found; of what is gone already, the traces that an interrupted run left."""
    ids = [one.memory.id for one in found] or list(doomed.ids)
    library = house.library_to_forget
    try:
        return library.forget(ids, scope=named_scope(house))
    finally:
        library.close()


def _is_accepted(count: int, *, may_ask: bool) -> bool:
    if not (may_ask and sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise NeedsHuman(
            "Nothing was forgotten: there is no terminal to ask on. Say --yes to erase for good."
        )
    what = "this memory" if count == 1 else f"these {count} memories"
    try:
        answer = out.input(f"Erase {what} for good? [y/N] ", markup=False).strip().lower()
    except EOFError:
        answer = ""
    return answer in ("y", "yes", "o", "oui")


def _tell(done: Forgotten) -> None:
    count = len(done.memories)
    out.print(f"{count} {'memory' if count == 1 else 'memories'} erased.")
    if done.interactions:
        out.print(f"What was said in {', '.join(done.interactions)} is erased, too (alma log).")
    for one in done.mentions:
        err.print(f"The same text still stands in {one}.", style="yellow")
