"""`alma outline`, `refs`, `diff`, `log`, `doctor`: from flags to what is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alma_agent.terminal.completing import run_ids
from alma_agent.terminal.ending import ending


@ending
async def outline(
    path: Annotated[
        Path | None, typer.Argument(help="A file or a folder; the whole project if empty.")
    ] = None,
) -> int:
    """Show classes and functions, with lines and complexity."""
    from alma_agent.terminal import reading

    return await reading.show_outline(path)


@ending
async def refs(
    target: Annotated[str, typer.Argument(help="path/file.py::Class.method, or its name alone.")],
    calls: Annotated[bool, typer.Option("--calls", help="Only who calls it.")] = False,
    definition: Annotated[
        bool, typer.Option("--definition", help="Only where it is defined.")
    ] = False,
) -> int:
    """Show where a symbol is defined, used and called. What may be a use is listed, too."""
    from alma_agent.terminal import reading

    if definition:
        return await reading.show_definition(target)
    return await reading.show_references(target, calls_only=calls)


@ending
async def diff(
    id: Annotated[
        str | None,
        typer.Argument(
            help="Whose change to show; the newest one's if empty.", autocompletion=run_ids
        ),
    ] = None,
) -> int:
    """Show what a run, an undo or a redo changed."""
    from alma_agent.terminal import keeping

    return await keeping.show_change(id)


@ending
async def log(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="How many.")
    ] = 20,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Of this file only.")] = None,
    graph: Annotated[
        bool, typer.Option("--graph", help="Draw which undo and redo goes back to what.")
    ] = False,
) -> int:
    """Show what alma did here, newest first."""
    from alma_agent.terminal import looking

    return await looking.show_log(limit, file, graph=graph)


@ending
async def doctor() -> int:
    """Check that everything alma needs is there and works."""
    from alma_agent.terminal import looking

    return await looking.examine()
