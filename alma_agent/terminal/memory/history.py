"""`alma memory timeline` and `map`: what happened to a file; memories by file and age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path, PurePosixPath

from rich.console import Group, RenderableType
from rich.text import Text

from alma_agent.errors import UsageError
from alma_agent.records import Interaction
from alma_agent.remembered import Memory, Wanted
from alma_agent.terminal.consoles import out
from alma_agent.terminal.memory import documents
from alma_agent.terminal.memory.looking import house_of_memory
from alma_agent.terminal.memory.map import drawing
from alma_agent.terminal.render import STYLES, told_kind
from alma_agent.terminal.render_memory import OneLine, one_line
from alma_agent.wiring import House

_EVENTS = 10_000
_MAPPED = 5_000  # memories, the newest
_WIDEST = len("checks failed")
_MARKS = {"interaction": "●", "memory": "◆"}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a file, or that was remembered of it. `sort` says which."""

    at: datetime
    sort: str
    what: str
    text: str
    id: str
    symbols: tuple[str, ...] = ()


async def show_timeline(file: Path, *, json: bool) -> int:
    house = await house_of_memory(json=json, file=str(file), events=[])
    if house is None:
        return 0
    path = house.workspace.locate(file, base=Path.cwd())
    events = events_of(house, path)
    if json:
        documents.print_document(file=str(path), events=[_told(one) for one in events])
    elif events:
        out.print(timeline(path, events))
    else:
        out.print(f"Nothing is remembered of {path}.", soft_wrap=True)
    return 0


async def draw_map(output: Path | None, *, files: int, json: bool) -> int:
    """Write the picture to `output`, or print it where that is no terminal."""
    house = await house_of_memory(json=json, output=None, memories=0, files=0, svg=None)
    return 0 if house is None else _draw(house, output, files, json=json)


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


def _draw(house: House, output: Path | None, files: int, *, json: bool) -> int:
    if output is None and out.is_terminal and not json:
        raise UsageError("Say where the picture goes: alma memory map -o memory.svg")
    wanted = Wanted(house.scope, superseded=True)
    found = [one.memory for one in house.library.notebook.several(wanted, limit=_MAPPED)]
    bound = [one for one in found if one.anchors]
    picture = drawing(bound, most_files=files)
    if output:
        _write(output, picture)
    count = len({anchor.path for one in bound for anchor in one.anchors})
    if json:
        documents.print_document(
            output=str(output) if output else None,
            memories=len(bound),
            files=count,
            svg=None if output else picture,
        )
    elif output:
        out.print(f"{output}: {len(bound)} memories of {count} files.", soft_wrap=True)
    else:
        print(picture, end="")
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


def _told(one: Event) -> dict[str, object]:
    return {
        "at": documents.time(one.at),
        "sort": one.sort,
        "what": one.what,
        "text": one.text,
        "id": one.id,
        "symbols": list(one.symbols),
    }
