"""All that is known of one run, from the ledger, its conversation and its checkpoint.

A page is made to be handed on: secrets are taken out of everything, of code and memories too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alma_agent.errors import AlmaError, UsageError
from alma_agent.memory.sessions.turns import turns_between
from alma_agent.records import Applied, Interaction, Undone
from alma_agent.redact import redacted
from alma_agent.remembered import Memory
from alma_agent.secretless import secretless, secretless_memory
from alma_agent.terminal.report.transcript import Passage, passages
from alma_agent.undo import change_of
from alma_agent.wiring import House
from toolset.edits import ChangeSet, Edit
from toolset.errors import ToolsetError

_SLACK = timedelta(milliseconds=2)  # a run's seconds are rounded


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What becomes of one file: `path` (or `old -> new`), `create`, `change`, `delete`, `move`."""

    path: str
    kind: str
    diff: str


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `missing` are the ids of memories that were recalled, and forgotten since.

    `change` is what it did to the files, or, if `is_draft`, would have done; `no_change` says why
    it cannot be shown. `no_talk` says why there is no transcript.
    """

    told: Interaction
    repository: str
    taken_back: bool
    memories: tuple[Memory, ...] = ()
    missing: tuple[str, ...] = ()
    talk: tuple[Passage, ...] = ()
    no_talk: str = ""
    change: tuple[FileDiff, ...] = ()
    no_change: str = ""
    is_draft: bool = False


def report_of(house: House, id_prefix: str) -> Report:
    """Return what is known of the run whose id begins so; of the newest if nothing is named.

    Raises UsageError if there is none, or several.
    """
    told = _named(house, id_prefix)
    memories, missing = _recalled(house, told)
    talk, no_talk = _talk(house, told)
    change, no_change, is_draft = _change(house, told)
    return Report(
        secretless(told),
        house.scope.namespace or house.workspace.root.name,
        told.id in house.library.taken_back(),
        memories,
        missing,
        talk,
        no_talk,
        change,
        no_change,
        is_draft,
    )


def _named(house: House, id_prefix: str) -> Interaction:
    if id_prefix:
        return house.library.interaction(id_prefix)
    newest = next(iter(house.library.interactions(limit=1)), None)
    if newest is None:
        raise UsageError("Nothing happened here yet: there is no run to report on.")
    return newest


def _recalled(house: House, told: Interaction) -> tuple[tuple[Memory, ...], tuple[str, ...]]:
    found, missing = [], []
    for id_ in told.recalled:
        try:
            found.append(secretless_memory(house.library.notebook.one(id_, scope=house.scope)))
        except UsageError:
            missing.append(id_)
    return tuple(found), tuple(missing)


def _talk(house: House, told: Interaction) -> tuple[tuple[Passage, ...], str]:
    """Return what was said in this run: a session may hold what others said before and after."""
    if not told.usage.requests:
        return (), "No model answered in this run."
    if not told.session:
        return (), "No conversation was kept of this run."
    until = told.at + timedelta(seconds=told.seconds) + _SLACK
    turns = turns_between(house.ledger, told.session, house.scope, told.at - _SLACK, until)
    if not turns:
        return (), f"The conversation {told.session} holds nothing of this run any more."
    return tuple(passages(turns)), ""


def _change(house: House, told: Interaction) -> tuple[tuple[FileDiff, ...], str, bool]:
    if not isinstance(told.outcome, Applied | Undone):
        draft = _draft(house, told)
        return file_diffs(draft), "" if draft else "Nothing was changed.", bool(draft)
    try:
        return file_diffs(change_of(house.workspace, house.library, told.id)), "", False
    except (AlmaError, ToolsetError) as error:
        return (), f"The change cannot be shown any more: {error}", False


def _draft(house: House, told: Interaction) -> ChangeSet:
    """Return what a run had staged that stopped before its end, if it is still kept."""
    if told.id not in house.paused_runs.ids():
        return ChangeSet()
    try:
        return house.paused_runs.run(told.id).changes
    except AlmaError:
        return ChangeSet()


def file_diffs(changes: ChangeSet) -> tuple[FileDiff, ...]:
    """Return the change file by file; a file that moved is one."""
    edits = {edit.path: edit for edit in changes}
    moved = {move.new: move for move in changes.moves}
    gone = {move.old for move in changes.moves}
    shown = []
    for path, edit in edits.items():
        if path in moved:
            move = moved[path]
            both = ChangeSet((edits[move.old], edit), (move,))
            shown.append(FileDiff(f"{move.old} → {path}", "move", redacted(both.diff())))
        elif path not in gone:
            shown.append(_file_diff(edit))
    return tuple(shown)


def _file_diff(edit: Edit) -> FileDiff:
    return FileDiff(str(edit.path), edit.kind, redacted(ChangeSet((edit,)).diff()))
