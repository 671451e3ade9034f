"""`alma apply`, from an id to an exit code: land, report, tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alma_agent.exit_codes import ExitCode
from alma_agent.proposals.account import Account, Step
from alma_agent.proposals.artefact import APPROVALS, PROPOSAL, digest
from alma_agent.proposals.folder import Folder, find
from alma_agent.proposals.landing import Landed, Wanted, land
from alma_agent.proposals.refusals import NoSuchProposal, ProposalRefused
from alma_agent.proposals.reports import text
from alma_agent.proposals.reports.outcome import Outcome, rule_of
from alma_agent.terminal.consoles import err, out, progress, tell
from alma_agent.terminal.proposals import reporting
from alma_agent.terminal.proposals.landing_documents import apply_result
from alma_agent.terminal.proposals.reporting import ReportsMissing, code_of
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.terminal.proposals.report_options import AskedReport


def apply_proposal(id: str, wanted: Wanted, asked: Sequence[AskedReport]) -> int:
    """Land a proposal; write the reports, whether it landed or not; say what it came to.

    Raises what `find` and `land` raise, ReportsMissing.
    """
    workspace = Workspace.around(Path.cwd())
    account = Account()
    folder: Folder | None = None
    landed: Landed | None = None
    refusal: Exception | None = None
    now = datetime.now(UTC)
    try:
        folder = find(workspace, id)
        landed = land(workspace, folder, wanted, account, now=now)
    except NoSuchProposal:
        raise  # there is nothing to report on
    except Exception as error:  # noqa: BLE001 - reported, whatever it is, then raised
        refusal = error
    outcome = Outcome(
        command="apply",
        about=folder.id if folder else id,
        at=datetime.now(UTC),
        account=account,
        dry_run=wanted.dry_run,
        landed=landed,
        **(_of_refusal(refusal) if refusal else {}),
        **(_of_folder(folder) if folder else {}),
    )
    problems = reporting.put_into(folder, outcome) if folder and not wanted.dry_run else []
    missing = reporting.put(asked, outcome)
    _tell(outcome, [*problems, *missing], refusal, beside=any(one.takes_stdout for one in asked))
    if refusal:
        raise refusal
    if missing:
        raise ReportsMissing(" ".join([*missing, _what_is_there(landed)]))
    return ExitCode.DONE


def _of_refusal(error: Exception) -> dict[str, Any]:
    return {"exit_code": code_of(error), "message": str(error), "rule": rule_of(error)}


def _of_folder(folder: Folder) -> dict[str, Any]:
    """Return what reports say of a folder, however broken it is."""
    wanted = (name for name in folder.files if str(name) == PROPOSAL or _is_approval(str(name)))
    told: dict[str, Any] = {
        "inside": folder.inside,
        "digests": {f"{folder.inside}/{name}": digest(folder.files[name]) for name in wanted},
    }
    try:
        told["document"] = folder.document()
    except ProposalRefused:  # `land` says so
        told["document"] = None
    return told


def _is_approval(name: str) -> bool:
    return name.startswith(f"{APPROVALS}/") and name.endswith(".json")


def _tell(
    outcome: Outcome, problems: Sequence[str], refusal: Exception | None, *, beside: bool
) -> None:
    """Say what it came to. `beside`: standard output holds a report, and nothing else."""
    steps = [one for one in outcome.steps if not _says_the_same(one, refusal)]
    lines = [] if progress.quiet else text.in_short(steps)
    if refusal is None:
        lines += text.end_of(outcome)
    tell(apply_result(outcome, problems), *([] if beside else lines))
    if beside:
        for line in lines:
            err.print(line, soft_wrap=True)
    out.file.flush()  # what follows goes to standard error
    for problem in problems:
        err.print(problem, soft_wrap=True)


def _says_the_same(step: Step, refusal: Exception | None) -> bool:
    """Say whether the command's last word repeats a step."""
    return bool(refusal and step.standing == "failed" and step.message == str(refusal)) and not (
        step.detail
    )


def _what_is_there(landed: Landed | None) -> str:
    if landed is None or landed.commit is None:
        return "Nothing was moved."
    where = f" on {landed.ref}" if landed.ref else ""
    return (
        f"The commit is there all the same: {landed.commit}{where}. To report on it: "
        f"alma verify {landed.commit[:12]} --report KIND=FILE"
    )
