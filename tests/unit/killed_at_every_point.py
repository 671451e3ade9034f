"""Let `apply` fail at each of its calls to the operating system, recover, and print what is there.

Run as a script: a folder to work in, how many calls to go on at a time, and what happens at one.
"killed": the process dies before it. "torn": it dies, and what was not yet synced is half lost.
"full": this call finds the disk full; "stuck": so do all that follow. "denied": this call is not
permitted.

Prints one JSON object a point: the files after recovery, and what it and the caller were told.
The transaction has twenty files: changed, deleted, created in new folders, moved, with other modes.
"""

from __future__ import annotations

import errno
import functools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from toolset.apply import apply, close, needs_recovery, recover
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.errors import ToolsetError
from toolset.workspace import Workspace

CALLS = (
    "open", "write", "fchmod", "fsync", "close", "link", "unlink", "rename", "replace", "mkdir",
    "rmdir",
)  # fmt: skip
ON_A_FULL_DISK = ("open", "write", "fsync", "link", "rename", "replace", "mkdir")
WHEN_DENIED = tuple(call for call in CALLS if call != "rmdir")  # an empty folder may stay
KILLED, REFUSED, BUG, UNHARMED = 9, 10, 11, 12


def _path(name: str) -> PurePosixPath:
    return PurePosixPath(name)


CHANGES = ChangeSet(
    tuple(
        sorted(
            [
                *(
                    Edit(_path(f"m{n}.py"), FileState(b"old\r\n" * n), FileState(b"new\n" * n))
                    for n in range(1, 10)
                ),
                Edit(_path("run.sh"), FileState(b"old", 0o755), FileState(b"new", 0o755)),
                Edit(_path("mode.sh"), FileState(b"same"), FileState(b"same", 0o755)),
                *(Edit(_path(f"gone/{n}.py"), FileState(b"old"), None) for n in range(3)),
                *(Edit(_path(f"new/deep/{n}.py"), None, FileState(b"new")) for n in range(3)),
                Edit(_path("sub/empty.py"), None, FileState(b"")),
                Edit(_path("sub/here.py"), FileState(b"moved", 0o600), None),
                Edit(_path("there.py"), None, FileState(b"moved and changed", 0o600)),
            ],
            key=lambda edit: edit.path,
        )
    ),
    (Move(_path("sub/here.py"), _path("there.py")),),
    new_folders=(_path("new"), _path("new/deep")),
    old_folders=(_path("gone"),),
)


def main(home: Path, stride: int, event: str) -> None:
    point = 1 - stride
    while True:
        point += stride
        workspace = _fresh(home / str(point))
        old = _tree(workspace.root)
        code = _in_a_child(lambda: apply(workspace, CHANGES, id="t"), point, event)  # noqa: B023
        if code == 0:
            break
        recover_point = 0
        while (
            point % 25 < stride
            and _in_a_child(lambda: recover(workspace), recover_point + 1, event) == KILLED  # noqa: B023
        ):
            recover_point += 1
        open_before = needs_recovery(workspace)
        found = recover(workspace)
        for recovery in found:
            close(workspace, recovery.id)
        now = _tree(workspace.root)
        report = {
            "point": point,
            "state": "old" if now == old else "new" if now == _new() else now,
            "code": code,
            "open before": open_before,
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
            (root / edit.path).parent.mkdir(exist_ok=True)
            (root / edit.path).write_bytes(edit.before.data)
            (root / edit.path).chmod(edit.before.mode)
    return Workspace(root.resolve())


def _tree(root: Path) -> dict[str, list[Any]]:
    return {
        str(path.relative_to(root)): [path.read_bytes().decode(), path.stat().st_mode & 0o777]
        if path.is_file()
        else []
        for path in root.rglob("*")
        if ".alma" not in path.relative_to(root).parts
    }


def _new() -> dict[str, list[Any]]:
    after = {edit.path: edit.after for edit in CHANGES if edit.after}
    folders = {parent for path in after for parent in path.parents[:-1]}
    files = {str(path): [state.data.decode(), state.mode] for path, state in after.items()}
    return {**files, **{str(folder): [] for folder in folders}}


def _in_a_child(act: Callable[[], object], point: int, event: str) -> int:
    """Run `act` in a process of its own in which `event` happens; return how it ended."""
    child = os.fork()
    if child == 0:
        happened = _arm(point, event)
        code = 0
        try:
            act()
            code = UNHARMED if happened() else 0
        except ToolsetError:
            code = REFUSED
        except BaseException:  # noqa: BLE001
            code = BUG
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _arm(point: int, event: str) -> Callable[[], bool]:
    """Make `event` happen at the `point`-th call; return what tells whether it did."""
    left = iter(range(point - 1, -1, -1))
    happened = False

    def armed(real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal happened
            now = next(left, -1) == 0
            if now and event in ("killed", "torn"):
                if event == "torn" and real.__name__ == "fsync":
                    _tear(arguments[0])
                os._exit(KILLED)
            if now or (happened and event == "stuck"):
                happened = True
                _fail(event, real.__name__, arguments)
            return real(*arguments, **options)

        return call

    dies = event in ("killed", "torn")
    for name in CALLS if dies else WHEN_DENIED if event == "denied" else ON_A_FULL_DISK:
        setattr(os, name, armed(getattr(os, name)))
    return lambda: happened


def _fail(event: str, name: str, arguments: tuple[Any, ...]) -> None:
    """Raise what the system would, where it would: who only reads needs no room."""
    reads = name == "open" and not arguments[1] & (os.O_CREAT | os.O_WRONLY)
    if name == "close" or (reads and event != "denied"):
        return
    number = errno.EACCES if event == "denied" else errno.ENOSPC
    raise OSError(number, os.strerror(number), str(arguments[0]))


def _tear(descriptor: int) -> None:
    try:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
    except OSError:  # a folder, or opened for reading alone
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
