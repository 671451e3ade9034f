"""The commands that only look: `log`, `memory`, `doctor`."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path

from alma_agent.errors import AlmaError
from alma_agent.records import Undone
from alma_agent.run import settle
from alma_agent.terminal import render
from alma_agent.terminal.consoles import err, out
from alma_agent.wiring import House, open_house
from toolset.apply import needs_recovery
from toolset.errors import ToolsetError, WorkspaceBusy
from toolset.git import GitFailed, Repository
from toolset.workspace import STATE_FOLDER, Workspace

_SEARCH_BUDGET_TOKENS = 4_000
_ANY_LIKENESS = 0.1  # who searches wants to see what is nearest, even if it is not near


async def show_log(limit: int, file: Path | None) -> int:
    house = await opened_house()
    if house is None:
        return 0
    path = house.workspace.locate(file, base=Path.cwd()) if file else None
    told = house.library.interactions(limit=limit, path=path)
    undone = house.ledger.reverted()
    out.print(render.history(told, undone) if told else "Nothing happened here yet.")
    return 0


async def list_memories(limit: int) -> int:
    house = await opened_house()
    for one in house.library.memories(limit=limit) if house else ():
        out.print(render.memory_line(one), soft_wrap=True)
    return 0


async def search_memories(text: str, file: Path | None) -> int:
    house = await opened_house()
    if house is None:
        return 0
    path = house.workspace.locate(file, base=Path.cwd()) if file else None
    found = house.library_with_meaning.search(
        text, file=path, budget_tokens=_SEARCH_BUDGET_TOKENS, at_least=_ANY_LIKENESS
    )
    for one in found.memories:
        line = render.memory_line(one)
        line.append(f"  [{one.score:.2f}: {', '.join(one.why)}]", style="dim")
        out.print(line, soft_wrap=True)
    if not found.memories:
        out.print("No memory fits.")
    if found.note:
        err.print(found.note)
    return 0


async def show_memory(id_prefix: str) -> int:
    house = await opened_house()
    if house is None:
        return 0
    out.print(render.memory_details(house.library.memory(id_prefix)), soft_wrap=True)
    return 0


async def rebuild_index() -> int:
    house = await opened_house()
    if house is None:
        return 0
    count = house.library_with_meaning.rebuild()
    out.print(f"The index holds {count} memories again.")
    return 0


async def examine() -> int:
    """Try each part for real, and say what is wrong with it and how to mend it."""
    workspace = Workspace.around(Path.cwd())
    if needs_recovery(workspace):
        await opened_house()
    parts: list[tuple[str, Callable[[Workspace], str]]] = [
        ("python", lambda _: platform.python_version()),
        ("project", lambda where: str(where.root)),
        ("git", _examine_git),
        ("files", lambda where: f"{len(where.files())} in the project"),
        ("state", _examine_state),
        ("ledger", _examine_ledger),
        ("embedder", _examine_embedder),
        ("index", _examine_index),
        ("model", _examine_model),
    ]
    failed = 0
    for name, examination in parts:
        try:
            out.print(f"ok    {name}: {examination(workspace)}", soft_wrap=True)
        except (AlmaError, ToolsetError, GitFailed, OSError, ImportError) as error:
            failed += 1
            out.print(f"FAIL  {name}: {error}", style="red", soft_wrap=True)
    if failed:
        err.print(f"{failed} of {len(parts)} parts need mending.")
    return 1 if failed else 0


async def opened_house(*, has_worked: bool = False) -> House | None:
    """Open the house if alma has been here; a look leaves no trace in a folder it has not.

    `has_worked`: it has, though there may be no ledger (`toolset` alone keeps none).
    """
    workspace = Workspace.around(Path.cwd())
    ledger = workspace.root / STATE_FOLDER / "ledger.sqlite3"
    if not has_worked and not ledger.exists() and not needs_recovery(workspace):
        out.print(f"alma has not worked in {workspace.root} yet.")
        return None
    house = open_house(workspace)
    try:
        for one in await settle(workspace, house.library):
            err.print(render.recovery(one), soft_wrap=True)
    except WorkspaceBusy as error:
        err.print(str(error))
    return house


def _examine_git(workspace: Workspace) -> str:
    if not workspace.has_git:
        return "no repository here; the way back is kept as snapshots in .alma/"
    repository = Repository(workspace.root)
    version = repository.run("--version").decode().strip()
    return f"{version}, HEAD {(repository.head() or 'without commits')[:12]}"


def _examine_state(workspace: Workspace) -> str:
    folder = workspace.root / STATE_FOLDER
    if not folder.exists():
        return "none yet"
    if not os.access(workspace.state_folder(), os.W_OK):
        raise PermissionError(f"{folder} cannot be written. Check its owner and rights.")
    return str(folder)


def _examine_ledger(workspace: Workspace) -> str:
    if not (workspace.root / STATE_FOLDER / "ledger.sqlite3").exists():
        return "none yet"
    ledger = open_house(workspace).ledger
    undone = sum(isinstance(one.outcome, Undone) for one in ledger.interactions(limit=10_000))
    return f"{len(ledger.memory_ids())} memories, {undone} undone changes"


def _examine_embedder(_: Workspace) -> str:
    from alma_agent.memory.embedder import MiniLM

    embedder = MiniLM()
    vectors = embedder.embed(["does it work"])
    return f"{embedder.name}, {vectors.shape[1]} dimensions, digests as expected"


def _examine_index(workspace: Workspace) -> str:
    if not (workspace.root / STATE_FOLDER / "ledger.sqlite3").exists():
        return "none yet"
    waiting = open_house(workspace).library_with_meaning.waiting()
    return f"opens; {waiting} memories wait to be added" if waiting else "opens; up to date"


def _examine_model(_: Workspace) -> str:
    from alma_agent.config import model_choice

    name = os.environ.get("ALMA_MODEL")
    choice = model_choice(name)
    if choice is None:
        return "none configured; known refactorings work without (OPENAI_API_KEY for the others)"
    return f"{choice.name or 'the default'} at {choice.where} (not asked now)"
