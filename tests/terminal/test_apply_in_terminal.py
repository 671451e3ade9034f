"""`alma apply` at a terminal: the commands that came with a proposal are shown, and need a yes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alma_agent.proposals.checking import CheckRun
from tests.conftest import git, make_repository
from tests.end_to_end.conftest import clean_environment
from tests.forked import OnTerminal
from tests.made_proposals import proposed
from toolset.workspace import Workspace

RUN = r"Run them\? \[y/N\] "


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    lax = "[review]\napprovals = 0\n"
    return make_repository(tmp_path / "project", {"a.py": "x = 1\n", "alma.toml": lax})


@pytest.fixture
def applying(project: Workspace) -> Iterator[OnTerminal]:
    check = CheckRun(("test", "-f", "a.py"), 0, 0.1, "cut off", "")
    id_, _ = proposed(project, {"a.py": "x = 2\n"}, checks=(check,))
    program = OnTerminal(["apply", id_], project.root, clean_environment(), lines=100)
    yield program
    program.close()


def landed(project: Workspace) -> bool:
    return "Rename x to y" in git(project.root, "log", "--format=%s")


def test_a_yes_runs_them_and_it_lands(project: Workspace, applying: OnTerminal) -> None:
    applying.expect("test -f a.py")
    applying.expect(RUN)
    applying.sendline("y")
    applying.expect("Landed")

    assert applying.wait() == 0
    assert landed(project)


def test_return_alone_runs_nothing(project: Workspace, applying: OnTerminal) -> None:
    applying.expect(RUN)
    applying.sendline("")
    applying.expect("Nothing was run or written")

    assert applying.wait() == 3
    assert not landed(project)
