"""Recorded renames of one project: how sure alma is, what it leaves, and whether the tests agree.

    python -m benchmarks.recorded_renames CASES.json SOURCE_FOLDER [TEST_COMMAND…]

CASES holds `symbols`, a list of [file, description, new name], such as ["src/click/utils.py",
"parameter nl of echo", "znl"]. SOURCE_FOLDER is an unpacked sdist; it is copied, never changed. The
test command (default: pytest -q tests, with `src` on the path) runs once before, and once after
each rename. "unlisted" counts the words of the old name that stay and are not in the report.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from toolset.apply import apply, close
from toolset.draft import Draft
from toolset.errors import ToolsetError
from toolset.refactor.catalogue import plan
from toolset.refactor.evidence import Refactoring
from toolset.refactor.requests import Rename
from toolset.workspace import Workspace

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "default", "tests"]


def main() -> None:
    cases = json.loads(Path(sys.argv[1]).read_text("utf-8"))["symbols"]
    source, command = Path(sys.argv[2]), sys.argv[3:] or PYTEST
    before = tests_of(source, command)
    print(f"tests before: {before}")
    print(
        f"{'symbol':44} {'level':8} {'s':>5} {'places':>6} {'left':>5} {'unlisted':>8}  tests after"
    )
    for file, description, new in cases:
        target = f"{file}::{symbol(source / file, description)}"
        print(f"{target:44} {renamed(source, target, new, command, before)}", flush=True)


def renamed(source: Path, target: str, new: str, command: list[str], before: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve() / "project"
        shutil.copytree(source, copy)
        started = time.perf_counter()
        try:
            done = plan(Draft(Workspace(copy)), Rename(target, new))
        except ToolsetError as error:
            return f"refused  {error}"
        seconds = time.perf_counter() - started
        apply(Workspace(copy), done.changes, id="rename")
        close(Workspace(copy), "rename")
        after = tests_of(copy, command)
        evidence = done.evidence
        told = "as before" if after == before else after
        return (
            f"{evidence.level:8} {seconds:5.1f} {len(evidence.changed):6} "
            f"{len(evidence.leftovers):5} {len(unlisted(copy, target, done)):8}  {told}"
        )


def symbol(file: Path, description: str) -> str:
    """Return the dotted name that a description means: "method f", "parameter nl of echo"."""
    words = re.sub(r"\(.*\)", "", description).split()
    match words:
        case ["parameter", name, "of", function]:
            return f"{function}.{name}"
        case ["method", name]:
            before = file.read_text("utf-8").partition(f"    def {name}(")[0]
            owner = re.findall(r"^class (\w+)", before, re.MULTILINE)[-1]
            return f"{owner}.{name}"
    return words[-1]


def unlisted(folder: Path, target: str, done: Refactoring) -> list[str]:
    """Return the places of the old name that are still there and that the report does not have."""
    word = re.split(r"::|\.", target)[-1]
    told = {(one.place.path, one.place.line) for one in done.evidence.leftovers}
    told |= {(one.place.path, one.place.line) for one in done.evidence.others}
    return [
        f"{source.path}:{number}"
        for source in Draft(Workspace(folder)).texts()
        for number, line in enumerate(source.text.split("\n"), 1)
        if re.search(rf"(?<!\w){word}(?!\w)", line) and (source.path, number) not in told
    ]


def tests_of(folder: Path, command: list[str]) -> str:
    """Return the test command's last line without its duration."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    last = (done.stdout.strip() or done.stderr.strip()).split("\n")[-1]
    return re.sub(r" in [\d.]+s.*", "", last).strip("= ")


if __name__ == "__main__":
    main()
