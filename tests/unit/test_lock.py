from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolset.errors import PathRefused, WorkspaceBusy
from toolset.lock import exclusive
from toolset.workspace import Workspace

_HOLDER = """
import sys
from pathlib import Path
from toolset.lock import exclusive
from toolset.workspace import Workspace

with exclusive(Workspace(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(workspace: Workspace) -> Iterator[subprocess.Popen[str]]:
    """Return another process, which holds the workspace's lock."""
    command = [sys.executable, "-c", _HOLDER, str(workspace.root)]
    with subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.usefixtures("holder")
def test_a_workspace_in_another_s_hands_is_busy(workspace: Workspace) -> None:
    with (
        pytest.raises(WorkspaceBusy, match="Another alma is writing"),
        exclusive(workspace, timeout_s=0.05),
    ):
        pass


def test_a_killed_process_lets_go(workspace: Workspace, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()

    with exclusive(workspace, timeout_s=1):
        pass


def test_the_lock_is_let_go_after_an_error(workspace: Workspace) -> None:
    with pytest.raises(KeyError), exclusive(workspace):
        raise KeyError

    with exclusive(workspace, timeout_s=0):
        pass


def test_what_is_no_lock_is_told(workspace: Workspace) -> None:
    (workspace.state_folder() / "lock").mkdir()

    with pytest.raises(PathRefused, match="cannot be locked"), exclusive(workspace):
        pass
