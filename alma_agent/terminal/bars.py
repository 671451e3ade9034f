"""How far long work is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from alma_agent.terminal import consoles
from alma_agent.terminal.live_area import LiveArea, is_live
from alma_agent.terminal.status import Status

_SECONDS_BETWEEN_LINES = 10.0
_SHORTEST_BAR, _LONGEST_BAR = 8, 40  # columns
_WIDE = 60  # columns
_MINUTES = 90  # seconds; from here on, they are told as minutes
_JUDGED_AFTER_S = 2.0  # before that, nobody knows how long it will take


@contextmanager
def bar(what: str, console: Console | None = None) -> Iterator[Callable[[int, int], None]]:
    """Show that `what` goes on; yield a function that is told how many of how many are done.

    It is gone when the work ends. Other output takes it away until the next count.
    """
    console = console or consoles.progress
    shown: _Bar | _SomeLines = (
        _Bar(what, console) if is_live(console) else _SomeLines(what, console)
    )
    try:
        yield shown.count
    finally:
        shown.end()


class _Bar:
    """Counted work on a terminal; until the first count, it only says that it goes on."""

    def __init__(self, what: str, console: Console) -> None:
        self._what = what
        self._area = LiveArea(console)
        self._began = time.monotonic()
        self._done = self._total = 0
        self._area.show(Status(what))

    def count(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self._area.show(self)

    def end(self) -> None:
        self._area.clear()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        left = self._left() if options.max_width >= _WIDE else ""
        figures = f"  {self._done:,}/{self._total:,}{left}"
        room = max(options.max_width - len(figures), 0)
        what = Text(self._what)
        what.truncate(max(room - _SHORTEST_BAR - 2, 0), overflow="crop")
        bar_width = max(min(_LONGEST_BAR, room - len(what) - 2), 0)
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_row(what, ProgressBar(self._total or 1, self._done, width=bar_width))
        (row,) = console.render_lines(line, options.update(width=room), pad=False)
        yield Segments([*row, Segment(figures), Segment.line()])

    def _left(self) -> str:
        """Return how long it will take, in few words, once that can be said."""
        passed = time.monotonic() - self._began
        if not self._done or passed < _JUDGED_AFTER_S:
            return ""
        seconds = round(passed / self._done * (self._total - self._done))
        return f"  {seconds // 60} min left" if seconds > _MINUTES else f"  {seconds} s left"


class _SomeLines:
    """Counted work for who reads of it later: a line when it begins, and one now and then."""

    def __init__(self, what: str, console: Console) -> None:
        self._what = what
        self._console = console
        self._told = time.monotonic()
        self._print("")

    def count(self, done: int, total: int) -> None:
        if time.monotonic() - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            self._print(f": {done:,} of {total:,}")

    def end(self) -> None:
        pass

    def _print(self, how_far: str) -> None:
        self._console.print(f"… {self._what}{how_far}", style="dim", soft_wrap=True)
