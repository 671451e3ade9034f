"""What a shell is told of while somebody types: ids, settings, names. It never fails, nor asks.

A completer gets what was typed of the word, and returns words, some with what they mean.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import typer

if TYPE_CHECKING:
    from alma_agent.wiring import House

Words: TypeAlias = list[str | tuple[str, str]]

_VARIABLE = "_ALMA_COMPLETE"
_MANY = 50
_LONGEST = 60


def prepare(environ: MutableMapping[str, str] = os.environ) -> None:
    """Let typer answer a shell that asks what may come next. Costs nothing if none does."""
    if _VARIABLE in environ:
        from typer._completion_classes import completion_init

        completion_init()


def script(shell: str) -> str:
    """Return the script for a shell."""
    from typer._completion_shared import get_completion_script

    return get_completion_script(prog_name="alma", complete_var=_VARIABLE, shell=shell)


def setting_keys(incomplete: str) -> Words:
    """Settings."""
    from alma_agent.configuration.settings import SETTINGS

    return [(one.key, one.help) for one in SETTINGS.values() if one.key.startswith(incomplete)]


def setting_values(context: typer.Context, incomplete: str) -> Words:
    """What the setting named before it may be."""
    from alma_agent.configuration.settings import SETTINGS

    one = SETTINGS.get(str(context.params.get("key")))
    if one is None:
        return []
    words = ("true", "false") if one.kind == "flag" else one.choices
    return [word for word in words if word.startswith(incomplete)]


def models(incomplete: str) -> Words:
    """Models that are configured, in whichever layer."""
    from alma_agent.configuration.layers import Configuration

    found: Words = []
    with _silently():
        here = Configuration(Path.cwd())
        for file in (here.project, here.user):
            for key in ("model", "architect-model"):
                entry = file.entries.get(key) if file else None
                if entry and str(entry.value).startswith(incomplete):
                    found.append((str(entry.value), str(file.path.name if file else "")))
    return list(dict.fromkeys(found))


def run_ids(incomplete: str) -> Words:
    """Ids of what alma did, newest first."""

    def found(house: House) -> Words:
        return [
            (one.id, _short(f"{one.at:%Y-%m-%d %H:%M} {one.goal}"))
            for one in house.library.interactions(limit=_MANY)
            if one.id.startswith(incomplete)
        ]

    return _in_house(found)


def memory_ids(incomplete: str) -> Words:
    """Ids of memories, newest first."""

    def found(house: House) -> Words:
        return [
            (one.memory.id, _short(one.memory.text))
            for one in house.library.recent(limit=_MANY)
            if one.memory.id.startswith(incomplete)
        ]

    return _in_house(found)


def paused_ids(incomplete: str) -> Words:
    """Ids of paused runs, newest first. Their files are not read."""
    found: Words = []
    with _silently():
        from toolset.workspace import Workspace

        folder = Workspace.around(Path.cwd()).root / ".alma" / "paused"
        found.extend(
            sorted(one.stem for one in folder.glob("*.json") if one.stem.startswith(incomplete))
        )
    return found


def proposal_ids(incomplete: str) -> Words:
    """Ids of proposals, newest first. Their files are not read: the folders' names say enough."""
    found: Words = []
    with _silently():
        from alma_agent.proposals.folder import names
        from toolset.workspace import Workspace

        every = reversed(names(Workspace.around(Path.cwd())))
        told = ((name[-12:], f"{name[:10]} {name[11:-13]}") for name in every)
        found.extend((id_, about) for id_, about in told if id_.startswith(incomplete))
    return found


def refactorings(context: typer.Context, incomplete: str) -> Words:
    """Refactorings; nothing once one is named."""
    if context.params.get("arguments"):
        return []
    found: Words = []
    with _silently():
        from toolset.refactor.catalogue import KINDS
        from toolset.refactor.spelling import about

        found.append(("list", "Name every refactoring, and what it takes."))
        found.extend((name, about(kind)) for name, kind in KINDS.items())
    return [one for one in found if one[0].startswith(incomplete)]


def _in_house(find: Callable[[House], Words]) -> Words:
    """Look into the memory of the current folder, if it is a file there: no server is asked."""
    found: Words = []
    with _silently():
        from alma_agent.configuration.layers import Configuration
        from alma_agent.wiring import open_house
        from toolset.workspace import Workspace

        is_elsewhere = Configuration(Path.cwd()).value("ledger-url")
        workspace = Workspace.around(Path.cwd())
        if not is_elsewhere and (workspace.root / ".alma" / "ledger.sqlite3").is_file():
            found.extend(find(open_house(workspace)))
    return found


@contextmanager
def _silently() -> Iterator[None]:
    """Complete nothing rather than write an error into the line that somebody types."""
    with suppress(Exception):  # whatever it is: the command itself will say it
        yield


def _short(text: str) -> str:
    """Return one line that a shell can show."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
