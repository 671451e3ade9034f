"""`alma` as a person has it: a program, in a copy of a fixture, with no key and no settings."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import Tree, make_repository, tree
from tests.forked import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
ACCEPTED = ("--yes", "--accept", "likely")
ALMA = (sys.executable, "-m", "alma_agent")


class Project:
    """A copy of a fixture, and alma in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def alma(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        forked: bool = True,
    ) -> CompletedProcess[str]:
        """Run alma without a terminal; see `tests.forked` for what `forked` saves."""
        whole = clean_environment() | dict(environment or {})
        return run(arguments, folder or self.root, whole, forked=forked)

    def files(self) -> Tree:
        """Return every file with bytes and mode, but git's and alma's own."""
        return tree(self.root)


def clean_environment() -> dict[str, str]:
    """Return the environment without keys, endpoints and settings of alma's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ALMA_", "OPENAI_"))
    } | {"COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture
def flat(tmp_path: Path) -> Project:
    """Return `fixtures/flat` as a git repository with one commit."""
    return copied("flat", tmp_path / "flat")


@pytest.fixture
def shapes(tmp_path: Path) -> Project:
    """Return `fixtures/shapes` as a git repository with one commit."""
    return copied("shapes", tmp_path / "shapes")


def copied(name: str, root: Path) -> Project:
    """Copy a fixture to `root`, as a git repository with one commit."""
    shutil.copytree(FIXTURES / name, root)
    make_repository(root, {})
    return Project(root.resolve())
