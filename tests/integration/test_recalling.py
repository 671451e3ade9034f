"""Recall over a real ledger and a real Chroma folder: held, lost, damaged, behind, crowded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alma_agent.memory.anchoring.surveying import Survey
from alma_agent.memory.chroma_index import ChromaIndex
from alma_agent.memory.index import IndexUnavailable
from alma_agent.memory.ledger import Ledger, memories
from alma_agent.memory.meaning import Meaning
from alma_agent.memory.notebook import Notebook
from alma_agent.memory.recalling import Recaller
from alma_agent.remembered import Anchor, Memory, Recollection, Scope, Wanted
from tests.conftest import make_workspace
from tests.making import a_memory, days_after

APP, OTHER = PurePosixPath("app.py"), PurePosixPath("other.py")
# Sorts of things, by words that share no letters with each other: a question finds its sort.
SORTS = (
    ("vehicle", "lorry", "tram", "barge"),
    ("fruit", "plum", "quince", "medlar"),
    ("weather", "sleet", "drizzle", "fog"),
)


class Sorting:
    """Embeds texts by the sorts of things that they name: what is of one sort is near."""

    name = "sorting"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = np.array([self._counts(text) for text in texts], np.float32)
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    @staticmethod
    def _counts(text: str) -> list[float]:
        words = text.lower().replace(".", "").split()
        return [0.1 + sum(word in sort for word in words) for sort in SORTS] + [0.1]


class Broken(Sorting):
    """Cannot be asked."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise IndexUnavailable(f"{len(texts)} texts cannot be read today.")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def notebook(ledger: Ledger, tmp_path: Path) -> Notebook:
    return Notebook(ledger, Survey(make_workspace(tmp_path / "project", {})))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def index_at(folder: Path) -> Callable[[str], ChromaIndex]:
    return lambda model: ChromaIndex(folder, model, lock_timeout_s=0.05)


@contextmanager
def recalling(ledger: Ledger, folder: Path, embedder: Sorting | None = None) -> Iterator[Recaller]:
    embedder = embedder or Sorting()
    with closing(Recaller(ledger, lambda: Meaning(ledger, embedder, index_at(folder)))) as made:
        yield made


def recall(
    recaller: Recaller,
    question: str,
    *,
    wanted: Wanted = Wanted(),
    file: PurePosixPath | None = None,
) -> Recollection:
    return recaller.recall(
        question, file=file, wanted=wanted, budget_tokens=2_000, limit=None, at_least=None
    )


def texts(found: Recollection) -> list[str]:
    return [one.memory.text for one in found.memories]


def keep(notebook: Notebook, *said: str, **others: Any) -> list[Memory]:
    """Keep texts, one a day; each is its own id."""
    kept = notebook.keep_all(
        a_memory(text, text, **{"at": days_after(day), **others}) for day, text in enumerate(said)
    )
    return [one.memory for one in kept]


@contextmanager
def held_by_another(folder: Path) -> Iterator[None]:
    """Let another process own the index."""
    code = (
        "import sys; from filelock import FileLock\n"
        "lock = FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(folder.with_suffix(".lock"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield
        process.kill()


def test_meaning_finds_what_shares_no_word(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late.", "The plum is ripe.")

    with recalling(ledger, folder) as recaller:
        found = recall(recaller, "Which vehicle comes?")

    assert texts(found) == ["The lorry is late."]
    assert "words" not in found.memories[0].parts
    assert found.note == ""


def test_words_alone_are_searched_where_there_is_no_index(
    ledger: Ledger, notebook: Notebook
) -> None:
    keep(notebook, "The lorry is late.", "A vehicle is hired.")

    with closing(Recaller(ledger, None)) as recaller:
        found = recall(recaller, "vehicle")

    assert (texts(found), found.note) == (["A vehicle is hired."], "")


def test_while_another_owns_the_index_the_newest_are_compared_one_by_one(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late.", "The plum is ripe.", "A vehicle is hired.")

    with held_by_another(folder), recalling(ledger, folder) as recaller:
        found = recall(recaller, "vehicle")

    assert texts(found) == ["A vehicle is hired.", "The lorry is late."]
    assert "Another alma is using the vector index" in found.note


def test_past_the_newest_words_are_searched_while_another_owns_the_index(
    ledger: Ledger, notebook: Notebook, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma_agent.memory.recalling._SCANNED", 1)
    keep(notebook, "A vehicle is hired.", "The lorry is late.", "The plum is ripe.")

    with held_by_another(folder), recalling(ledger, folder) as recaller:
        found = recall(recaller, "vehicle")

    assert texts(found) == ["A vehicle is hired."]


def test_an_index_that_becomes_free_is_used(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late.")

    with recalling(ledger, folder) as recaller:
        with held_by_another(folder):
            before = recall(recaller, "vehicle")
        after = recall(recaller, "vehicle")

    assert "Another alma" in before.note
    assert (texts(after), after.note) == (["The lorry is late."], "")


def test_an_embedder_that_fails_leaves_words(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "A vehicle is hired.")

    with recalling(ledger, folder, Broken()) as recaller:
        found = recall(recaller, "vehicle")

    assert texts(found) == ["A vehicle is hired."]
    assert "cannot be read today" in found.note


def test_a_lost_index_is_filled_again_without_the_embedder(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late.", "The plum is ripe.")
    with recalling(ledger, folder) as recaller:
        recall(recaller, "vehicle")
    shutil.rmtree(folder)

    embedder = Sorting()
    with recalling(ledger, folder, embedder) as recaller:
        found = recall(recaller, "fruit")

    assert texts(found) == ["The plum is ripe."]
    assert embedder.embedded == ["fruit"]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda index: index.remove(["The plum is ripe."]), id="a row is missing"),
        pytest.param(lambda index: index.remove(index.ids()), id="all are missing"),
        pytest.param(
            lambda index: index.upsert(["nobody"], np.ones((1, 4), np.float32) / 2), id="one more"
        ),
    ],
)
def test_an_index_that_holds_something_else_is_healed(
    ledger: Ledger, notebook: Notebook, folder: Path, damage: Callable[[Any], None]
) -> None:
    ids = {one.id for one in keep(notebook, "The lorry is late.", "The plum is ripe.")}
    with recalling(ledger, folder) as recaller:
        recall(recaller, "vehicle")
    with closing(index_at(folder)("sorting").open()) as index:
        damage(index)

    with recalling(ledger, folder) as recaller:
        assert texts(recall(recaller, "fruit")) == ["The plum is ripe."]

    with closing(index_at(folder)("sorting").open()) as index:
        assert index.ids() == ids


def test_garbage_in_the_folder_does_no_harm(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The plum is ripe.")
    with recalling(ledger, folder) as recaller:
        recall(recaller, "fruit")
    (folder / "chroma.sqlite3").write_bytes(b"garbage" * 999)

    with recalling(ledger, folder) as recaller:
        assert texts(recall(recaller, "fruit")) == ["The plum is ripe."]


def test_an_index_that_is_lost_while_it_is_open_is_made_anew(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The plum is ripe.")

    with recalling(ledger, folder) as recaller:
        recall(recaller, "fruit")
        shutil.rmtree(folder)
        keep(notebook, "The quince is sour.")

        found = recall(recaller, "fruit")

    assert set(texts(found)) == {"The plum is ripe.", "The quince is sour."}
    assert found.note == ""


def test_an_edited_memory_is_found_by_what_it_says_now(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    (memory,) = keep(notebook, "The lorry is late.")

    with recalling(ledger, folder) as recaller:
        recall(recaller, "vehicle")
        notebook.edit(memory.id, text="The plum is ripe.")

        assert texts(recall(recaller, "vehicle")) == []
        assert texts(recall(recaller, "fruit")) == ["The plum is ripe."]


def test_an_edit_in_another_process_is_followed(
    ledger: Ledger, notebook: Notebook, folder: Path, tmp_path: Path
) -> None:
    (memory,) = keep(notebook, "The lorry is late.")
    with recalling(ledger, folder) as recaller:
        recall(recaller, "vehicle")
        code = (
            "import sys; from pathlib import Path\n"
            "from alma_agent.memory.ledger import Ledger\n"
            "from alma_agent.memory.notebook import Notebook\n"
            "from alma_agent.memory.anchoring.surveying import Survey\n"
            "from toolset.workspace import Workspace\n"
            "folder = Path(sys.argv[1])\n"
            "Notebook(Ledger(folder / 'ledger.sqlite3'), Survey(Workspace(folder / 'project')))"
            ".edit(sys.argv[2], text='The plum is ripe.')\n"
        )
        subprocess.run([sys.executable, "-c", code, str(tmp_path), memory.id], check=True)

        assert texts(recall(recaller, "fruit")) == ["The plum is ripe."]
        assert texts(recall(recaller, "vehicle")) == []


def test_what_was_said_before_is_part_of_what_is_meant(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "Is the lorry here?", "No, later.", session="s1")

    with recalling(ledger, folder) as recaller:
        near, _ = recaller.near("tram", Wanted())

    answer = near["No, later."]
    assert answer.context > answer.text


def test_a_turn_that_is_edited_changes_what_the_next_one_answers(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    asked, _ = keep(notebook, "Is the lorry here?", "No, later.", session="s1")

    with recalling(ledger, folder) as recaller:
        recaller.near("tram", Wanted())
        notebook.edit(asked.id, text="Is the plum ripe?")
        of_vehicles, _ = recaller.near("tram", Wanted())
        of_fruit, _ = recaller.near("quince", Wanted())

    assert of_fruit["No, later."].context > of_vehicles["No, later."].context


ANN, BOB = Scope(user="ann"), Scope(user="bob")


def crowd(count: int) -> list[str]:
    return [f"A tram, a lorry and barge {number}." for number in range(count)]


def test_the_nearest_of_others_do_not_crowd_out_ones_own(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late, like the plum.", scope=ANN)
    keep(notebook, *crowd(250), scope=BOB)

    with recalling(ledger, folder) as recaller:
        found = recall(recaller, "Which vehicle comes?", wanted=Wanted(ANN))

    assert texts(found) == ["The lorry is late, like the plum."]


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(Wanted(kinds=("lesson",)), id="kind"),
        pytest.param(Wanted(tags=("own",)), id="tag"),
        pytest.param(Wanted(session="own"), id="session"),
        pytest.param(Wanted(until=datetime(2026, 1, 1, tzinfo=UTC)), id="time"),
    ],
)
def test_what_is_not_wanted_does_not_crowd_out_what_is(
    ledger: Ledger, notebook: Notebook, folder: Path, wanted: Wanted
) -> None:
    keep(
        notebook,
        "The lorry is late, like the plum.",
        kind="lesson",
        tags=("own",),
        session="own",
        at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    keep(notebook, *crowd(250))

    with recalling(ledger, folder) as recaller:
        found = recall(recaller, "Which vehicle comes?", wanted=wanted)

    assert texts(found) == ["The lorry is late, like the plum."]


def test_nothing_of_another_scope_is_ever_recalled(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late.", "A vehicle is hired.", scope=BOB)
    keep(notebook, "A vehicle and a tram.", scope=BOB, anchors=(Anchor(APP),), session="s")

    with recalling(ledger, folder) as recaller:
        for wanted in (Wanted(ANN), Wanted(), Wanted(ANN, path=APP), Wanted(Scope(agent="bob"))):
            assert texts(recall(recaller, "vehicle", wanted=wanted, file=APP)) == []


def test_what_is_superseded_or_expired_is_not_recalled(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    (old,) = keep(notebook, "The lorry is late.")
    notebook.supersede(old.id, "The barge is late.")
    keep(notebook, "The tram is gone.", expires=datetime(2026, 2, 1, tzinfo=UTC))

    with recalling(ledger, folder) as recaller:
        assert texts(recall(recaller, "vehicle")) == ["The barge is late."]


def test_what_is_known_of_the_file_in_hand_is_recalled_whatever_is_asked(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The plum is ripe.", anchors=(Anchor(APP),))
    keep(notebook, "The quince is sour.", anchors=(Anchor(OTHER),))

    with recalling(ledger, folder) as recaller:
        found = recall(recaller, "Which vehicle comes?", file=APP)

    assert texts(found) == ["The plum is ripe."]
    assert "same file" in found.memories[0].parts


def test_where_a_file_is_wanted_nothing_else_is_recalled(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "A lorry.", "A plum and a tram.", anchors=(Anchor(APP),))
    keep(notebook, "Another lorry.", anchors=(Anchor(OTHER),))

    with recalling(ledger, folder) as recaller:
        found = recall(recaller, "vehicle", wanted=Wanted(path=APP))

    assert texts(found) == ["A lorry.", "A plum and a tram."]


def test_a_file_is_asked_about_while_another_owns_the_index(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "A lorry.", anchors=(Anchor(APP),))

    with held_by_another(folder), recalling(ledger, folder) as recaller:
        found = recall(recaller, "vehicle", wanted=Wanted(path=APP))

    assert (texts(found), found.note) == (["A lorry."], "")


def test_catching_up_ends_in_time_the_newest_first(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, *(f"The lorry has number {number}." for number in range(100)))
    embedder = Sorting()
    meaning = Meaning(ledger, embedder, index_at(folder))

    assert meaning.catch_up(seconds=0) == 100
    assert embedder.embedded == []
    assert meaning.catch_up() == 0
    newest, oldest = (f"The lorry has number {number}." for number in (99, 0))
    assert embedder.embedded.index(newest) < embedder.embedded.index(oldest)
    assert meaning.waiting() == 0


def test_what_waits_for_its_meaning_is_said_and_found_by_its_words(
    ledger: Ledger, notebook: Notebook, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma_agent.memory.recalling._PATIENCE_S", 0.0)
    keep(notebook, "The lorry is late.", "A vehicle is hired.")

    with recalling(ledger, folder) as recaller:
        found = recall(recaller, "vehicle")

    assert texts(found) == ["A vehicle is hired."]
    assert found.note == "2 memories wait to be read for their meaning."


def test_what_waits_for_its_meaning_is_said_of_a_file_too(
    ledger: Ledger, notebook: Notebook, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma_agent.memory.recalling._PATIENCE_S", 0.0)
    keep(notebook, "A vehicle is hired.", "A tram.", anchors=(Anchor(APP),))

    with recalling(ledger, folder) as recaller:
        found = recall(recaller, "vehicle", wanted=Wanted(path=APP))

    assert texts(found) == ["A vehicle is hired."]
    assert found.note == "2 memories wait to be read for their meaning."


def test_what_was_forgotten_is_in_no_index(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    lorry, _ = keep(notebook, "The lorry is late.", "The plum is ripe.")
    with recalling(ledger, folder) as recaller:
        recall(recaller, "vehicle")
        with ledger.writing() as connection:
            memories.erase(connection, [lorry.id], datetime.now(UTC))

        assert texts(recall(recaller, "vehicle")) == []

    with closing(index_at(folder)("sorting").open()) as index:
        assert index.ids() == {"The plum is ripe."}


def test_no_index_is_made_while_something_is_taken_away(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late.")
    with recalling(ledger, folder) as recaller:
        recall(recaller, "vehicle")

        assert recaller.without_index(folder.exists) is False
        assert texts(recall(recaller, "vehicle")) == ["The lorry is late."]


def test_nothing_is_taken_away_while_another_owns_the_index(
    ledger: Ledger, notebook: Notebook, folder: Path
) -> None:
    keep(notebook, "The lorry is late.")
    done: list[str] = []

    with (
        held_by_another(folder),
        recalling(ledger, folder) as recaller,
        pytest.raises(IndexUnavailable),
    ):
        recaller.without_index(lambda: done.append("erased"))

    assert done == []
