"""What every refactoring must pass, whoever made it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import make_workspace
from toolset.draft import Draft
from toolset.errors import ReadOnlyFile, RefactoringRefused
from toolset.refactor.catalogue import _ROOMS, KINDS, plan, prove, slug
from toolset.refactor.requests import Rename, Request

A, B = PurePosixPath("a.py"), PurePosixPath("b.py")


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(make_workspace(tmp_path / "p", {"a.py": "x = 1\ny = lost\n"}))


def test_what_parses_and_loses_no_name_passes(draft: Draft) -> None:
    draft.write(A, "z = 1\ny = lost\n")

    assert prove(Draft(draft.workspace), draft.changes()) == (
        "every changed file parses",
        "no new undefined name (ruff F821)",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("x = (\n", "thrown away: a.py:1 would no longer parse", id="no Python"),
        pytest.param("x = 1\ny = lost\nz = gone\n", "undefined.*\n  a.py  gone", id="a name"),
        pytest.param("__all__ = ['gone']\n", "a.py  gone", id="an exported name"),
    ],
)
def test_what_is_broken_is_thrown_away(draft: Draft, text: str, why: str) -> None:
    draft.write(A, text)

    with pytest.raises(RefactoringRefused, match=why):
        prove(Draft(draft.workspace), draft.changes())


def test_a_name_that_was_undefined_may_move_with_its_file(draft: Draft) -> None:
    draft.move(A, B)

    assert prove(Draft(draft.workspace), draft.changes())


def test_a_file_that_must_not_be_written_stops_it(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "p", {"a.py": "def f(): ...\n"})
    (tmp_path / "p" / "a.py").chmod(0o444)

    with pytest.raises(ReadOnlyFile):
        plan(Draft(workspace), Rename("f", "g"))


def test_a_refactoring_knows_what_is_staged_already(draft: Draft) -> None:
    draft.create(B, "def f(): ...\n")
    draft.write(A, "from b import f\nf()\n")

    done = plan(draft, Rename("f", "g"))

    after = {str(edit.path): edit.after and edit.after.data for edit in done.changes}
    assert after == {"a.py": b"from b import g\ng()\n", "b.py": b"def g(): ...\n"}
    assert draft.read(B).text == "def f(): ...\n"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_refactoring_has_a_room_with_its_name(kind: type[Request]) -> None:
    room = import_module(f"toolset.refactor.{_ROOMS[kind]}")

    assert callable(getattr(room, slug(kind).replace("-", "_")))
