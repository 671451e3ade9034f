"""What `run` may expect of a library, whoever makes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest

from alma_agent.errors import UsageError
from alma_agent.memory.library import HomeLibrary
from alma_agent.ports import Library
from alma_agent.records import (
    Failed,
    FileChange,
    Interaction,
    Limits,
    NothingToDo,
    Task,
)
from alma_agent.remembered import Recalled, Recollection, Verdict
from alma_agent.testing import RememberingLibrary
from alma_agent.wiring import open_house
from tests.conftest import git
from tests.making import a_change, an_interaction, an_undo
from toolset.digest import Digest
from toolset.workspace import Workspace

A = PurePosixPath("a.py")
OpenHome = Callable[[], HomeLibrary]


def words_alone(workspace: Workspace) -> HomeLibrary:
    return open_house(workspace).library


def with_chroma(workspace: Workspace) -> HomeLibrary:
    return open_house(workspace).library_with_meaning


def in_memory(_: Workspace) -> Library:
    return RememberingLibrary()


AT_HOME = [
    pytest.param(words_alone, id="words alone"),
    pytest.param(with_chroma, id="with Chroma"),
]


@pytest.fixture(params=[*AT_HOME, pytest.param(in_memory, id="in memory")])
def library(request: pytest.FixtureRequest, repository: Workspace) -> Library:
    opened: Library = request.param(repository)
    return opened


@pytest.fixture(params=AT_HOME)
def opened(request: pytest.FixtureRequest, repository: Workspace) -> OpenHome:
    """Return a function that opens the library of the same folder, anew at each call."""
    return lambda: request.param(repository)


def task(goal: str, **others: Any) -> Task:
    return Task(goal, **others)


def ids(found: Recollection) -> list[str]:
    return [one.memory.id for one in found.memories]


def verdicts(one: Recalled) -> dict[PurePosixPath, Verdict]:
    return {standing.anchor.path: standing.verdict for standing in one.standings}


def as_it_is(workspace: Workspace, path: PurePosixPath) -> FileChange:
    """Return a change that left the file as it is now."""
    return FileChange(path, None, Digest.of(workspace.absolute(path).read_bytes()))


async def test_what_is_remembered_is_recalled(library: Library) -> None:
    await library.remember(an_interaction("abc", "rename load to read_csv"))

    assert ids(await library.recall(task("speed up load"))) == ["abc"]


async def test_what_has_nothing_to_do_with_it_is_not_recalled(library: Library) -> None:
    await library.remember(an_interaction("abc", "rename load to read_csv"))

    assert ids(await library.recall(task("paint walls blue"))) == []


async def test_where_nothing_is_remembered_nothing_is_recalled(library: Library) -> None:
    assert await library.recall(task("anything")) == Recollection()


async def test_what_was_done_to_a_file_is_recalled_with_the_file(library: Library) -> None:
    touched = an_interaction("abc", "tidy up", files=(a_change("a.py", b"1", b"2"),))
    await library.remember(touched)

    assert ids(await library.recall(task("paint walls blue", file=A))) == ["abc"]


async def test_a_file_does_not_recall_what_was_done_to_another(library: Library) -> None:
    touched = an_interaction("abc", "tidy up", files=(a_change("b.py", b"1", b"2"),))
    await library.remember(touched)

    assert ids(await library.recall(task("paint walls blue", file=A))) == []


@pytest.mark.parametrize("tokens", [0, 20, 60, 200])
async def test_the_budget_is_respected(library: Library, tokens: int) -> None:
    for number in range(9):
        await library.remember(an_interaction(f"id{number}", f"rename load to read_{number}"))

    found = await library.recall(task("load", limits=Limits(recall_tokens=tokens)))

    assert sum(len(one.memory.text) for one in found.memories) / 4 <= found.tokens <= tokens


async def test_remembered_twice_is_remembered_once(library: Library) -> None:
    told = an_interaction("abc")

    await library.remember(told)
    await library.remember(told)

    assert library.interactions() == [told]
    assert ids(await library.recall(task("load"))) == ["abc"]


async def test_what_happened_is_listed_newest_first(library: Library) -> None:
    told = [an_interaction(name) for name in ("one", "two", "three")]
    for one in told:
        await library.remember(one)

    assert list(library.interactions(limit=2)) == [told[2], told[1]]


async def test_an_interaction_is_found_by_how_its_id_begins(library: Library) -> None:
    told = an_interaction("abcdef")
    await library.remember(told)

    assert library.interaction("abc") == told


@pytest.mark.parametrize("id_prefix", ["ab", "x", "%", "ab_", ""])
async def test_none_or_several_are_refused(library: Library, id_prefix: str) -> None:
    for name in ("abcd", "abef"):
        await library.remember(an_interaction(name))

    with pytest.raises(UsageError):
        library.interaction(id_prefix)


async def test_another_library_of_the_folder_reads_what_was_just_written(opened: OpenHome) -> None:
    one, other = opened(), opened()
    assert ids(await other.recall(task("load"))) == []

    await one.remember(an_interaction("abc"))

    assert ids(await other.recall(task("load"))) == ["abc"]
    assert other.interaction("abc") == one.interaction("abc")


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(lambda _: None, "fresh", id="as it was left"),
        pytest.param(lambda path: path.write_text("x = 9\n"), "drifted", id="edited"),
        pytest.param(lambda path: path.unlink(), "orphaned", id="deleted"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), "orphaned", id="a folder now"),
    ],
)
async def test_a_memory_says_what_became_of_its_file(
    repository: Workspace,
    opened: OpenHome,
    later: Callable[[Any], object],
    expected: Verdict,
) -> None:
    library = opened()
    await library.remember(an_interaction("abc", files=(as_it_is(repository, A),)))

    later(repository.absolute(A))

    (found,) = (await library.recall(task("load"))).memories
    assert verdicts(found) == {A: expected}


async def test_a_deleted_file_that_is_back_has_drifted(opened: OpenHome) -> None:
    library = opened()

    await library.remember(an_interaction("abc", files=(a_change("a.py", b"x = 1\n", None),)))

    (found,) = (await library.recall(task("load"))).memories
    assert verdicts(found) == {A: "drifted"}


async def test_a_deleted_file_that_is_still_away_is_as_it_was_left(opened: OpenHome) -> None:
    library = opened()

    await library.remember(an_interaction("abc", files=(a_change("gone.py", b"x", None),)))

    (found,) = (await library.recall(task("load"))).memories
    assert verdicts(found) == {PurePosixPath("gone.py"): "fresh"}


@pytest.mark.parametrize(
    ("undos", "expected"),
    [
        pytest.param([], "applied", id="applied"),
        pytest.param([("u1", "abc")], "reverted", id="undone"),
        pytest.param([("u1", "abc"), ("u2", "u1")], "applied", id="undone and redone"),
        pytest.param(
            [("u1", "abc"), ("u2", "u1"), ("u3", "u2")], "reverted", id="and undone again"
        ),
    ],
)
async def test_what_was_undone_is_recalled_as_reverted(
    opened: OpenHome, undos: list[tuple[str, str]], expected: str
) -> None:
    library = opened()
    await library.remember(an_interaction("abc"))
    for id_, of in undos:
        await library.remember(an_undo(id_, of))

    assert library.memory("abc").memory.outcome == expected
    told = {one.memory.id: one.memory.outcome for one in library.recent(limit=9)}
    assert told["abc"] == expected


@pytest.mark.parametrize("outcome", [Failed("no model"), NothingToDo()], ids=lambda one: one.kind)
async def test_what_changed_nothing_is_recalled_with_the_file_it_was_about(
    opened: OpenHome, outcome: Failed | NothingToDo
) -> None:
    library = opened()
    told: Interaction = an_interaction("abc", "tidy up", file=A, outcome=outcome)
    await library.remember(told)

    (found,) = (await library.recall(task("paint walls blue", file=A))).memories

    assert found.memory.id == "abc"
    assert "same file" in found.parts
    assert verdicts(found) == {A: "fresh"}


async def test_meaning_finds_what_no_word_does(repository: Workspace) -> None:
    library = with_chroma(repository)
    await library.remember(an_interaction("abc", "make the parser faster"))
    await library.remember(an_interaction("def", "translate the error messages"))

    found = await library.recall(task("performance optimisation while parsing"))

    assert ids(found) == ["abc"]
    assert "words" not in found.memories[0].parts


async def test_rebuild_holds_all_that_is_remembered(repository: Workspace) -> None:
    library = with_chroma(repository)
    for name in ("one", "two"):
        await library.remember(an_interaction(name))
    assert library.waiting() == 2

    counts: list[tuple[int, int]] = []

    assert library.rebuild(lambda *count: counts.append(count)) == 2
    assert counts[-1] == (2, 2)
    assert library.waiting() == 0


@pytest.mark.parametrize("is_committed", [False, True], ids=["moved", "moved and committed"])
async def test_a_moved_file_is_recalled_under_its_new_name(
    repository: Workspace, opened: OpenHome, is_committed: bool
) -> None:
    await opened().remember(an_interaction("abc", "tidy up", files=(as_it_is(repository, A),)))
    git(repository.root, "mv", "a.py", "moved.py")
    if is_committed:
        git(repository.root, "commit", "--quiet", "--message", "Move it")

    found = await opened().recall(task("paint walls blue", file=PurePosixPath("moved.py")))

    assert ids(found) == ["abc"]
    assert opened().former_paths(PurePosixPath("moved.py")) == [A]
