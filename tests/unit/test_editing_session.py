from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

import toolset
from tests.conftest import make_workspace
from toolset.editing_session import EditingSession
from toolset.errors import DoesNotParse, FileMissing, OutsideWorkspace, WrongArgument

SOURCE = "class A:\n    def f(self, x):\n        if x:\n            return 1\n"


class Notes:
    """A memory as the design's document 000 calls it, which keeps what it was asked."""

    def __init__(self, *contents: str) -> None:
        self.contents = contents
        self.asked: list[tuple[str, str]] = []

    def search(self, *, content_filter: str, strata: str) -> Iterable[Mapping[str, Any]]:
        self.asked.append((content_filter, strata))
        return ({"content": one, "strata": strata} for one in self.contents)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_workspace(tmp_path, {".alma/.gitignore": "*\n", "pkg/a.py": SOURCE})
    return tmp_path / "pkg" / "a.py"


def test_the_structure_is_that_of_the_file(file: Path) -> None:
    structure = EditingSession(str(file)).analyze_file_structure()

    assert [one.qualified_name for one in structure.symbols] == ["A", "A.f"]
    assert [one.qualified_name for one in structure.scopes] == ["", "A", "A.f"]
    assert structure.complexity_score == 1
    assert structure.to_dict()["path"] == "pkg/a.py"


def test_the_structure_is_that_of_now(file: Path) -> None:
    session = EditingSession(file)
    file.write_text("x = 1\n")

    assert session.analyze_file_structure().symbols == ()


def test_a_relative_path_starts_here(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)

    assert str(EditingSession("a.py").path) == "pkg/a.py"


def test_a_mistake_is_told_at_its_line(file: Path) -> None:
    file.write_text("x = 1\n\ndef f(:\n")

    with pytest.raises(DoesNotParse, match=r"pkg/a\.py:3"):
        EditingSession(file).analyze_file_structure()


def test_a_file_may_be_missing_until_it_is_read(file: Path) -> None:
    session = EditingSession(file.parent / "new" / "b.py")

    with pytest.raises(FileMissing):
        session.analyze_file_structure()


def test_a_path_outside_is_refused(file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (file.parent / "b.py").symlink_to(tmp_path_factory.mktemp("other") / "b.py")

    with pytest.raises(OutsideWorkspace):
        EditingSession(file.parent / "b.py")


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(WrongArgument):
        EditingSession(7)  # type: ignore[arg-type]


def test_the_memory_is_asked_about_the_file(file: Path) -> None:
    notes = Notes("f was split in May", "A is public")
    memory = EditingSession(str(file), notes).get_contextual_memory()

    assert notes.asked == [("pkg/a.py", "cognitive")]
    assert str(memory) == "- f was split in May\n- A is public"
    assert memory.to_dict()["memories"][1] == {"content": "A is public", "strata": "cognitive"}


def test_without_a_memory_nothing_is_remembered_and_it_says_so(file: Path) -> None:
    memory = EditingSession(file).get_contextual_memory()

    assert not memory
    assert (memory.memories, str(memory)) == ((), "No memory was given to this session.")


def test_a_memory_that_knows_nothing_says_so(file: Path) -> None:
    memory = EditingSession(file, Notes()).get_contextual_memory()

    assert not memory
    assert str(memory) == "Nothing is remembered of pkg/a.py."


def test_the_toolset_hands_it_out() -> None:
    assert toolset.EditingSession is EditingSession
