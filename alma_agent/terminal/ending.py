"""How every command speaks and ends: with an exit code, a sentence or a document, no traceback."""

from __future__ import annotations

import errno
import inspect
import io
import sys
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.models import ArgumentInfo, ParameterInfo

from alma_agent.exit_codes import ExitCode
from alma_agent.interrupts import Terminated as Terminated  # noqa: PLC0414 - the session takes it from here
from alma_agent.interrupts import raise_them

Waited = Coroutine[Any, Any, int]
Command = Callable[..., Waited | int]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class End(NamedTuple):
    """How a command ended. `message` is empty if the result says it; `type` is an error's class."""

    code: int
    message: str = ""
    type: str = ""


Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Tell more of what is done.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write the result to this file.")
]
_FLAGS: dict[str, tuple[Any, Any]] = {
    "json": (Json, False),
    "quiet": (Quiet, False),
    "verbose": (Verbose, False),
    "output": (Output, None),
}


def ending(command: Command) -> Callable[..., None]:
    """Make a command of a function that returns an exit code; of a coroutine function, if it waits.

    It also takes --json, -q, -v and -o, but for those that it has in another sense.
    """

    @wraps(command)
    def ended(context: typer.Context, **given: Any) -> None:
        raise_them()
        asked = {name: given[name] if name in own else given.pop(name) for name in _FLAGS}
        speech = Speech(
            context.command_path.removeprefix("alma "), asked, own_output="output" in own
        )
        raise typer.Exit(
            speech.ended_with(speech.objection() or ended_of(partial(command, **given)))
        )

    own = inspect.signature(command, eval_str=True).parameters
    for one in own.values():
        _name_values(one)
    extra = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in _FLAGS.items()
        if name not in own
    ]
    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    ended.__signature__ = inspect.Signature([context, *own.values(), *extra])  # type: ignore[attr-defined]
    ended.__annotations__ = (
        {"context": typer.Context}
        | dict(command.__annotations__)
        | {one.name: one.annotation for one in extra}
    )
    return ended


def _name_values(parameter: inspect.Parameter) -> None:
    """Let the help call a value by its flag or argument: ID, TAG; not by its Python type."""
    annotation = parameter.annotation
    for told in getattr(annotation, "__metadata__", ()):
        is_argument = isinstance(told, ArgumentInfo)
        is_list = "list[" in str(annotation.__origin__)
        if isinstance(told, ParameterInfo) and told.metavar is None and (is_argument or is_list):
            told.metavar = parameter.name.upper()


class Speech:
    """One command's manner of speaking, from its flags to its last word."""

    def __init__(self, command: str, asked: Mapping[str, Any], *, own_output: bool = False) -> None:
        from alma_agent.terminal import consoles

        self._command = command
        named: Path | None = None if own_output else asked["output"]
        self._output = None if named == Path("-") else named  # standard output has that name
        self._before = consoles.manner.json, consoles.manner.quiet, consoles.manner.verbose
        consoles.speak(json=asked["json"], quiet=asked["quiet"], verbose=asked["verbose"])
        self._kept = io.StringIO()
        if self._output and not asked["json"]:
            consoles.collect(self._kept)

    def objection(self) -> End | None:
        """Return how the command ends before it began: nobody could be given what it came to."""
        if self._output is None:
            return None
        from alma_agent.errors import UsageError
        from alma_agent.terminal.envelope import require_output

        try:
            require_output(self._output)
        except UsageError as error:
            self._output = None
            return explained(error)
        return None

    def ended_with(self, end: End) -> int:
        """Say the last word; return the exit code."""
        from alma_agent.terminal.consoles import speak

        try:
            return self._last_word(end)
        except BrokenPipeError:
            return _nobody_reads()
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            _nobody_reads()  # what is left to print would fail again
            print(f"alma: {error.strerror}.", file=sys.stderr)
            return end.code or ExitCode.FAILED
        finally:  # the session carries out command after command
            json, quiet, verbose = self._before
            speak(json=json, quiet=quiet, verbose=verbose)

    def _last_word(self, end: End) -> int:
        from alma_agent.terminal import consoles

        if end.message and end.code:
            told = f"alma: {end.message}" if end.type else end.message
            consoles.err.print(told, style="red" if end.type else "", soft_wrap=True)
        elif end.message:  # it is as it should be already
            consoles.tell({"note": end.message})
            consoles.err.print(end.message, soft_wrap=True)
        text = self._kept.getvalue()
        if consoles.manner.json:
            text = self._document(end)
        if self._output and text:
            from alma_agent.errors import UsageError
            from alma_agent.terminal.envelope import write_output

            try:
                write_output(self._output, text)
            except UsageError as error:  # what was done is told all the same
                self._output = None
                if consoles.manner.json and not end.code:
                    return self._last_word(explained(error))
                told = f"alma: {error} What should stand there follows."
                consoles.err.print(told, style="red", soft_wrap=True)
                end = end._replace(code=end.code or ExitCode.USAGE)
            else:
                return end.code
        if live := sys.modules.get("alma_agent.terminal.live_area"):  # else nothing is live
            live.clear_live()
        print(text, end="", flush=True)  # nowhere, if standard output was closed
        return end.code

    def _document(self, end: End) -> str:
        from alma_agent.terminal.consoles import manner
        from alma_agent.terminal.envelope import envelope

        message = end.message or manner.reason
        return envelope(self._command, end.code, manner.result, message=message, type=end.type)


def ended_of(work: Callable[[], Waited | int]) -> End:
    """Do a command's work; return how it ended, whatever comes."""
    began = datetime.now(UTC)  # in a session, what was done before was another command's
    try:
        code = work()
        return End(code if isinstance(code, int) else _waited_for(code))
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt, began)
    except BrokenPipeError:
        return End(_nobody_reads())
    except Exception as error:  # noqa: BLE001 - the last door: nothing passes as a traceback
        return explained(error)


def _waited_for(work: Waited) -> int:
    import asyncio  # here, not above: 40 ms, and what only looks at something waits for nothing

    async def run() -> int:
        asyncio.get_running_loop().set_exception_handler(_without_interrupts)
        return await work

    return asyncio.run(run())


def misused(error: typer.TyperException, arguments: list[str]) -> int:
    """Say what is wrong with a command line; return the exit code."""
    if "--json" not in arguments:
        show = getattr(error, "show", None)
        if show:
            show()
        return error.exit_code
    from alma_agent.terminal.envelope import envelope

    context = getattr(error, "ctx", None)
    command = context.command_path.partition(" ")[2] if context else ""
    sys.stdout.write(
        envelope(
            command, error.exit_code, {}, message=error.format_message(), type=type(error).__name__
        )
    )
    return error.exit_code


def _without_interrupts(loop: Any, context: dict[str, Any]) -> None:
    """Say nothing of tasks that a Ctrl-C ended: the command tells of it itself, once."""
    error = context.get("exception")
    if isinstance(error, KeyboardInterrupt) or "was destroyed" in str(context.get("message")):
        return
    loop.default_exception_handler(context)


def _interrupted(interrupt: KeyboardInterrupt, began: datetime) -> End:
    import asyncio

    from alma_agent.terminal.running import after_interruption

    sys.unraisablehook = lambda _: None  # what libraries stumble over while they are torn down

    try:
        message = asyncio.run(after_interruption(began))
    except Exception:  # noqa: BLE001 - stopped while a library was half loaded, perhaps
        message = "Interrupted. The next alma command says how the files are."
    is_terminated = isinstance(interrupt, Terminated)
    return End(ExitCode.TERMINATED if is_terminated else ExitCode.INTERRUPTED, message)


def _nobody_reads() -> int:
    """End as other programs do whose reader has gone, such as `alma log | head -1`."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python flushes, and fails
    return ExitCode.NOBODY_READS


def _has_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def explained(error: Exception) -> End:
    """Return what to tell of an error: its sentence, or where the report of a bug is."""
    from alma_agent.errors import AlmaError, exit_code
    from toolset.errors import ToolsetError

    name = type(error).__name__
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return End(ExitCode.USAGE, "the current folder is gone. Go to another one.", name)
    if isinstance(error, AlmaError | ToolsetError):
        return End(exit_code(error), str(error), name)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return End(ExitCode.FAILED, f"{error.strerror}. Make room, then see alma log.", name)
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="alma-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        traceback.print_exception(error, file=report)
    message = (
        f"this is a bug in alma ({name}: {error}). Please report it with {report.name}. "
        "If it was writing, the next alma command finishes or takes back."
    )
    return End(ExitCode.BUG, message, name)
