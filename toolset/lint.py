"""What the project's linter says about a change that it did not say before.

An extra pair of eyes, not a gate: without ruff, or where anything is odd, there is nothing to say.
The linter gets the text on its standard input, and writes nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from toolset import ruff
from toolset.edits import ChangeSet, FileState
from toolset.encoding import decode, is_python
from toolset.errors import NotText
from toolset.gates import Finding

_TIME_LIMIT_S = 10.0


class _Complaint(NamedTuple):
    """One entry of ruff's report. What makes it the same as another: code, text and message."""

    line: int
    code: str
    text: str  # of the line, without indentation
    message: str

    @property
    def key(self) -> tuple[str, str, str]:
        # "redefinition of unused `x` from line 12" says nothing new where lines only moved.
        return self.code, self.text, re.sub(r"\bline \d+", "line", self.message)


def new_lint_findings(changes: ChangeSet, *, root: Path) -> tuple[Finding, ...]:
    """Return what ruff finds in the Python files after `changes` and did not find in them before.

    ruff reads the configuration that is in `root` now. A complaint is known by its code, its
    message and the text of its line, so that lines that only moved bring nothing. Files that are
    not UTF-8 are left out. Empty if there is no ruff, if it takes over 10 s in all, or if it fails.
    """
    program = ruff.program()
    if program is None:
        return ()
    linter = _Linter(program, root, time.monotonic() + _TIME_LIMIT_S)
    try:
        return tuple(
            finding
            for edit in changes
            if is_python(edit.path) and edit.after is not None and edit.after != edit.before
            for finding in _new(linter, edit.path, edit.before, edit.after)
        )
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return ()


def _new(
    linter: _Linter, path: PurePosixPath, before: FileState | None, after: FileState
) -> Iterator[Finding]:
    if not _is_utf8(path, after) or (before is not None and not _is_utf8(path, before)):
        return
    complaints = linter.complaints(path, after.data)
    if not complaints:
        return
    known = (
        Counter(one.key for one in linter.complaints(path, before.data)) if before else Counter()
    )
    for one in complaints:
        known[one.key] -= 1
        if known[one.key] < 0:
            yield Finding(path, one.line, f"{one.code} {one.message}")


class _Linter(NamedTuple):
    program: str
    root: Path
    ends_at: float  # time.monotonic()

    def complaints(self, path: PurePosixPath, data: bytes) -> list[_Complaint]:
        """Return what ruff says of `data`, by line. Raises OSError, SubprocessError, ValueError."""
        command = [self.program, "check", "--output-format=json", f"--stdin-filename={path}"]
        # A configuration with `fix = true` would make ruff print the mended text instead.
        command += ["--no-cache", "--no-fix", "--force-exclude", "--quiet", "--exit-zero", "-"]
        done = subprocess.run(
            command,
            cwd=self.root,
            env=ruff.environment(),
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=max(0.0, self.ends_at - time.monotonic()),
            check=True,
        )
        lines = re.split("\r\n?|\n", data.decode("utf-8"))
        return sorted(_complaint(entry, lines) for entry in json.loads(done.stdout or b"[]"))


def _complaint(entry: object, lines: list[str]) -> _Complaint:
    match entry:
        case {"code": code, "message": str() as message, "location": {"row": int() as row}} if (
            0 < row <= len(lines)
        ):
            return _Complaint(row, str(code or "syntax"), lines[row - 1].strip(), message)
    raise ValueError("not what ruff's JSON was when this was written")


def _is_utf8(path: PurePosixPath, state: FileState) -> bool:
    try:
        return decode(path, state.data)[1].encoding.startswith("utf-8")
    except NotText:
        return False
