"""Tools that prove the work, and end it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Annotated

from agents import FunctionToolResult, RunContextWrapper
from agents.agent import ToolsToFinalOutputResult
from pydantic import Field

from alma_agent.proposer.tools.desk import Desk
from toolset.checks import CheckReport, run_check


def run_checks(desk: Desk) -> str:
    """Run the project's check command on a private copy that holds the draft."""
    task = desk.task
    if not task.check:
        return "No check command is configured. Go on without."
    report = checked(desk)
    return f"{shlex.join(report.command)}: {_verdict(report)}\n{report.output_tail}"


def checked(desk: Desk) -> CheckReport:
    """Run the task's check on the draft; the desk notes the state that it passed on."""
    task = desk.task
    report = run_check(
        desk.draft.workspace,
        desk.draft.changes(),
        task.check,
        timeout_s=max(0.1, min(task.check_timeout_s, desk.seconds_left())),
        network=task.check_network,
    )
    if report.passed:
        desk.passed, desk.report = desk.state, report
    return report


def _verdict(report: CheckReport) -> str:
    if report.passed:
        return "passed"
    offline = ", without a network" if report.network == "cut off" else ""
    if report.exit_code is None:
        return f"stopped after {report.duration_s:.0f} s{offline}"
    return f"failed (exit code {report.exit_code}{offline})"


def finish(
    desk: Desk,
    rationale: Annotated[
        str, Field(description="One to three sentences: what you changed, and why it is right.")
    ],
) -> str:
    """End the work when all is done, or when nothing needs to change."""
    desk.finished = rationale.strip()
    return desk.finished


def until_finished(
    context: RunContextWrapper[Desk], _: Sequence[FunctionToolResult]
) -> ToolsToFinalOutputResult:
    """End a run once `finish` was carried out: an agent's `tool_use_behavior`.

    `StopAtTools` would end it, too, where the call's arguments made no sense.
    """
    said = context.context.finished
    return ToolsToFinalOutputResult(is_final_output=said is not None, final_output=said)
