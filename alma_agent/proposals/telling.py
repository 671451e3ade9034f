"""What is known of a change, as a proposal tells it: from alma's nouns to the artefact's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alma_agent.proposals import artefact
from alma_agent.proposals.artefact import Cost, Note, Step, UsedMemory, digest
from alma_agent.proposals.replaying import step_of
from alma_agent.records import Proposal, Usage
from alma_agent.redact import redacted
from alma_agent.remembered import Recalled
from toolset.checks import parse, parses
from toolset.edits import ChangeSet, Edit
from toolset.encoding import decode_leniently, is_python
from toolset.errors import DoesNotParse, NotText, SpillsOver
from toolset.gates import findings
from toolset.lint import new_lint_findings
from toolset.refactor.evidence import Evidence
from toolset.refactor.requests import Request
from toolset.spills import require_no_spill
from toolset.workspace import Workspace

_MOST_LINTED = 20  # files; the linter is started twice for each
_MOST_LEFTOVERS = 200
_MOST_LOOKED_THROUGH = 300_000  # characters, for secrets

NOT_PROVEN = "Not all of it is proven: see what is left in the evidence."
"""A note, read beside the evidence."""


def steps_of(recipe: Iterable[Request]) -> tuple[Step, ...] | None:
    """Return exact refactorings as a recipe tells them; None if there are none."""
    return tuple(map(step_of, recipe)) or None


def evidence_of(evidence: Evidence | None) -> artefact.Evidence | None:
    """Return what vouches for exact refactorings, with what they left."""
    if evidence is None:
        return None
    left = [
        Note(path=str(one.place.path), line=one.place.line, text=f"({one.kind}) {one.text}")
        for one in sorted(evidence.leftovers)
    ]
    if len(left) > _MOST_LEFTOVERS:
        left[_MOST_LEFTOVERS:] = [_whole(f"and {len(left) - _MOST_LEFTOVERS} more")]
    return artefact.Evidence(level=evidence.level, summary=evidence.summary(), leftovers=left)


def notes_of_proposal(proposal: Proposal) -> Iterator[Note]:
    """Yield what a reviewer should see of how a change came to be."""
    if proposal.evidence and proposal.evidence.level != "proven":
        yield _whole(NOT_PROVEN)
        for doubt in proposal.evidence.doubts:
            yield _whole(f"In doubt: {doubt}")
    for refusal in proposal.refusals:
        yield _whole(f"Refused while it was made: {refusal}")


def notes_of_changes(changes: ChangeSet, workspace: Workspace, *, lint: bool) -> Iterator[Note]:
    """Yield what a reviewer should see of a change besides its difference."""
    found = findings(changes)
    if lint and len(changes) <= _MOST_LINTED:
        found += new_lint_findings(changes, root=workspace.root)
    for one in found:
        yield Note(path=str(one.path), line=one.line or 0, text=one.what)
    for edit in changes:
        yield from _broken(edit)
    yield from _secrets(changes)


def cost_of(usage: Usage) -> Cost:
    """Return what a model took."""
    return Cost(
        requests=usage.requests,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        usd=None if usage.usd is None else f"{usage.usd:f}",
    )


def memories_of(recalled: Iterable[Recalled]) -> tuple[UsedMemory, ...]:
    """Return memories as they were told, each once."""
    told = {}
    for one in recalled:
        memory = one.memory
        reason = f" Because: {memory.reasoning}" if memory.reasoning else ""
        text = f"{memory.text}{reason}"
        told[memory.id] = UsedMemory(
            id=memory.id,
            kind=memory.kind,
            text=text,
            sha256=digest(text.encode("utf-8", "replace")),
        )
    return tuple(told.values())


def _whole(text: str) -> Note:
    return Note(path="", line=0, text=text)


def _broken(edit: Edit) -> Iterator[Note]:
    """Say whether a Python file can no longer be read, or an edit changes how others are."""
    path = str(edit.path)
    if not is_python(edit.path) or edit.after is None:
        return
    try:
        parse(edit.path, edit.after)
    except DoesNotParse as error:
        if edit.before is None or parses(edit.path, edit.before):
            yield Note(path=path, line=error.line or 0, text=f"it does not parse: {error.message}")
        return
    except NotText:
        return  # it is said already
    try:
        require_no_spill(ChangeSet((edit,)))
    except SpillsOver:
        yield Note(path=path, line=0, text="lines that it leaves alone are read otherwise after it")


def _secrets(changes: ChangeSet) -> Iterator[Note]:
    """Say where the change itself seems to bring a secret: alma does not take it out of files."""
    left = _MOST_LOOKED_THROUGH
    for edit in changes:
        lines = _new_lines(edit)
        text = "\n".join(line for _, line in lines)
        if not text or len(text) > left:
            continue
        left -= len(text)
        if redacted(text) == text:
            continue
        numbers = [number for number, line in lines if redacted(line) != line]
        for number in numbers or [0]:
            yield Note(path=str(edit.path), line=number, text="this looks like a secret")


def _new_lines(edit: Edit) -> Sequence[tuple[int, str]]:
    if edit.after is None or b"\0" in edit.after.data[:8_000]:
        return ()
    before = decode_leniently(edit.path, edit.before.data) if edit.before else ""
    known = set(before.splitlines())
    after = decode_leniently(edit.path, edit.after.data).splitlines()
    return [(number, line) for number, line in enumerate(after, 1) if line not in known]
