from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from alma_agent.errors import NothingToUndo, UsageError
from alma_agent.ports import Crew
from alma_agent.records import (
    Failed,
    Interaction,
    NothingToDo,
    Outcome,
    Refused,
    Task,
    Undone,
    reverted,
)
from alma_agent.review import AssumeYes
from alma_agent.run import run
from alma_agent.testing import RememberingLibrary, ScriptedProposer, SilentObserver
from alma_agent.undo import change_of, redo, undo
from tests.conftest import git, make_repository, make_workspace, tree
from tests.making import an_interaction, an_undo
from toolset import safe_replace_text_in_file
from toolset.draft import Draft
from toolset.errors import CheckpointGone, DoesNotParse, LaterWork, StaleEdit
from toolset.workspace import Workspace

A, B, NEW = (PurePosixPath(name) for name in ("a.py", "b.py", "sub/new.py"))


async def changed(workspace: Workspace, library: RememberingLibrary, text: str) -> Interaction:
    """Change a.py, delete b.py if it is there, create sub/new.py if it is not."""
    draft = Draft(workspace)
    draft.write(A, text)
    if draft.state_of(B):
        draft.delete(B)
    if not draft.state_of(NEW):
        draft.create(NEW, "n = 1\n")
    crew = Crew(library, ScriptedProposer(draft.changes()), AssumeYes(), SilentObserver())
    return await run(Task("change"), workspace, crew)


@pytest.fixture(params=["git", "no git"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    make = make_repository if request.param == "git" else make_workspace
    workspace = make(tmp_path / "place", {"a.py": "x = 1\r\n", "b.py": b"\xef\xbb\xbfy = 1"})
    workspace.absolute(A).chmod(0o755)
    return workspace


async def test_undo_brings_back_changed_deleted_and_created_files(place: Workspace) -> None:
    library, before = RememberingLibrary(), tree(place.root)
    await changed(place, library, "x = 2\r\n")

    await undo(place, library)

    assert tree(place.root) == before


async def test_a_second_undo_goes_to_the_change_before(place: Workspace) -> None:
    library, before = RememberingLibrary(), tree(place.root)
    await changed(place, library, "x = 2\r\n")
    await changed(place, library, "x = 3\r\n")

    await undo(place, library)
    await undo(place, library)

    assert tree(place.root) == before


async def test_undoing_an_undo_brings_the_change_again(place: Workspace) -> None:
    library = RememberingLibrary()
    await changed(place, library, "x = 2\r\n")
    after = tree(place.root)
    undone, _ = await undo(place, library)

    await undo(place, library, id_prefix=undone.id)

    assert tree(place.root) == after


async def test_undo_never_goes_over_later_work(place: Workspace) -> None:
    library = RememberingLibrary()
    await changed(place, library, "x = 2\r\n")
    place.absolute(NEW).write_text("n = 'mine'\n")
    before = tree(place.root)

    with pytest.raises(StaleEdit, match=r"sub/new\.py was changed again"):
        await undo(place, library)

    assert tree(place.root) == before


async def test_an_interaction_is_named_by_how_its_id_begins(place: Workspace) -> None:
    library, before = RememberingLibrary(), tree(place.root)
    told = await changed(place, library, "x = 2\r\n")

    await undo(place, library, id_prefix=told.id[:5])

    assert tree(place.root) == before


async def test_undone_once_is_enough(place: Workspace) -> None:
    library = RememberingLibrary()
    told = await changed(place, library, "x = 2\r\n")
    await undo(place, library)

    with pytest.raises(NothingToUndo, match="was undone already"):
        await undo(place, library, id_prefix=told.id)


async def test_where_nothing_was_changed_there_is_nothing_to_undo(place: Workspace) -> None:
    with pytest.raises(NothingToUndo, match="nothing to undo"):
        await undo(place, RememberingLibrary())


async def test_undone_redone_and_undone_again_leaves_nothing_to_undo(place: Workspace) -> None:
    library, before = RememberingLibrary(), tree(place.root)
    await changed(place, library, "x = 2\r\n")
    undone, _ = await undo(place, library)
    redone, _ = await undo(place, library, id_prefix=undone.id)
    await undo(place, library, id_prefix=redone.id)

    assert tree(place.root) == before
    with pytest.raises(NothingToUndo, match="nothing to undo"):
        await undo(place, library)


async def test_what_was_redone_can_be_undone_as_before(place: Workspace) -> None:
    library, before = RememberingLibrary(), tree(place.root)
    await changed(place, library, "x = 2\r\n")
    undone, _ = await undo(place, library)
    await undo(place, library, id_prefix=undone.id)

    await undo(place, library)

    assert tree(place.root) == before


async def test_an_older_change_under_a_newer_one_is_not_undone(place: Workspace) -> None:
    library = RememberingLibrary()
    older = await changed(place, library, "x = 2\r\n")
    await changed(place, library, "x = 3\r\n")
    before = tree(place.root)

    with pytest.raises(StaleEdit):
        await undo(place, library, id_prefix=older.id)

    assert tree(place.root) == before


async def test_an_undo_is_told_as_an_interaction(place: Workspace) -> None:
    library = RememberingLibrary()
    told = await changed(place, library, "x = 2\r\n")

    undone, changes = await undo(place, library)

    assert library.interactions(limit=1) == [undone]
    assert undone.outcome == Undone(of=told.id, checkpoint=undone.id)
    assert undone.goal == f"undo {told.id}: change"
    assert sorted(changes.paths) == sorted(file.path for file in told.files)


async def test_a_change_of_the_mode_alone_outlives_an_undo_of_the_text(place: Workspace) -> None:
    library = RememberingLibrary()
    draft = Draft(place)
    draft.write(B, "y = 2")
    crew = Crew(library, ScriptedProposer(draft.changes()), AssumeYes(), SilentObserver())
    await run(Task("change"), place, crew)

    await undo(place, library)

    assert place.absolute(A).stat().st_mode & 0o777 == 0o755
    assert place.absolute(B).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        pytest.param(["abcd"], "x", id="unknown"),
        pytest.param(["abcd", "abef"], "ab", id="several"),
        pytest.param([], "abcd", id="nothing happened yet"),
    ],
)
async def test_what_names_no_one_interaction_is_refused(
    place: Workspace, known: list[str], asked: str
) -> None:
    library = RememberingLibrary()
    for id_ in known:
        await library.remember(an_interaction(id_))

    with pytest.raises(UsageError):
        await undo(place, library, id_prefix=asked)


@pytest.mark.parametrize(
    "outcome", [Refused("no"), NothingToDo(), Failed("x")], ids=lambda one: str(one.kind)
)
async def test_what_changed_no_file_cannot_be_undone(place: Workspace, outcome: Outcome) -> None:
    library = RememberingLibrary()
    await library.remember(an_interaction("abc", outcome=outcome))

    with pytest.raises(UsageError, match="abc changed no file"):
        await undo(place, library, id_prefix="abc")


async def test_an_interaction_without_its_checkpoint_is_not_undone(place: Workspace) -> None:
    library = RememberingLibrary()
    await library.remember(an_interaction("abc"))
    before = tree(place.root)

    with pytest.raises(CheckpointGone, match="No checkpoint 'abc' is kept"):
        await undo(place, library)

    assert tree(place.root) == before


@pytest.mark.parametrize(
    ("undos", "expected"),
    [
        pytest.param([], set(), id="nothing undone"),
        pytest.param([("b", "a")], {"a"}, id="undone"),
        pytest.param([("b", "a"), ("c", "b")], {"b"}, id="redone"),
        pytest.param([("b", "a"), ("c", "b"), ("d", "c")], {"a", "c"}, id="undone again"),
        pytest.param([("b", "a"), ("y", "x")], {"a", "x"}, id="two changes"),
        pytest.param([("b", "a"), ("c", "b"), ("d", "a")], {"a", "b"}, id="another undo of it"),
    ],
)
def test_what_is_no_longer_in_the_files(undos: list[tuple[str, str]], expected: set[str]) -> None:
    history = [an_interaction("a"), an_interaction("x"), *(an_undo(*one) for one in undos)]

    assert reverted(history) == expected


LONG = "".join(f"x{number} = {number}\n" for number in range(20))


@pytest.fixture
async def long(tmp_path: Path) -> tuple[Workspace, RememberingLibrary]:
    """Return a workspace where one line of a long file was changed."""
    workspace, library = make_repository(tmp_path / "long", {"a.py": LONG}), RememberingLibrary()
    draft = Draft(workspace)
    draft.replace(A, "x3 = 3", "x3 = 'changed'")
    crew = Crew(library, ScriptedProposer(draft.changes()), AssumeYes(), SilentObserver())
    await run(Task("change"), workspace, crew)
    return workspace, library


Long = tuple[Workspace, RememberingLibrary]


async def test_undo_keeps_later_work_elsewhere_in_the_file(long: Long) -> None:
    workspace, library = long
    path = workspace.absolute(A)
    path.write_text(path.read_text() + "mine = 1\n")

    await undo(workspace, library)

    assert path.read_text() == LONG + "mine = 1\n"


async def test_undo_shows_the_lines_that_were_changed_since(long: Long) -> None:
    workspace, library = long
    path = workspace.absolute(A)
    path.write_text(path.read_text().replace("x3 = 'changed'", "x3 = 'mine'"))

    with pytest.raises(LaterWork, match="  x3 = 'mine'\n"):
        await undo(workspace, library)


async def test_undo_says_that_a_file_was_deleted_since(long: Long) -> None:
    workspace, library = long
    workspace.absolute(A).unlink()

    with pytest.raises(LaterWork, match=r"a\.py was deleted after"):
        await undo(workspace, library)


async def test_undo_of_what_was_undone_by_hand_says_so(long: Long) -> None:
    workspace, library = long
    workspace.absolute(A).write_text(LONG)

    with pytest.raises(NothingToUndo, match="already"):
        await undo(workspace, library)


async def test_what_is_out_of_the_files_already_does_not_hide_an_older_change(
    place: Workspace,
) -> None:
    library, before = RememberingLibrary(), tree(place.root)
    older = await changed(place, library, "x = 2\r\n")
    between = place.absolute(A).read_bytes()
    await changed(place, library, "x = 3\r\n")
    place.absolute(A).write_bytes(between)  # by hand, with `git checkout` for one

    undone, _ = await undo(place, library)

    assert undone.outcome == Undone(of=older.id, checkpoint=undone.id)
    assert tree(place.root) == before


async def test_redo_is_told_by_its_own_name(place: Workspace) -> None:
    library = RememberingLibrary()
    await changed(place, library, "x = 2\r\n")
    undone, _ = await undo(place, library)

    redone, _ = await redo(place, library)

    assert redone.goal == f"redo {undone.id}: change"
    assert redone.outcome == Undone(of=undone.id, checkpoint=redone.id, verb="redo")


async def test_a_merge_that_is_no_python_is_not_written(long: Long) -> None:
    workspace, library = long
    broken = workspace.absolute(A).read_text() + "x = (\n"
    workspace.absolute(A).write_text(broken)

    with pytest.raises(DoesNotParse):
        await undo(workspace, library)

    assert workspace.absolute(A).read_text() == broken


async def test_redo_brings_back_what_undo_took(place: Workspace) -> None:
    library = RememberingLibrary()
    await changed(place, library, "x = 2\r\n")
    after = tree(place.root)
    await undo(place, library)

    await redo(place, library)

    assert tree(place.root) == after


async def test_redo_goes_back_one_undo_at_a_time(place: Workspace) -> None:
    library = RememberingLibrary()
    await changed(place, library, "x = 2\r\n")
    first = tree(place.root)
    await changed(place, library, "x = 3\r\n")
    second = tree(place.root)
    await undo(place, library)
    await undo(place, library)

    await redo(place, library)
    assert tree(place.root) == first
    await redo(place, library)
    assert tree(place.root) == second
    with pytest.raises(NothingToUndo, match="nothing to redo"):
        await redo(place, library)


async def test_undo_removes_the_folder_that_came_with_a_file(place: Workspace) -> None:
    library = RememberingLibrary()
    await changed(place, library, "x = 2\r\n")

    await undo(place, library)

    assert not place.absolute(NEW).parent.exists()


async def test_a_change_can_be_looked_at_again(place: Workspace) -> None:
    library = RememberingLibrary()
    told = await changed(place, library, "x = 2\r\n")

    assert change_of(place, library, None) == change_of(place, library, told.id)
    assert "+x = 2" in change_of(place, library, told.id).diff()


async def test_a_repository_made_later_still_finds_its_snapshots(tmp_path: Path) -> None:
    workspace, library = make_workspace(tmp_path / "p", {"a.py": "x = 1\n"}), RememberingLibrary()
    await changed(workspace, library, "x = 2\n")
    git(workspace.root, "init", "-q")

    await undo(Workspace(workspace.root), library)

    assert (workspace.root / "a.py").read_text() == "x = 1\n"


async def test_what_toolset_did_alone_is_undone_by_its_checkpoint(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.root)
    (place.root / ".alma").mkdir(exist_ok=True)
    before = tree(place.root)
    done = safe_replace_text_in_file("a.py", "x = 1", "x = 2")

    told, _ = await undo(place, RememberingLibrary(), id_prefix=done["checkpoint"])

    assert told.goal.endswith("toolset: replace text in a.py")
    assert tree(place.root) == before
