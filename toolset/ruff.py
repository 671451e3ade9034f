"""The one module that starts ruff: what it finds, and what it would write instead.

ruff is given texts, in a folder of their own or on its standard input. It never writes a file of
the project, and reads of it only the settings, and these only where they are asked for.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from toolset.errors import RefactoringRefused

_TIME_LIMIT_S = 120.0
_LINE_ENDS = re.compile(r"\r\n?|\n")
Applicability = Literal["safe", "unsafe", "display"]


@dataclass(frozen=True, slots=True)
class Fix:
    """What ruff would write: ranges of characters, each with its new text, and how sure it is."""

    edits: tuple[tuple[int, int, str], ...]
    applicability: Applicability


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that ruff finds; `line` counts from 1, `column` from 0 in characters."""

    path: PurePosixPath
    line: int
    column: int
    code: str
    message: str
    fix: Fix | None


def check(
    texts: Mapping[PurePosixPath, str], rules: Sequence[str], *options: str
) -> list[Diagnostic]:
    """Return what ruff finds in `texts`, by the `rules` alone; the project's settings do not count.

    One process reads all of them. Raises RefactoringRefused if ruff is missing or fails.
    """
    if not texts:
        return []
    with tempfile.TemporaryDirectory(prefix="alma-") as folder:
        root = Path(folder).resolve()
        for path, text in texts.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf-8", "replace"))
        report = _report(
            ["--isolated", f"--select={','.join(rules)}", *options, "."], cwd=root, given=None
        )
        return sorted(
            _diagnostics(report, {str(root / path): (path, text) for path, text in texts.items()}),
            key=lambda one: (one.path, one.line, one.column, one.code),
        )


def check_with_settings(
    path: PurePosixPath, text: str, rules: Sequence[str], *options: str, root: Path
) -> list[Diagnostic]:
    """Return what ruff finds in one text by `rules`, read with the project's settings in `root`.

    Raises RefactoringRefused if ruff is missing or fails, as with settings that it cannot read.
    """
    chosen = [f"--select={','.join(rules)}", *options, f"--stdin-filename={path}", "-"]
    report = _report(chosen, cwd=root, given=text.encode("utf-8", "replace"))
    return list(_diagnostics(report, {str(root / path): (path, text), str(path): (path, text)}))


def undefined_names(texts: Mapping[PurePosixPath, str]) -> set[tuple[PurePosixPath, str]]:
    """Return the names that files use and nobody defines (F821, F822)."""
    return {
        (one.path, one.message.partition("`")[2].partition("`")[0])
        for one in check(texts, ["F821", "F822"])
    }


def program() -> str | None:
    """Return the ruff that is installed beside alma, else the one on PATH."""
    try:
        return str(importlib.import_module("ruff.__main__").find_ruff_bin())
    except (ImportError, AttributeError, OSError):
        return shutil.which("ruff")


def environment() -> dict[str, str]:
    """Return what ruff may know: no key for a program that reads a project's own settings."""
    return {
        name: value
        for name, value in os.environ.items()
        # RUFF_OUTPUT_FILE would write a file.
        if not name.upper().endswith("_API_KEY") and not name.upper().startswith("RUFF_")
    }


def _report(options: Iterable[str], *, cwd: Path, given: bytes | None) -> list[Any]:
    found = program()
    if found is None:
        raise RefactoringRefused("ruff is missing. Install alma anew: pip install alma-agent")
    fixed = ["check", "--output-format=json", "--no-cache", "--no-fix", "--quiet", "--exit-zero"]
    try:
        done = subprocess.run(
            [found, *fixed, *options],
            cwd=cwd,
            env=environment(),
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIME_LIMIT_S,
            check=True,
        )
        report = json.loads(done.stdout or b"[]")
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode(errors="replace").strip()
        raise RefactoringRefused(f"ruff failed: {told}") from error
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise RefactoringRefused(f"ruff failed: {error}") from error
    return list(report)


def _diagnostics(
    report: Iterable[Any], texts: Mapping[str, tuple[PurePosixPath, str]]
) -> Iterator[Diagnostic]:
    for entry in report:
        path, text = texts[entry["filename"]]
        where = entry["location"]
        yield Diagnostic(
            path,
            where["row"],
            where["column"] - 1,
            str(entry["code"] or "syntax"),
            entry["message"],
            _fix(entry["fix"], text),
        )


def _fix(fix: Any, text: str) -> Fix | None:
    if fix is None:
        return None
    starts = [0, *(found.end() for found in _LINE_ENDS.finditer(text))]

    def offset(where: Mapping[str, int]) -> int:
        return starts[where["row"] - 1] + where["column"] - 1

    edits = sorted(
        (offset(one["location"]), offset(one["end_location"]), str(one["content"]))
        for one in fix["edits"]
    )
    return Fix(tuple(edits), fix["applicability"])
