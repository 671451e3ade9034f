"""`alma review`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alma_agent.errors import UsageError
from alma_agent.terminal.completing import proposal_ids
from alma_agent.terminal.ending import ending
from alma_agent.terminal.proposals.review_documents import ReviewResult as ReviewResult  # noqa: PLC0414 - the schema takes it from here


@ending
async def review(  # noqa: PLR0917 - typer makes flags of them
    id: Annotated[
        str | None,
        typer.Argument(
            help="A proposal's id, its beginning, or its folder; the open one if empty.",
            autocompletion=proposal_ids,
        ),
    ] = None,
    hunks: Annotated[
        bool,
        typer.Option("--hunks", help="Choose hunk by hunk: what you take is the next revision."),
    ] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Approve this revision.")] = False,
    reject: Annotated[
        bool, typer.Option("--reject", help="Say no to this revision; -m says why.")
    ] = False,
    message: Annotated[
        str, typer.Option("--message", "-m", metavar="TEXT", help="Why; alma remembers it.")
    ] = "",
    sign: Annotated[
        Path | None,
        typer.Option(
            "--sign",
            metavar="KEY",
            help="The SSH key to sign with. By default, where the policy asks for signatures, "
            "git's own: user.signingkey, with gpg.format = ssh.",
        ),
    ] = None,
    onto: Annotated[
        str,
        typer.Option(
            "--onto", metavar="REF", help="What it is to land on: that commit's policy counts."
        ),
    ] = "HEAD",
) -> int:
    """Show a proposal and what speaks for it; approve it, reject it, or take a part of it."""
    from alma_agent.terminal.proposals import reviewing

    if approve and reject:
        raise UsageError("--approve and --reject say the opposite. Say one of them.")
    decision = reviewing.APPROVED if approve else reviewing.REJECTED if reject else None
    return await reviewing.review(
        reviewing.Asked(id, decision, message, hunks=hunks, key=sign, onto=onto)
    )
