"""A proposal as a reviewer sees it. All of its text is somebody else's: spelt out, and set in.

A line of a goal, a memory or a log must not look like one of alma's own, so that what belongs
together starts in one column and its further lines to the right of it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from alma_agent.proposals.account import Step
from alma_agent.proposals.artefact import (
    ChangedFile,
    Check,
    Cost,
    Evidence,
    Note,
    Person,
    ProposalDocument,
    UsedMemory,
)
from alma_agent.proposals.policy import Policy
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.diffs import Changes
from alma_agent.terminal.wording import counted
from toolset.edits import ChangeSet

_LOG_LINES = 20  # of a check that failed
_FEW = 20  # leftovers and notes that are shown
_SHORT = 200  # characters of a memory; -v shows all of it
_SIGNS = {"passed": "yes", "failed": "no ", "warning": "no ", "skipped": "-  "}


def head(inside: str, document: ProposalDocument) -> RenderableType:
    """Return what it is for, who made it, and what it was made over."""
    made_by = one_line(document.agent) if document.agent else "nobody says"
    if document.model:
        made_by += f" with {one_line(document.model)}"
    rows = [
        Text(f"proposal {document.id}, revision {document.revision}", style="bold"),
        Text(set_in(f"goal: {document.goal}"), style="bold"),
        Text(f"author: {person(document.author)}"),
        Text(f"made by: {made_by} ({document.origin}), {document.created_at}"),
        Text(f"over: {document.base.commit[:12]}"),
        Text(f"in: {one_line(inside)}"),
    ]
    if document.rationale.strip():
        rows.append(Text(set_in(f"why: {document.rationale.strip()}")))
    if document.recipe is not None:
        rows += [Text(one_line(f"recipe: {line}")) for line in recipe(document)]
    return Group(*rows)


def scope(document: ProposalDocument, of_policy: Sequence[str], outside: Sequence[str]) -> Text:
    """Return what may be changed, and whether it keeps to that."""
    globs = ", ".join(map(one_line, document.scope)) or "the whole project"
    told = Text(f"scope: {globs}; {_all(len([*changed_files(document)]))} inside", style="green")
    if of_policy and not outside:
        told.append(f"\n  the policy's: {', '.join(map(one_line, of_policy))}; inside, too")
    for path in outside:
        told.append(f"\n  the policy allows no proposal to change {one_line(path)}", style="red")
    return told


def files(document: ProposalDocument) -> RenderableType:
    """Return the files, a line each; a file that got another name is one."""
    rows = [f"  {kind:<6}  {_named(row, mode)}" for row, kind, mode in changed_files(document)]
    return Text("\n".join((f"files: {len(rows)}", *rows)))


def changed_files(document: ProposalDocument) -> Iterator[tuple[ChangedFile, str, str]]:
    """Yield each file, what becomes of it, and its mode if that is worth a word."""
    gone = {row.moved_from for row in document.files}
    for row in document.files:
        was = row.base.mode if row.base else None
        is_ = row.result.mode if row.result else None
        if row.moved_from:
            yield row, "move", "" if is_ == "100644" else "may be run"
        elif was is None:
            yield row, "create", "may be run" if is_ == "100755" else ""
        elif is_ is not None:
            word = "may be run" if is_ == "100755" else "may not be run any more"
            yield row, "change", word if was != is_ else ""
        elif row.path not in gone:
            yield row, "delete", ""


def change(changes: ChangeSet) -> RenderableType:
    """Return the difference, changed words marked."""
    return Changes(changes)


def judged(
    document: ProposalDocument, logs: Sequence[str], *, whole_memories: bool = False
) -> RenderableType:
    """Return what speaks for and against it: proof, notes, checks, memories, cost.

    `logs` are the checks' logs, in their order.
    """
    parts: list[RenderableType] = []
    if document.evidence:
        parts.append(_evidence(document.evidence))
    parts += list(_notes(document.notes, "look"))
    parts += [_check(one, log) for one, log in zip(document.checks, logs, strict=True)]
    if not document.checks:
        parts.append(Text("check: none was run", style="yellow"))
    parts.append(_memories(document.memories, whole=whole_memories))
    parts.append(Text(f"cost: {cost(document.cost)}"))
    return Group(*parts)


def standing(onto: str, policy: Policy, steps: Sequence[Step]) -> RenderableType:
    """Return which approvals count, and which do not and why."""
    needed = policy.approvals
    asks = f"asks for {counted(needed, 'approval')}" if needed else "asks for no approval"
    by = one_line(policy.source) or "no policy is set"
    signers = policy.allowed_signers
    names = f"signed by whom {one_line(str(signers))} names" if signers else "names are not proven"
    rows = [Text(f"approvals: {one_line(onto)} {asks} ({by}; {names})")]
    for step in steps:
        style = {"passed": "green", "skipped": "dim"}.get(step.standing, "yellow")
        rows.append(Text(f"  {_SIGNS[step.standing]} {one_line(step.message)}", style=style))
    return Group(*rows)


def look(told: str) -> Text:
    """Return what a reviewer should see besides the notes."""
    return Text(set_in(f"look: {told}"), style="yellow")


def landed(told: str) -> Text:
    """Return how it landed; then nothing is missing any more."""
    return Text(one_line(told), style="green")


def still_missing(why: str) -> Text:
    """Return what has to happen before it may land."""
    return Text(set_in(f"  missing: {why}"), style="yellow")


def enough(told: str) -> Text:
    return Text(f"  enough: {one_line(told)}", style="green")


def cost(spent: Cost) -> str:
    if not spent.requests:
        return "no model used, no cost"
    money = "price unknown" if spent.usd is None else f"${one_line(spent.usd)}"
    calls = counted(spent.requests, "call")
    return (
        f"{money} ({calls}, {spent.input_tokens:,} tokens in, "
        f"{spent.cached_tokens:,} of them cached, {spent.output_tokens:,} out)"
    )


def person(one: Person) -> str:
    """Return somebody's name and address, in one line."""
    return one_line(f"{one.name} <{one.email}>")


def recipe(document: ProposalDocument) -> list[str]:
    """Return the exact refactorings that made it, a line each."""
    return [
        f"{step.refactoring} "
        + " ".join(f"{name}={json.dumps(value)}" for name, value in sorted(step.arguments.items()))
        for step in document.recipe or ()
    ]


def set_in(text: str) -> str:
    """Return a text spelt out, its further lines set in."""
    return "\n    ".join(visible(text).replace("\t", "    ").split("\n"))


def one_line(text: str) -> str:
    """Return a text spelt out, in one line."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _all(count: int) -> str:
    return "its file is" if count == 1 else f"all {count} files are"


def _named(row: ChangedFile, mode: str) -> str:
    name = one_line(f"{row.moved_from} -> {row.path}" if row.moved_from else row.path)
    return f"{name} ({mode})" if mode else name


def _evidence(evidence: Evidence) -> RenderableType:
    return Group(
        Text(f"evidence: {one_line(evidence.summary)}", style="cyan"),
        *_notes(_by_place(evidence.leftovers), "  left"),
    )


def _by_place(notes: Sequence[Note]) -> list[Note]:
    """Return one note for all that is said of a line."""
    texts: dict[tuple[str, int], dict[str, None]] = {}
    for note in notes:
        texts.setdefault((note.path, note.line), {})[note.text] = None
    return [
        Note(path=path, line=line, text="; ".join(told)) for (path, line), told in texts.items()
    ]


def _notes(notes: Sequence[Note], word: str) -> Iterator[Text]:
    for note in notes[:_FEW]:
        line = f":{note.line}" if note.line else ""
        place = f"{note.path}{line}: " if note.path else ""
        yield Text(set_in(f"{word}: {place}{note.text}"), style="yellow")
    if len(notes) > _FEW:
        yield Text(f"{word}: and {len(notes) - _FEW} more; --json has them all", style="yellow")


def _check(check: Check, log: str) -> RenderableType:
    passed = check.exit_code == 0
    how = "ran too long" if check.exit_code is None else f"exit code {check.exit_code}"
    verdict = "passed" if passed else "failed"
    network = f"; network {one_line(check.network)}"
    told = Text(
        f"check: {one_line(shlex.join(check.argv))} {verdict} in {check.seconds:.1f} s "
        f"({how}{network})",
        style="green" if passed else "red",
    )
    if passed:
        return told
    lines = log.rstrip().split("\n")
    shown = [f"    {one_line(line)}" for line in lines[-_LOG_LINES:] if line]
    if len(lines) > _LOG_LINES:
        shown.insert(0, f"    ({len(lines) - _LOG_LINES} lines before)")
    return Group(told, Text("\n".join(shown or ["    (it printed nothing)"])))


def _memories(memories: Sequence[UsedMemory], *, whole: bool) -> RenderableType:
    if not memories:
        return Text("memories: none were used")
    rows = [Text(f"memories: {len(memories)}, told to whoever proposed it")]
    for one in memories:
        text = set_in(one.text) if whole else _shortened(one_line(one.text))
        rows.append(Text(f"  {one_line(one.id)} ({one_line(one.kind)}) {text}", style="dim"))
    return Group(*rows)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
