"""Where alma speaks: results on standard output; progress, notes and errors on standard error.

With `--json`, standard output gets one document and nothing else. Files, models and memories may
hold escape sequences and characters that turn or hide text. On the screen where a person decides,
each such character is shown as what it is.

`out`, `err` and `progress` are there from when somebody first names them: a command that prints a
plain line, or a document, does not wait for rich to be loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from alma_agent.terminal.visible import visible as visible  # noqa: PLC0414 - others take it from here

if TYPE_CHECKING:
    from rich.console import RenderableType

    from alma_agent.terminal.plain_console import PlainConsole as PlainConsole  # noqa: PLC0414 - others take it from here

    out: PlainConsole
    err: PlainConsole
    progress: PlainConsole
else:

    def __getattr__(name: str) -> object:
        if name not in ("PlainConsole", "out", "err", "progress"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from alma_agent.terminal import plain_console as made

        globals().update(
            PlainConsole=made.PlainConsole, out=made.out, err=made.err, progress=made.progress
        )
        _follow_manner()
        return globals()[name]


class Manner:
    """How this command was asked to speak, and what `--json` tells of it.

    `reason` says why it did not come to what was asked for, where no error does.
    """

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.verbose = False
        self.results: TextIO | None = None  # where they go; None: where standard output is
        self.result: dict[str, Any] = {}
        self.reason = ""


manner = Manner()


def tell(result: Mapping[str, Any], *shown: RenderableType, end: str = "\n") -> None:
    """Give what a command came to: `shown` to a person, or `result` to a program that asked.

    `result` holds what JSON can; it is added to what was told before.
    """
    manner.result |= result
    if manner.json:
        return
    for one in shown:
        if _is_open() or not isinstance(one, str) or not one.replace("\n", "").isprintable():
            _results_console().print(one, soft_wrap=True, end=end)
        else:  # as rich would print it
            print(one, file=manner.results, end=end, flush=True)


def on_terminal() -> bool:
    """Say whether a person can be asked: what is said goes to a terminal, and it can answer."""
    is_answered = bool(sys.stdin and sys.stdin.isatty())
    results = _results_console().file if _is_open() else manner.results or sys.stdout
    return is_answered and not manner.json and results.isatty()


def forget_typed() -> None:
    """Drop what was typed so far: it cannot be meant for a question that is asked only now."""
    if not (sys.stdin and sys.stdin.isatty()):
        return
    import termios

    with suppress(termios.error):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def speak(*, json: bool, quiet: bool, verbose: bool) -> None:
    """Set the manner of this command. What is not the one document goes to standard error then."""
    manner.json, manner.quiet, manner.verbose = json, quiet, verbose
    manner.result, manner.reason = {}, ""
    collect(sys.stderr if json else None)


def collect(results: TextIO | None) -> None:
    """Let results go to this file, until `speak` is called again; None: to standard output."""
    manner.results = results
    if _is_open():
        _follow_manner()


def _is_open() -> bool:
    """Say whether the consoles are there."""
    return "out" in globals()


def _results_console() -> PlainConsole:
    return sys.modules[__name__].out  # type: ignore[no-any-return]  # made now, if it is not there


def _follow_manner() -> None:
    here = sys.modules[__name__]
    here.progress.quiet = manner.quiet
    here.out.file = manner.results
