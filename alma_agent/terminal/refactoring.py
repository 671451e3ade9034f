"""One exact refactoring from the command line: carried out as any task is, and told."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from alma_agent.config import Settings
from alma_agent.errors import AlmaError
from alma_agent.exit_codes import ExitCode
from alma_agent.ports import Crew
from alma_agent.records import Task
from alma_agent.run import preview, run
from alma_agent.terminal import running
from alma_agent.terminal.consoles import manner, tell
from alma_agent.terminal.observing import observing
from alma_agent.terminal.refactor_json import RefactorListResult, document
from alma_agent.terminal.witness import Witness
from toolset.errors import ToolsetError
from toolset.refactor.catalogue import KINDS
from toolset.refactor.requests import Request
from toolset.refactor.spelling import about, sentence, usage
from toolset.workspace import Workspace


def list_kinds() -> int:
    """Tell every refactoring, what it takes, and what it does."""
    result: RefactorListResult = {
        "refactorings": [
            {"name": name, "usage": usage(kind), "about": about(kind)}
            for name, kind in KINDS.items()
        ]
    }
    table = Table.grid(padding=(0, 2))
    for one in result["refactorings"]:
        table.add_row(one["usage"], one["about"])
    tell(result, table)
    return 0


async def refactor(
    request: Request, settings: Settings, *, dry_run: bool = False, exit_code: bool = False
) -> int:
    """Carry out one refactoring; return the exit code. Raises AlmaError and ToolsetError."""
    running.require_preview(exit_code=exit_code, dry_run=dry_run)
    workspace = Workspace.around(Path.cwd())
    house = await running.settled_house(workspace)
    request = seen_from(request, workspace, Path.cwd())
    task = running.task_of(sentence(request), settings)
    reviewer = running.shown_to(running.reviewer_of(settings))
    observer = observing()
    crew = house.exact_crew([request], reviewer, observer, choose=running.chooser())
    if manner.json:
        code = await _told_to_a_program(request, task, workspace, crew, dry_run=dry_run)
        would_change = exit_code and code == ExitCode.DONE and bool(manner.result["files"])
        return ExitCode.FAILED if would_change else code
    return await running.told(task, workspace, crew, dry_run=dry_run, exit_code=exit_code)


async def _told_to_a_program(
    request: Request, task: Task, workspace: Workspace, crew: Crew, *, dry_run: bool
) -> int:
    witness = Witness(crew.proposer)
    crew = replace(crew, proposer=witness)
    try:
        if dry_run:
            proposal, checks = await preview(task, workspace, crew)
            told = document(request, proposal, "proposed", checks=checks)
            is_sound = all(one.passed for one in checks)
            code = ExitCode.DONE if is_sound else ExitCode.CHECKS_FAILED
        else:
            interaction = await run(task, workspace, crew)
            told = document(request, witness.proposal, interaction)
            code = running.exit_code_of(interaction.outcome)
    except (AlmaError, ToolsetError) as error:
        tell(document(request, witness.proposal, error))
        raise
    tell(told)
    manner.reason = told["reason"] or ("The check failed." if code else "")
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
