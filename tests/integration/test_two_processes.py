"""Two processes edit one workspace at the same time, two hundred times each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Files, make_repository, make_workspace
from toolset.apply import needs_recovery
from toolset.workspace import Workspace

TIMES = 200
_EDITOR = """
import sys
from toolset import safe_create_file, safe_replace_text_in_file

who, times = sys.argv[1], int(sys.argv[2])
for n in range(times):
    # One line of its own in a file that both edit, and one file of its own now and then.
    result = safe_replace_text_in_file("shared.py", f"{who} = {n}", f"{who} = {n + 1}")
    assert result["success"], result
    if n % 50 == 0:
        result = safe_create_file(f"{who}_{n}.py", f"n = {n}\\n")
        assert result["success"], result
"""


@pytest.mark.parametrize("make", [make_workspace, make_repository], ids=["no git", "git"])
def test_no_update_is_lost_and_nobody_waits_for_ever(
    tmp_path: Path, make: Callable[[Path, Files], Workspace]
) -> None:
    workspace = make(tmp_path / "project", {"shared.py": "one = 0\ntwo = 0\n"})
    root = Path(__file__).parents[2]
    editors = [
        subprocess.Popen(
            [sys.executable, "-c", _EDITOR, who, str(TIMES)],
            cwd=workspace.root,
            env={**os.environ, "PYTHONPATH": str(root)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for who in ("one", "two")
    ]

    said = [editor.communicate(timeout=120)[1] for editor in editors]

    assert said == ["", ""]
    assert (workspace.root / "shared.py").read_text() == f"one = {TIMES}\ntwo = {TIMES}\n"
    assert not needs_recovery(workspace)
    assert not list(workspace.root.rglob("*.tmp"))
