"""What may stand where a person types: `/commands`, `@files` and `@symbols`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from alma_agent.terminal.consoles import visible
from alma_agent.terminal.repl.matching import ranked
from alma_agent.terminal.repl.mentions import spelt
from alma_agent.terminal.repl.names import ProjectNames

_MOST_SHOWN = 40
_COMMAND = re.compile(r"/[\w-]*")
_MENTION = re.compile(r'(?:^|(?<=[\s(\[,;]))@(?:"(?P<quoted>[^"\n]*)|(?P<bare>[^\s"@]*))$')
_PATIENCE_S = 0.5  # for the names of the project, the first time; in a thread, so nobody is kept


class ReplCompleter(Completer):
    """Completes commands at the beginning of a text, and mentions anywhere in it."""

    def __init__(self, commands: Mapping[str, str], names: ProjectNames) -> None:
        self._commands = {name.removeprefix("/"): what for name, what in commands.items()}
        self._names = names

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002
    ) -> Iterator[Completion]:
        before = document.text_before_cursor
        if _COMMAND.fullmatch(before):
            yield from self._of_commands(before)
        elif found := _MENTION.search(before):
            typed = found["quoted"] or found["bare"] or ""
            yield from self._of_names(typed, len(before) - found.start())

    def _of_commands(self, before: str) -> Iterator[Completion]:
        for name in ranked(before[1:], self._commands, limit=_MOST_SHOWN):
            what = visible(self._commands[name])
            yield Completion(f"/{name}", -len(before), display_meta=what)

    def _of_names(self, typed: str, length: int) -> Iterator[Completion]:
        names = self._names.waited(_PATIENCE_S)
        # Without a letter only files: a project has thousands of symbols.
        fitting = names.paths + names.symbols if typed else names.paths
        is_whole = "::" in typed
        for name in ranked(typed, fitting, limit=_MOST_SHOWN, of=str if is_whole else _own):
            path, _, symbol = name.partition("::")
            meta = visible(path) if symbol else ""
            yield Completion(
                spelt(name), -length, display=visible(symbol or path), display_meta=meta
            )


def _own(name: str) -> str:
    """Return a symbol without its file, whose letters should not count; a path as it is."""
    return name.rpartition("::")[2]
