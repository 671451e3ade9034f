"""Other programs and alma's own command line, from within the conversation."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from alma_agent.errors import UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.consoles import err, out, speak
from alma_agent.terminal.ending import Terminated, misused

if TYPE_CHECKING:
    from alma_agent.terminal.repl.state import Chat

_MOST_KEPT = 8_000  # characters of a command's output


class CommandLine(Protocol):
    """alma's commands, as one."""

    def main(self, args: Sequence[str], *, prog_name: str, standalone_mode: bool) -> object:
        """Carry out a command line; return its exit code, or nothing."""
        ...


def alma(commands: CommandLine, arguments: Sequence[str]) -> int:
    """Carry out one of alma's commands as a shell would; return its exit code.

    Raises Terminated if it was.
    """
    import typer

    try:
        code = commands.main(arguments, prog_name="alma", standalone_mode=False)
    except typer.TyperException as error:
        code = misused(error, list(arguments))
    except (typer.Abort, SystemExit):
        code = ExitCode.FAILED
    finally:
        speak(json=False, quiet=False, verbose=False)  # as the conversation does
    if code == ExitCode.TERMINATED:
        raise Terminated
    if code == ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else ExitCode.DONE


def words(text: str) -> list[str]:
    """Split the rest of a command as a shell would. Raises UsageError."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{text!r} cannot be read: {error}.") from error


def shell(chat: Chat, command: str) -> int:
    """Run a command of the user's in their shell; return its exit code, and tell the next turn.

    It is the user's own: it runs in their files, with their environment. Its input is the
    terminal's; what it prints is shown as it comes, without what could move the cursor.
    """
    from alma_agent.terminal.repl import telling
    from alma_agent.terminal.repl.turns import open_chat_house

    program = os.environ.get("SHELL") or shutil.which("sh") or "/bin/sh"
    said: list[str] = []
    with subprocess.Popen(  # the user asked for a shell by the sign `!`
        [program, "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                out.print(line, end="", soft_wrap=True)
                said.append(line)
                while len(said) > 1 and sum(map(len, said)) > _MOST_KEPT:
                    said.pop(0)
        except KeyboardInterrupt:  # the terminal told the program, too
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
            err.print("\nStopped.", style="dim")
            raise
    if process.returncode:
        err.print(f"exit code {process.returncode}", style="yellow")
    open_chat_house(chat)
    chat.begin()
    told = telling.output_told(command, process.returncode, "".join(said))
    telling.say(chat, f"{telling.SIGN} The user ran a command. {told}")
    return process.returncode
