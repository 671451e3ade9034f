from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.codec import encode
from alma_agent.errors import AlmaError, LedgerUnavailable
from alma_agent.ports import Crew, Library, Reviewer
from alma_agent.records import (
    ChecksFailed,
    Failed,
    Interaction,
    Proposal,
    Refused,
    Task,
    Usage,
    Verdict,
)
from alma_agent.remembered import Recollection
from alma_agent.review import AssumeYes, NobodyThere
from alma_agent.run import run, settle
from alma_agent.testing import RememberingLibrary, ScriptedProposer, SilentObserver
from alma_agent.wiring import open_house
from tests.conftest import make_repository, tree
from tests.making import an_interaction
from toolset.apply import apply
from toolset.checks import CheckReport
from toolset.draft import Draft
from toolset.edits import ChangeSet, Digest
from toolset.errors import DoesNotParse, FileExists, SpillsOver, StaleEdit, ToolsetError
from toolset.journal import start_journal
from toolset.refactor.evidence import Evidence, Place
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
        library or RememberingLibrary(), proposer, reviewer or AssumeYes(), SilentObserver()
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
            AssumeYes(), edit, (sys.executable, "-c", "exit(3)"), "checks failed", id="check fails"
        ),
        pytest.param(AssumeYes(), lambda _: ChangeSet(), (), "nothing to do", id="no change"),
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


class Diary(RememberingLibrary):
    """Writes down who did what, with what the file held just then."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []
        self._path = workspace.absolute(A)

    def note(self, what: str) -> None:
        self.lines.append((what, self._path.read_text().strip()))

    async def recall(self, task: Task) -> Recollection:
        self.note("recall")
        return await super().recall(task)

    async def remember(self, interaction: Interaction) -> None:
        self.note("remember")
        await super().remember(interaction)

    async def review(self, _: Proposal, checks: Sequence[CheckReport]) -> Verdict:
        self.note(f"review with {len(checks)} check")
        return Verdict(accepted=True, by="human")


async def test_the_order_of_things(repository: Workspace) -> None:
    diary = Diary(repository)

    def propose(_: Task, __: Recollection) -> ChangeSet:
        diary.note("propose")
        return edit(repository)

    proposer = ScriptedProposer(propose)
    check = (sys.executable, "-c", "import a; assert a.x == 2")

    await run(Task("x", check=check), repository, crew(proposer, diary, diary))

    assert diary.lines == [
        ("recall", "x = 1"),
        ("propose", "x = 1"),
        ("review with 1 check", "x = 1"),
        ("remember", "x = 2"),
    ]


async def test_what_the_observer_hears(repository: Workspace) -> None:
    observer = SilentObserver()
    everybody = Crew(
        RememberingLibrary(), ScriptedProposer(edit(repository)), AssumeYes(), observer
    )
    check = (sys.executable, "-c", "")

    await run(Task("x", check=check), repository, everybody)

    assert observer.heard == [Recollection()]
    assert observer.steps == [f"checking: {shlex.join(check)}", "applying"]


async def test_the_checks_and_the_verdict_are_in_the_record(repository: Workspace) -> None:
    task = Task("x", check=(sys.executable, "-c", "print('fine')"))

    told = await run(task, repository, crew(ScriptedProposer(edit(repository))))

    (report,) = told.checks
    assert (report.exit_code, report.output_tail) == (0, "fine\n")
    assert told.verdict == Verdict(accepted=True, by="human", reason="--yes")


async def test_the_evidence_is_in_the_record(repository: Workspace) -> None:
    evidence = Evidence({Place(A, 1, 0): ("rope", "jedi")})
    proposer = ScriptedProposer(edit(repository), evidence=evidence)

    told = await run(Task("x"), repository, crew(proposer))

    assert told.evidence == "proven: 1 occurrence in 1 file"


async def test_a_refusal_keeps_its_reason(repository: Workspace) -> None:
    told = await run(
        Task("x"), repository, crew(ScriptedProposer(edit(repository)), reviewer=NobodyThere())
    )

    assert told.outcome == Refused(
        "there is no terminal to ask on; run it with --yes to accept", needs_human=True
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(
            lambda workspace: edit(workspace, "def f(:\n"), "would no longer parse", id="no Python"
        ),
        pytest.param(
            lambda workspace: Draft(workspace).write(PurePosixPath("no.py"), "x"),
            "no.py: does not exist",
            id="no such file",
        ),
    ],
)
async def test_what_stopped_alma_is_remembered_once(
    repository: Workspace, script: Callable[[Workspace], ChangeSet], reason: str
) -> None:
    library = RememberingLibrary()
    proposer = ScriptedProposer(lambda *_: script(repository))

    with pytest.raises(ToolsetError):
        await run(Task("x"), repository, crew(proposer, library))

    (told,) = library.remembered
    assert isinstance(told.outcome, Failed)
    assert reason in told.outcome.reason


async def test_a_stale_edit_is_remembered_with_its_file(repository: Workspace) -> None:
    library = RememberingLibrary()

    with pytest.raises(StaleEdit):
        await run(
            Task("x"),
            repository,
            crew(ScriptedProposer(edit(repository)), library, Meddler(repository)),
        )

    (told,) = library.remembered
    assert (told.outcome.kind, [file.path for file in told.files]) == ("failed", [A])


async def test_a_file_that_appeared_during_the_review_is_left_alone(repository: Workspace) -> None:
    draft = Draft(repository)
    draft.create(PurePosixPath("new.py"), "n = 1\n")
    proposer = ScriptedProposer(draft.changes())

    class Creator(AssumeYes):
        async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:
            repository.absolute(PurePosixPath("new.py")).write_text("n = 'mine'\n")
            return await super().review(proposal, checks)

    with pytest.raises(FileExists):
        await run(Task("x"), repository, crew(proposer, reviewer=Creator()))

    assert repository.absolute(PurePosixPath("new.py")).read_text() == "n = 'mine'\n"


async def test_a_killed_run_that_had_not_finished_is_told_as_rolled_back(
    repository: Workspace,
) -> None:
    before, library = tree(repository.root), RememberingLibrary()
    memo = encode(an_interaction("abc", "double x"))
    start_journal(repository, edit(repository), id="abc", memo=memo)
    repository.absolute(A).write_text("x = 2\n")  # it had come so far

    (found,) = await settle(repository, library)

    assert not found.applied
    assert tree(repository.root) == before
    (told,) = library.remembered
    assert (told.id, told.goal, told.outcome.kind) == ("abc", "double x", "rolled back")


async def test_a_killed_run_is_not_forgotten_while_the_ledger_cannot_be_written(
    repository: Workspace,
) -> None:
    apply(repository, edit(repository), id="abc", memo=encode(an_interaction("abc")))
    library = RememberingLibrary()

    with pytest.raises(LedgerUnavailable):
        await settle(repository, Forgetful())
    await settle(repository, library)

    assert [one.id for one in library.remembered] == ["abc"]


async def test_half_a_character_in_the_goal_is_no_reason_to_fail(repository: Workspace) -> None:
    library = open_house(repository).library
    proposer = ScriptedProposer(edit(repository), rationale="odd \ud800 answer")

    told = await run(Task("double \udcff x"), repository, crew(proposer, library))

    assert (told.goal, told.rationale) == ("double ? x", "odd ? answer")
    assert library.interaction(told.id) == told


LONG = "".join(f"x{number} = {number}\n" for number in range(12))


class EditsTheEnd:
    """Accepts, after having put a line at the end of the file; keeps what it was shown."""

    def __init__(self, workspace: Workspace, line: str = "mine = 1\n") -> None:
        self._path, self._line = workspace.absolute(A), line
        self.shown: list[Proposal] = []

    async def review(self, proposal: Proposal, _: Sequence[CheckReport]) -> Verdict:
        self.shown.append(proposal)
        self._path.write_text(self._path.read_text() + self._line)
        return Verdict(accepted=True, by="human")


@pytest.fixture
def long(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "long", {"a.py": LONG})


async def test_work_elsewhere_in_a_file_during_the_review_is_kept(long: Workspace) -> None:
    proposer = ScriptedProposer(edit(long, LONG.replace("x2 = 2", "x2 = 'two'")))

    told = await run(Task("x"), long, crew(proposer, reviewer=EditsTheEnd(long)))

    merged = LONG.replace("x2 = 2", "x2 = 'two'") + "mine = 1\n"
    assert long.absolute(A).read_text() == merged
    assert told.files[0].after == Digest.of(merged.encode())


async def test_what_was_merged_is_checked_again(long: Workspace) -> None:
    proposer = ScriptedProposer(edit(long, LONG.replace("x2 = 2", "x2 = 'two'")))
    check = (sys.executable, "-c", "exit('mine' in open('a.py').read())")
    reviewer = EditsTheEnd(long)

    told = await run(Task("x", check=check), long, crew(proposer, reviewer=reviewer))

    assert isinstance(told.outcome, ChecksFailed)
    assert long.absolute(A).read_text() == LONG + "mine = 1\n"


async def test_what_was_merged_must_parse(long: Workspace) -> None:
    proposer = ScriptedProposer(edit(long, LONG.replace("x2 = 2", "x2 = 'two'")))

    with pytest.raises(DoesNotParse):
        await run(Task("x"), long, crew(proposer, reviewer=EditsTheEnd(long, "x = (\n")))

    assert long.absolute(A).read_text() == LONG + "x = (\n"


async def test_what_deserves_a_look_is_shown_to_the_reviewer(long: Workspace) -> None:
    draft = Draft(long)
    draft.write(A, "x0 = 0\n# ... rest unchanged ...\n")
    reviewer = EditsTheEnd(long, "")

    await run(Task("x"), long, crew(ScriptedProposer(draft.changes()), reviewer=reviewer))

    (finding,) = reviewer.shown[0].findings
    assert "rest unchanged" in finding.what


async def test_a_change_that_swallows_other_lines_is_refused(long: Workspace) -> None:
    swallowing = LONG.replace("x2 = 2\n", "x2 = '''\n").replace("x9 = 9\n", "'''\n")

    with pytest.raises(SpillsOver):
        await run(Task("x"), long, crew(ScriptedProposer(edit(long, swallowing))))

    assert long.absolute(A).read_text() == LONG
