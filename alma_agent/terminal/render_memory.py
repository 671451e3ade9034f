"""What a person sees of memories. Every function returns something that rich can print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from alma_agent.remembered import (
    Memory,
    Recalled,
    Recollection,
    Standing,
    Verdict,
    since_then,
)
from alma_agent.terminal.render import STYLES, diff

_RECALLED_SHOWN = 3
_SHORTEST_ID = 8
_LEAST_TEXT = 12  # characters, however narrow the screen
_SHORT_COMMIT = 7
_LEAST = 0.005  # of a score, to be told
_SCOPE = ("namespace", "user", "agent")
_VERDICTS: dict[Verdict, str] = {  # the worst first
    "orphaned": "red",
    "drifted": "yellow",
    "moved": "cyan",
    "fresh": "green",
}


@dataclass(frozen=True)
class OneLine:
    """A text that never takes more than a line of the screen: what is too long ends in `…`."""

    text: Text

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        cut = self.text.copy()
        cut.truncate(options.max_width, overflow="ellipsis")
        yield cut


@dataclass(frozen=True)
class Cut:
    """Something that ends at the edge of the screen, where a table would go over it."""

    whole: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.whole, options, pad=False):
            yield from line
            yield Segment.line()


def recollection(found: Recollection) -> RenderableType:
    """Return a line a memory, of the first ones, or one that says that there is none."""
    lines = [
        OneLine(_line(one, label="recalled: ")) for one in found.memories[:_RECALLED_SHOWN]
    ] or [OneLine(Text("recalled: nothing yet about this", style="dim"))]
    more = len(found.memories) - _RECALLED_SHOWN
    if more > 0:
        lines.append(OneLine(Text(f'          and {more} more (alma memory why "…")', style="dim")))
    if found.note:
        lines.append(OneLine(Text(f"          {found.note}", style="dim")))
    return Group(*lines)


def table(found: Sequence[Recalled]) -> RenderableType:
    """Return a row a memory; its text is cut to the screen."""
    short = _short_ids(one.memory.id for one in found)
    shown = _columns("id", "date", "what", "code")
    shown.add_column("text", no_wrap=True, overflow="ellipsis", ratio=1, min_width=_LEAST_TEXT)
    for one in found:
        memory = one.memory
        marks = [mark for mark, holds in _marks(one) if holds]
        text = Text(f"[{', '.join(marks)}] " if marks else "", style="cyan")
        text.append(one_line(memory.text), style="default")
        shown.add_row(
            short[memory.id], f"{memory.at:%Y-%m-%d}", what(memory), verdict(one.standings), text
        )
    return shown


def hit(one: Recalled, replaced: Sequence[Recalled] = ()) -> RenderableType:
    """Return a memory that was found: where it comes from, and its text; what it replaced below."""
    lines = _hit_lines(one, Text("stands: " if replaced else "", style="green"))
    for other in replaced:
        lines += _hit_lines(other, Text("in place of: ", style="yellow"))
    return Group(*lines)


def details(
    one: Recalled, former: Sequence[tuple[datetime, Memory]] = (), use: tuple[int, int] = (0, 0)
) -> RenderableType:
    """Return all that is known of a memory. `use`: how often recalled, of these applied."""
    memory = one.memory
    grid = Table.grid(padding=(0, 2))
    for name, value in _facts(one, use):
        grid.add_row(Text(name, style="dim"), value)
    parts: list[RenderableType] = [grid, Text(), Text(memory.text)]
    if memory.reasoning:
        parts += [Text(), Text("because: ", style="dim").append(memory.reasoning, style="default")]
    for standing in one.standings:
        parts += [Text(), *standing_lines(standing)]
    if former:
        parts.append(Text())
    for until, old in former:
        parts.append(Text(f"until {until:%Y-%m-%d %H:%M}: ", style="dim").append(old.text))
    return Group(*parts)


def standing_lines(standing: Standing) -> Iterator[RenderableType]:
    """Yield what became of code: in a line, and how it differs, or where it could be."""
    at = f" (at {standing.anchor.head[:_SHORT_COMMIT]})" if standing.anchor.head else ""
    yield Text("code: ", style="dim").append(since_then(standing), _VERDICTS[standing.verdict]) + at
    if standing.difference:
        yield diff(standing.difference)
    for candidate in standing.candidates:
        yield Text(f"  perhaps: {candidate}", style="dim")


def parts_table(found: Sequence[Recalled]) -> RenderableType:
    """Return a row a memory, with each part of its score in a column of its own."""
    names = list(dict.fromkeys(name for one in found for name in one.parts))
    short = _short_ids(one.memory.id for one in found)
    shown = _columns("id", "score", *names, justify="right")
    shown.columns[0].justify = "left"
    shown.add_column("text", no_wrap=True, overflow="ellipsis", ratio=1)
    for one in found:
        cells = [f"{one.parts[name]:+.2f}" if name in one.parts else "" for name in names]
        text = Text(one_line(one.memory.text))
        shown.add_row(short[one.memory.id], f"{one.score:.2f}", *cells, text)
    return Cut(shown)


def verdict(standings: Sequence[Standing]) -> Text:
    """Return the worst that became of a memory's code; empty if it speaks of none."""
    found = {standing.verdict for standing in standings}
    worst = next((one for one in _VERDICTS if one in found), None)
    return Text(worst, style=_VERDICTS[worst]) if worst else Text()


def what(memory: Memory) -> Text:
    """Return how an interaction ended, or what kind of memory it is."""
    told = memory.outcome or memory.kind
    return Text(told, style=STYLES.get(told, ""))


def one_line(text: str) -> str:
    return " ".join(text.split())


def _line(one: Recalled, *, label: str = "") -> Text:
    line = Text(label, style="cyan")
    line.append(f"[{one.memory.id}] {one.memory.at:%Y-%m-%d} ", style="dim")
    line.append_text(what(one.memory))
    stale = verdict(one.standings)
    if stale.plain not in ("", "fresh"):
        line.append(", ", style="dim").append_text(stale)
    return line.append(f" · {one_line(one.memory.text)}", style="default")


def _hit_lines(one: Recalled, label: Text) -> list[RenderableType]:
    memory = one.memory
    line = Text().append_text(label).append(f"[{memory.id}] {memory.at:%Y-%m-%d} ", style="dim")
    line.append_text(what(memory))
    head = next((anchor.head for anchor in memory.anchors if anchor.head), "")
    if head:
        line.append(f", at {head[:_SHORT_COMMIT]}", style="dim")
    if memory.anchors:
        line.append(", ").append_text(verdict(one.standings))
    if one.parts:
        best_first = sorted(one.parts.items(), key=lambda part: -abs(part[1]))
        parts = " ".join(f"{name} {part:+.2f}" for name, part in best_first if abs(part) >= _LEAST)
        line.append(f"  {one.score:.2f}: {parts}", style="dim")
    indent = " " * (len(label) or 2)
    return [line, OneLine(Text(f"{indent}{one_line(memory.text)}"))]


def _facts(one: Recalled, use: tuple[int, int]) -> Iterator[tuple[str, RenderableType]]:
    memory = one.memory
    times, applied = use
    scope = ", ".join(
        f"{name} {value}" for name in _SCOPE if (value := getattr(memory.scope, name))
    )
    yield "id", memory.id
    yield "date", f"{memory.at:%Y-%m-%d %H:%M} UTC"
    yield "kind", f"{memory.kind}, {memory.stratum}"
    optional: tuple[tuple[str, str], ...] = (
        ("outcome", memory.outcome),
        ("learnt from", memory.interaction and f"interaction {memory.interaction} (alma log)"),
        ("by", memory.by),
        ("of", scope),
        ("session", memory.session),
        ("about", _day(memory.event_at)),
        ("expires", _day(memory.expires)),
        ("tags", ", ".join(memory.tags)),
        ("topics", ", ".join(memory.topics)),
        ("entities", ", ".join(memory.entities)),
        ("pinned", "yes" if memory.pinned else ""),
        ("supersedes", memory.supersedes),
        ("superseded by", one.superseded_by),
        ("metadata", "" if memory.metadata == "{}" else memory.metadata),
    )
    for name, value in optional:
        if value:
            yield name, Text(value, style=STYLES.get(value, "") if name == "outcome" else "")
    yield "importance", f"{memory.importance:.2f}"
    in_all = f"{_times(times)}, {_times(applied)} for a change that was applied"
    yield "recalled", in_all if times else _times(times)


def _marks(one: Recalled) -> Iterable[tuple[str, bool]]:
    return ("pinned", one.memory.pinned), ("superseded", bool(one.superseded_by))


def _columns(*headings: str, justify: str = "left") -> Table:
    shown = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0), expand=True)
    for heading in headings:
        shown.add_column(heading, no_wrap=True, justify="right" if justify == "right" else "left")
    return shown


def _short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Return the beginnings of ids, long enough to tell them apart."""
    several = set(ids)
    length = _SHORTEST_ID
    while len({id_[:length] for id_ in several}) < len(several):
        length += 1
    return {id_: id_[:length] for id_ in several}


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")
