"""The consoles themselves; `consoles` loads them when one is needed, and nobody else does.

On them, no printed text can move the cursor, change colours or hide itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from alma_agent.terminal.visible import visible


class PlainConsole(Console):
    """A console on which no printed text can move the cursor, change colours or hide itself."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))

    def on_broken_pipe(self) -> None:
        """Leave it to the command's end, which says with its exit code that nobody reads."""
        raise BrokenPipeError


out = PlainConsole(highlight=False, markup=False, emoji=False)
err = PlainConsole(stderr=True, highlight=False, markup=False, emoji=False)
progress = PlainConsole(stderr=True, highlight=False, markup=False, emoji=False)
