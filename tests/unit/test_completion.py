"""In which file, and in which function, is what was asked for?"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from alma_agent.proposer.completion import function_named, in_file, in_function
from toolset.draft import Draft
from toolset.errors import AmbiguousTarget, RefactoringRefused
from toolset.refactor.requests import ExtractFunction, Rename, Request, SortImports
from toolset.workspace import Workspace

SOURCE = "import os\n\n\n@cache\ndef load():\n    a = 1\n    return a\n"


@pytest.mark.parametrize(
    ("request_", "file", "expected"),
    [
        (Rename("load", "read"), "app.py", Rename("app.py::load", "read")),
        (Rename("b.py::load", "read"), "app.py", Rename("b.py::load", "read")),
        (SortImports(), "app.py", SortImports(("app.py",))),
        (SortImports(("b.py",)), "app.py", SortImports(("b.py",))),
        (ExtractFunction(":1-2", "f"), "app.py", ExtractFunction("app.py:1-2", "f")),
        (ExtractFunction("b.py:1-2", "f"), "app.py", ExtractFunction("b.py:1-2", "f")),
        (ExtractFunction("load:1-2", "f"), "app.py", ExtractFunction("app.py::load:1-2", "f")),
        (ExtractFunction("load:1-2", "f"), None, ExtractFunction("load:1-2", "f")),
        (ExtractFunction("b.py::g:1-2", "f"), "app.py", ExtractFunction("b.py::g:1-2", "f")),
    ],
)
def test_a_request_without_a_place_is_in_the_file_of_the_task(
    request_: Request, file: str | None, expected: Request
) -> None:
    assert in_file(request_, PurePosixPath(file) if file else None) == expected


def test_lines_of_no_file_are_refused() -> None:
    with pytest.raises(RefactoringRefused, match="In which file is 1-2"):
        in_file(ExtractFunction(":1-2", "f"), None)


@pytest.mark.parametrize(
    ("where", "expected"),
    [("app.py:1-2", ""), (":1-2", ""), ("load:1-2", "load"), ("a.py::A.m:1", "a.py::A.m")],
)
def test_a_function_is_told_from_a_file(where: str, expected: str) -> None:
    assert function_named(ExtractFunction(where, "f")) == expected


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    (tmp_path / "app.py").write_text(SOURCE)
    return Draft(Workspace(tmp_path.resolve()))


@pytest.mark.parametrize("target", ["load", "app.py::load"])
def test_lines_of_a_function_are_lines_of_its_file(draft: Draft, target: str) -> None:
    request = ExtractFunction(f"{target}:6-7", "f")
    assert in_function(draft, request, target) == ExtractFunction("app.py:6-7", "f")


@pytest.mark.parametrize("lines", ["1-2", "7-8", "3"])
def test_lines_that_are_not_the_functions_are_refused(draft: Draft, lines: str) -> None:
    with pytest.raises(RefactoringRefused, match="stands at lines 4-7 of app"):
        in_function(draft, ExtractFunction(f"load:{lines}", "f"), "load")


def test_of_two_functions_none_is_chosen(draft: Draft) -> None:
    draft.create(PurePosixPath("b.py"), SOURCE)
    with pytest.raises(AmbiguousTarget):
        in_function(draft, ExtractFunction("load:6-7", "f"), "load")


@pytest.mark.parametrize("file", [None, "app.py"])
def test_a_place_without_lines_is_refused(file: str | None) -> None:
    with pytest.raises(RefactoringRefused, match=r"Which lines of m\.py\? .*m\.py:10-20"):
        in_file(ExtractFunction("m.py", "g"), PurePosixPath(file) if file else None)
