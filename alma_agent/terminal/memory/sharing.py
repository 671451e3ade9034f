"""`alma memory export` and `import`: memories as files that travel with the repository."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.memory.exchange import SHARED, Exported, Imported, export, import_
from alma_agent.memory.forgetting import SHARED_FOLDER
from alma_agent.remembered import MemoryKind
from alma_agent.terminal.consoles import err, tell
from alma_agent.terminal.memory.looking import house_of_memory
from alma_agent.wiring import House

_FILES_SHOWN = 20


class MemoryExportResult(TypedDict):
    """`alma memory export`: how many memories of each kind, and the files that changed.

    `forgotten` is how many lines say that something was forgotten. `folder` is null where nothing
    is remembered.
    """

    folder: str | None
    memories: dict[str, int]
    forgotten: int
    written: list[str]
    removed: list[str]


class MemoryImportResult(TypedDict):
    """`alma memory import`: ids of what came, or would come; `known` is how many came before."""

    folder: str
    dry_run: bool
    added: list[str]
    revised: list[str]
    merged: list[str]
    erased: list[str]
    kept_out: list[str]
    left_alone: list[str]
    known: int


async def export_memories(
    folder: Path | None, *, kinds: tuple[MemoryKind, ...], with_interactions: bool
) -> int:
    """Write memories into a folder. Raises UsageError if it holds other things, or news."""
    house = await house_of_memory(_exported(None, Exported()))
    if house is None:
        return 0
    home = _home(house, folder)
    wanted = replace(
        SHARED,
        scope=house.scope,
        kinds=(kinds or SHARED.kinds) + (("interaction",) if with_interactions else ()),
    )
    try:
        done = export(house.ledger, home, wanted)
    except OSError as error:
        raise UsageError(f"{home} cannot be written: {error.strerror}.") from error
    tell(_exported(home, done), *_export_lines(home, done))
    return 0


async def import_memories(folder: Path | None, *, dry_run: bool) -> int:
    """Take over what a folder says. Raises SharedFilesRefused if anything in it is broken."""
    house = await house_of_memory(begin=True)
    if house is None:
        return 0
    home = _home(house, folder)
    done = import_(house.ledger, home, scope=house.scope, dry_run=True)
    if not dry_run:
        if done.erased:  # what was forgotten elsewhere has traces here, outside of the ledger
            library = house.library_to_forget
            library.forget(done.erased)
            library.close()
        done = replace(import_(house.ledger, home, scope=house.scope), erased=done.erased)
    tell({"folder": str(home), "dry_run": dry_run, **asdict(done)}, _import_line(home, done))
    if dry_run:
        err.print("Nothing was taken: this was a dry run.")
    return 0


def _home(house: House, folder: Path | None) -> Path:
    return folder or house.workspace.state_path(SHARED_FOLDER)


def _shown(home: Path) -> Path:
    here = Path.cwd()
    return home.relative_to(here) if home.is_relative_to(here) else home


def _exported(home: Path | None, done: Exported) -> MemoryExportResult:
    return {
        "folder": str(home) if home else None,
        "memories": dict(done.memories),
        "forgotten": done.forgotten,
        "written": [str(path) for path in done.written],
        "removed": [str(path) for path in done.removed],
    }


def _export_lines(home: Path, done: Exported) -> Iterator[str]:
    counted = ", ".join(f"{count} {kind}" for kind, count in done.memories.items())
    yield f"{_shown(home)}: {counted or 'no memories'}."
    for sign, paths in (("+", done.written), ("-", done.removed)):
        for path in paths[:_FILES_SHOWN]:
            yield f"  {sign} {path}"
        if len(paths) > _FILES_SHOWN:
            yield f"  {sign} and {len(paths) - _FILES_SHOWN} more"
    if not done.written and not done.removed:
        yield "It is up to date."


def _import_line(home: Path, done: Imported) -> str:
    told = {
        "new": done.added,
        "revised": done.revised,
        "merged with others that say the same": done.merged,
        "erased, as they were elsewhere": done.erased,
        "kept out: they were forgotten here": done.kept_out,
        "left alone: they are of another scope here": done.left_alone,
    }
    counted = [f"{len(ids)} {what}" for what, ids in told.items() if ids]
    counted += [f"{done.known} known already"] if done.known else []
    return f"{_shown(home)}: {', '.join(counted) or 'no memories'}."
