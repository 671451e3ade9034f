"""What becomes of a proposal of which a reviewer takes only a part."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.ports import Crew
from alma_agent.records import Applied, Interaction, Objection, Proposal, Refused, Task, Verdict
from alma_agent.run import run
from alma_agent.testing import RememberingLibrary, ScriptedProposer, SilentObserver
from alma_agent.undo import undo
from alma_agent.wiring import open_house
from tests.conftest import make_repository, tree
from toolset.checks import CheckReport
from toolset.draft import Draft
from toolset.edits import ChangeSet, Digest
from toolset.refactor.evidence import Evidence, Place
from toolset.scope import EditScope
from toolset.selection import chosen, hunks_of
from toolset.workspace import Workspace

A = PurePosixPath("a.py")
KEY = "sk-proj-" + "a1B2c3D4e5F6g7H8" * 3
OLD = "def f(x):\n    return x\n\n\n" + "".join(f"a{n} = {n}\n" for n in range(12))
OLD = OLD.replace("a3 = 3", "# a note that stays\na3 = 3")
OPEN_AND_CLOSE = OLD.replace("a2 = 2", "a2 = (2 +").replace("a3 = 3", "3)\na3 = 3")
FINE = OLD.replace("a1 = 1\n", "b1 = 1\n").replace("a9 = 9\n", "b9 = 9\n")


class Chooses:
    """Takes the hunks of these numbers, one choice after the other; the last one again and again.

    `shown` is what it was asked about.
    """

    def __init__(self, *choices: tuple[int, ...]) -> None:
        self.shown: list[Proposal] = []
        self._choices = choices

    async def review(self, proposal: Proposal, _: Sequence[CheckReport]) -> Verdict:
        numbers = self._choices[min(len(self.shown), len(self._choices) - 1)]
        self.shown.append(proposal)
        hunks = [part for hunk in hunks_of(proposal.changes) for part in hunk.split()]
        left = [one.sentence() for n, one in enumerate(hunks) if n not in numbers]
        part = chosen(proposal.changes, [hunks[n] for n in numbers])
        return Verdict(True, "human", chosen=part, taken=len(numbers), left_out=tuple(left))

    @property
    def objections(self) -> list[Objection | None]:
        return [one.objection for one in self.shown]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", {"a.py": OLD})


def change_to(workspace: Workspace, text: str) -> ChangeSet:
    draft = Draft(workspace)
    draft.write(A, text)
    return draft.changes()


async def ran(
    workspace: Workspace, text: str, reviewer: Chooses, check: tuple[str, ...] = ()
) -> Interaction:
    evidence = Evidence({Place(A, 1, 0): ("rope", "jedi")})
    proposer = ScriptedProposer(change_to(workspace, text), evidence=evidence)
    crew = Crew(RememberingLibrary(), proposer, reviewer, SilentObserver())
    return await run(Task("x", check=check, lint=True), workspace, crew)


def text_of(workspace: Workspace) -> str:
    return workspace.absolute(A).read_text()


async def test_only_what_was_chosen_is_written_and_recorded(workspace: Workspace) -> None:
    told = await ran(workspace, FINE, Chooses((1,)))

    written = OLD.replace("a9 = 9", "b9 = 9")
    assert isinstance(told.outcome, Applied)
    assert text_of(workspace) == written
    assert [file.after for file in told.files] == [Digest.of(written.encode())]
    assert told.verdict == Verdict(
        True, "human", taken=1, left_out=("a.py:6: `b1 = 1` for `a1 = 1`",)
    )


async def test_what_was_proven_of_the_whole_is_not_said_of_a_part(workspace: Workspace) -> None:
    whole, part = Chooses((0, 1)), Chooses((1,))

    assert (await ran(workspace, FINE, part)).evidence == ""
    workspace.absolute(A).write_text(OLD)
    assert (await ran(workspace, FINE, whole)).evidence.startswith("proven")


async def test_the_part_is_checked_by_itself(workspace: Workspace) -> None:
    both_or_none = "t = open('a.py').read(); exit(('b1' in t) != ('b9' in t))"
    reviewer = Chooses((0,), (0, 1))

    told = await ran(workspace, FINE, reviewer, (sys.executable, "-c", both_or_none))

    _, objection = reviewer.objections
    assert objection is not None
    assert "failed on a copy with what you chose (exit code 1)" in objection.why
    assert text_of(workspace) == FINE
    assert [report.passed for report in told.checks] == [True]


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        pytest.param((0,), "a.py:7 would no longer parse", id="no Python"),
        pytest.param((), "No hunk was chosen", id="nothing"),
    ],
)
async def test_a_part_that_cannot_stand_alone_is_never_written(
    workspace: Workspace, choice: tuple[int, ...], why: str
) -> None:
    before, reviewer = tree(workspace.root), Chooses(choice)

    told = await ran(workspace, OPEN_AND_CLOSE, reviewer)

    assert isinstance(told.outcome, Refused)
    assert why in told.outcome.reason
    assert tree(workspace.root) == before
    assert len(reviewer.shown) == 5  # then it is enough


async def test_what_a_part_leaves_undefined_is_asked_about_once(workspace: Workspace) -> None:
    used = OLD.replace("def f(", "def g(").replace("a9 = 9", "a9 = g(9)")
    reviewer = Chooses((1,))

    told = await ran(workspace, used, reviewer)

    assert isinstance(told.outcome, Applied)
    (_, objection) = reviewer.objections
    assert objection is not None
    assert not objection.is_final
    assert "a.py:15: F821 Undefined name `g`" in objection.why


async def test_what_was_applied_in_part_can_be_undone(workspace: Workspace) -> None:
    library = open_house(workspace).library
    proposer = ScriptedProposer(change_to(workspace, FINE))
    told = await run(Task("x"), workspace, Crew(library, proposer, Chooses((0,)), SilentObserver()))
    assert library.interaction(told.id) == told

    await undo(workspace, library)

    assert text_of(workspace) == OLD


async def test_a_key_that_somebody_typed_as_a_reason_is_not_kept(workspace: Workspace) -> None:
    class Blabs(Chooses):
        async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:
            verdict = await super().review(proposal, checks)
            return replace(verdict, left_out=(f"a.py:1: x (the key is {KEY})",))

    library = open_house(workspace).library
    proposer = ScriptedProposer(change_to(workspace, FINE))

    told = await run(Task("x"), workspace, Crew(library, proposer, Blabs((0,)), SilentObserver()))

    verdict = library.interaction(told.id).verdict
    assert verdict is not None
    assert "the key is" in verdict.left_out[0]
    assert KEY not in verdict.left_out[0]


async def test_no_choice_leads_out_of_the_scope(workspace: Workspace) -> None:
    class Elsewhere(Chooses):
        async def review(self, proposal: Proposal, _: Sequence[CheckReport]) -> Verdict:
            draft = Draft(workspace)
            draft.create(PurePosixPath("evil.py"), "x = 1\n")
            self.shown.append(proposal)
            return Verdict(True, "human", chosen=draft.changes())

    proposer = ScriptedProposer(change_to(workspace, FINE))
    crew = Crew(RememberingLibrary(), proposer, Elsewhere(), SilentObserver())

    told = await run(Task("x", scope=EditScope.of_file(A)), workspace, crew)

    assert isinstance(told.outcome, Refused)
    assert "out of scope" in told.outcome.reason


async def test_a_part_of_what_was_proven_is_asked_about_once_more(workspace: Workspace) -> None:
    reviewer = Chooses((0,))

    await ran(workspace, FINE, reviewer)

    assert [one.why if one else None for one in reviewer.objections] == [
        None,
        "What was proven of the whole refactoring is not proven of a part of it.",
    ]
