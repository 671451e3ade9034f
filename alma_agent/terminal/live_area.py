"""The lines at the foot of the screen that change: a status, a bar, the text that is being written.

A process has one screen, whatever its streams are called. Before anything is printed, on any of
alma's consoles, the live lines are taken away; they come back when there is work to tell of. So no
text, question or diff ever stands between them. What prints by other means (a program that is
started, a prompt, a pager) calls `clear_live` first.
"""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console, ConsoleRenderable, RenderableType, RenderHook
from rich.control import Control
from rich.segment import ControlType, Segment, Segments

from alma_agent.terminal import consoles

_REPAINTED_S = 0.1


def is_live(console: Console) -> bool:
    """Say whether lines may change on this console: it is a terminal, of a kind that can do it."""
    if console.quiet or not console.is_interactive:
        return False
    if consoles.manner.json and sys.stdout.isatty():  # the document would stand among them
        return False
    # Not rich's word alone: FORCE_COLOR makes it take a file for a terminal.
    return console.file.isatty()


class LiveArea:
    """Some lines that are painted again and again, at the foot of one console's screen."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._shown: RenderableType | None = None
        self._height = 0  # rows that stand on the screen now
        self._is_painting = False
        self._painter: threading.Thread | None = None
        self._wakes = threading.Event()

    def show(self, shown: RenderableType) -> None:
        """Show this at once, and as it changes, until `clear`."""
        if shown is self._shown:
            return
        _own_the_screen(self, self._console)
        with self._lock:
            self._shown = shown
            self._paint()
        if self._painter is None:
            self._painter = threading.Thread(target=self._repaint, name="live", daemon=True)
            self._painter.start()
        self._wakes.set()

    def clear(self) -> None:
        """Take it away; the cursor is where it was before."""
        with self._lock:
            if self._is_painting:  # what is printed is the area itself
                return
            self._shown = None
            self._wakes.clear()
            if self._height:
                with self._painting():
                    self._console.control(self._erasing())
                    self._height = 0

    def _repaint(self) -> None:
        with suppress(OSError, ValueError):  # nobody reads any more, or the stream is closed
            while self._wakes.wait():
                with self._lock:
                    if self._shown is not None:
                        self._paint()
                time.sleep(_REPAINTED_S)

    @contextmanager
    def _painting(self) -> Iterator[None]:
        self._is_painting = True
        try:
            yield
        finally:
            self._is_painting = False

    def _paint(self) -> None:
        console = self._console
        options = console.options
        lines = console.render_lines(self._shown or "", options, pad=False, new_lines=False)
        lines = lines[-max(options.size.height - 1, 1) :]
        segments = [one for line in lines for one in (*line, Segment.line())][:-1]
        with self._painting(), console:
            console.control(self._erasing())
            console.print(Segments(segments), end="", crop=False, soft_wrap=True)
            self._height = len(lines)

    def _erasing(self) -> Control:
        """Return what takes the lines away.

        In a window made narrower, some terminals wrap them anew, and a piece may stay; to go up
        further would take what was printed before, on those that do not.
        """
        if not self._height:
            return Control()
        upwards = ((ControlType.CURSOR_UP, 1), (ControlType.ERASE_IN_LINE, 2))
        return Control(
            ControlType.CARRIAGE_RETURN,
            (ControlType.ERASE_IN_LINE, 2),
            *upwards * (self._height - 1),
        )


def clear_live() -> None:
    """Take the live lines away, if there are any: something else is about to be printed."""
    if _owner is not None:
        _owner.clear()


class _ClearsFirst(RenderHook):
    """Takes the live lines away before a console prints."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        clear_live()
        return renderables


_owner: LiveArea | None = None
_watched: list[Console] = []


def _own_the_screen(area: LiveArea, console: Console) -> None:
    """Let one area alone be on the screen, and every console's printing take it away."""
    global _owner  # noqa: PLW0603 - a process has one screen
    if _owner is None:
        atexit.register(clear_live)
    elif _owner is not area:
        _owner.clear()
    _owner = area
    for one in (console, consoles.out, consoles.err, consoles.progress):
        if not any(one is watched for watched in _watched):
            _watched.append(one)
            one.push_render_hook(_ClearsFirst())
