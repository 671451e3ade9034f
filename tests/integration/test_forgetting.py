"""What was said and is forgotten stands nowhere any more: not in a file, a git object, an index."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from numpy.typing import NDArray

from alma_agent.config import MemoryChoice
from alma_agent.errors import AlmaError
from alma_agent.memory import forgetting
from alma_agent.memory.chroma_index import ChromaIndex
from alma_agent.memory.embedder import MiniLM
from alma_agent.memory.exchange import export, import_
from alma_agent.memory.forgetting import Forgotten
from alma_agent.memory.ledger import Ledger, erasing, interactions, memories, vectors
from alma_agent.memory.sessions.talk import Message
from alma_agent.memory.sessions.working_memory import WorkingMemories
from alma_agent.ports import Crew, Reviewer
from alma_agent.records import Task, Verdict
from alma_agent.remembered import Scope, Wanted
from alma_agent.review import AssumeYes
from alma_agent.run import run
from alma_agent.testing import ScriptedProposer, SilentObserver
from alma_agent.undo import redo, undo
from alma_agent.wiring import House, open_house
from tests.conftest import git, make_repository, make_workspace
from toolset import checkpoints
from toolset.edits import ChangeSet, Edit
from toolset.workspace import Workspace

SAID = "The Quuxlified zorblat frobnicates every gizzmorph"
WORDS = ("quuxl", "zorblat", "frobnic", "gizzmor")  # their stems: how an index would hold them
OTHER = "Rows are read lazily, and in the order of the file"
A = PurePosixPath("a.py")
Vector = NDArray[np.float32]


@pytest.fixture(params=["git", "no git"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    make = make_repository if request.param == "git" else make_workspace
    return open_house(make(tmp_path / "project", {"a.py": "x = 1\n"}), MemoryChoice())


async def work(
    house: House, goal: str, text: str = "y = 2\n", *, reviewer: Reviewer | None = None
) -> str:
    """Let a task change a file; return the id of what is remembered of it."""

    def changes(*_: object) -> ChangeSet:
        before = house.workspace.state_of(A)
        assert before
        after = house.workspace.read(A).with_text(text)
        return ChangeSet((Edit(A, before, after),))

    proposer, reviewer = ScriptedProposer(changes), reviewer or AssumeYes()
    crew = Crew(house.library, proposer, reviewer, SilentObserver())
    return (await run(Task(goal), house.workspace, crew)).id


async def an_applied_task(house: House) -> str:
    return await work(house, SAID)


async def a_task_of_which_a_part_was_said_no_to(house: House) -> str:
    class Chooses:
        async def review(self, *_: object) -> Verdict:
            return Verdict(True, "human", reason=SAID, taken=1, left_out=(SAID,))

    return await work(house, OTHER, reviewer=Chooses())


async def a_task_that_was_undone_and_redone(house: House) -> str:
    id_ = await work(house, SAID)
    await undo(house.workspace, house.library)
    await redo(house.workspace, house.library)
    return id_


async def a_task_that_failed(house: House) -> str:
    def fails(*_: object) -> ChangeSet:
        raise AlmaError(f"no: {SAID}")

    crew = Crew(house.library, ScriptedProposer(fails), AssumeYes(), SilentObserver())
    with pytest.raises(AlmaError):
        await run(Task(SAID), house.workspace, crew)
    return house.library.interactions(limit=1)[0].id


async def a_fact(house: House) -> str:
    return house.library.notebook.add(SAID, paths=[A], tags=[SAID]).memory.id


async def a_fact_that_said_so_once(house: House) -> str:
    id_ = await a_fact(house)
    house.library.notebook.edit(id_, text=OTHER, tags=(), importance=0.9)
    return id_


async def a_decision(house: House) -> str:
    kept = house.library.notebook.add(OTHER, kind="decision", reasoning=SAID, entities=[SAID])
    return kept.memory.id


async def a_decision_that_was_replaced(house: House) -> str:
    id_ = house.library.notebook.add(SAID, kind="decision").memory.id
    house.library.notebook.supersede(id_, OTHER)
    return id_


async def a_turn_of_a_session(house: House) -> str:
    sessions = WorkingMemories(house.ledger)
    said = [Message("user", text) for text in ("Hello.", SAID, "Goodbye.")]
    sessions.put("s", said, context=f"Before. {SAID}", data={"notes": [SAID]})
    made = sessions.promote("s", house.library.notebook.keep_all)
    (turn,) = (one for one in made if SAID in one.text)
    return turn.id


WAYS = [
    an_applied_task,
    a_task_of_which_a_part_was_said_no_to,
    a_task_that_was_undone_and_redone,
    a_task_that_failed,
    a_fact,
    a_fact_that_said_so_once,
    a_decision,
    a_decision_that_was_replaced,
    a_turn_of_a_session,
]


def forgets(house: House, *ids: str) -> Forgotten:
    house.library_with_meaning.close()
    with closing(house.library_to_forget) as library:
        return library.forget(ids)


def share(house: House) -> Path:
    folder = house.workspace.state_path("memories")
    export(house.ledger, folder, Wanted(superseded=True))
    return folder


def traces(root: Path) -> list[str]:
    """Return where the words stand: in files of alma's, or in what git reaches for it."""
    # Chroma's file of vectors has room for more, and writes what was in memory there: this test's
    # own words, now and then. What it holds besides are vectors, looked for by `hold_vectors`.
    every = (path for path in (root / ".alma").rglob("*") if path.name != "data_level0.bin")
    files = [path for path in every if path.is_file()]
    found = [str(path) for path in files if holds(path.read_bytes()) or holds(path.name.encode())]
    return found + [name for name, data in objects(root) if holds(data)]


def holds(data: bytes) -> bool:
    data = data.lower()
    return any(
        word.encode(form) in data for word in WORDS for form in ("utf-8", "utf-16-le", "utf-16-be")
    )


def objects(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all objects that git reaches from alma's refs and from its notes of their past."""
    if not (root / ".git").exists():
        return
    listed = git(root, "rev-list", "--objects", "--glob=refs/alma/", "--reflog")
    names = [line.split()[0] for line in listed.splitlines()]
    asked = "\n".join(names).encode()
    command = ["git", "cat-file", "--batch"]
    data = subprocess.run(command, cwd=root, input=asked, capture_output=True, check=True).stdout
    yield "refs/alma", data


def vectors_of(house: House, id_: str) -> list[Vector]:
    with house.ledger.reading() as connection:
        stored = vectors.of(connection, MiniLM.name, [id_])
    return [np.frombuffer(one.vector, "<f4") for one in stored]


def hold_vectors(root: Path, several: list[Vector]) -> list[str]:
    """Return the files that hold one of these vectors, nearly, as 32-bit floats at any place."""
    found = []
    for path in (one for one in (root / ".alma").rglob("*") if one.is_file()):
        data = path.read_bytes()
        for start in range(4):
            floats = np.frombuffer(data[start : start + (len(data) - start) // 4 * 4], "<f4")
            if any(is_among(floats, vector[:64]) for vector in several):
                found.append(f"{path} at {start}")
    return found


def is_among(floats: Vector, piece: Vector) -> bool:
    with np.errstate(invalid="ignore", over="ignore"):
        begins = np.flatnonzero(np.abs(floats[: -len(piece)] - piece[0]) < 1e-4)
        return any(np.allclose(floats[at : at + len(piece)], piece, atol=1e-3) for at in begins)


@pytest.mark.parametrize("remember", WAYS)
async def test_what_is_forgotten_leaves_no_trace(
    house: House, remember: Callable[[House], Awaitable[str]]
) -> None:
    root = house.workspace.root
    await work(house, OTHER, "z = 3\n")
    id_ = await remember(house)
    folder = share(house)
    house.library_with_meaning.search(SAID, budget_tokens=500)
    meant = vectors_of(house, id_)
    assert traces(root)
    assert hold_vectors(root, meant)

    done = forgets(house, id_)

    assert id_ in done.memories
    assert traces(root) == []
    assert hold_vectors(root, meant) == []
    assert export(house.ledger, folder, Wanted(superseded=True)).written == ()
    assert traces(root) == []


@pytest.mark.parametrize("remember", WAYS)
async def test_what_is_forgotten_does_not_come_back(
    house: House, tmp_path: Path, remember: Callable[[House], Awaitable[str]]
) -> None:
    id_ = await remember(house)
    old = tmp_path / "old"
    export(house.ledger, old, Wanted(superseded=True))

    forgets(house, id_)
    import_(house.ledger, old)
    library = house.library_with_meaning
    library.rebuild()

    assert SAID not in repr(library.search(SAID, budget_tokens=500, at_least=0))
    assert not [one for one in everything(house.ledger) if SAID in repr(one)]
    assert not [one for one in library.interactions() if SAID in repr(one)]
    assert not [one for one in checkpoints.saved(house.workspace) if SAID in one.label]
    library.close()
    assert traces(house.workspace.root) == []


def everything(ledger: Ledger) -> list[object]:
    """Return every row of every table, as SQLite has it."""
    with closing(sqlite3.connect(f"file:{ledger.name}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return [row for (name,) in names for row in connection.execute(f'SELECT * FROM "{name}"')]


async def test_a_run_that_was_killed_before_it_closed_its_journal_leaves_no_trace(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("alma_agent.run.close", lambda *_: None)
        id_ = await an_applied_task(house)
    assert list((house.workspace.root / ".alma" / "journal").iterdir())

    forgets(house, id_)

    assert traces(house.workspace.root) == []
    assert house.workspace.read(A).text == "y = 2\n"


def test_a_run_of_the_program_leaves_no_trace(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": "def load(): ...\n"}).root
    goal = "rename load to read_csv"
    command = [sys.executable, "-m", "alma_agent", "run", goal, "--yes"]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    house = open_house(Workspace(root), MemoryChoice())
    assert holding(root, goal)

    forgets(house, house.library.interactions(limit=1)[0].id)

    assert holding(root, goal) == []
    command = [sys.executable, "-m", "alma_agent", "undo"]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    assert (root / "a.py").read_text() == "def load(): ...\n"


def holding(root: Path, said: str) -> list[str]:
    files = [path for path in (root / ".alma").rglob("*") if path.is_file()]
    told = [(str(path), path.read_bytes()) for path in files]
    return [name for name, data in (*told, *objects(root)) if said.encode() in data]


@pytest.mark.parametrize(
    ("place", "step"),
    [
        (checkpoints, "relabel"),
        (forgetting, "forget_in"),
        (memories, "erase"),
        (interactions, "forget"),
        (Ledger, "vacuum"),
    ],
)
async def test_forgetting_that_was_broken_off_is_finished_when_asked_again(
    house: House, monkeypatch: pytest.MonkeyPatch, place: object, step: str
) -> None:
    id_ = await an_applied_task(house)
    share(house)
    with monkeypatch.context() as patched:
        patched.setattr(place, step, broken_off)
        with pytest.raises(KeyboardInterrupt):
            forgets(house, id_)

    forgets(house, id_)

    assert traces(house.workspace.root) == []


def broken_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


async def test_a_forgotten_task_can_still_be_undone(house: House) -> None:
    id_ = await work(house, SAID)
    forgets(house, id_)

    done, _ = await undo(house.workspace, house.library)

    assert house.workspace.read(A).text == "x = 1\n"
    assert done.goal == f"undo {id_}: {erasing.FORGOTTEN}"
    assert checkpoints.load(house.workspace, id_).label == erasing.FORGOTTEN


async def test_other_memories_stay_and_are_found(house: House) -> None:
    other = await work(house, OTHER)
    fact = house.library.notebook.add(f"{OTHER}, says a fact").memory.id
    id_ = await an_applied_task(house)

    forgets(house, id_)

    library = house.library_with_meaning
    found = library.search(OTHER, budget_tokens=500, at_least=0).memories
    library.close()
    assert {one.memory.id for one in found} == {other, fact}
    assert checkpoints.load(house.workspace, other).label == OTHER


async def test_what_else_says_the_same_is_told(house: House) -> None:
    id_ = await a_fact(house)
    other = house.library.notebook.add(f"As I said: {SAID}.", kind="lesson").memory.id
    task = await work(house, f"{SAID}, so mend it")

    assert forgets(house, id_).mentions == (
        f"memory {other}",
        f"memory {task}",
        f"interaction {task}",
    )


async def test_what_belongs_to_others_is_neither_forgotten_nor_told(house: House) -> None:
    scope = Scope(user="anna")
    theirs = house.library.notebook.add(SAID, scope=scope).memory.id
    ours = house.library.notebook.add(SAID).memory.id

    done = forgets(house, theirs, ours)

    assert (done.memories, done.mentions) == ((ours,), ())
    assert house.library.notebook.one(theirs, scope=scope).text == SAID


def test_nothing_is_forgotten_while_somebody_else_has_the_index(house: House) -> None:
    id_ = house.library.notebook.add(SAID).memory.id
    owner = ChromaIndex(house.workspace.state_path("index"), MiniLM.name).open()
    try:
        with pytest.raises(AlmaError, match="using the vector index"):
            forgets(house, id_)
    finally:
        owner.close()
    assert house.library.notebook.one(id_).text == SAID
    forgets(house, id_)
    assert traces(house.workspace.root) == []


def test_a_folder_that_cannot_be_read_is_told_before_anything_is_erased(house: House) -> None:
    id_ = house.library.notebook.add(SAID).memory.id
    folder = share(house)
    (file,) = folder.rglob("*.jsonl")
    file.write_text(file.read_text() + "=======\n")

    with pytest.raises(AlmaError, match="a merge was begun here"):
        forgets(house, id_)
    assert house.library.notebook.one(id_).text == SAID

    file.write_text(file.read_text().replace("=======\n", ""))
    forgets(house, id_)
    assert traces(house.workspace.root) == []


def test_what_was_erased_and_not_cleaned_up_is_cleaned_up_when_asked_again(house: House) -> None:
    id_ = house.library.notebook.add(SAID).memory.id
    reader = sqlite3.connect(house.ledger.name)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM memories").fetchall()
    with house.ledger.writing() as connection:
        memories.erase(connection, [id_], house.library.notebook.one(id_).at)
    reader.close()

    assert forgets(house, id_) == Forgotten()
    assert traces(house.workspace.root) == []
