"""What a rename costs beside rope alone and jedi alone, and a whole run of alma, in one go.

    python -m benchmarks.refactoring SOURCE_FOLDER [FILE NAME NEW] [ROUNDS]

SOURCE_FOLDER is an unpacked sdist (click 8.x, with the default symbol src/click/utils.py make_str
zmake_str). Each is a process of its own; CPU seconds, user and system, of it and what it started,
are the median over interleaved rounds. "later" is the same rename again in one process. The last
line is JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROPE = """
from rope.base.project import Project
from rope.refactor.rename import Rename
import sys
root, file, name, new = sys.argv[1:]
project = Project(root, ropefolder=None)
resource = project.get_resource(file)
offset = resource.read().index(f"def {name}") + 4
print(len(Rename(project, resource, offset).get_changes(new).changes))
"""
JEDI = """
import jedi, sys
root, file, name, new = sys.argv[1:]
script = jedi.Script(path=f"{root}/{file}", project=jedi.Project(root))
lines = open(f"{root}/{file}").read().split("\\n")
line = next(n for n, text in enumerate(lines, 1) if text.lstrip().startswith(f"def {name}"))
column = lines[line - 1].index(name)
print(len(script.rename(line, column, new_name=new).get_changed_files()))
"""
ALMA = """
import sys, time
from pathlib import Path
from toolset.draft import Draft
from toolset.refactor.catalogue import plan
from toolset.refactor.requests import Rename
from toolset.workspace import Workspace
root, file, name, new = sys.argv[1:]
workspace = Workspace(Path(root).resolve())
seconds = []
for _ in range(3):
    started = time.process_time()
    done = plan(Draft(workspace), Rename(f"{file}::{name}", new))
    seconds.append(time.process_time() - started)
print(min(seconds[1:]))
"""


def main() -> None:
    source = Path(sys.argv[1])
    file, name, new = sys.argv[2:5] or ("src/click/utils.py", "make_str", "zmake_str")
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 5
    python = (sys.executable, "-c")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / "project"
        shutil.copytree(source, project)
        subprocess.run(["git", "init", "-q"], cwd=project, check=True)
        asked = (str(project), file, name, new)
        run = ("run", f"rename {name} to {new}", "--file", file, "--yes", "--accept", "likely")
        commands: Mapping[str, tuple[str, ...]] = {
            "rope alone": (*python, ROPE, *asked),
            "jedi alone": (*python, JEDI, *asked),
            "alma, three renames": (*python, ALMA, *asked),
            "alma refactor --dry-run": (
                *(sys.executable, "-m", "alma_agent", "refactor", "rename"),
                *(f"{file}::{name}", new, "--dry-run", "--no-lint"),
            ),
            "alma run -y, then undone": (sys.executable, "-m", "alma_agent", *run),
        }
        costs: dict[str, list[float]] = {one: [] for one in commands}
        later: list[float] = []
        for number in range(rounds + 1):
            for one, command in commands.items():
                spent, told = measured(command, project)
                if number:  # the first round warms bytecode and disk
                    costs[one].append(spent)
                if number and one.startswith("alma, three"):
                    later.append(float(told))
            undo = (sys.executable, "-m", "alma_agent", "undo")
            measured(undo, project)
    figures = {one: statistics.median(spent) for one, spent in costs.items()}
    peer = figures["rope alone"]
    print(f"{'command':28} {'CPU s':>7} {'x rope':>7}   (median of {rounds})")
    for one, spent in figures.items():
        print(f"{one:28} {spent:7.2f} {spent / peer:7.2f}")
    print(f"{'a later rename':28} {statistics.median(later):7.3f}")
    print(json.dumps({one: round(spent / peer, 3) for one, spent in figures.items()}))


def measured(command: tuple[str, ...], folder: Path) -> tuple[float, str]:
    """Run a command; return the CPU seconds of it and what it started, and its output."""
    before = os.times()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    after = os.times()
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr}")
    spent = after.children_user - before.children_user
    return spent + after.children_system - before.children_system, done.stdout.strip()


if __name__ == "__main__":
    main()
