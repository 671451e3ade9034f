"""`alma apply`, from an id to an exit code: land, report, tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alma_agent.exit_codes import ExitCode
from alma_agent.proposals.account import Account, Standing, Step
from alma_agent.proposals.artefact import APPROVALS, PROPOSAL, digest
from alma_agent.proposals.folder import Folder, find
from alma_agent.proposals.landing import Landed, Wanted, land
from alma_agent.proposals.refusals import NoSuchProposal, ProposalRefused
from alma_agent.proposals.reports import text
from alma_agent.proposals.reports.outcome import Outcome, rule_of
from alma_agent.terminal.consoles import manner, tell
from alma_agent.terminal.proposals import reporting
from alma_agent.terminal.proposals.reporting import ReportsMissing, code_of
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.terminal.proposals.report_options import AskedReport

_SAID_AT_ONCE = ("passed", "warning")


def apply_proposal(
    id: str, wanted: Wanted, asked: Sequence[AskedReport], *, yes: bool = False
) -> int:
    """Land a proposal; write the reports, whether it landed or not; say what it came to.

    `yes`: the checks that came with it may be run, whoever vouches for them.

    Raises what `find` and `land` raise, ReportsMissing.
    """
    workspace = Workspace.around(Path.cwd())
    account = _Spoken(beside=any(one.takes_stdout for one in asked))
    folder: Folder | None = None
    landed: Landed | None = None
    refusal: Exception | None = None
    try:
        folder = find(workspace, id)
        consent = partial(_consent, folder.id, yes=yes)
        landed = land(workspace, folder, wanted, account, now=datetime.now(UTC), consent=consent)
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
    _tell(outcome, account, [*problems, *missing], refusal)
    if refusal:
        raise refusal
    if missing:
        raise ReportsMissing(" ".join([*missing, _what_is_there(landed)]))
    return ExitCode.DONE


def _consent(id: str, commands: Sequence[tuple[str, ...]], *, yes: bool) -> None:
    """Raise NeedsHuman unless commands are the user's own check, or the user says yes to them."""
    from alma_agent.config import command
    from alma_agent.terminal.configured import current
    from alma_agent.terminal.proposals.consent import require_consent

    said = None if yes else current().value("check")
    own = command(said) if isinstance(said, str) else ()
    require_consent(
        [one for one in commands if one != own],
        yes=yes,
        cure=f"Look at it and approve it here (alma review {id} --approve), or say --yes.",
    )


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


class _Spoken(Account):
    """An account that is told while it grows; what failed is told at the end, with the refusal."""

    def __init__(self, *, beside: bool) -> None:
        super().__init__()
        self._say = reporting.note if beside else partial(tell, {})

    def add(self, rule: str, standing: Standing, message: str = "", **more: object) -> None:
        """Add one step, and say it."""
        super().add(rule, standing, message, **more)
        if not manner.quiet and standing in _SAID_AT_ONCE:
            self.say(text.lines_of(self.steps[-1:]))

    def say(self, lines: Iterable[str]) -> None:
        """Say lines where steps are said: beside a report that has standard output to itself."""
        for line in lines:
            self._say(line)


def _tell(
    outcome: Outcome, account: _Spoken, problems: Sequence[str], refusal: Exception | None
) -> None:
    """Say what it came to."""
    left = [one for one in outcome.steps if one.standing not in _SAID_AT_ONCE]
    if refusal is not None and not manner.quiet:
        account.say(text.in_short(one for one in left if not _says_the_same(one, refusal)))
    elif not manner.quiet:
        account.say(text.lines_of(left))  # why it was not run
    if refusal is None:
        account.say(text.end_of(outcome))
    if manner.json:
        from alma_agent.terminal.proposals.landing_documents import apply_result

        tell(apply_result(outcome, problems))
    for problem in problems:
        reporting.note(problem)


def _says_the_same(step: Step, refusal: Exception) -> bool:
    """Say whether the command's last word repeats a step."""
    return step.standing == "failed" and step.message == str(refusal) and not step.detail


def _what_is_there(landed: Landed | None) -> str:
    if landed is None or landed.commit is None:
        return "Nothing was moved."
    where = f" on {landed.ref}" if landed.ref else ""
    return (
        f"The commit is there all the same: {landed.commit}{where}. To report on it: "
        f"alma verify {landed.commit[:12]} --report KIND=FILE"
    )
