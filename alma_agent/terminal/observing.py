"""Tells a person what is going on while a run is at work.

On a terminal one line says what alma does now, for how many seconds, and what it has cost so far;
what the model says runs above it. Elsewhere, and with `-v`, each step is a line that stays.
"""

from __future__ import annotations

from rich.console import Console

from alma_agent.records import Usage
from alma_agent.remembered import Recollection
from alma_agent.terminal import render, render_memory
from alma_agent.terminal.consoles import manner, out, progress
from alma_agent.terminal.live_area import LiveArea, is_live
from alma_agent.terminal.status import Status, spent
from alma_agent.terminal.streaming import Speech, speech


class TerminalObserver:
    """Tells what is recalled on the results' console, and steps on the other.

    It begins when it is made: what a run needs has to be loaded before there is a step to tell.
    Whatever is printed on any console takes the status away until the next step, so nobody who
    shows or asks something need know of it.
    """

    def __init__(self, results: Console, progress: Console) -> None:
        self._results = results
        self._progress = progress
        self._area = LiveArea(progress)
        self._status = Status()
        self._usage = Usage()
        self._speech: Speech | None = None
        self._heard: list[str] = []
        self._go_on("starting")

    def heard(self) -> str:
        """Return what the model said on the screen."""
        return "".join(self._heard)

    def recalled(self, recollection: Recollection) -> None:
        if not self._progress.quiet:
            self._results.print(render_memory.recollection(recollection), soft_wrap=True)
        self._go_on("working it out")

    def step(self, what: str) -> None:
        self._end_of_speech()
        if not self._is_live or manner.verbose:
            self._progress.print(f"… {what}", style="dim", markup=False, highlight=False)
        self._go_on(what)

    def said(self, text: str) -> None:
        self._heard.append(text)
        if not text:
            self._end_of_speech()
            self._show()
            return
        if self._speech is None:
            self._speech = speech(self._progress, self._area, self._status)
        self._speech.add(text)

    def spent(self, call: Usage, seconds: float) -> None:
        self._end_of_speech()
        self._usage += call
        self._status.figures = spent(self._usage)
        if not self._is_live or manner.verbose:
            self._progress.print(render.call(call, seconds), style="dim", highlight=False)
        self._show()

    def done(self) -> None:
        """Take away what is live; for who prints by other means than alma's consoles."""
        self._end_of_speech()
        self._area.clear()

    @property
    def _is_live(self) -> bool:
        return is_live(self._progress)

    def _go_on(self, what: str) -> None:
        self._status.step(what)
        self._show()

    def _show(self) -> None:
        if self._is_live:
            self._area.show(self._status)

    def _end_of_speech(self) -> None:
        if self._speech:
            self._speech.end()
        self._speech = None


def observing() -> TerminalObserver:
    """Return who tells of a run: on standard error alone, if a program reads what it comes to."""
    consoles = progress if manner.json else out
    return TerminalObserver(consoles, progress)
