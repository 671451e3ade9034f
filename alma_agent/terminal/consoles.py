"""Where alma speaks: results on standard output, progress and errors on standard error.

Files, models and memories may hold escape sequences and characters that turn or hide text. On the
screen where a person decides, each such character is shown as what it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment


def visible(text: str) -> str:
    r"""Return `text` with everything but printable characters, LF and tabs escaped (`\x1b`)."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in "\n\t" else _escaped(one) for one in text)


class PlainConsole(Console):
    """A console on which no printed text can move the cursor, change colours or hide itself."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


out = PlainConsole(highlight=False, markup=False, emoji=False)
err = PlainConsole(stderr=True, highlight=False, markup=False, emoji=False)
