"""`alma verify`, from a revision to an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from alma_agent.exit_codes import ExitCode
from alma_agent.proposals.account import Account
from alma_agent.proposals.reports import text
from alma_agent.proposals.reports.escaping import one_line
from alma_agent.proposals.reports.outcome import Outcome, rule_of
from alma_agent.proposals.verifying import Verified, verify
from alma_agent.terminal.consoles import manner, tell
from alma_agent.terminal.proposals import reporting
from alma_agent.terminal.proposals.reporting import GitSaidNo, ReportsMissing, code_of
from toolset.git import GitFailed
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.terminal.proposals.report_options import AskedReport


def verify_commits(
    revision: str, asked: Sequence[AskedReport], *, every: bool, policy: str | None = None
) -> int:
    """Verify a commit or a range; report, and say what was found.

    `every`: in a range, what is no proposal fails, too. `policy`: as for `verify`. Raises what
    `verify` raises, and ReportsMissing.
    """
    workspace = Workspace.around(Path.cwd())
    account = Account()
    found: tuple[Verified, ...] = ()
    refusal: Exception | None = None
    try:
        found = verify(workspace, revision, account, policy=policy)
    except GitFailed as error:
        refusal = GitSaidNo(f"Git said no: {error}.")
    except Exception as error:  # noqa: BLE001 - reported, whatever it is, then raised
        refusal = error
    code, reason = _judged(found, strict=every or ".." not in revision)
    outcome = Outcome(
        command="verify",
        about=revision,
        at=datetime.now(UTC),
        account=account,
        exit_code=code_of(refusal) if refusal else code,
        message=str(refusal) if refusal else reason,
        rule=rule_of(refusal) if refusal else "commit",
        verified=found,
    )
    problems = reporting.put(asked, outcome)
    _tell(outcome, problems, beside=any(one.takes_stdout for one in asked))
    if refusal:
        raise refusal
    if problems and not code:
        raise ReportsMissing(" ".join(problems))
    manner.reason = reason
    return code


def _judged(found: Sequence[Verified], *, strict: bool) -> tuple[int, str]:
    """Return the exit code and why; `strict`: what is no proposal fails, too."""
    for one in found:
        if one.standing == "wrong":
            return ExitCode.NOT_ALLOWED, f"{one.commit[:12]} is not what was approved: {one.why}"
    others = [one.commit[:12] for one in found if one.standing == "not a proposal"]
    if others and strict:
        return ExitCode.FAILED, f"No proposal: {', '.join(others)}."
    return ExitCode.DONE, ""


def _tell(outcome: Outcome, problems: Sequence[str], *, beside: bool) -> None:
    steps = outcome.account.steps if manner.verbose and not manner.quiet else ()
    lines = [*text.lines_of(steps), *(text.of_commit(one) for one in outcome.verified)]
    if not outcome.verified and not outcome.exit_code:
        lines.append(f"{one_line(outcome.about)} holds no commit.")
    if manner.json:
        from alma_agent.terminal.proposals.landing_documents import verify_result

        tell(verify_result(outcome, problems))
    elif not beside:
        tell({}, *lines)
    for line in (*(lines if beside else ()), *problems):
        reporting.note(line)
