from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from alma_agent.errors import UsageError
from alma_agent.ports import Crew
from alma_agent.records import Interaction, Task
from alma_agent.review import AcceptAll
from alma_agent.run import run
from alma_agent.testing import RememberingLibrary, ScriptedProposer, SilentObserver
from alma_agent.undo import undo
from tests.conftest import make_repository, make_workspace, tree
from toolset.draft import Draft
from toolset.errors import StaleEdit
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
    crew = Crew(library, ScriptedProposer(draft.changes()), AcceptAll(), SilentObserver())
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

    with pytest.raises(StaleEdit, match=r"sub/new\.py changed since"):
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

    with pytest.raises(UsageError, match="was undone already"):
        await undo(place, library, id_prefix=told.id)


async def test_where_nothing_was_changed_there_is_nothing_to_undo(place: Workspace) -> None:
    with pytest.raises(UsageError, match="nothing to undo"):
        await undo(place, RememberingLibrary())
