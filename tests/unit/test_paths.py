from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from alma_agent.proposer.paths import with_whole_paths
from toolset.errors import RefactoringRefused
from toolset.refactor import requests
from toolset.refactor.requests import Request

FILES = [
    PurePosixPath(path)
    for path in (
        "setup.py",
        "src/shop/__init__.py",
        "src/shop/utils.py",
        "src/shop/models.py",
        "src/shop/web/__init__.py",
        "src/shop/web/views.py",
        "tests/models.py",
    )
]


@pytest.mark.parametrize(
    ("said", "folder", "whole"),
    [
        (requests.Rename("utils.py::f", "g"), "", requests.Rename("src/shop/utils.py::f", "g")),
        (requests.Rename("f", "g"), "", requests.Rename("f", "g")),
        (requests.SortImports(("utils.py", "setup.py")), "", ("src/shop/utils.py", "setup.py")),
        (requests.SortImports(("models.py",)), "src/shop", ("src/shop/models.py",)),
        (requests.SortImports(("./models.py",)), "tests", ("tests/models.py",)),
        (requests.SortImports(("shop/web",)), "", ("src/shop/web",)),
        (requests.SortImports(("web/views.py",)), "", ("src/shop/web/views.py",)),
        (requests.SortImports(("gone.py",)), "", ("gone.py",)),
        (
            requests.ExtractFunction("utils.py:3-4", "g"),
            "",
            requests.ExtractFunction("src/shop/utils.py:3-4", "g"),
        ),
        (
            requests.MoveSymbol("utils.py::f", "new.py"),
            "",
            requests.MoveSymbol("src/shop/utils.py::f", "new.py"),
        ),
        (
            requests.RenameModule("utils", "x"),
            "",
            requests.RenameModule("src/shop/utils.py", "x"),
        ),
        (requests.RenameModule("web", "x"), "", requests.RenameModule("src/shop/web", "x")),
        (requests.RenameModule("shop.utils", "x"), "", requests.RenameModule("shop.utils", "x")),
        (requests.MoveModule("utils.py", "web"), "", ("src/shop/utils.py", "src/shop/web")),
    ],
    ids=str,
)
def test_a_path_is_found_by_its_end_and_from_the_folder(
    said: Request, folder: str, whole: Request | tuple[str, ...]
) -> None:
    found = with_whole_paths(said, FILES, PurePosixPath(folder))

    if isinstance(whole, tuple):
        assert getattr(found, "paths", None) == whole or (
            isinstance(found, requests.MoveModule) and (found.target, found.to) == whole
        )
    else:
        assert found == whole


def test_several_files_that_fit_are_listed() -> None:
    with pytest.raises(RefactoringRefused, match=r"src/shop/models\.py\n  tests/models\.py"):
        with_whole_paths(requests.SortImports(("models.py",)), FILES, PurePosixPath())
