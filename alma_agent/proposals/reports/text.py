"""The account as a person reads it: a line a step, then what it came to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from alma_agent.proposals.account import Step
from alma_agent.proposals.reports.escaping import one_line, quoted
from alma_agent.proposals.reports.outcome import DRIFTS, Outcome

if TYPE_CHECKING:
    from alma_agent.proposals.verifying import Verified

_MARKS = {"passed": "ok", "failed": "FAILED", "skipped": "not run", "warning": "warning"}
_BRANCHES = "refs/heads/"
_SHORT = 12  # digits of a commit's id


def report(outcome: Outcome) -> str:
    """Return the whole report, on lines."""
    head = one_line(f"alma {outcome.command} {outcome.about}: {outcome.word}")
    told = [head, *lines_of(outcome.steps), *end_of(outcome)]
    if outcome.message:
        told += quoted(outcome.message).split("\n")
    return "".join(f"{line}\n" for line in told)


def lines_of(steps: Iterable[Step]) -> list[str]:
    """Return a line a step, with what a program said below it."""
    told = []
    for step in steps:
        seconds = f" ({step.seconds:.1f} s)" if step.rule == "checks" and step.seconds else ""
        where = f"{step.path}:{step.line}: " if step.path and step.line else ""
        where = f"{step.rule}: " if step.standing == "skipped" else where
        told.append(f"{_MARKS[step.standing]:<8}{one_line(where + step.message)}{seconds}")
        if step.detail and step.standing in ("failed", "warning"):
            told += quoted(step.detail).split("\n")
    return told


def in_short(steps: Iterable[Step]) -> list[str]:
    """Return a line a step, and one for all that were not run."""
    steps = tuple(steps)
    skipped = dict.fromkeys(one.rule for one in steps if one.standing == "skipped")
    told = lines_of(one for one in steps if one.standing != "skipped")
    return [*told, f"{_MARKS['skipped']:<8}{', '.join(skipped)}"] if skipped else told


def of_commit(one: Verified) -> str:
    """Return a line on a commit that was verified."""
    about = f" (proposal {one.proposal})" if one.proposal else ""
    why = f": {one.why}" if one.why else ""
    return one_line(f"{one.commit[:_SHORT]} {one.standing}{about}{why}")


def end_of(outcome: Outcome) -> list[str]:
    """Return what it came to, on lines: the drift, who reviewed it, the commit, how to push it."""
    landed = outcome.landed
    if landed is None:
        return []
    told = [f"Drift: {landed.drift.kind}; {DRIFTS[landed.drift.kind]}."]
    if landed.reviewers:
        people = ", ".join(f"{one.name} <{one.email}>" for one in landed.reviewers)
        told.append(one_line(f"Approved by {people}."))
    commit = (landed.commit or "")[:_SHORT]
    match outcome.word:
        case "already applied":
            told.append(f"Already applied{f': {commit}' if commit else ''}. Nothing was done.")
        case "would land":
            told.append(f"It would land on {landed.onto[:_SHORT]}, tree {landed.tree[:_SHORT]}.")
            told.append("Nothing was moved.")
        case "landed":
            on = one_line(landed.ref.removeprefix(_BRANCHES)) if landed.ref else "HEAD"
            told.append(f"Landed: {commit} on {on}.")
            if landed.ref and landed.ref.startswith(_BRANCHES):
                told.append(f"To push it: git push origin {_word(on)}")
    return told


def _word(name: str) -> str:
    """Return a branch's name as a shell takes it."""
    if name.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum():
        return name
    import shlex

    return shlex.quote(name)
