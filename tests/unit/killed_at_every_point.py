"""Kill `apply` before each of its calls to the operating system, recover, and print what is there.

Run as a script: a folder to work in, and how to die ("killed", or "torn": what was not yet synced
is half lost). Prints one JSON object a point: its state after recovery, and whether it was applied.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from toolset.apply import apply, close, needs_recovery, recover
from toolset.edits import ChangeSet, Edit, FileState
from toolset.workspace import Workspace

CALLS = ("open", "fdopen", "fchmod", "fsync", "close", "link", "unlink", "rename", "replace")
CALLS_ON_FOLDERS = ("mkdir", "rmdir")
KILLED = 9

CHANGES = ChangeSet(
    (
        Edit(PurePosixPath("a.py"), FileState(b"old\r\n", 0o755), FileState(b"new a\r\n", 0o755)),
        Edit(PurePosixPath("b.py"), FileState(b"old b"), None),
        Edit(PurePosixPath("new/deep/c.py"), None, FileState(b"new c\n")),
    )
)


def main(home: Path, death: str) -> None:
    point = 0
    while True:
        point += 1
        workspace = _fresh(home / str(point))
        old = _tree(workspace.root)
        if not _dies(lambda: apply(workspace, CHANGES, id="t"), point, death):  # noqa: B023
            break
        recover_point = 0
        while point % 5 == 0 and _dies(lambda: recover(workspace), recover_point + 1, death):  # noqa: B023
            recover_point += 1
        found = recover(workspace)
        for recovery in found:
            close(workspace, recovery.id)
        now = _tree(workspace.root)
        report = {
            "point": point,
            "state": "old" if now == old else "new" if now == _new() else now,
            "applied": [recovery.applied for recovery in found],
            "conflicts": [str(path) for recovery in found for path in recovery.conflicts],
            "open": needs_recovery(workspace),
            "deaths in recovery": recover_point,
        }
        print(json.dumps(report))


def _fresh(root: Path) -> Workspace:
    root.mkdir(parents=True)
    for edit in CHANGES:
        if edit.before:
            (root / edit.path).write_bytes(edit.before.data)
            (root / edit.path).chmod(edit.before.mode)
    return Workspace(root.resolve())


def _tree(root: Path) -> dict[str, list[Any]]:
    return {
        str(path.relative_to(root)): [path.read_text("utf-8"), path.stat().st_mode & 0o777]
        if path.is_file()
        else []
        for path in root.rglob("*")
        if ".alma" not in path.relative_to(root).parts
    }


def _new() -> dict[str, list[Any]]:
    return {
        "a.py": ["new a\n", 0o755],
        "new": [],
        "new/deep": [],
        "new/deep/c.py": ["new c\n", 0o644],
    }


def _dies(act: Callable[[], object], point: int, death: str) -> bool:
    """Run `act` in a process of its own that dies at its `point`-th call; say whether it did."""
    child = os.fork()
    if child == 0:
        _arm(point, death)
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, KILLED):
        raise RuntimeError(f"point {point}: exit code {code}")
    return code == KILLED


def _arm(point: int, death: str) -> None:
    left = iter(range(point - 1, -1, -1))

    def armed(real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            if next(left, -1) == 0:
                if death == "torn" and real.__name__ == "fsync":
                    _tear(arguments[0])
                os._exit(KILLED)
            return real(*arguments, **options)

        return call

    for name in (*CALLS, *CALLS_ON_FOLDERS):
        setattr(os, name, armed(getattr(os, name)))


def _tear(descriptor: int) -> None:
    try:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
    except OSError:  # a folder
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
