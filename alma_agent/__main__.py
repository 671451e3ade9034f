"""The door of the command `alma`, and of `python -m alma_agent`."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """Run one command of alma's."""
    # Handlers of our own, so that asyncio does not install its own: that one lets the first
    # Ctrl-C wait for the next `await`, and a person at a prompt would have to press it twice.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP"):  # the terminal was closed
        signal.signal(signal.SIGHUP, _terminate)
    import typer

    from alma_agent.terminal.cli import app

    try:
        code = app(prog_name="alma", standalone_mode=False)
    except typer.TyperException as error:
        from alma_agent.terminal.ending import misused

        code = misused(error, sys.argv[1:])
    sys.exit(code)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    from alma_agent.terminal.ending import Terminated

    raise Terminated


if __name__ == "__main__":
    main()
