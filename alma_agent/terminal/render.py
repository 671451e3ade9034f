"""What a person sees. Every function returns something that rich can print."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alma_agent.ports import ToolRequest
from alma_agent.records import (
    Applied,
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    NothingToDo,
    Objection,
    Outcome,
    Proposal,
    Refused,
    RolledBack,
    Undone,
    Usage,
)
from alma_agent.redact import redacted
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.diffs import Changes, Unified
from alma_agent.terminal.wording import counted
from toolset.apply import Recovery
from toolset.checkpoints import Checkpoint
from toolset.checks import CheckReport
from toolset.edits import ChangeSet
from toolset.gates import Finding
from toolset.refactor.evidence import Evidence, Leftover

if TYPE_CHECKING:
    from alma_agent.paused import PausedRun  # loads pydantic

_LEFTOVERS_SHOWN = 20
_PATHS_SHOWN = 10
STYLES = {
    "applied": "green",
    "approved": "green",
    "undone": "yellow",
    "redone": "green",
    "refused": "yellow",
    "checks failed": "red",
    "failed": "red",
    "rolled back": "red",
    "reverted": "yellow",
}


def proposal(proposed: Proposal, checks: Sequence[CheckReport]) -> RenderableType:
    """Return the whole change: why, the diff, what was left, what the checks said."""
    return Group(changed(proposed), judged(proposed, checks))


def changed(proposed: Proposal) -> RenderableType:
    """Return why, and the diff."""
    return Group(Text(proposed.rationale, style="bold"), Text(), change(proposed.changes), Text())


def judged(proposed: Proposal, checks: Sequence[CheckReport]) -> RenderableType:
    """Return what deserves a look, how sure it is, what the checks said."""
    parts: list[RenderableType] = [_finding(one) for one in proposed.findings]
    if proposed.evidence:
        parts.append(evidence(proposed.evidence))
    parts += [_check(report) for report in checks]
    return Group(*parts)


def diff(text: str) -> RenderableType:
    """Return a unified diff as it is; in colour where there is one."""
    return Unified(text)


def change(changes: ChangeSet) -> RenderableType:
    """Return a change hunk by hunk; where there is no terminal, as `patch` reads it."""
    return Changes(changes)


def objection(raised: Objection) -> RenderableType:
    """Return what speaks against the part of a proposal that was chosen."""
    return Text(visible(raised.why), style="red" if raised.is_final else "yellow")


def outcome(interaction: Interaction, *, is_plan: bool = False) -> Text:
    """Return one sentence on how a run ended, and the way back where there is one."""
    if is_plan and isinstance(interaction.outcome, NothingToDo):
        return Text(f"The plan; nothing was changed.\n{interaction.rationale}")
    return Text(_sentence(interaction, interaction.outcome), style=_outcome_style(interaction))


def cost(usage: Usage) -> str:
    if not usage.requests:
        return "no model used, no cost"
    tokens = f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
    money = "price unknown" if usage.usd is None else f"${usage.usd:.4f}"
    calls = counted(usage.requests, "call")
    return f"{money} ({calls}, {tokens})"


def call(usage: Usage, seconds: float) -> str:
    """Return what one call of a model took."""
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    money = "" if usage.usd is None else f", ${usage.usd:.4f}"
    return (
        f"  {usage.input_tokens:,} tokens in{cached}, {usage.output_tokens:,} out{money}, "
        f"{seconds:.1f} s"
    )


def tool_request(request: ToolRequest) -> RenderableType:
    """Return a call that a model wants to make, its arguments spelt out."""
    try:
        given = json.loads(request.arguments)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        given = {"arguments": request.arguments}
    lines = [Text(f"{request.agent} wants to call {request.tool}:", style="bold")]
    for name, value in given.items():
        told = value if isinstance(value, str) else json.dumps(value)
        # Set in: no line of an argument should look like one of alma's own.
        lines.append(Text("\n    ".join(visible(f"  {name}: {told}").splitlines())))
    return Group(*lines)


def history(told: Sequence[Interaction], undone: set[str]) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("id", "when (UTC)", "outcome", "what", "files"):
        table.add_column(heading, overflow="fold")
    for one in told:
        kind = "reverted" if one.id in undone else told_kind(one.outcome)
        table.add_row(
            one.id,
            f"{one.at:%Y-%m-%d %H:%M}",
            Text(kind, style=STYLES.get(kind, "")),
            _foldable(one.goal),
            str(len(one.files)),
        )
    refused = [
        Text(f"{one.id} {_refusal(line)}", style="yellow") for one in told for line in one.refusals
    ]
    return Group(table, *refused)


def refusals(interaction: Interaction) -> RenderableType:
    """Return the writes that were refused because they were out of scope, a line each."""
    return Text("\n".join(map(_refusal, interaction.refusals)), style="yellow")


def _refusal(line: str) -> str:
    return f"refused: {line}" if line.endswith(")") else f"refused, out of scope: {line}"


def checkpoints(kept: Iterable[Checkpoint]) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("id", "when (UTC)", "what", "files"):
        table.add_column(heading, overflow="fold")
    for one in kept:
        table.add_row(one.id, f"{one.at:%Y-%m-%d %H:%M}", _foldable(one.label), str(len(one.files)))
    return table


def _foldable(text: str) -> Text:
    """Return a text as wide as it is shown: spelt out later, what is folded would be cut off."""
    return Text(visible(text))


def recovery(found: Recovery) -> Text:
    """Return what became of a run that was killed while it wrote."""
    files = _some(found.paths)
    if found.applied:
        return Text(
            f"recovered: a killed run ({found.id}) had written all its files; they stay, and it is "
            f"recorded: {files}. Undo: alma undo {found.id}",
            style="yellow",
        )
    told = (
        f"recovered: a killed run ({found.id}) was taken back; the old files are in place: {files}"
    )
    if found.conflicts:
        changed = _some(found.conflicts)
        told += f". Edited since, and left alone: {changed}; the old bytes are in {found.kept_at}"
    return Text(told, style="yellow")


def paused(id: str, run: PausedRun) -> RenderableType:
    """Return a run that waits: what it is, why it stopped, which calls need a yes."""
    count = len(run.changes)
    files = "1 file staged" if count == 1 else f"{count} files staged"
    waiting = [Text(f"    waits for a yes: {redacted(call)}") for call in run.waiting]
    return Group(
        Text(f"{id}  {run.at:%Y-%m-%d %H:%M}  {files}  {redacted(run.task.goal)}"),
        Text(f"    {redacted(run.why)}", style="dim"),
        *waiting,
    )


def _some(paths: Sequence[PurePosixPath]) -> str:
    shown = ", ".join(str(path) for path in paths[:_PATHS_SHOWN])
    more = len(paths) - _PATHS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def told_kind(end: Outcome) -> str:
    """Return how a run ended, in a word or two; a redo is an undo of an undo."""
    return "redone" if isinstance(end, Undone) and end.verb == "redo" else end.kind


def _sentence(interaction: Interaction, end: Outcome) -> str:
    match end:
        case Applied() | Undone() | Approved():
            return _done(interaction, end)
        case NothingToDo():
            says = "Nothing was changed. The model says:" if interaction.usage.requests else ""
            return f"{says or 'Nothing to do.'} {interaction.rationale or ''}".rstrip()
        case Refused(reason=reason):
            return f"Not applied; nothing was written: {reason or 'refused'}."
        case ChecksFailed(report=report):
            how = "ran too long" if report.exit_code is None else f"exit code {report.exit_code}"
            if report.network == "cut off":
                how += "; it had no network, --check-network gives it one"
            return (
                f"Not applied; nothing was written: {shlex.join(report.command)} failed on a copy "
                f"with the change ({how}):\n{report.output_tail.rstrip() or '(it printed nothing)'}"
            )
        case Failed(reason=reason) | RolledBack(reason=reason):
            return reason


def _done(interaction: Interaction, end: Applied | Undone | Approved) -> str:
    files = counted(len(interaction.files), "file")
    back = f"alma undo {interaction.id}"
    match end:
        case Applied():
            return f"Applied {_part(interaction)}to {files}. Undo: {back}"
        case Undone(of=of, verb="undo"):
            return f"Undone {of}: {files} as before it. Redo: {back}"
        case Undone(of=of):
            return f"Redone: {files} as before {of}. Undo: {back}"
        case Approved(proposal=id_):
            return f"Approved proposal {id_}; no file was changed. Land it: alma apply {id_}"


def _part(interaction: Interaction) -> str:
    """Return how many of the hunks were taken, if some were not: `3 of 5 hunks `."""
    verdict = interaction.verdict
    if verdict is None or not verdict.left_out:
        return ""
    return f"{verdict.taken} of {verdict.taken + len(verdict.left_out)} hunks "


def _outcome_style(interaction: Interaction) -> str:
    return STYLES.get(interaction.outcome.kind, "")


def evidence(shown: Evidence) -> RenderableType:
    """Return how sure a refactoring is, and what a person has to look at."""
    alone = [
        f"changed: {place} (on the word of {names[0]} alone)"
        for place, names in sorted(shown.changed.items())
        if len(names) == 1
    ]
    left = [
        f"{'look' if one.place in shown.changed else 'left'}: {one.place} ({one.kind}) {one.text}"
        for one in sorted(shown.leftovers, key=_urgency)
    ]
    doubts = [f"doubt: {sentence}" for sentence in shown.doubts]
    return Group(
        Text(f"evidence: {shown.summary()}", style="cyan"),
        *_first_lines(doubts, "more doubts"),
        *_first_lines(alone, "more on one engine's word"),
        *_first_lines(left, "more"),
    )


def _first_lines(lines: Sequence[str], more: str) -> list[Text]:
    shown = list(lines[:_LEFTOVERS_SHOWN])
    if len(lines) > _LEFTOVERS_SHOWN:
        shown.append(f"and {len(lines) - _LEFTOVERS_SHOWN} {more}")
    return [Text(f"  {line}", style="dim") for line in shown]


def _urgency(leftover: Leftover) -> int:
    """Code before prose: an attribute that was left may break, a comment only misleads."""
    prose = ("string", "docstring", "comment", "document", "text")
    return prose.index(leftover.kind) + 1 if leftover.kind in prose else 0


def _finding(finding: Finding) -> Text:
    where = f"{finding.path}:{finding.line}" if finding.line else f"{finding.path}"
    return Text(visible(f"look: {where}: {finding.what}"), style="yellow")


def _check(report: CheckReport) -> Text:
    verdict = "passed" if report.passed else "failed"
    open_ = (
        " (its network could not be cut off)" if report.network == "could not be cut off" else ""
    )
    return Text(
        f"check: {shlex.join(report.command)} {verdict} in {report.duration_s:.1f} s{open_}",
        style="green" if report.passed else "red",
    )
