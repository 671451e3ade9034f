"""`alma refactor`: hands its arguments on to the refactorings' own command line."""

from __future__ import annotations

from typing import Annotated

import typer

from alma_agent.terminal.completing import refactorings


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
