"""One exact refactoring from the command line: carried out as any task is, told as text or JSON."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from alma_agent.config import Settings
from alma_agent.errors import AlmaError, exit_code
from alma_agent.ports import Crew
from alma_agent.records import Task
from alma_agent.review import AssumeYes, NobodyThere
from alma_agent.run import preview, run
from alma_agent.terminal import running
from alma_agent.terminal.ask import Shown
from alma_agent.terminal.consoles import err, out
from alma_agent.terminal.observing import TerminalObserver
from alma_agent.terminal.refactor_json import VERSION, Quiet, document
from alma_agent.terminal.witness import Witness
from toolset.errors import ToolsetError
from toolset.refactor.catalogue import KINDS
from toolset.refactor.requests import Request
from toolset.refactor.spelling import about, sentence, usage
from toolset.workspace import Workspace


def list_kinds(*, as_json: bool) -> int:
    """Print every refactoring, what it takes, and what it does."""
    kinds = [
        {"name": name, "usage": usage(kind), "about": about(kind)} for name, kind in KINDS.items()
    ]
    if as_json:
        print(json.dumps({"version": VERSION, "refactorings": kinds}, indent=2))
        return 0
    table = Table.grid(padding=(0, 2))
    for one in kinds:
        table.add_row(one["usage"], one["about"])
    out.print(table)
    return 0


async def refactor(
    request: Request, settings: Settings, *, dry_run: bool = False, as_json: bool = False
) -> int:
    """Carry out one refactoring; return the exit code. Raises AlmaError and ToolsetError."""
    workspace = Workspace.around(Path.cwd())
    house = await running.settled_house(workspace)
    request = seen_from(request, workspace, Path.cwd())
    task = running.task_of(sentence(request), settings)
    if as_json:
        reviewer = AssumeYes(settings.accept) if settings.assume_yes else NobodyThere()
        crew = house.exact_crew([request], reviewer, Quiet())
        return await _told_as_json(request, task, workspace, crew, dry_run=dry_run)
    shown = Shown(out, running.reviewer_of(settings))
    observer = TerminalObserver(out, err)
    crew = house.exact_crew([request], shown, observer, choose=running.chooser())
    return await running.told(task, workspace, crew, dry_run=dry_run)


async def _told_as_json(
    request: Request, task: Task, workspace: Workspace, crew: Crew, *, dry_run: bool
) -> int:
    witness = Witness(crew.proposer)
    crew = replace(crew, proposer=witness)
    try:
        if dry_run:
            proposal, checks = await preview(task, workspace, crew)
            told = document(request, proposal, "proposed", checks=checks)
            code = 0 if all(one.passed for one in checks) else running.CHECKS_FAILED
        else:
            interaction = await run(task, workspace, crew)
            told = document(request, witness.proposal, interaction)
            code = running.exit_code_of(interaction.outcome)
    except (AlmaError, ToolsetError) as error:
        told = document(request, witness.proposal, error)
        code = exit_code(error)
    print(json.dumps(told, indent=2, ensure_ascii=False))
    return code


def seen_from(request: Request, workspace: Workspace, folder: Path) -> Request:
    """Return the request with its paths counted from the root; they were counted from `folder`."""
    if folder.resolve() == workspace.root:
        return request

    def moved(text: str) -> str:
        path, colons, rest = text.partition(":")
        inside = path if not path else str(workspace.locate(path, base=folder))
        return f"{inside}{colons}{rest}"

    changed: dict[str, Any] = {}
    for one in fields(request):
        value = getattr(request, one.name)
        match one.metadata["holds"]:
            case "path":
                changed[one.name] = moved(value)
            case "address" if "::" in value or "/" in value or (folder / value).exists():
                changed[one.name] = moved(value)
            case "paths":
                changed[one.name] = tuple(moved(path) for path in value)
    return replace(request, **changed)
