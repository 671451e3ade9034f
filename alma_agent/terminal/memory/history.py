"""`alma memory timeline` and `map`: what happened to a file; memories by file and age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Literal

from rich.console import Group, RenderableType
from rich.text import Text
from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.records import Interaction
from alma_agent.remembered import Memory, Wanted
from alma_agent.terminal.consoles import manner, out, tell
from alma_agent.terminal.memory.looking import house_of_memory
from alma_agent.terminal.memory.map import drawing
from alma_agent.terminal.render import STYLES, told_kind
from alma_agent.terminal.render_memory import OneLine, one_line
from alma_agent.terminal.verbatim import Verbatim
from alma_agent.wiring import House

_EVENTS = 10_000
_MAPPED = 5_000  # memories, the newest
_WIDEST = len("checks failed")
Sort = Literal["interaction", "memory"]
_MARKS: dict[Sort, str] = {"interaction": "●", "memory": "◆"}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a file, or that was remembered of it. `sort` says which."""

    at: datetime
    sort: Sort
    what: str
    text: str
    id: str
    symbols: tuple[str, ...] = ()


class EventDocument(TypedDict):
    """Something that happened to a file, or that was remembered of it."""

    at: str
    sort: Sort
    what: str
    text: str
    id: str
    symbols: list[str]


class MemoryTimelineResult(TypedDict):
    """`alma memory timeline`: the events of a file, the oldest first."""

    file: str
    events: list[EventDocument]


class MemoryMapResult(TypedDict):
    """`alma memory map`: the picture, or where it was written; how much is in it."""

    output: str | None
    memories: int
    files: int
    svg: str | None


async def show_timeline(file: Path) -> int:
    house = await house_of_memory(MemoryTimelineResult(file=str(file), events=[]))
    if house is None:
        return 0
    path = house.workspace.locate(file, base=Path.cwd())
    events = events_of(house, path)
    tell(
        MemoryTimelineResult(file=str(path), events=[_told(one) for one in events]),
        timeline(path, events) if events else f"Nothing is remembered of {path}.",
    )
    return 0


async def draw_map(output: Path | None, *, files: int) -> int:
    """Write the picture to `output`, or print it where that is no terminal; `-` is to print."""
    output = None if output == Path("-") else output
    nothing = MemoryMapResult(output=None, memories=0, files=0, svg=None)
    house = await house_of_memory(nothing)
    return 0 if house is None else _draw(house, output, files)


def _write(output: Path, picture: str) -> None:
    """Write a picture, over an older one at the most: no other file is lost."""
    try:
        if output.exists() and not output.read_bytes().lstrip().startswith((b"<svg", b"<?xml")):
            raise UsageError(f"{output} is there, and is no picture. Choose another name.")
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from error


def events_of(house: House, path: PurePosixPath) -> list[Event]:
    """Return what happened to a file and what was written of it, under former names too."""
    paths = [path, *house.library.former_paths(path)]
    events = {one.id: one for name in paths for one in _events_under(house, name)}
    return sorted(events.values(), key=lambda one: (one.at, one.id))


def _events_under(house: House, path: PurePosixPath) -> list[Event]:
    done = house.library.interactions(limit=_EVENTS, path=path)
    reverted = house.library.taken_back()
    wanted = Wanted(house.scope, path=path, superseded=True)
    written = [
        one.memory
        for one in house.library.notebook.several(wanted, limit=_EVENTS)
        if one.memory.kind != "interaction"
    ]
    return [_done(one, path, reverted) for one in done] + [_written(one, path) for one in written]


def timeline(path: PurePosixPath, events: Sequence[Event]) -> RenderableType:
    """Return a line an event, under its day."""
    lines: list[RenderableType] = [Text(str(path), style="bold")]
    for day, several in groupby(events, key=lambda one: f"{one.at:%Y-%m-%d}"):
        lines.append(Text("│", style="dim"))
        lines.append(Text("├─ ", style="dim").append(day))
        lines += [OneLine(_event_line(one)) for one in several]
    return Group(*lines)


def _draw(house: House, output: Path | None, files: int) -> int:
    if output is None and out.is_terminal and not manner.json:
        raise UsageError("Say where the picture goes: alma memory map -o memory.svg")
    wanted = Wanted(house.scope, superseded=True)
    found = [one.memory for one in house.library.notebook.several(wanted, limit=_MAPPED)]
    bound = [one for one in found if one.anchors]
    picture = drawing(bound, most_files=files)
    if output:
        _write(output, picture)
    count = len({anchor.path for one in bound for anchor in one.anchors})
    told = MemoryMapResult(
        output=str(output) if output else None,
        memories=len(bound),
        files=count,
        svg=None if output else picture,
    )
    written = f"{output}: {len(bound)} memories of {count} files."
    tell(told, written if output else Verbatim(picture))
    return 0


def _event_line(one: Event) -> Text:
    line = Text("│  ", style="dim").append(f"{one.at:%H:%M} {_MARKS[one.sort]} ")
    line.append(f"{one.what:<{_WIDEST}} ", style=STYLES.get(one.what, "cyan"))
    line.append(f"[{one.id}] ").append(one_line(one.text), style="default")
    return line.append(f"  ({', '.join(one.symbols)})") if one.symbols else line


def _done(one: Interaction, path: PurePosixPath, reverted: Iterable[str]) -> Event:
    symbols = next((file.symbols for file in one.files if file.path == path), ())
    told = "reverted" if one.id in reverted else told_kind(one.outcome)
    return Event(one.at, "interaction", told, one.goal, one.id, symbols)


def _written(one: Memory, path: PurePosixPath) -> Event:
    symbols = (anchor.symbol for anchor in one.anchors if anchor.path == path)
    return Event(one.at, "memory", one.kind, one.text, one.id, tuple(filter(None, symbols)))


def _told(one: Event) -> EventDocument:
    return {
        "at": one.at.isoformat(),
        "sort": one.sort,
        "what": one.what,
        "text": one.text,
        "id": one.id,
        "symbols": list(one.symbols),
    }
