"""`alma memory doctor` and `rebuild`: how well the memory is, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.text import Text
from typing_extensions import TypedDict

from alma_agent.errors import AlmaError
from alma_agent.memory.ledger import interactions, memories, word_index
from alma_agent.redact import redacted
from alma_agent.remembered import Memory, Wanted
from alma_agent.terminal.bars import bar
from alma_agent.terminal.consoles import manner, tell
from alma_agent.terminal.memory.looking import house_of_memory
from alma_agent.wiring import House

_ALL = -1
_STANDINGS = 1_000  # memories, the newest, whose code is looked at
_LOOKED_THROUGH = 100_000  # interactions, the newest
_SHOWN = 5  # ids of a complaint
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something to see to, and how. `is_broken`: it does not work; else it may well be so."""

    what: str
    cure: str
    is_broken: bool = False


class MemoryDoctorResult(TypedDict):
    """`alma memory doctor`: how many memories there are, and what is wrong, the worst first."""

    memories: int
    complaints: Sequence[Complaint]


class MemoryRebuildResult(TypedDict):
    """`alma memory rebuild`: how many memories the index holds."""

    memories: int


async def examine_memory() -> int:
    """Say what is wrong; the exit code is 1 if something is broken."""
    house = await house_of_memory(MemoryDoctorResult(memories=0, complaints=[]))
    if house is None:
        return 0
    found, count = complaints(house), house.library.count()
    lines = [line for one in found for line in _lines(one)]
    tell(
        {"memories": count, "complaints": [asdict(one) for one in found]},
        *(lines or [f"ok    {_memories(count)}; nothing to mend"]),
    )
    manner.reason = "; ".join(one.what for one in found if one.is_broken)
    return 1 if manner.reason else 0


def _lines(one: Complaint) -> Iterator[RenderableType]:
    sign, style = ("FAIL", "red") if one.is_broken else ("look", "yellow")
    yield Text(f"{sign}  {one.what}", style=style)
    yield f"      {one.cure}"


async def rebuild_index() -> int:
    house = await house_of_memory(MemoryRebuildResult(memories=0))
    if house is None:
        return 0
    with house.ledger.writing() as connection:
        memories.write_missing_words(connection)
    library = house.library_with_meaning
    with bar("reading the memories") as counted:
        count = library.rebuild(counted)
    library.close()
    tell(MemoryRebuildResult(memories=count), f"The index holds {_memories(count)} again.")
    return 0


def complaints(house: House) -> list[Complaint]:
    """Return what is wrong with a memory, the worst first. Raises LedgerUnavailable."""
    with house.ledger.reading() as connection:
        everything = memories.found(
            connection, Wanted(house.scope, superseded=True), _LONG_AGO, limit=_ALL
        )
        wordless = len(word_index.missing(connection))
    found = [
        *_of_secrets(house, everything),
        *_of_words(wordless),
        *_of_index(house),
        *_of_code(house),
        *_of_time(everything),
    ]
    return sorted(found, key=lambda one: not one.is_broken)


def _of_secrets(house: House, everything: Sequence[Memory]) -> Iterator[Complaint]:
    """Look for what would be taken out today: older forms of alma, or of memory, let it in."""
    told = [
        one.id
        for one in everything
        if any(redacted(text) != text for text in (one.text, one.reasoning, one.metadata))
    ]
    with house.ledger.reading() as connection:
        done = interactions.newest(connection, house.scope, limit=_LOOKED_THROUGH)
    told += [
        one.id for one in done if any(redacted(text) != text for text in (one.goal, one.rationale))
    ]
    if told:
        ids = list(dict.fromkeys(told))
        yield Complaint(
            f"{_memories(len(ids))} with what looks like a secret: {_some(ids)}",
            f"alma memory forget {' '.join(ids[:_SHOWN])}; and change the secret.",
            is_broken=True,
        )


def _of_words(wordless: int) -> Iterator[Complaint]:
    if wordless:
        yield Complaint(
            f"{_memories(wordless)} not in the index of words, and not found by them",
            "alma memory rebuild",
            is_broken=True,
        )


def _of_index(house: House) -> Iterator[Complaint]:
    """Ask the index something: when it is opened, it heals what differs from the ledger."""
    if house.choice.embedder == "none":
        return
    library = house.library_with_meaning
    try:
        note = library.search("does it work", budget_tokens=1).note
        waiting = library.waiting()
    except AlmaError as error:
        note, waiting = str(error), 0
    finally:
        library.close()
    if waiting:
        yield Complaint(
            f"{_memories(waiting)} still to be read for their meaning",
            "Searching does it bit by bit; all at once: alma memory rebuild",
        )
    elif note:
        yield Complaint(f"the index does not answer: {note}", "alma memory rebuild", is_broken=True)


def _of_code(house: House) -> Iterator[Complaint]:
    newest = house.library.notebook.several(Wanted(house.scope), limit=_STANDINGS)
    orphaned = [
        one.memory.id
        for one in newest
        if one.memory.kind != "interaction"
        and any(standing.verdict == "orphaned" for standing in one.standings)
    ]
    if orphaned:
        yield Complaint(
            f"{_memories(len(orphaned))} of code that is gone: {_some(orphaned)}",
            "Look whether they are still true: alma memory show ID; then edit or forget them.",
        )


def _of_time(everything: Sequence[Memory]) -> Iterator[Complaint]:
    now = datetime.now(UTC)
    expired = [one.id for one in everything if one.expires and one.expires <= now]
    if expired:
        yield Complaint(
            f"{_memories(len(expired))} expired; no search returns them: {_some(expired)}",
            f"alma memory forget {' '.join(expired[:_SHOWN])}",
        )


def _memories(count: int) -> str:
    return "1 memory" if count == 1 else f"{count} memories"


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
