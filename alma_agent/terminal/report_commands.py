"""`alma report`: from flags to a page."""

from __future__ import annotations

from typing import Annotated

import typer

from alma_agent.terminal.completing import run_ids
from alma_agent.terminal.ending import ending


@ending
async def report(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Which run (see alma log); the newest if empty.",
            autocompletion=run_ids,
        ),
    ] = "",
) -> int:
    """Make one page of a run: goal, memories, transcript, diff, checks, cost.

    alma report ID -o report.html: a page of HTML that loads nothing and runs nothing; secrets are
    taken out. Without -o it goes to standard output; on a terminal, the run is told in brief.
    """
    from alma_agent.terminal.report import showing

    return await showing.show_report(id)
