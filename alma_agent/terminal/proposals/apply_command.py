"""`alma apply`: from flags to what is wanted."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alma_agent.terminal.completing import proposal_ids
from alma_agent.terminal.ending import ending
from alma_agent.terminal.proposals.report_options import ReportOption


class DriftName(StrEnum):
    """How far the base may have moved in the files of a proposal."""

    refuse = "refuse"
    replay = "replay"
    merge = "merge"


@ending
def apply(  # noqa: PLR0917 - typer makes flags of them
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Which proposal: its id, or how that begins; its folder.",
            autocompletion=proposal_ids,
        ),
    ],
    onto: Annotated[
        str | None,
        typer.Option(
            "--onto", metavar="REF", help="Where it lands; the branch that is checked out if empty."
        ),
    ] = None,
    drift: Annotated[
        DriftName | None,
        typer.Option(
            "--drift",
            help="If others changed its files meanwhile: refuse; replay an exact refactoring; or "
            "merge. The policy's if empty, and never looser.",
        ),
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option("--branch", metavar="NAME", help="Land on a new branch; no file is touched."),
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Land on what is checked out, and bring files along.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Do all but moving the branch; write nothing.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Run the checks that came with the proposal, whoever vouches."
        ),
    ] = False,
    report: ReportOption = None,
) -> int:
    """Land an approved proposal: verified, checked again, one commit, or nothing at all.

    Needs no model, no key and no network. Exit codes: 0 landed or already there, 1 rejected,
    2 wrong command or policy, 3 approvals are missing or its checks need a yes, 5 a check failed,
    6 the base moved, 7 a conflict, 8 not sound or not allowed.
    """
    from alma_agent.errors import UsageError
    from alma_agent.proposals.landing import Wanted
    from alma_agent.terminal.consoles import manner
    from alma_agent.terminal.proposals.applying import apply_proposal
    from alma_agent.terminal.proposals.report_options import asked_reports

    if branch and in_place:
        raise UsageError("--branch and --in-place exclude each other. Give one of them.")
    reports = asked_reports(report, has_folder=not dry_run, json=manner.json)
    wanted = Wanted(
        onto=onto,
        branch=branch,
        in_place=in_place,
        drift=drift.value if drift else None,
        dry_run=dry_run,
    )
    return apply_proposal(id, wanted, reports, yes=yes)
