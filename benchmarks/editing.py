"""Time to apply and to match edits, beside the plain way, in one run.

    python -m benchmarks.editing [ROUNDS]

Apply: 1, 100 and 1,000 files of 3 kB, journal and all, beside a plain write and fsync of each file
(no way back), and beside the usual safe way of one file (write beside, fsync, rename; not all or
nothing). Match: one place in a file of 10,000 lines. Medians over interleaved rounds, on the file
system of the current folder; then one JSON line with the same figures.

File systems are slow to make files where many were deleted a moment ago: wait between two runs.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from toolset.apply import apply, close
from toolset.edits import ChangeSet, Edit, FileState
from toolset.patching import edit_bytes, patch_files
from toolset.workspace import Workspace

OLD, NEW = b"x = 1\n" * 500, b"x = 2\n" * 500
LINES = 10_000


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figures: dict[str, float] = {}
    print(f"{'files':>6} {'apply ms':>9} {'plain ms':>9} {'x plain':>8} {'x safe':>7}")
    for count in (1, 100, 1_000):
        times = [applied(count) for _ in range(rounds)]
        ours, plain, safe = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{count:6} {ours:9.2f} {plain:9.2f} {ours / plain:8.2f} {ours / safe:7.2f}")
        figures[f"apply {count}"] = ours / plain
    print(f"\n{'a place in 10,000 lines':40} {'ms':>7}")
    for name, act in matches().items():
        figures[name] = statistics.median(milliseconds(act) for _ in range(rounds * 3))
        print(f"{name:40} {figures[name]:7.2f}")
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))


def applied(count: int) -> tuple[float, float, float]:
    """Return the milliseconds of our way, the plain way and the usual safe way."""
    with tempfile.TemporaryDirectory(dir=".", prefix=".benchmark-") as folder:
        workspace = Workspace(Path(folder).resolve())
        names = [PurePosixPath(f"m{number // 50}/f{number}.py") for number in range(count)]
        for name in names:
            workspace.absolute(name).parent.mkdir(exist_ok=True)
            workspace.absolute(name).write_bytes(OLD)
        state = FileState(OLD, workspace.absolute(names[0]).stat().st_mode & 0o777)
        changes = ChangeSet(
            tuple(Edit(name, state, FileState(NEW, state.mode)) for name in sorted(names))
        )
        workspace.state_folder("journal")
        paths = [workspace.absolute(name) for name in names]
        os.sync()
        ours = milliseconds(lambda: (apply(workspace, changes, id="t"), close(workspace, "t")))
        os.sync()
        plain = milliseconds(lambda: [write(path, OLD) for path in paths])
        os.sync()
        safe = milliseconds(lambda: [write_beside(path, NEW) for path in paths])
        return ours, plain, safe


def write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_beside(path: Path, data: bytes) -> None:
    beside = path.with_suffix(".tmp")
    write(beside, data)
    beside.replace(path)


def matches() -> dict[str, Callable[[], object]]:
    lines = [f"    value_{number} = compute({number}, 'x')\n" for number in range(LINES)]
    data, middle = "".join(lines).encode(), LINES // 2
    block = "".join(lines[middle : middle + 20])
    new = block.replace("compute", "calculate")
    hunk = "".join(f"-{line}" for line in block.splitlines(keepends=True)) + "+    pass\n"
    bare = "".join(line[4:] for line in block.splitlines(keepends=True))
    return {
        "exact": lambda: edit_bytes(data, [(block, new)]),
        "exact, CRLF file": lambda: edit_bytes(data.replace(b"\n", b"\r\n"), [(block, new)]),
        "re-indented": lambda: edit_bytes(data, [(bare, bare.replace("compute", "calculate"))]),
        "white space at the ends": lambda: edit_bytes(data, [(block.replace("\n", "  \n"), new)]),
        "a hunk of a patch": lambda: patch_files({"f": data}, f"--- f\n+++ f\n@@ @@\n{hunk}"),
    }


def milliseconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1_000


if __name__ == "__main__":
    main()
