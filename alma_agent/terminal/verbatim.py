"""Text that is told as it is: nothing is wrapped, coloured or cut."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A text in one piece, with its own line ends.

    To lay out ten thousand lines takes rich longer than to outline them.
    """

    text: str

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        yield Segment(self.text)
