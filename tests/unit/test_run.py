from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import pytest

from alma_agent.errors import AlmaError, LedgerUnavailable
from alma_agent.ports import Crew, Library, Reviewer
from alma_agent.records import Interaction, Proposal, Recollection, Task, Usage, Verdict
from alma_agent.review import AcceptAll, NobodyThere
from alma_agent.run import run, settle
from alma_agent.testing import RememberingLibrary, ScriptedProposer, SilentObserver
from tests.conftest import tree
from toolset.apply import apply
from toolset.checks import CheckReport
from toolset.draft import Draft
from toolset.edits import ChangeSet
from toolset.errors import DoesNotParse, StaleEdit
from toolset.workspace import Workspace

A = PurePosixPath("a.py")


def edit(workspace: Workspace, text: str = "x = 2\n") -> ChangeSet:
    draft = Draft(workspace)
    draft.write(A, text)
    return draft.changes()


def crew(
    proposer: ScriptedProposer,
    library: Library | None = None,
    reviewer: Reviewer | None = None,
) -> Crew:
    return Crew(
        library or RememberingLibrary(), proposer, reviewer or AcceptAll(), SilentObserver()
    )


class Meddler:
    """Accepts, after having edited the file itself."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.absolute(A)

    async def review(self, _: Proposal, __: Sequence[CheckReport]) -> Verdict:
        self._path.write_text("x = 'mine'\n")
        return Verdict(accepted=True, by="human")


class Forgetful(RememberingLibrary):
    """Cannot write its ledger."""

    async def remember(self, _: Interaction) -> None:
        raise LedgerUnavailable("the disk is full.")


async def test_an_accepted_proposal_is_in_the_files_and_in_memory(repository: Workspace) -> None:
    library, task = RememberingLibrary(), Task("double x", file=A)
    usage = Usage(requests=2, input_tokens=30)
    proposer = ScriptedProposer(edit(repository), rationale="two", usage=usage)

    told = await run(task, repository, crew(proposer, library))

    assert repository.absolute(A).read_text() == "x = 2\n"
    assert library.remembered == [told]
    assert (told.outcome.kind, told.goal, told.rationale, told.usage) == (
        *("applied", "double x", "two"),
        usage,
    )
    assert [file.path for file in told.files] == [A]


async def test_what_was_recalled_reaches_the_proposer_and_the_record(
    repository: Workspace,
) -> None:
    library = RememberingLibrary()
    first = await run(Task("x"), repository, crew(ScriptedProposer(edit(repository)), library))
    proposer = ScriptedProposer(ChangeSet())

    second = await run(Task("x", file=A), repository, crew(proposer, library))

    (_, recollection), *_ = proposer.asked
    assert [one.memory.id for one in recollection.memories] == [first.id]
    assert second.recalled == (first.id,)


@pytest.mark.parametrize(
    ("reviewer", "script", "check", "kind"),
    [
        pytest.param(NobodyThere(), edit, (), "refused", id="nobody there"),
        pytest.param(
            AcceptAll(), edit, (sys.executable, "-c", "exit(3)"), "checks failed", id="check fails"
        ),
        pytest.param(AcceptAll(), lambda _: ChangeSet(), (), "nothing to do", id="no change"),
    ],
)
async def test_what_is_not_applied_is_remembered_and_writes_nothing(
    repository: Workspace,
    reviewer: Reviewer,
    script: Callable[[Workspace], ChangeSet],
    check: tuple[str, ...],
    kind: str,
) -> None:
    before, library = tree(repository.root), RememberingLibrary()
    proposer = ScriptedProposer(script(repository))

    told = await run(Task("x", check=check), repository, crew(proposer, library, reviewer))

    assert told.outcome.kind == kind
    assert library.remembered == [told]
    assert tree(repository.root) == before


async def test_a_proposer_that_fails_is_remembered_and_heard(repository: Workspace) -> None:
    def fail(_: Task, __: Recollection) -> ChangeSet:
        raise AlmaError("no idea")

    library = RememberingLibrary()

    with pytest.raises(AlmaError, match="no idea"):
        await run(Task("x"), repository, crew(ScriptedProposer(fail), library))

    assert [one.outcome.kind for one in library.remembered] == ["failed"]


async def test_a_proposal_that_does_not_parse_is_refused(repository: Workspace) -> None:
    before = tree(repository.root)

    with pytest.raises(DoesNotParse, match=r"a\.py:1 would no longer parse"):
        await run(Task("x"), repository, crew(ScriptedProposer(edit(repository, "def f(:\n"))))

    assert tree(repository.root) == before


async def test_a_file_edited_during_the_review_is_left_alone(repository: Workspace) -> None:
    proposer = ScriptedProposer(edit(repository))

    with pytest.raises(StaleEdit):
        await run(Task("x"), repository, crew(proposer, reviewer=Meddler(repository)))

    assert repository.absolute(A).read_text() == "x = 'mine'\n"


async def test_a_ledger_that_fails_after_the_change_says_so_and_is_told_later(
    repository: Workspace,
) -> None:
    with pytest.raises(LedgerUnavailable, match="the next alma command will record it"):
        await run(Task("x"), repository, crew(ScriptedProposer(edit(repository)), Forgetful()))
    library = RememberingLibrary()

    await settle(repository, library)

    assert [one.outcome.kind for one in library.remembered] == ["applied"]
    assert repository.absolute(A).read_text() == "x = 2\n"


async def test_settling_twice_is_settling_once(repository: Workspace) -> None:
    with pytest.raises(LedgerUnavailable):
        await run(Task("x"), repository, crew(ScriptedProposer(edit(repository)), Forgetful()))
    library = RememberingLibrary()

    first = await settle(repository, library)
    second = await settle(repository, library)

    assert (len(first), len(second), len(library.remembered)) == (1, 0, 1)


async def test_a_foreign_transaction_without_a_memo_is_finished_too(
    repository: Workspace,
) -> None:
    apply(repository, edit(repository), id="abc")

    (found,) = await settle(repository, RememberingLibrary())

    assert found.applied
    assert await settle(repository, RememberingLibrary()) == []
