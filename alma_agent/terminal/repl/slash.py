"""What begins with a slash: which commands there are, and what each of them does.

A command that is none of these is one of alma's own, carried out as on the command line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from rich.table import Table

from alma_agent.errors import UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.consoles import out
from alma_agent.terminal.repl import talk_commands, work_commands
from alma_agent.terminal.repl.command_line import CommandLine, alma, words
from alma_agent.terminal.repl.state import Chat

_NAMED = re.compile(r"/(?P<name>[A-Za-z][\w-]*|\?)?(?:\s+(?P<rest>.*))?", re.DOTALL)
_TAKES_TEXT = frozenset(("add", "code", "decide", "files", "search", "why"))  # of `alma memory`
_NOT_HERE = frozenset(("chat", "completion", "run", "resume"))  # of the command line's own


class Quit(Exception):
    """The person wants to leave."""


@dataclass(frozen=True, slots=True)
class Slash:
    """A command of the conversation. `do` takes what stands behind its name."""

    takes: str
    about: str
    do: Callable[[Chat, str], int]


def _quit(_: Chat, __: str) -> int:
    raise Quit


_OWN: dict[str, Slash] = {
    "plan": Slash("[GOAL]", "Only plan this; without a goal, go to plan mode and back.",
                  work_commands.plan),
    "run": Slash("[GOAL]", "Let one turn edit; without a goal, carry out the plan.",
                 work_commands.run),
    "mode": Slash("ask|auto-edit|plan", "How far a model may go (Shift-Tab changes it too).",
                  work_commands.switch_mode),
    "model": Slash("[NAME]", "Show or choose the model.", talk_commands.model),
    "test": Slash("[COMMAND]", "Run the check on the files as they are.", work_commands.test),
    "review": Slash("[ID]", "Review a draft that was kept, as it is.", work_commands.review),
    "resume": Slash("[SESSION|ID|--list]", "Go on with what was stopped or cut off.",
                    work_commands.resume),
    "add": Slash("[PATH]...", "Take files in hand.", talk_commands.add),
    "drop": Slash("[PATH]...", "Lay them aside again.", talk_commands.drop),
    "scope": Slash("[GLOB...|off]", "What may be changed at all.", talk_commands.scope),
    "context": Slash("[all]", "What a model would be told now, in tokens.",
                     talk_commands.context),
    "compact": Slash("", "Put what was said into fewer words.",
                     lambda chat, _: talk_commands.compact(chat)),
    "new": Slash("[NAME]", "Begin another conversation.", talk_commands.new),
    "quit": Slash("", "Leave (Ctrl-D does, too).", _quit),
}  # fmt: skip
_ALONE = {"config": "show", "checkpoints": "list"}  # what a group of commands does by itself here
_WHY = ("[ID|QUESTION]", "What was recalled for the last turn, and why.")
_AS_COMMANDS: dict[str, tuple[str, str]] = {
    "diff": ("[ID]", "Show what a turn changed; the newest change if empty."),
    "undo": ("[N|ID]", "Take back changes, or the one of that id."),
    "redo": ("", "Bring back what the newest undo took away."),
    "memory": ("[search|add|...]", "See, write and forget what is remembered."),
    "why": _WHY,
    "cost": ("[--by model]", "What this session, or all, has cost."),
    "log": ("", "What happened here."),
    "config": ("[show|get|set]", "The configuration."),
}


class SlashCommands:
    """The commands of one conversation. `commands` is alma's command line, `names` its commands."""

    def __init__(self, chat: Chat, commands: CommandLine, names: Mapping[str, str]) -> None:
        self._chat = chat
        self._commands = commands
        self._names = {name: about for name, about in names.items() if name not in _NOT_HERE}

    def known(self) -> dict[str, str]:
        """Return each command and what it does, for whoever completes them."""
        told = {name: about for name, (_, about) in _AS_COMMANDS.items() if name in self._names}
        own = {name: one.about for name, one in _OWN.items()}
        others = {name: about for name, about in self._names.items() if name not in told}
        return {"help": "Show the commands.", **own, **told, "why": _WHY[1], **others}

    @staticmethod
    def is_one(text: str) -> bool:
        """Say whether a text is a command; a path such as /usr/bin is none."""
        return _NAMED.fullmatch(text) is not None

    def do(self, text: str) -> int:
        """Carry out a command; return an exit code.

        Raises Quit; UsageError if there is no such command; else what the command raises.
        """
        found = _NAMED.fullmatch(text)
        name = ((found and found["name"]) or "help").lower()
        rest = ((found and found["rest"]) or "").strip()
        if name in ("help", "?"):
            return self._help()
        if name == "exit":
            raise Quit
        if name in _OWN:
            return _OWN[name].do(self._chat, rest)
        if name in ("why", "cost") and not rest:
            about_session = talk_commands.why if name == "why" else talk_commands.cost
            return about_session(self._chat)
        if name == "why":
            return self._as_command("memory", ["why", *_with_one_text(rest)])
        if name == "memory":
            return self._as_command("memory", _of_memory(rest))
        if name not in self._names:
            raise UsageError(self._unknown(name))
        return self._as_command(name, words(rest or _ALONE.get(name, "")))

    def _as_command(self, name: str, arguments: list[str]) -> int:
        from alma_agent.terminal.repl import telling
        from alma_agent.terminal.repl.turns import open_chat_house

        open_chat_house(self._chat)
        try:
            return alma(self._commands, [name, *arguments])
        finally:
            if any(one.files for one in telling.tell_news(self._chat)):
                self._chat.begin()

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self.known(), n=1, cutoff=0.6)
        hint = f" Did you mean /{near[0]}?" if near else ""
        return f"There is no command /{name}.{hint} /help shows them."

    def _help(self) -> int:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(overflow="fold")
        grid.add_column(overflow="fold")
        for name, one in _OWN.items():
            grid.add_row(f"/{name} {one.takes}".rstrip(), one.about)
        for name, (takes, about) in _AS_COMMANDS.items():
            grid.add_row(f"/{name} {takes}".rstrip(), about)
        for sign, about in _SIGNS.items():
            grid.add_row(sign, about)
        out.print("Say what to do, in words; or one of these:")
        out.print(grid)
        more = ", ".join(f"/{name}" for name in self._names if name not in self._shown)
        out.print(f"As on the command line: {more}", style="dim")
        return ExitCode.DONE

    @property
    def _shown(self) -> set[str]:
        return {*_OWN, *_AS_COMMANDS}


_SIGNS = {
    "@path, @symbol": "Names a file or a symbol; it is completed.",
    "!command": "Runs a command in your shell; the next turn knows what it said.",
    "#text": "Remembers a text.",
}


def _of_memory(rest: str) -> list[str]:
    """Return the arguments of `alma memory`; a text need not be quoted here."""
    name, _, more = rest.partition(" ")
    if not name:
        return ["list"]
    return [name, *(_with_one_text(more) if name in _TAKES_TEXT else words(more))]


def _with_one_text(rest: str) -> list[str]:
    """Return arguments whose first words, up to a flag, are one text."""
    try:
        given = words(rest)
    except UsageError:  # an apostrophe, most likely
        given = rest.split()
    text = list(takewhile(lambda word: not word.startswith("-"), given))
    return [" ".join(text), *given[len(text) :]] if text else given
