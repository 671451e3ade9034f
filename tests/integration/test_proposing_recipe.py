"""What an exact refactoring was, said in full: enough to make it again anywhere."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from alma_agent.proposals.replaying import request_of
from alma_agent.proposals.telling import steps_of
from alma_agent.proposer.exact import ExactRefactorer
from alma_agent.records import Task
from alma_agent.remembered import Recollection
from tests.conftest import make_workspace
from toolset.errors import AmbiguousTarget
from toolset.refactor.requests import ExtractFunction, Rename, Request, SortImports
from toolset.workspace import Workspace

FILES = {
    "one.py": "def load():\n    pass\n",
    "sub/two.py": "import sys, os\n\n\ndef load():\n    a = 1\n    b = a + 1\n    return b\n",
}


def second(ambiguous: AmbiguousTarget) -> str:
    return next(one for one in ambiguous.candidates if "two" in one).split()[0]


async def recipe(workspace: Workspace, *requests: Request, file: str = "") -> tuple[Request, ...]:
    exact = ExactRefactorer(workspace, requests, second, PurePosixPath("sub"))
    task = Task("do it", file=PurePosixPath(file) if file else None)
    return (await exact.propose(task, Recollection())).recipe


async def test_the_symbol_that_a_person_chose_is_named(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, FILES)

    (made,) = await recipe(workspace, Rename("load", "read"))

    assert made == Rename("sub/two.py::load", "read")


async def test_paths_are_whole(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, FILES)

    assert await recipe(workspace, SortImports(("two.py",))) == (SortImports(("sub/two.py",)),)
    assert await recipe(workspace, SortImports(), file="sub/two.py") == (
        SortImports(("sub/two.py",)),
    )


async def test_lines_of_a_function_are_lines_of_its_file(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"sub/two.py": FILES["sub/two.py"]})

    (made,) = await recipe(workspace, ExtractFunction("load:5-6", "counted"))

    assert made == ExtractFunction("sub/two.py:5-6", "counted")


async def test_a_recipe_is_read_back_as_it_was(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, FILES)
    made = await recipe(workspace, SortImports(("two.py",)), Rename("two.py::load", "read"))

    steps = steps_of(made)

    assert steps is not None
    assert tuple(map(request_of, steps)) == made
