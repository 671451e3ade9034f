"""Where a person types: one prompt, with what an editor of lines should have.

It reads; it knows nothing of what is done with the text.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, get_args
from unicodedata import category

from alma_agent.records import Mode, writable
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.live_area import clear_live
from alma_agent.terminal.repl.lines import carried_on, is_unfinished
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

_MODES: tuple[Mode, ...] = get_args(Mode)


class PromptState(Protocol):
    """What the prompt shows of the conversation, and the one thing that it changes."""

    mode: Mode

    def status(self) -> str:
        """Return what stands below the prompt: model, session, tokens, money."""
        ...


class Prompt:
    """Reads what a person types. `commands` are the slash commands, with what each one does."""

    def __init__(
        self, workspace: Workspace, state: PromptState, commands: Mapping[str, str]
    ) -> None:
        self._state = state
        self._session = (
            None if is_dumb() else _session(workspace, state, commands, self._sign, self._cycle)
        )

    def read(self) -> str:
        """Return the next text, which may have several lines; it may be empty.

        Raises EOFError for Ctrl-D, KeyboardInterrupt for Ctrl-C; at a line with text, Ctrl-C only
        clears it. Not for a loop that runs already: that is what `read_async` is for.
        """
        clear_live()
        if self._session is None:
            return _cleaned(_read_plainly(self._sign()))
        return _cleaned(self._session.prompt())

    async def read_async(self) -> str:
        """Do as `read` does, in a running loop: its other tasks go on (not on a dumb terminal)."""
        clear_live()
        if self._session is None:
            return _cleaned(_read_plainly(self._sign()))
        return _cleaned(await self._session.prompt_async())

    def _sign(self) -> str:
        return f"{self._state.mode}> "

    def _cycle(self) -> None:
        self._state.mode = _MODES[(_MODES.index(self._state.mode) + 1) % len(_MODES)]


def is_dumb() -> bool:
    """Say whether the terminal cannot move its cursor, so that only whole lines can be read."""
    return os.environ.get("TERM", "").lower() in ("", "dumb", "unknown")


def _session(
    workspace: Workspace,
    state: PromptState,
    commands: Mapping[str, str],
    sign: Callable[[], str],
    cycle: Callable[[], None],
) -> PromptSession[str]:
    from prompt_toolkit import PromptSession

    from alma_agent.terminal.repl.completing import ReplCompleter
    from alma_agent.terminal.repl.history import TypedHistory, history_path
    from alma_agent.terminal.repl.keys import bindings
    from alma_agent.terminal.repl.names import ProjectNames

    return PromptSession(
        sign,
        multiline=True,
        bottom_toolbar=lambda: f" {state.mode} | {visible(state.status())}",
        history=TypedHistory(history_path(workspace.root)),
        key_bindings=bindings(cycle),
        completer=ReplCompleter(commands, ProjectNames(workspace)),
        complete_in_thread=True,
        reserve_space_for_menu=6,
        enable_open_in_editor=True,
        tempfile_suffix=".md",
        enable_suspend=True,
        search_ignore_case=True,
        include_default_pygments_style=False,
    )


def _read_plainly(sign: str) -> str:
    """Read lines as the terminal itself edits them, until the text is finished."""
    if isinstance(sys.stdin, io.TextIOWrapper) and sys.stdin.errors != "replace":
        with suppress(io.UnsupportedOperation):  # somebody has read from it already
            sys.stdin.reconfigure(errors="replace")  # half a character is no reason to end
    text = _line(sign)
    while is_unfinished(text):
        text = carried_on(text) + _line("... ")
    return text


def _line(sign: str) -> str:
    sys.stdout.write(sign)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")


def _cleaned(text: str) -> str:
    """Return a text without what only a terminal understands, and without half characters."""
    kept = (one for one in writable(text) if one in "\n\t" or category(one) != "Cc")
    return "".join(kept).strip()
