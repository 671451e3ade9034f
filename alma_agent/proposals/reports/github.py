"""GitHub's annotations, and its step summary.

What failed, warnings and notes are annotations; nothing of others can end one and begin another.
"""

from __future__ import annotations

from alma_agent.proposals.account import Step
from alma_agent.proposals.reports.escaping import (
    annotation,
    annotation_property,
    markdown,
    quoted,
)
from alma_agent.proposals.reports.outcome import DRIFTS, Outcome
from alma_agent.proposals.reports.sarif import level_of

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_SIGNS = {"passed": "✅", "failed": "❌", "skipped": "⏭️", "warning": "⚠️"}
_MOST_LINES = 60  # of a check's output in a summary, which may hold a megabyte at most


def commands(outcome: Outcome) -> str:
    """Return a workflow command a line; one notice where nothing is wrong."""
    lines = [_command(one) for one in outcome.told]
    if not outcome.exit_code:
        lines.append(f"::notice title=alma {outcome.command}::{annotation(_end(outcome))}")
    return "".join(f"{line}\n" for line in lines)


def summary(outcome: Outcome) -> str:
    """Return the step summary: Markdown in which the text of others is text."""
    told = [f"### alma {outcome.command}: {markdown(outcome.title)}", "", *_facts(outcome)]
    told += ["", "| | step | what | seconds |", "|---|---|---|---:|"]
    told += [_row(one) for one in outcome.steps]
    for one in outcome.told:
        if one.detail:
            told += ["", f"<details><summary>{markdown(one.message)}</summary>", ""]
            told += [*_code_block(one.detail), "", "</details>"]
    return "\n".join(told) + "\n\n"


def _command(step: Step) -> str:
    about = {"file": step.path, "line": str(step.line) if step.path and step.line else ""}
    properties = [f"{key}={annotation_property(value)}" for key, value in about.items() if value]
    properties.append(f"title={annotation_property(f'alma {step.rule}')}")
    return f"::{_COMMANDS[level_of(step)]} {','.join(properties)}::{annotation(step.message)}"


def _end(outcome: Outcome) -> str:
    landed = outcome.landed
    if landed is None or not landed.commit:
        return f"{outcome.word}: {outcome.title}"
    return f"{outcome.word}: {landed.commit} {landed.ref or ''}".rstrip()


def _facts(outcome: Outcome) -> list[str]:
    told = [f"**{outcome.word}** {markdown(outcome.message)}".rstrip()]
    landed = outcome.landed
    if landed:
        told.append(f"- drift: {landed.drift.kind}, {DRIFTS[landed.drift.kind]}")
        told += [f"- commit: {landed.commit}"] if landed.commit else []
        told += [f"- ref: {markdown(landed.ref)}"] if landed.ref else []
        told += [f"- reviewed by {markdown(one.name)}" for one in landed.reviewers]
    if len(told) > 1:
        told.insert(1, "")
    return told


def _row(step: Step) -> str:
    where = (
        f"{step.path}:{step.line}: " if step.path and step.line else step.path and f"{step.path}: "
    )
    seconds = f"{step.seconds:.1f}" if step.seconds else ""
    sign = f"{_SIGNS[step.standing]} {step.standing}"
    return f"| {sign} | {markdown(step.rule)} | {markdown(where + step.message)} | {seconds} |"


def _code_block(text: str) -> list[str]:
    """Return lines that no fence in them can end: each begins with a bar, none is a command."""
    lines = quoted(text).split("\n")
    left_out = len(lines) - _MOST_LINES
    if left_out > 0:
        lines = [f"  | ({left_out} lines before)", *lines[-_MOST_LINES:]]
    return ["```text", *lines, "```"]
