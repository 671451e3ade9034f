"""Reports put where they were asked for, and into the proposal's folder.

What goes wrong here is told, and never hides what became of the proposal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from alma_agent.errors import AlmaError, exit_code
from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.consoles import manner, visible
from alma_agent.terminal.proposals.report_options import IN_FOLDER, STDOUT, AskedReport

if TYPE_CHECKING:
    from alma_agent.proposals.folder import Folder
    from alma_agent.proposals.reports.outcome import Outcome


class ReportsMissing(AlmaError):
    """It was done, and a report that was asked for could not be written."""


class GitSaidNo(AlmaError):
    """Git failed on the way; a branch is moved last, so nothing was."""


def code_of(error: Exception) -> int:
    """Return the exit code that a command ends with after this error."""
    from toolset.errors import ToolsetError

    known = isinstance(error, AlmaError | ToolsetError)
    return exit_code(error) if known else ExitCode.BUG


def put(asked: Iterable[AskedReport], outcome: Outcome) -> list[str]:
    """Put each report where it goes; return, a sentence each, which could not be written."""
    problems = []
    for one in asked:
        if one.file is None and one.kind in IN_FOLDER:
            continue  # `put_into` does that
        try:
            text = _made(one.kind, outcome)
            if text is None:
                note(f"There is no {one.kind}: no commit was made now.")
            else:
                _put(one, text)
        except Exception as error:  # noqa: BLE001 - told, whatever it is
            problems.append(f"The report {one.kind} is missing: {error}")
    return problems


def put_into(folder: Folder, outcome: Outcome) -> list[str]:
    """Write the reports that a proposal's folder holds; return what could not be written.

    Those of the run that landed it stay when a later one finds that it did.
    """
    from alma_agent.proposals.folder import add
    from alma_agent.proposals.reports import result

    if outcome.word == "already applied" and result.landed_before(folder):
        return []
    try:
        add(folder, result.files(outcome))
    except Exception as error:  # noqa: BLE001 - told, whatever it is
        return [f"The reports could not be put into {folder.inside}: {error}"]
    return []


def note(text: str) -> None:
    """Say something on standard error, beside the results."""
    (manner.results or sys.stdout).flush()  # the order is kept where both go to one place
    print(visible(text), file=sys.stderr)


def _made(kind: str, outcome: Outcome) -> str | None:
    if kind in ("github", "summary"):
        from alma_agent.proposals.reports import github

        return github.commands(outcome) if kind == "github" else github.summary(outcome)
    made = import_module(f"alma_agent.proposals.reports.{kind}").report(outcome)
    return made.decode() if isinstance(made, bytes) else made


def _put(one: AskedReport, text: str) -> None:
    from alma_agent.terminal.envelope import write_output

    page = os.environ.get("GITHUB_STEP_SUMMARY", "") if one.kind == "summary" else ""
    if one.file is None and page:
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(text)
    elif one.file is None or one.file == STDOUT:
        results = manner.results or sys.stdout
        results.write(text)  # not printed: no character of a document is to be changed
        results.flush()
    else:
        write_output(one.file, text)
