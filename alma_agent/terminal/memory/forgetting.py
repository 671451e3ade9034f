"""`alma memory forget`: shows what goes, asks, and erases it for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from typing_extensions import TypedDict

from alma_agent.errors import NeedsHuman, UsageError
from alma_agent.memory.forgetting import Forgotten
from alma_agent.memory.ledger import histories
from alma_agent.remembered import Recalled, Wanted
from alma_agent.terminal import render_memory
from alma_agent.terminal.consoles import err, on_terminal, out, tell
from alma_agent.terminal.memory.looking import (
    as_told,
    house_of_memory,
    memory_of,
    named_scope,
    time_of,
)
from alma_agent.terminal.wording import YES
from alma_agent.wiring import House

_ALL = -1
_REFUSED = 1


class MemoryForgetResult(TypedDict):
    """`alma memory forget`: ids of what was erased, and files where the same text still stands."""

    memories: Sequence[str]
    interactions: Sequence[str]
    mentions: Sequence[str]


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


async def forget(doomed: Doomed, *, yes: bool) -> int:
    """Erase memories. The exit code is 1 if somebody at the terminal says no.

    Raises UsageError if nothing is named, NeedsHuman without a terminal to ask on.
    """
    if bool(doomed.ids) == doomed.is_search:
        raise UsageError("Name the memories: by their ids, or by --tag, --session, --before.")
    house = await house_of_memory(_told(Forgotten()))
    if house is None:
        return 0
    found = _found(house, doomed)
    if found:
        tell({}, render_memory.table(found))
    if found and not yes and not _is_accepted(len(found)):
        out.print("Nothing was forgotten.")
        return _REFUSED
    done = _forgotten(house, found, doomed)
    tell(_told(done), *_lines(done))
    for one in done.mentions:
        err.print(f"The same text still stands in {one}.", style="yellow")
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


def _is_accepted(count: int) -> bool:
    if not on_terminal():
        raise NeedsHuman(
            "Nothing was forgotten: there is no terminal to ask on. Say --yes to erase for good."
        )
    what = "this memory" if count == 1 else f"these {count} memories"
    try:
        answer = out.input(f"Erase {what} for good? [y/N] ", markup=False).strip().lower()
    except EOFError:
        answer = ""
    return answer in YES


def _told(done: Forgotten) -> MemoryForgetResult:
    return {
        "memories": list(done.memories),
        "interactions": list(done.interactions),
        "mentions": list(done.mentions),
    }


def _lines(done: Forgotten) -> Iterator[str]:
    count = len(done.memories)
    yield f"{count} {'memory' if count == 1 else 'memories'} erased."
    if done.interactions:
        yield f"What was said in {', '.join(done.interactions)} is erased, too (alma log)."
