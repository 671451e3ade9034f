"""Where alma speaks: results on standard output; progress, notes and errors on standard error.

With `--json`, standard output gets one document and nothing else. Files, models and memories may
hold escape sequences and characters that turn or hide text. On the screen where a person decides,
each such character is shown as what it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

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

    def on_broken_pipe(self) -> None:
        """Leave it to the command's end, which says with its exit code that nobody reads."""
        raise BrokenPipeError


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


out = PlainConsole(highlight=False, markup=False, emoji=False)
err = PlainConsole(stderr=True, highlight=False, markup=False, emoji=False)
progress = PlainConsole(stderr=True, highlight=False, markup=False, emoji=False)


class Manner:
    """How this command was asked to speak, and what `--json` tells of it.

    `reason` says why it did not come to what was asked for, where no error does.
    """

    def __init__(self) -> None:
        self.json = False
        self.verbose = False
        self.result: dict[str, Any] = {}
        self.reason = ""


manner = Manner()


def tell(result: Mapping[str, Any], *shown: RenderableType, end: str = "\n") -> None:
    """Give what a command came to: `shown` to a person, or `result` to a program that asked.

    `result` holds what JSON can; it is added to what was told before.
    """
    manner.result |= result
    if not manner.json:
        for one in shown:
            out.print(one, soft_wrap=True, end=end)


def on_terminal() -> bool:
    """Say whether a person can be asked: what is said goes to a terminal, and it can answer."""
    is_answered = bool(sys.stdin and sys.stdin.isatty())
    return is_answered and not manner.json and out.file.isatty()


def forget_typed() -> None:
    """Drop what was typed so far: it cannot be meant for a question that is asked only now."""
    if not (sys.stdin and sys.stdin.isatty()):
        return
    import termios

    with suppress(termios.error):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def speak(*, json: bool, quiet: bool, verbose: bool) -> None:
    """Set the manner of this command. What is not the one document goes to standard error then."""
    manner.json, manner.verbose = json, verbose
    manner.result, manner.reason = {}, ""
    progress.quiet = quiet
    out.file = sys.stderr if json else None  # type: ignore[assignment]  # None: where stdout is
