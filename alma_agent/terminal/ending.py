"""How every command ends: with an exit code, a sentence, and never a traceback."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import typer

_USAGE, _BUG, _INTERRUPTED, _PIPE, _TERMINATED = 2, 70, 130, 141, 143

P = ParamSpec("P")


class Terminated(KeyboardInterrupt):
    """SIGTERM, treated as Ctrl-C is: what was begun is finished or taken back."""


def ending(command: Callable[P, Coroutine[Any, Any, int]]) -> Callable[P, None]:
    """Make a command of a coroutine function that returns an exit code."""

    @wraps(command)
    def ended(*args: P.args, **kwargs: P.kwargs) -> None:
        import asyncio

        async def run() -> int:
            asyncio.get_running_loop().set_exception_handler(_without_interrupts)
            return await command(*args, **kwargs)

        try:
            code = asyncio.run(run())
        except KeyboardInterrupt as interrupt:
            code = _interrupted(interrupt)
        except BrokenPipeError:
            code = _nobody_reads()
        except Exception as error:  # noqa: BLE001 - the last door: nothing passes as a traceback
            code = _explained(error)
        raise typer.Exit(code)

    return ended


def _without_interrupts(loop: Any, context: dict[str, Any]) -> None:
    """Say nothing of tasks that a Ctrl-C ended: the command tells of it itself, once."""
    error = context.get("exception")
    if isinstance(error, KeyboardInterrupt) or "was destroyed" in str(context.get("message")):
        return
    loop.default_exception_handler(context)


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    import asyncio

    from alma_agent.terminal.running import tell_of_interruption

    sys.unraisablehook = lambda _: None  # what libraries stumble over while they are torn down

    try:
        asyncio.run(tell_of_interruption())
    except Exception:  # noqa: BLE001 - stopped while a library was half loaded, perhaps
        print("Interrupted. The next alma command says how the files are.", file=sys.stderr)
    return _TERMINATED if isinstance(interrupt, Terminated) else _INTERRUPTED


def _nobody_reads() -> int:
    """End as other programs do whose reader has gone, such as `alma log | head -1`."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python flushes, and fails
    return _PIPE


def _has_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _explained(error: Exception) -> int:
    from alma_agent.errors import AlmaError, exit_code
    from alma_agent.terminal.consoles import err
    from toolset.errors import ToolsetError

    if isinstance(error, FileNotFoundError) and not _has_folder():
        err.print("alma: the current folder is gone. Go to another one.", style="red")
        return _USAGE
    if isinstance(error, AlmaError | ToolsetError):
        err.print(f"alma: {error}", style="red", soft_wrap=True)
        return exit_code(error)
    with tempfile.NamedTemporaryFile(
        "w", prefix="alma-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        traceback.print_exception(error, file=report)
    err.print(
        f"alma: this is a bug in alma ({type(error).__name__}: {error}). Please report it with "
        f"{report.name}. If it was writing, the next alma command finishes or takes back.",
        style="red",
        soft_wrap=True,
    )
    return _BUG
