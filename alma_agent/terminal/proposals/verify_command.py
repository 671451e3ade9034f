"""`alma verify`: are commits exactly approved proposals."""

from __future__ import annotations

from typing import Annotated

import typer

from alma_agent.terminal.ending import ending
from alma_agent.terminal.proposals.report_options import ReportOption


@ending
def verify(
    revision: Annotated[
        str, typer.Argument(metavar="COMMIT|RANGE", help="A commit, or several: main~5..main.")
    ],
    every: Annotated[
        bool, typer.Option("--every", help="In a range, commits that are no proposals fail, too.")
    ] = False,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="REF",
            help="Whose policy holds, and what counts as merged: the branch that a pull request is "
            "for. The parent of each commit if empty.",
        ),
    ] = None,
    report: ReportOption = None,
) -> int:
    """Say whether commits are exactly proposals that were approved, whoever made the commits.

    Of commits that others propose, say --policy: their own history must not lower the bar.

    Exit codes: 0 all are, 1 one is no proposal, 8 one is not what was approved.
    """
    from alma_agent.terminal.consoles import manner
    from alma_agent.terminal.proposals.report_options import asked_reports
    from alma_agent.terminal.proposals.verify_commits import verify_commits

    reports = asked_reports(report, has_folder=False, json=manner.json)
    return verify_commits(revision, reports, every=every, policy=policy)
