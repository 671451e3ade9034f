"""What a person sees of a proposal that was just made: where it is, what is in it, what is next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from textwrap import indent

from rich.console import Group, RenderableType
from rich.text import Text

from alma_agent.proposals.artefact import Note, ProposalDocument
from alma_agent.proposals.telling import NOT_PROVEN
from alma_agent.terminal import render
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.proposals.propose_documents import (
    ProposeResult,
    ReproposeResult,
    changed_files,
)
from alma_agent.terminal.proposals.review_documents import ToldProposalCheck
from alma_agent.terminal.wording import counted
from toolset.edits import ChangeSet

_FILES_SHOWN = _NOTES_SHOWN = 10


def proposed(
    document: ProposalDocument, changes: ChangeSet, result: ProposeResult, base: str
) -> RenderableType:
    """Return what was proposed, or would be, or why it is not."""
    parts: list[RenderableType] = []
    is_written = result["outcome"] == "proposed"
    if not is_written:
        parts += [render.change(changes), Text()]
    if is_written:
        parts.append(Text(f"Proposed over {visible(base)}: {result['folder']}", style="green"))
    parts += contents(document)
    told = result["proposal"]["checks"] if result["proposal"] else []
    parts += [line for one in told for line in _check(one)]
    if is_written:
        parts.append(Text(f"No file of yours was changed. Review it: alma review {document.id}"))
    else:
        parts.append(_unwritten(result["outcome"]))
    return Group(*parts)


def reproposed(document: ProposalDocument, result: ReproposeResult, base: str) -> RenderableType:
    """Return what a proposal has become over another commit, and how it differs from before."""
    how = "made again" if result["by"] == "replay" else "merged"
    is_written = result["outcome"] == "reproposed"
    told = result["proposal"]["checks"] if result["proposal"] else []
    parts: list[RenderableType] = []
    if is_written:
        where = f"Revision {document.revision}, {how} over {visible(base)}: {result['folder']}"
        parts.append(Text(where, style="green"))
    parts += contents(document)
    parts += [line for one in told for line in _check(one)]
    if result["range_diff"]:
        parts.append(Text(visible(result["range_diff"].rstrip()), style="dim"))
    else:
        parts.append(Text("The old base is not in this clone: no range-diff.", style="dim"))
    if not is_written:
        parts.append(_unwritten(result["outcome"]))
        return Group(*parts)
    if dead := len(result["dead"]):
        verb = "counts" if dead == 1 else "count"
        told_dead = f"{counted(dead, 'decision')} on earlier revisions no longer {verb}."
        parts.append(Text(told_dead))
    parts.append(Text(f"Review it: alma review {document.id}"))
    return Group(*parts)


def contents(document: ProposalDocument) -> Iterator[Text]:
    """Yield in brief what is in a proposal."""
    yield Text(visible(indent(document.goal, "  ")), style="bold")
    files = changed_files(document)
    for one in files[:_FILES_SHOWN]:
        was = f" (was {one['moved_from']})" if one["moved_from"] else ""
        yield Text(visible(f"  {one['kind']:<6} {one['path']}{was}"))
    if len(files) > _FILES_SHOWN:
        yield Text(f"  and {len(files) - _FILES_SHOWN} more files")
    if document.evidence:
        yield Text(visible(f"  evidence: {document.evidence.summary}"), style="cyan")
    for note in document.notes[:_NOTES_SHOWN]:
        told = _note(note)
        if note.text == NOT_PROVEN:  # what is left is not listed here
            told = f"Not all of it is proven. `alma review {document.id}` lists what is left."
        yield Text(visible(f"  look: {told}"), style="yellow")
    if len(document.notes) > _NOTES_SHOWN:
        yield Text(f"  and {counted(len(document.notes) - _NOTES_SHOWN, 'more note')}")
    if document.memories:
        number = len(document.memories)
        memories = "1 memory" if number == 1 else f"{number} memories"
        yield Text(f"  {memories} told to the model")


def _unwritten(outcome: str) -> Text:
    if outcome == "checks failed":
        return Text("Not proposed; nothing was written.", style="red")
    return Text("Nothing was written: this was a dry run.")


def _check(one: ToldProposalCheck) -> Iterator[Text]:
    verdict = "passed" if one["passed"] else "failed"
    line = f"  check: {shlex.join(one['argv'])} {verdict} in {one['seconds']:.1f} s"
    yield Text(visible(line), style="green" if one["passed"] else "red")
    if not one["passed"]:
        yield Text(visible(one["output"].rstrip() or "(it printed nothing)"))
        if one["network"] == "cut off":
            yield Text("It had no network; --check-network gives it one.", style="dim")


def _note(note: Note) -> str:
    where = f"{note.path}:{note.line}: " if note.line else f"{note.path}: "
    return (where if note.path else "") + note.text
