"""`alma memory export` and `import`: memories as files that travel with the repository."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from alma_agent.errors import UsageError
from alma_agent.memory.exchange import SHARED, Exported, Imported, export, import_
from alma_agent.memory.forgetting import SHARED_FOLDER
from alma_agent.remembered import MemoryKind
from alma_agent.terminal.consoles import err, out
from alma_agent.terminal.memory import documents
from alma_agent.terminal.memory.looking import house_of_memory
from alma_agent.wiring import House

_FILES_SHOWN = 20


async def export_memories(
    folder: Path | None, *, kinds: tuple[MemoryKind, ...], with_interactions: bool, json: bool
) -> int:
    """Write memories into a folder. Raises UsageError if it holds other things, or news."""
    house = await house_of_memory(json=json, folder=None, memories={})
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
    if json:
        documents.print_document(
            folder=str(home),
            memories=dict(done.memories),
            forgotten=done.forgotten,
            written=[str(path) for path in done.written],
            removed=[str(path) for path in done.removed],
        )
    else:
        _tell_of_export(home, done)
    return 0


async def import_memories(folder: Path | None, *, dry_run: bool, json: bool) -> int:
    """Take over what a folder says. Raises SharedFilesRefused if anything in it is broken."""
    house = await house_of_memory(json=json, begin=True)
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
    if json:
        documents.print_document(folder=str(home), dry_run=dry_run, **asdict(done))
    else:
        _tell_of_import(home, done, dry_run=dry_run)
    return 0


def _home(house: House, folder: Path | None) -> Path:
    return folder or house.workspace.state_path(SHARED_FOLDER)


def _shown(home: Path) -> Path:
    here = Path.cwd()
    return home.relative_to(here) if home.is_relative_to(here) else home


def _tell_of_export(home: Path, done: Exported) -> None:
    counted = ", ".join(f"{count} {kind}" for kind, count in done.memories.items())
    out.print(f"{_shown(home)}: {counted or 'no memories'}.", soft_wrap=True)
    for sign, paths in (("+", done.written), ("-", done.removed)):
        for path in paths[:_FILES_SHOWN]:
            out.print(f"  {sign} {path}", soft_wrap=True)
        if len(paths) > _FILES_SHOWN:
            out.print(f"  {sign} and {len(paths) - _FILES_SHOWN} more")
    if not done.written and not done.removed:
        out.print("It is up to date.")


def _tell_of_import(home: Path, done: Imported, *, dry_run: bool) -> None:
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
    out.print(f"{_shown(home)}: {', '.join(counted) or 'no memories'}.", soft_wrap=True)
    if dry_run:
        err.print("Nothing was taken: this was a dry run.")
