"""`alma repropose`: from flags to settings."""

from __future__ import annotations

from typing import Annotated

import typer
from typer._click.core import ParameterSource
from typer._click.globals import get_current_context

from alma_agent.terminal import run_options as opt
from alma_agent.terminal.ending import ending
from alma_agent.terminal.proposals.propose_documents import ReproposeResult

__all__ = ["ReproposeResult", "repropose"]


@ending
async def repropose(  # noqa: PLR0917 - typer makes flags of them
    id: Annotated[str, typer.Argument(metavar="ID", help="Which proposal: its id, or its folder.")],
    onto: Annotated[
        str, typer.Option("--onto", metavar="REV", help="The commit to carry it over to.")
    ] = "HEAD",
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Run the checks that came with the proposal.")
    ] = False,
    always: Annotated[
        bool,
        typer.Option("--always", help="Make a revision even where it would land as it is."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Make it and check it, write nothing.")
    ] = False,
    check: opt.CheckOption = None,
    check_timeout: opt.CheckTimeoutOption = opt.CHECK_TIMEOUT,
    check_network: opt.CheckNetworkOption = opt.CHECK_NETWORK,
    lint: opt.LintOption = opt.LINT,
) -> int:
    """Carry a proposal over to a base that has moved: its next revision.

    An exact refactoring is made again; any other change is merged, if that is clean. Approvals of
    earlier revisions no longer count. --check takes the place of the proposal's own checks.

    Exit codes: 0 reproposed or nothing to do, 2 wrong command, 3 its checks need a yes, 5 a check
    failed, 6 its base is not in this clone, 7 it conflicts, 8 out of scope or not sound.
    """
    from alma_agent.config import Settings, command
    from alma_agent.terminal.proposals import reproposing
    from alma_agent.terminal.proposals.ground import ground

    settings = Settings(
        check=command(check),
        check_timeout_s=check_timeout,
        check_network=check_network,
        lint=lint,
    )
    return await reproposing.repropose(
        id,
        ground(onto),
        settings,
        yes=yes,
        always=always,
        dry_run=dry_run,
        rechecked=_is_said("check"),
    )


def _is_said(name: str) -> bool:
    """Say whether a flag stands on the command line; else it is configured, or not there."""
    return get_current_context().get_parameter_source(name) == ParameterSource.COMMANDLINE
