"""Some hunks of a proposal, chosen by a person, as its next revision: examined as the whole was.

Its checks are a stranger's commands, perhaps. They are run after a yes only, on a copy.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from rich.console import Console

from alma_agent.proposals.checking import CheckRun, run_checks
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.revising import revised, tree_with
from alma_agent.records import Verdict
from alma_agent.terminal.asking_hunks import answered, hunk_by_hunk
from alma_agent.terminal.choosing import Choosing
from alma_agent.terminal.consoles import forget_typed
from alma_agent.terminal.proposals.cases import Case
from alma_agent.terminal.proposals.render_proposal import one_line
from alma_agent.terminal.proposals.telling_checks import tell_checks
from alma_agent.terminal.proposals.who_reviews import reviewer_of
from alma_agent.terminal.wording import YES, counted
from toolset.checks import require_sound
from toolset.edits import ChangeSet
from toolset.errors import ToolsetError
from toolset.spills import require_no_spill


@dataclass(frozen=True, slots=True)
class Part:
    """What was said hunk by hunk. `files` are the next revision's; None: all was taken, or none."""

    verdict: Verdict
    files: dict[str, bytes] | None = None


def choose_part(console: Console, case: Case, policy: Policy | None) -> Part | None:
    """Ask about each hunk; return what was chosen. None: it was broken off, or cannot stand alone.

    Raises Drifted if the base is not in this clone, UsageError if git does not know the reviewer.
    """
    verdict = hunk_by_hunk(console, Choosing.over(case.changes))
    if verdict is None:
        return None
    chosen = verdict.chosen
    if chosen is None:
        return Part(verdict)
    try:
        require_sound(chosen)
        require_no_spill(chosen)
    except ToolsetError as error:
        console.print(f"What you chose cannot stand alone: {error}", style="red", soft_wrap=True)
        return None
    checks = _checked(console, case, chosen, policy or Policy())
    if checks is None:
        return None
    name = reviewer_of(case.trees).name
    _, files = revised(
        case.trees,
        case.folder,
        case.document,
        chosen,
        checks=checks,
        notes=case.document.notes,
        reason=f"{name} left out: {'; '.join(verdict.left_out)}",
    )
    if case.document.evidence or case.document.recipe:
        console.print("What was proven of the whole is not proven of a part of it.")
    return Part(verdict, files)


def _checked(
    console: Console, case: Case, chosen: ChangeSet, policy: Policy
) -> tuple[CheckRun, ...] | None:
    """Return what the proposal's checks say of a part; None if that is no yes."""
    commands = [tuple(one.argv) for one in case.document.checks]
    if not commands:
        return ()
    for argv in commands:
        console.print(f"  {one_line(shlex.join(argv))}", soft_wrap=True)
    forget_typed()
    question = f"Run {counted(len(commands), 'check')} of the proposal over what you chose? [y/N] "
    if answered(console, question).lower() not in YES:
        console.print("Not checked, so there is no new revision.")
        return None
    tree = tree_with(case.trees, case.document.base.tree, chosen)
    tell_checks(commands)
    runs = run_checks(
        case.workspace,
        case.trees,
        tree,
        commands,
        timeout_s=policy.check_timeout_s,
        network=policy.check_network,
    )
    for run in (one for one in runs if not one.passed):
        how = "ran too long" if run.exit_code is None else f"exit code {run.exit_code}"
        told = f"{one_line(shlex.join(run.argv))} failed over what you chose ({how}):"
        console.print(told, style="red", soft_wrap=True)
        for line in run.output.rstrip().split("\n"):
            console.print(f"    {one_line(line)}", soft_wrap=True)
    return runs if all(run.passed for run in runs) else None
