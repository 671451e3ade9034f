"""The door of the command `alma`, and of `python -m alma_agent`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from alma_agent.at_once import answer

if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    """Run one command of alma's. Without one: the session on a terminal, else the help."""
    told = answer(sys.argv[1:])
    if told is not None:
        sys.stdout.write(told)
        return
    _listen_for_signals()
    import typer

    from alma_agent.terminal.cli import app
    from alma_agent.terminal.completing import prepare
    from alma_agent.terminal.ending import misused

    prepare()
    is_talk = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    arguments = sys.argv[1:] or (["chat"] if is_talk else [])
    try:
        code = app(args=arguments, prog_name="alma", standalone_mode=False)
    except typer.TyperException as error:
        code = misused(error, arguments)
    sys.exit(code)


def _listen_for_signals() -> None:
    # Handlers of our own, so that asyncio does not install its own: that one lets the first
    # Ctrl-C wait for the next `await`, and a person at a prompt would have to press it twice.
    import signal

    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP"):  # the terminal was closed
        signal.signal(signal.SIGHUP, _terminate)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    from alma_agent.terminal.ending import Terminated

    raise Terminated


if __name__ == "__main__":
    main()
