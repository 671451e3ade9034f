"""The commands. Results go to standard output, progress and errors to standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alma_agent import __version__
from alma_agent.terminal.ending import ending
from alma_agent.terminal.memory.commands import memory_app
from alma_agent.terminal.run_commands import resume, run

app = typer.Typer(
    name="alma",
    help="Refactor Python projects with an agent that remembers them. Nothing is written before "
    "you have seen and accepted it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(memory_app, name="memory")
checkpoints_app = typer.Typer(help="See and forget the ways back.", no_args_is_help=True)
app.add_typer(checkpoints_app, name="checkpoints")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"alma {__version__}")
        raise typer.Exit


@app.callback()
def alma(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Refactor Python projects with an agent that remembers them."""


app.command()(run)
app.command()(resume)


@app.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def refactor(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="list|NAME [ARGUMENTS]", help="See `list`.")
    ] = None,
) -> None:
    """Carry out one exact refactoring, without a model: `alma refactor list` names them."""
    from alma_agent.terminal.refactor_commands import commands

    raise typer.Exit(
        commands()(arguments or ["--help"], prog_name="alma refactor", standalone_mode=False) or 0
    )


@app.command()
@ending
async def outline(
    path: Annotated[
        Path | None, typer.Argument(help="A file or a folder; the whole project if empty.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Show the classes and functions of the project, with lines and cognitive complexity."""
    from alma_agent.terminal import reading

    return await reading.show_outline(path, json=json)


@app.command()
@ending
async def refs(
    target: Annotated[str, typer.Argument(help="path/file.py::Class.method, or its name alone.")],
    calls: Annotated[bool, typer.Option("--calls", help="Only who calls it.")] = False,
    definition: Annotated[
        bool, typer.Option("--definition", help="Only where it is defined.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Show where a symbol is defined, used and called, and what may be a use of it."""
    from alma_agent.terminal import reading

    if definition:
        return await reading.show_definition(target, json=json)
    return await reading.show_references(target, calls_only=calls, json=json)


@app.command()
@ending
async def undo(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="[N|ID]",
            help="How many changes to undo, the newest first; or the id of one. One if empty.",
        ),
    ] = None,
) -> int:
    """Take back a change. Later work elsewhere in its files stays; in its lines, it refuses."""
    from alma_agent.terminal import running

    return await running.undo_changes(which)


@app.command()
@ending
async def redo() -> int:
    """Bring back what the newest undo took away."""
    from alma_agent.terminal import running

    return await running.redo_last()


@app.command()
@ending
async def diff(
    id: Annotated[
        str | None, typer.Argument(help="Whose change to show; the newest one's if empty.")
    ] = None,
) -> int:
    """Show what a run, an undo or a redo changed."""
    from alma_agent.terminal import keeping

    return await keeping.show_change(id)


@checkpoints_app.command("list")
@ending
async def checkpoints_list() -> int:
    """List the checkpoints, newest first."""
    from alma_agent.terminal import keeping

    return await keeping.list_checkpoints()


@checkpoints_app.command("prune")
@ending
async def checkpoints_prune(
    keep: Annotated[int, typer.Option(min=0, help="The newest ones that stay, however old.")] = 100,
    days: Annotated[float, typer.Option(min=0, help="Younger ones stay too.")] = 30.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only show which.")] = False,
) -> int:
    """Forget checkpoints that are neither among the newest nor young. alma never does by itself."""
    from alma_agent.terminal import keeping

    return await keeping.prune_checkpoints(keep=keep, days=days, dry_run=dry_run)


@app.command()
@ending
async def log(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="How many.")
    ] = 20,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Of this file only.")] = None,
) -> int:
    """Show what alma did here, newest first."""
    from alma_agent.terminal import looking

    return await looking.show_log(limit, file)


@app.command()
@ending
async def doctor() -> int:
    """Check that everything alma needs is there and works."""
    from alma_agent.terminal import looking

    return await looking.examine()
