"""Tells a person what is going on while a run is at work."""

from __future__ import annotations

from rich.console import Console

from alma_agent.records import Usage
from alma_agent.remembered import Recollection
from alma_agent.terminal import render, render_memory


class TerminalObserver:
    """Tells what is recalled on the results' console, and steps on the other."""

    def __init__(self, results: Console, progress: Console) -> None:
        self._results = results
        self._progress = progress

    def recalled(self, recollection: Recollection) -> None:
        self._results.print(render_memory.recollection(recollection), soft_wrap=True)

    def step(self, what: str) -> None:
        self._progress.print(f"… {what}", style="dim", markup=False, highlight=False)

    def said(self, text: str) -> None:
        if text:
            self._progress.print(text, end="", markup=False, highlight=False, soft_wrap=True)
        else:
            self._progress.print()

    def spent(self, call: Usage, seconds: float) -> None:
        self._progress.print(render.call(call, seconds), style="dim", highlight=False)
