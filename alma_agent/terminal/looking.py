"""The commands that only look: `log`, `doctor`."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path

from rich.text import Text

from alma_agent.config import memory_choice
from alma_agent.errors import AlmaError
from alma_agent.records import Undone
from alma_agent.terminal import configured, render
from alma_agent.terminal.consoles import err, manner, tell
from alma_agent.terminal.documents import DoctorResult, LogResult, ToldPart, interaction
from alma_agent.terminal.graph import lanes
from alma_agent.terminal.opening import has_ledger, opened_house
from alma_agent.wiring import embedder_of, open_house
from toolset.apply import needs_recovery
from toolset.errors import ToolsetError
from toolset.git import GitFailed, Repository
from toolset.workspace import STATE_FOLDER, Workspace


async def show_log(limit: int, file: Path | None, *, graph: bool = False) -> int:
    house = await opened_house()
    if house is None:
        tell(LogResult(interactions=[]))
        return 0
    path = house.workspace.locate(file, base=Path.cwd()) if file else None
    told = house.library.interactions(limit=limit, path=path)
    undone = house.library.taken_back()
    result = LogResult(interactions=[interaction(one, undone) for one in told])
    drawn = lanes if graph else render.history
    tell(result, drawn(told, undone) if told else "Nothing happened here yet.")
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
        ("memory", _examine_memory),
        ("configuration", lambda _: configured.examine()),
        ("model", _examine_model),
    ]
    tried: list[ToldPart] = []
    for name, examination in parts:
        try:
            part = ToldPart(name=name, ok=True, told=examination(workspace))
        except (AlmaError, ToolsetError, GitFailed, OSError, ImportError) as error:
            part = ToldPart(name=name, ok=False, told=str(error))
        tried.append(part)
        line = f"{'ok  ' if part['ok'] else 'FAIL'}  {name}: {part['told']}"
        tell(DoctorResult(parts=tried), Text(line, style="" if part["ok"] else "red"))
    failed = sum(not part["ok"] for part in tried)
    if failed:
        manner.reason = f"{failed} of {len(parts)} parts need mending."
        err.print(manner.reason)
    return 1 if failed else 0


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
    if not has_ledger(workspace):
        return "none yet"
    library = open_house(workspace).library
    undone = sum(isinstance(one.outcome, Undone) for one in library.interactions(limit=10_000))
    return f"{library.count()} memories, {undone} undone changes"


def _examine_embedder(_: Workspace) -> str:
    choice = memory_choice()
    if choice.embedder == "none":
        return "none is wanted: memories are found by words"
    embedder = embedder_of(choice)
    if choice.embedder != "minilm":
        return f"{embedder.name} (not asked now)"
    vectors = embedder.embed(["does it work"])
    return f"{embedder.name}, {vectors.shape[1]} dimensions, digests as expected"


def _examine_index(workspace: Workspace) -> str:
    if memory_choice().embedder == "none":
        return "none is wanted"
    if not has_ledger(workspace):
        return "none yet"
    waiting = open_house(workspace).library_with_meaning.waiting()
    return f"opens; {waiting} memories wait to be added" if waiting else "opens; up to date"


def _examine_memory(workspace: Workspace) -> str:
    if not has_ledger(workspace):
        return "none yet"
    from alma_agent.terminal.memory.health import complaints

    found = complaints(open_house(workspace))
    return f"{len(found)} things to see to: alma memory doctor" if found else "nothing to mend"


def _examine_model(_: Workspace) -> str:
    from alma_agent.config import model_choice, with_key
    from alma_agent.environment import environment

    name = environment().get("ALMA_MODEL")
    choice = model_choice(name)
    choice = with_key(choice) if choice else None
    if choice is None:
        return "none configured; known refactorings work without (OPENAI_API_KEY for the others)"
    return f"{choice.name or 'the default'} at {choice.where} (not asked now)"
