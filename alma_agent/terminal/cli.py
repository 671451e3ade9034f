"""The commands. Results go to standard output, progress and errors to standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alma_agent import __version__
from alma_agent.terminal.chat_commands import chat
from alma_agent.terminal.completing import refactorings, run_ids
from alma_agent.terminal.completion_commands import completion
from alma_agent.terminal.config_commands import config_app
from alma_agent.terminal.cost_commands import cost
from alma_agent.terminal.ending import ending
from alma_agent.terminal.memory.commands import memory_app
from alma_agent.terminal.proposals.apply_command import apply
from alma_agent.terminal.proposals.lint_command import lint_proposals
from alma_agent.terminal.proposals.list_command import list_proposals
from alma_agent.terminal.proposals.propose_command import propose
from alma_agent.terminal.proposals.repropose_command import repropose
from alma_agent.terminal.proposals.review_command import review
from alma_agent.terminal.proposals.verify_command import verify
from alma_agent.terminal.report_commands import report
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
app.add_typer(config_app, name="config")
proposals_app = typer.Typer(help="See and check the proposals.", no_args_is_help=True)
app.add_typer(proposals_app, name="proposals")
proposals_app.command("list")(list_proposals)
proposals_app.command("lint")(lint_proposals)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"alma {__version__}")
        raise typer.Exit


@app.callback()
def alma(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Refactor Python projects with an agent that remembers them."""
    from alma_agent.terminal.configured import install

    install(context)


app.command()(run)
app.command()(chat)
app.command()(resume)
app.command()(propose)
app.command()(review)
app.command()(apply)
app.command()(verify)
app.command()(repropose)


@app.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def refactor(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="list|NAME [ARGUMENTS]", help="See `list`.", autocompletion=refactorings
        ),
    ] = None,
) -> None:
    """Carry out one exact refactoring, without a model. `list` names them."""
    from alma_agent.terminal.configured import defaults_below
    from alma_agent.terminal.refactor_commands import commands
    from toolset.refactor.catalogue import KINDS

    code = commands()(
        arguments or ["--help"],
        prog_name="alma refactor",
        standalone_mode=False,
        default_map=defaults_below("refactor", KINDS),
    )
    raise typer.Exit(code or 0)


@app.command()
@ending
async def outline(
    path: Annotated[
        Path | None, typer.Argument(help="A file or a folder; the whole project if empty.")
    ] = None,
) -> int:
    """Show classes and functions, with lines and complexity."""
    from alma_agent.terminal import reading

    return await reading.show_outline(path)


@app.command()
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


@app.command()
@ending
async def undo(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="N|ID",
            help="How many changes to undo, the newest first; or the id of one. One if empty.",
            autocompletion=run_ids,
        ),
    ] = None,
) -> int:
    """Take back a change. Later work elsewhere in its files stays; in its lines, it refuses."""
    from alma_agent.terminal import undoing

    return await undoing.undo_changes(which)


@app.command()
@ending
async def redo() -> int:
    """Bring back what the newest undo took away."""
    from alma_agent.terminal import undoing

    return await undoing.redo_last()


@app.command()
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
    graph: Annotated[
        bool, typer.Option("--graph", help="Draw which undo and redo goes back to what.")
    ] = False,
) -> int:
    """Show what alma did here, newest first."""
    from alma_agent.terminal import looking

    return await looking.show_log(limit, file, graph=graph)


@app.command()
@ending
async def doctor() -> int:
    """Check that everything alma needs is there and works."""
    from alma_agent.terminal import looking

    return await looking.examine()


app.command()(report)
app.command()(cost)
app.command()(completion)
