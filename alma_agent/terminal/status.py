"""The line that says what alma does now, for how many seconds, and what it took so far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from alma_agent.terminal import consoles
from alma_agent.terminal.live_area import LiveArea, is_live

if TYPE_CHECKING:  # it takes longer to load than the first sign of life may take
    from alma_agent.records import Usage

_FRAMES, _PLAIN_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
_FRAME_S = 0.1
_SHORTEST_STEP = 8  # columns that the step keeps, however much there is to say of its cost
_NARROW = 60  # columns
_THOUSANDS = 10_000  # from here on, tokens are told in thousands


class Status:
    """What is going on; it counts the seconds by itself. `figures` say what it took so far."""

    def __init__(self, what: str = "") -> None:
        self.figures: list[str] = []
        self.step(what)

    def step(self, what: str) -> None:
        """Begin another step; its seconds are counted anew."""
        self._what, self._since = what, time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        seconds = time.monotonic() - self._since
        frames = _PLAIN_FRAMES if options.ascii_only else _FRAMES
        sign = frames[int(seconds / _FRAME_S) % len(frames)]
        gap = " " if options.max_width < _NARROW else "  "
        figures = "".join(f"{gap}{one}" for one in (f"{seconds:.0f} s", *self.figures))
        line = Text(f"{sign} {self._what}", no_wrap=True)
        line.truncate(
            max(options.max_width - len(figures), _SHORTEST_STEP),
            overflow="crop" if options.ascii_only else "ellipsis",
        )
        line.append(figures, style="dim")
        line.truncate(options.max_width, overflow="crop")
        yield line


def spent(usage: Usage) -> list[str]:
    """Return what was taken from models, in so few words that a narrow screen has room."""
    if not usage.requests:
        return []
    count = usage.input_tokens + usage.output_tokens
    tokens = f"{count / 1000:.1f}k tokens" if count >= _THOUSANDS else f"{count:,} tokens"
    return [tokens] if usage.usd is None else [tokens, f"${usage.usd:.4f}"]


def first_sign(what: str = "starting") -> None:
    """Show at once that something is going on: what comes next has to be loaded first."""
    if is_live(consoles.progress):
        LiveArea(consoles.progress).show(Status(what))
