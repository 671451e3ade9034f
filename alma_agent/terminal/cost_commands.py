"""`alma cost`: from flags to a question."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alma_agent.terminal.ending import ending


class CostBy(StrEnum):
    """What sums are made by."""

    model = "model"
    repo = "repo"
    day = "day"
    session = "session"


@ending
async def cost(
    since: Annotated[
        str,
        typer.Option(help="Not older than 30m, 2h, 7d, 4w, or a date such as 2026-03-01."),
    ] = "",
    by: Annotated[CostBy, typer.Option(help="What to make sums by.")] = CostBy.model,
    everywhere: Annotated[
        bool,
        typer.Option(
            "--all", "-a", help="All repositories, not only this one; --by repo implies it."
        ),
    ] = False,
) -> int:
    """Show what models took, in tokens and money. Unknown prices are counted apart.

    The repositories of --all are those in which alma has asked a model as this user, and all of a
    shared ledger.
    """
    from alma_agent.memory.times import since as moment
    from alma_agent.terminal import costs

    return await costs.show_costs(moment(since) if since else None, by.value, everywhere=everywhere)
