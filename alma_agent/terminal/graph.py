"""`alma log --graph`: what happened as lanes, in the manner of `git log --graph`. Pure.

The first lane holds what is in the files. A change that was taken back stands beside it, joined to
the undo that took it back:

    *-.  undo
    | o  the change, taken back
    *    an earlier one, in the files
    x    a run that changed nothing

Where a redo brought it in again, it is the undo that stands beside:

    *-.  redo
    | o  the undo, taken back
    *-'  the change, in the files again
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from alma_agent.records import Applied, Interaction, Undone
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.render import STYLES, told_kind

_WITH_TIME, _WITH_DAY = 80, 60  # columns
_IN_FILES, _TAKEN_BACK, _NOTHING = "●", "○", "✗"
_ASCII = str.maketrans("●○✗│─┼╮╯┬┴", "*ox|-+.'..")


@dataclass(frozen=True, slots=True)
class Row:
    """One interaction, how it stands now, and its part of the lanes; `at` is its own column."""

    told: Interaction
    kind: str
    lanes: str
    at: int


def lanes(told: Sequence[Interaction], undone: Collection[str]) -> RenderableType:
    """Return a line an interaction. `told` is newest first; `undone` are the ids taken back."""
    return _Graph(tuple(rows(told, undone)))


def rows(told: Sequence[Interaction], undone: Collection[str]) -> list[Row]:
    """Return the lanes as text, row by row."""
    known = {one.id for one in told}
    oldest = max((n for n, one in enumerate(told) if one.id not in undone), default=0)
    beside: list[str] = []  # the lanes beside the files', each with the id that it leads down to
    drawn: list[Row] = []
    for number, one in enumerate(told):
        arriving = [lane for lane, id_ in enumerate(beside, 1) if id_ == one.id]
        own = arriving[0] if arriving and one.id in undone else 0
        of = one.outcome.of if isinstance(one.outcome, Undone) else ""
        leaving = (own or _free_lane(beside)) if of in known else 0
        open_ = {lane for lane, id_ in enumerate(beside, 1) if id_}
        if number < oldest:
            open_.add(0)
        text = _cells(own, open_, turns=({*arriving, leaving} - {own, 0}), arriving=arriving)
        sign = _sign(one, undone)
        drawn.append(Row(one, _kind(one, undone), text.replace("?", sign, 1), 2 * own))
        beside = ["" if id_ == one.id else id_ for id_ in beside]
        if leaving:
            beside += [""] * (leaving - len(beside))
            beside[leaving - 1] = of
        while beside and not beside[-1]:
            beside.pop()
    return drawn


def _free_lane(beside: Sequence[str]) -> int:
    return next((lane for lane, id_ in enumerate(beside, 1) if not id_), len(beside) + 1)


def _cells(own: int, open_: set[int], *, turns: set[int], arriving: Sequence[int]) -> str:
    """Return a row, two columns a lane, with `?` for the interaction itself.

    `turns` are the lanes that are joined to it from the right: they end here if they are
    `arriving`, else they begin.
    """
    reach = max(turns, default=own)
    cells = []
    for lane in range(max([own, reach, *open_]) + 1):
        is_crossed = own < lane < reach
        if lane == own:
            sign = "?"
        elif lane in turns:
            sign = ("┴" if is_crossed else "╯") if lane in arriving else "┬" if is_crossed else "╮"
        elif lane in open_:
            sign = "┼" if is_crossed else "│"
        else:
            sign = "─" if is_crossed else " "
        cells.append(sign + ("─" if own <= lane < reach else " "))
    return "".join(cells).rstrip()


def _sign(one: Interaction, undone: Collection[str]) -> str:
    if not isinstance(one.outcome, Applied | Undone):
        return _NOTHING
    return _TAKEN_BACK if one.id in undone else _IN_FILES


def _kind(one: Interaction, undone: Collection[str]) -> str:
    return "reverted" if one.id in undone else told_kind(one.outcome)


@dataclass(frozen=True)
class _Graph:
    """Rows as lines; on a screen each is cut to its width, so that the lanes stay whole."""

    rows: tuple[Row, ...]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        lanes_width = max((len(row.lanes) for row in self.rows), default=0)
        kind_width = max((len(row.kind) for row in self.rows), default=0)
        for row in self.rows:
            line = _line(row, lanes_width, kind_width, options)
            if options.is_terminal:
                line.truncate(options.max_width, overflow="ellipsis")
            yield line


def _line(row: Row, lanes_width: int, kind_width: int, options: ConsoleOptions) -> Text:
    told, style = row.told, STYLES.get(row.kind, "")
    drawn = row.lanes.ljust(lanes_width)
    if options.ascii_only:
        drawn = drawn.translate(_ASCII)
    line = Text(drawn, style="dim", no_wrap=True)
    line.stylize(f"not dim {style}", row.at, row.at + 1)
    line.append(f" {told.id}", style="not dim")
    if options.max_width >= _WITH_DAY or not options.is_terminal:
        is_wide = options.max_width >= _WITH_TIME or not options.is_terminal
        line.append(f"  {told.at:%Y-%m-%d %H:%M}" if is_wide else f"  {told.at:%Y-%m-%d}")
        line.append(f"  {row.kind.ljust(kind_width)}", style=f"not dim {style}")
    else:
        line.append(f"  {row.kind}", style=f"not dim {style}")
    goal = " ".join(told.goal.split())
    return line.append(f"  {visible(goal)}", style="not dim")
