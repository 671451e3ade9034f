"""A real Chroma folder: near in meaning, in step with the ledger, and mended when damaged."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alma_agent.memory.chroma_index import ChromaIndex
from alma_agent.memory.embedder import MiniLM
from alma_agent.memory.index import Index, IndexUnavailable
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.library import HomeLibrary
from alma_agent.records import Recollection
from tests.conftest import make_workspace
from tests.integration.guards import no_connection_but_to
from tests.making import a_memory, an_interaction, record

ROOT = Path(__file__).parents[2]
TEXTS = {
    "cat": "the cat sat on the mat",
    "parser": "make the parser faster",
    "words": "translate the error messages into French",
}
_OWNER = """
import sys
from pathlib import Path
from alma_agent.memory.chroma_index import ChromaIndex
from alma_agent.memory.embedder import MiniLM

with ChromaIndex(Path(sys.argv[1]), MiniLM()).opened():
    print("owned", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return MiniLM()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(folder: Path, embedder: MiniLM) -> Index:
    return ChromaIndex(folder, embedder)


@pytest.fixture
def full(index: Index) -> Index:
    with index.opened() as opened:
        opened.add([a_memory(id_, text) for id_, text in TEXTS.items()])
    return index


@pytest.fixture
def library(tmp_path: Path, index: Index) -> HomeLibrary:
    """Return a library of which the ledger holds TEXTS, and the index nothing yet."""
    workspace = make_workspace(tmp_path / "project", {})
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    record(ledger, *(an_interaction(id_, text) for id_, text in TEXTS.items()))
    return HomeLibrary(workspace, ledger, lambda: index)


@pytest.fixture
def owner(folder: Path) -> Iterator[None]:
    """Let another process own the index."""
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "owned\n"
        yield
        process.kill()


def held(index: Index) -> set[str]:
    with index.opened() as opened:
        return opened.ids()


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def nearest(index: Index, text: str, limit: int = 9) -> list[str]:
    with index.opened() as opened:
        return [hit.id for hit in opened.nearest(text, limit=limit)]


def recalled(library: HomeLibrary, text: str) -> Recollection:
    return library.search(text, budget_tokens=800)


def ids(found: Recollection) -> list[str]:
    return [one.memory.id for one in found.memories]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("a kitten rests on a rug", "cat", id="an animal"),
        pytest.param("optimise the speed of parsing", "parser", id="code"),
        pytest.param("localisation of warnings", "words", id="language"),
    ],
)
def test_the_nearest_in_meaning_comes_first(full: Index, question: str, expected: str) -> None:
    assert nearest(full, question)[0] == expected


def test_the_same_text_is_as_similar_as_can_be(full: Index) -> None:
    with full.opened() as opened:
        found = {hit.id: hit.similarity for hit in opened.nearest(TEXTS["cat"], limit=9)}

    assert found["cat"] == pytest.approx(1.0, abs=1e-5)
    assert all(-1.0 <= similarity <= 1.0 + 1e-5 for similarity in found.values())


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_no_more_are_returned_than_asked_for(full: Index, limit: int) -> None:
    assert len(nearest(full, "cat", limit)) == min(limit, 3)


def test_an_empty_index_finds_nothing(index: Index) -> None:
    assert nearest(index, "cat") == []


def test_adding_again_replaces(full: Index) -> None:
    with full.opened() as opened:
        opened.add([a_memory("cat", "compile the kernel with clang")])

    assert held(full) == set(TEXTS)
    assert nearest(full, "build an operating system from C sources")[0] == "cat"


def test_what_was_removed_is_not_found(full: Index) -> None:
    with full.opened() as opened:
        opened.remove(["cat", "never there"])

    assert "cat" not in nearest(full, "cat")


def test_what_was_added_is_there_when_it_is_opened_again(
    folder: Path, full: Index, embedder: MiniLM
) -> None:
    assert held(full) == set(TEXTS)
    assert held(ChromaIndex(folder, embedder)) == set(TEXTS)


def test_opening_again_and_again_holds_no_more_files(full: Index) -> None:
    held(full)
    before = open_files()

    for _ in range(10):
        held(full)

    assert open_files() < before + 20  # one client holds about ten


def test_the_index_catches_up_with_the_ledger(library: HomeLibrary, index: Index) -> None:
    assert held(index) == set()

    found = recalled(library, "optimise the speed of parsing")

    assert "parser" in ids(found)
    assert held(index) == set(TEXTS)


def test_rows_that_were_lost_come_back(library: HomeLibrary, index: Index) -> None:
    recalled(library, "cat")
    with index.opened() as opened:
        opened.remove(["parser", "cat"])

    assert "parser" in ids(recalled(library, "optimise the speed of parsing"))
    assert held(index) == set(TEXTS)


def test_rows_that_the_ledger_does_not_know_go(library: HomeLibrary, index: Index) -> None:
    with index.opened() as opened:
        opened.add([a_memory("stranger", "a kitten rests on a rug")])

    assert "stranger" not in ids(recalled(library, "a kitten rests on a rug"))
    assert held(index) == set(TEXTS)


def _fill_with_garbage(folder: Path) -> None:
    for path in _files(folder):
        path.write_bytes(b"garbage" * 99)


def _empty(folder: Path) -> None:
    for path in _files(folder):
        path.write_bytes(b"")


def _cut_off(folder: Path) -> None:
    for path in _files(folder):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _lose_the_database(folder: Path) -> None:
    (folder / "chroma.sqlite3").unlink()


def _lose_the_vectors(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def _leave_a_strange_file(folder: Path) -> None:
    (folder / "stranger").write_bytes(b"x")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(shutil.rmtree, id="deleted"),
        pytest.param(_fill_with_garbage, id="garbage"),
        pytest.param(_empty, id="emptied"),
        pytest.param(_cut_off, id="cut off"),
        pytest.param(_lose_the_database, id="no database"),
        pytest.param(_lose_the_vectors, id="no vectors"),
        pytest.param(_leave_a_strange_file, id="a strange file"),
    ],
)
def test_a_damaged_folder_is_mended_at_the_next_question(
    library: HomeLibrary, index: Index, folder: Path, damage: Callable[[Path], None]
) -> None:
    recalled(library, "cat")

    damage(folder)
    found = recalled(library, "optimise the speed of parsing")

    assert found.note == ""
    assert "parser" in ids(found)
    assert held(index) == set(TEXTS)


def test_where_no_folder_can_be_words_alone_are_searched(
    library: HomeLibrary, folder: Path
) -> None:
    folder.write_text("in the way")

    found = recalled(library, "faster parser")

    assert "cannot be made" in found.note
    assert ids(found) == ["parser"]


@pytest.mark.usefixtures("owner")
def test_a_second_owner_is_refused(index: Index) -> None:
    with pytest.raises(IndexUnavailable, match="Another alma is using the vector index"):
        held(index)


@pytest.mark.usefixtures("owner")
def test_while_another_owns_the_index_words_alone_are_searched(library: HomeLibrary) -> None:
    found = recalled(library, "faster parser")

    assert found.note == "Another alma is using the vector index; words alone were searched."
    assert ids(found) == ["parser"]


@pytest.mark.usefixtures("owner")
def test_an_index_in_use_is_not_deleted(library: HomeLibrary, folder: Path) -> None:
    with pytest.raises(IndexUnavailable):
        library.rebuild()

    assert (folder / "chroma.sqlite3").exists()


def test_an_owner_that_died_leaves_the_index_free(library: HomeLibrary, folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "owned\n"
        process.kill()

    assert recalled(library, "cat").note == ""


def test_nothing_is_printed_and_nobody_is_called(
    library: HomeLibrary, capfd: pytest.CaptureFixture[str]
) -> None:
    with no_connection_but_to() as refused:
        recalled(library, "cat")
        library.rebuild()

    assert refused == []
    assert capfd.readouterr() == ("", "")
