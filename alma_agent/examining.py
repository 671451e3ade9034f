"""A proposal before it is applied: is it sound, what deserves a look, who says yes to what of it.

Reads the disk for the check only, which runs on a private copy; writes nothing.
"""

from __future__ import annotations

import shlex
from dataclasses import replace

from alma_agent.ports import Crew
from alma_agent.records import Objection, Proposal, Task, Verdict
from toolset.checks import CheckReport, require_parsing, run_check
from toolset.edits import ChangeSet
from toolset.errors import ToolsetError
from toolset.gates import Finding, findings
from toolset.lint import new_lint_findings
from toolset.scope import require_in_scope
from toolset.spills import require_no_spill
from toolset.workspace import Workspace

_MOST_CHOICES = 5  # parts that a reviewer may choose until one is taken: some are no persons
_MOST_LINTED = 20  # files; the linter is started twice for each


def examined(
    task: Task, proposal: Proposal, workspace: Workspace, crew: Crew
) -> tuple[Proposal, tuple[CheckReport, ...]]:
    """Return the proposal with what deserves a look, and what the check said of it.

    Raises ToolsetError for what cannot be applied: out of scope, no longer Python, spilling over.
    """
    require_in_scope(proposal.changes, task.scope)
    require_parsing(proposal.changes)
    require_no_spill(proposal.changes)
    proposal = replace(proposal, findings=_findings(task, proposal, workspace))
    return proposal, _checked(task, proposal, workspace, crew)


async def reviewed(
    task: Task,
    whole: Proposal,
    checks: tuple[CheckReport, ...],
    workspace: Workspace,
    crew: Crew,
) -> tuple[Proposal, tuple[CheckReport, ...], Verdict]:
    """Return what was decided on, what the check said of it, and how it was decided.

    That is the whole proposal, or the part of it that was chosen.

    A part is examined as the whole was: what holds together may not hold in pieces. The reviewer
    hears what is wrong with it, and is asked again.
    """
    asked, objected, by = whole, ChangeSet(), "nobody"
    for _ in range(_MOST_CHOICES):
        verdict = await crew.reviewer.review(asked, checks)
        chosen, by, verdict = verdict.chosen, verdict.by, replace(verdict, chosen=None)
        if not verdict.accepted or chosen is None or chosen == whole.changes:
            return whole, checks, verdict
        part, reports, objection = _examined_part(task, whole, chosen, workspace, crew)
        if objection is None or (chosen == objected and not objection.is_final):
            return part, reports, verdict
        asked, objected = replace(whole, objection=objection), chosen
    why = asked.objection.why if asked.objection else "nothing was chosen"
    return whole, checks, Verdict(accepted=False, by=by, reason=why.rstrip("."))


def _examined_part(
    task: Task, whole: Proposal, chosen: ChangeSet, workspace: Workspace, crew: Crew
) -> tuple[Proposal, tuple[CheckReport, ...], Objection | None]:
    """Return a part of a proposal as what may be applied, and what speaks against that."""
    # What the whole can show for itself, it can show as a whole.
    part = replace(whole, changes=chosen, evidence=None, checks=(), findings=())
    if not chosen:
        return part, (), Objection("No hunk was chosen.", is_final=True)
    try:
        part, checks = examined(task, part, workspace, crew)
    except ToolsetError as error:
        return part, (), Objection(f"What you chose cannot stand alone: {error}", is_final=True)
    failed = next((report for report in checks if not report.passed), None)
    if failed:
        how = "ran too long" if failed.exit_code is None else f"exit code {failed.exit_code}"
        why = f"{shlex.join(failed.command)} failed on a copy with what you chose ({how}):\n"
        return part, checks, Objection(f"{why}{failed.output_tail.rstrip()}", is_final=True)
    known = {(one.path, one.what) for one in whole.findings}
    new = [one for one in part.findings if (one.path, one.what) not in known]
    told = [f"  {one.path}:{one.line or 1}: {one.what}" for one in new]
    if told:
        told.insert(0, "Without what you left out, there is this to look at:")
    if whole.evidence is not None:  # a use may be left behind that no linter sees
        told.append("What was proven of the whole refactoring is not proven of a part of it.")
    return part, checks, Objection("\n".join(told), is_final=False) if told else None


def _findings(task: Task, proposal: Proposal, workspace: Workspace) -> tuple[Finding, ...]:
    """Return what a person should see in a proposal besides its diff."""
    found = findings(proposal.changes)
    if task.lint and len(proposal.changes) <= _MOST_LINTED:
        found += new_lint_findings(proposal.changes, root=workspace.root)
    return found


def _checked(
    task: Task, proposal: Proposal, workspace: Workspace, crew: Crew
) -> tuple[CheckReport, ...]:
    if not task.check:
        return ()
    if run_before := [one for one in proposal.checks if one.command == task.check and one.passed]:
        return tuple(run_before[-1:])
    crew.observer.step(f"checking: {shlex.join(task.check)}")
    report = run_check(
        workspace,
        proposal.changes,
        task.check,
        timeout_s=task.check_timeout_s,
        network=task.check_network,
    )
    return (report,)
