"""The conversation's loop: read, do, say how it ended, and go on. No error ends it.

Each turn has an event loop of its own, so that a Ctrl-C can stop it wherever it is. One Ctrl-C
stops the turn and keeps its draft, or clears the line; the next one, if nothing was typed in
between, ends the conversation.
"""

from __future__ import annotations

import signal
from typing import Protocol

from alma_agent.errors import AlmaError
from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.consoles import err, forget_typed, out, progress, speak
from alma_agent.terminal.ending import Terminated, explained
from alma_agent.terminal.repl import command_line
from alma_agent.terminal.repl.command_line import CommandLine
from alma_agent.terminal.repl.preloading import Preloading
from alma_agent.terminal.repl.slash import Quit, SlashCommands
from alma_agent.terminal.repl.state import Chat
from alma_agent.terminal.wording import counted


class Reads(Protocol):
    """Where a person types."""

    def read(self) -> str:
        """Return the next text. Raises EOFError for Ctrl-D, KeyboardInterrupt for Ctrl-C."""
        ...


class Loop:
    """A conversation from its first prompt to its end."""

    def __init__(
        self,
        chat: Chat,
        commands: CommandLine,
        slash: SlashCommands,
        prompt: Reads,
        preloading: Preloading,
    ) -> None:
        self._chat = chat
        self._commands = commands
        self._slash = slash
        self._prompt = prompt
        self._preloading = preloading
        self._presses = 0  # of Ctrl-C, since something was typed

    def run(self) -> int:
        """Talk until the person leaves; return the exit code. Raises Terminated."""
        interrupt = signal.getsignal(signal.SIGINT)
        self._preloading.start()
        while True:
            signal.signal(signal.SIGINT, interrupt)  # the prompt puts its own in place
            try:
                text = self._prompt.read()
            except Terminated:
                raise
            except KeyboardInterrupt:
                if self._pressed():
                    return ExitCode.INTERRUPTED
                err.print("Ctrl-C again, Ctrl-D or /quit leaves.", style="dim")
                continue
            except EOFError:
                return ExitCode.DONE
            signal.signal(signal.SIGINT, interrupt)
            if text.strip():
                self._presses = 0
                try:
                    self._survived(text.strip())
                except Quit:
                    return ExitCode.DONE
                if self._presses > 1:
                    return ExitCode.INTERRUPTED

    def _pressed(self) -> bool:
        """Count a Ctrl-C; say whether it is the second one."""
        self._presses += 1
        return self._presses > 1

    def _survived(self, text: str) -> None:
        """Do what was typed; whatever comes of it, the conversation goes on."""
        speak(json=False, quiet=False, verbose=False)
        try:
            self._do(text)
        except (Quit, Terminated):
            raise
        except KeyboardInterrupt:
            self._presses += 1
        except Exception as error:  # noqa: BLE001 - told as every command tells it
            err.print(f"alma: {explained(error).message}", style="red")

    def _do(self, text: str) -> None:
        if self._slash.is_one(text):
            self._slash.do(text)
        elif text.startswith("!"):
            if command := text[1:].strip():
                command_line.shell(self._chat, command)
        elif text.startswith("#") and "\n" not in text:
            if told := text.lstrip("#").strip():
                command_line.alma(self._commands, ["memory", "add", "--", told])
        else:
            self._chat.dismiss_left()
            self._get_ready()
            from alma_agent.terminal.repl.turns import take_turn

            try:
                take_turn(self._chat, text)
            finally:
                forget_typed()  # it was no answer to what the turn ended with

    def _get_ready(self) -> None:
        """Wait for what a turn needs, and say so: nobody should look at a dead screen."""
        if not self._preloading.is_over:
            from alma_agent.terminal.observing import TerminalObserver

            TerminalObserver(out, progress).step("getting ready")
            self._preloading.wait()


def greet(chat: Chat, version: str) -> None:
    """Say where the person is, and what waits for them."""
    model = chat.chosen.model
    whom = f"{model.name or 'the default model'} at {model.where}" if model else "no model"
    out.print(f"alma {version} in {chat.workspace.root} ({whom})")
    out.print("Say what to do. /help shows the commands, Ctrl-D leaves.", style="dim")
    if chat.left is not None:
        told = f": {chat.left.goal}" if chat.left.goal else ""
        out.print(
            f"The session {chat.left.session} ended without /quit{told}\n/resume goes on with it.",
            style="yellow",
        )
    elif chat.turns:
        out.print(f"Back in {chat.session}: {counted(chat.turns, 'turn')} so far.")
        if chat.cut_off_goal:
            out.print(
                f"Its last turn was cut off: {chat.cut_off_goal}\nIf its draft was kept, /resume "
                "goes on with it.",
                style="yellow",
            )


def farewell(chat: Chat) -> None:
    """Let the session be as it is, and say how to come back."""
    if chat.is_begun and chat.turns:
        out.print("alma chat --continue goes on.", style="dim")
    try:
        chat.end()
    except AlmaError as error:
        err.print(f"alma: {error}", style="red", soft_wrap=True)
