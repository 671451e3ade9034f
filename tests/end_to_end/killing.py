"""Run one alma command and kill it at its n-th step, for every n: a script, run by the tests.

A step is anything that may change a file: opening for writing, a rename, a link, an unlink, a new
folder, a sync, starting a program, opening the database. The signal comes before the step.

    python -m tests.end_to_end.killing SIGNAL FIRST STRIDE REPOSITORY SCRATCH ARGUMENT...

For each n it copies REPOSITORY, runs `alma ARGUMENT...` in the copy and kills it at step n; then
runs `alma log`, and reads the files. Prints one JSON line a point; stops at the first n that the
command does not reach. Each run is a fork of this process, which has imported what a run imports.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

_STEPS = {
    "os.rename",
    "os.remove",
    "os.link",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "shutil.rmtree",
    "sqlite3.connect",
    "subprocess.Popen",
}
_MANY = 500  # steps, and more than any command here takes


def main() -> None:
    name, first, stride, repository, scratch, *arguments = sys.argv[1:]
    for command in (arguments, ["log"]):
        _import_what_is_imported_by(command, Path(repository), Path(scratch) / "undisturbed")
    for point in range(int(first), _MANY, int(stride)):
        copy = Path(scratch) / f"at-{point}"
        shutil.copytree(repository, copy, symlinks=True)
        status = _forked(copy, lambda at=point: _die_at(at, signal.Signals[name]), arguments)
        reached = not os.WIFEXITED(status) or os.WEXITSTATUS(status) != 0
        after = _forked(copy, lambda: None, ["log"])
        print(
            json.dumps(
                {
                    "point": point,
                    "reached": reached,
                    "status": status,
                    "log_status": os.waitstatus_to_exitcode(after),
                    "said": (copy / ".git" / "said.txt").read_text(),
                    "files": _files(copy),
                }
            ),
            flush=True,
        )
        if not reached:
            return
        shutil.rmtree(copy)
    sys.exit(f"alma {' '.join(arguments)} takes over {_MANY} steps, or always fails")


def _import_what_is_imported_by(arguments: list[str], repository: Path, copy: Path) -> None:
    shutil.copytree(repository, copy, symlinks=True)
    told = copy / ".git" / "modules.txt"
    _forked(copy, lambda: None, arguments, lambda: told.write_text("\n".join(sys.modules)))
    for name in told.read_text().splitlines():
        with suppress(ImportError):  # some are names that a module gave itself
            import_module(name)
    shutil.rmtree(copy)


def _forked(
    folder: Path,
    prepare: Callable[[], object],
    arguments: list[str],
    finish: Callable[[], object] = lambda: None,
) -> int:
    """Run alma in a child process; return its wait status. What it says goes to .git/said.txt."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    os.chdir(folder)
    said = os.open(".git/said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    from alma_agent.__main__ import main as alma

    sys.argv = ["alma", *arguments]
    prepare()
    try:
        alma()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        finish()
        os._exit(end.code if isinstance(end.code, int) else 0)
    os._exit(99)


def _die_at(point: int, how: signal.Signals) -> None:
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1
        if steps == point:
            os.kill(os.getpid(), how)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STEPS or (event == "open" and _for_writing(arguments)):
            count()

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            count()
            return function(*args, **kwargs)

        return call

    os.fsync = counted(os.fsync)
    os.chmod = counted(os.chmod)
    sys.addaudithook(audit)


def _for_writing(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _files(root: Path) -> dict[str, str]:
    """Return every file but git's and alma's own, by name."""
    return {
        str(path.relative_to(root)): path.read_bytes().decode("latin-1")
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", ".alma"} & set(path.relative_to(root).parts)
    }


if __name__ == "__main__":
    main()
