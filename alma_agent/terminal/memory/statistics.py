"""`alma memory stats`: how much there is, what of it is stale, and how much it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from typing_extensions import TypedDict

from alma_agent.memory.index import IndexUnavailable
from alma_agent.memory.ledger import interactions, memories
from alma_agent.remembered import EVERYBODY, Scope, Verdict, Wanted
from alma_agent.terminal.consoles import tell
from alma_agent.terminal.memory.looking import house_of_memory
from alma_agent.wiring import House

_ALL = -1
_STANDINGS = 1_000  # memories, the newest, whose code is looked at
_FILES = 10
_LEDGER = ("ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm")
_VERDICTS: tuple[Verdict, ...] = ("fresh", "moved", "drifted", "orphaned")


@dataclass(frozen=True, slots=True)
class Statistics:
    """What there is. `verdicts` counts anchors, of the newest memories; sizes are in bytes.

    `used` are those recalled for a task whose change was applied. `waiting` is how many have no
    vector yet, None if nobody can say. `ledger_bytes` is None for a ledger on a server.
    """

    memories: int
    kinds: Mapping[str, int]
    strata: Mapping[str, int]
    outcomes: Mapping[str, int]
    verdicts: Mapping[str, int]
    stale_share: float
    recalled: int
    recalls: int
    used: int
    files: Mapping[str, int]
    ledger_bytes: int | None
    index_bytes: int
    waiting: int | None


class MemoryStatsResult(TypedDict):
    """`alma memory stats`; null where nothing is remembered."""

    statistics: Statistics | None


async def show_statistics(*, everybody: bool) -> int:
    house = await house_of_memory(MemoryStatsResult(statistics=None))
    if house is None:
        return 0
    found = statistics(house, EVERYBODY if everybody else house.scope)
    tell({"statistics": asdict(found)}, _statistics(found))
    return 0


def statistics(house: House, scope: Scope) -> Statistics:
    """Count the memories of a scope, superseded ones too."""
    wanted = Wanted(scope, superseded=True)
    with house.ledger.reading() as connection:
        several = memories.found(connection, wanted, datetime.now(UTC), limit=_ALL)
        use = interactions.recall_counts(connection)
    newest = house.library.notebook.several(wanted, limit=_STANDINGS)
    verdicts = Counter(standing.verdict for one in newest for standing in one.standings)
    known = [use[one.id] for one in several if one.id in use]
    files = Counter(
        str(path) for one in several for path in {anchor.path for anchor in one.anchors}
    )
    best = sorted(files.items(), key=lambda item: (-item[1], item[0]))[:_FILES]
    stale = verdicts["drifted"] + verdicts["orphaned"]
    return Statistics(
        memories=len(several),
        kinds=_counted(one.kind for one in several),
        strata=_counted(one.stratum for one in several),
        outcomes=_counted(one.outcome for one in several if one.outcome),
        verdicts={name: verdicts[name] for name in _VERDICTS},
        stale_share=round(stale / max(1, verdicts.total()), 4),
        recalled=len(known),
        recalls=sum(times for times, _ in known),
        used=sum(applied > 0 for _, applied in known),
        files=dict(best),
        ledger_bytes=None
        if house.choice.ledger
        else sum(_size(house.workspace.state_path(name)) for name in _LEDGER),
        index_bytes=_size(house.workspace.state_path("index")),
        waiting=_waiting(house),
    )


def _waiting(house: House) -> int | None:
    if house.choice.embedder == "none":
        return None
    try:
        return house.library_with_meaning.waiting()
    except (IndexUnavailable, ImportError):
        return None


def _statistics(found: Statistics) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    looked = sum(found.verdicts.values())
    waiting = "nobody can say" if found.waiting is None else f"{found.waiting} wait"
    ledger = "on a server" if found.ledger_bytes is None else _bytes(found.ledger_bytes)
    size = f"ledger {ledger}, index {_bytes(found.index_bytes)}"
    for name, told in (
        ("memories", f"{found.memories}"),
        ("kinds", _listed(found.kinds)),
        ("strata", _listed(found.strata)),
        ("outcomes", _listed(found.outcomes)),
        ("code", f"{_listed(found.verdicts)}; {found.stale_share:.0%} of {looked} stale"),
        ("recalled", f"{found.recalled} memories, {found.recalls} times"),
        ("used", f"{_share(found.used, found.recalled)} of these in a change that was applied"),
        ("on disk", size),
        ("vectors", waiting),
    ):
        grid.add_row(Text(name, style="dim"), told)
    for number, (path, count) in enumerate(found.files.items()):
        label = "" if number else "most remembered"
        grid.add_row(Text(label, style="dim"), Text(f"{path} ({count})"))
    return grid


def _counted(names: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size if path.exists() else 0


def _bytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size / 2**10:.0f} KiB"
