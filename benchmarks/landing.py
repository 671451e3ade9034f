"""Time to land a proposal, beside `git am` of the same patch, in one run.

    python -m benchmarks.landing [ROUNDS] [FOLDER]

A proposal changes every one of 1,000 files. It lands by `git am --keep-cr --3way`, and by `alma
apply`: onto a new branch, in place, and, with a signed approval, onto a new branch. Each run begins
in a fresh copy of the repository that has none of the result's objects yet. Then the same with
5,000 files: growth by 5 would be linear. Medians over interleaved rounds of wall time, and of CPU
time, children's included; `least` are the ratios of the fastest runs, which a busy machine disturbs
less. Last, one JSON line with the ratios.

The repositories lie in FOLDER: by default in memory, where there is such a place. On a disk both
wait for it most of the time, and the ratio says less.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from alma_agent.proposals.approvals import file_names, new_approval
from alma_agent.proposals.artefact import APPROVALS, Person, encode
from alma_agent.proposals.folder import find, names, write
from alma_agent.proposals.making import Told, made
from alma_agent.proposals.signing import sign
from toolset.git import Repository
from toolset.trees import Entry, Trees
from toolset.workspace import Workspace

AUTHOR = Person(name="An Author", email="author@example.org")
REVIEWER = Person(name="A Reviewer", email="reviewer@example.org")
FEW, MANY = 1_000, 5_000
LINES, CHANGED = 100, 50
MOST = 3.0
IN_MEMORY = Path("/dev/shm")
SIGNED = '[tool.alma.review]\nallowed-signers = "signers"\n'
# Compiled modules are kept, as an installed alma has them; nobody's own settings of git count.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith(("GIT_", "ALMA_"))
} | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
GIT_AM = "git am --keep-cr --3way"


@dataclass(frozen=True)
class Cost:
    """One run of a command: seconds by the clock, and of CPU."""

    wall_s: float
    cpu_s: float


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    place = Path(sys.argv[2]) if len(sys.argv) > 2 else IN_MEMORY if IN_MEMORY.is_dir() else None
    figures = measured_beside_git(FEW, rounds, place)
    plain = figures[GIT_AM]
    ratios: dict[str, float] = {}
    print(f"{FEW} files, median of {rounds}")
    print(f"{'':34} {'wall s':>7} {'x am':>6} {'least':>6} {'CPU s':>7} {'x am':>6}")
    for name, runs in figures.items():
        wall, cpu = median(runs)
        ratios[name] = wall / median(plain)[0]
        least = min(one.wall_s for one in runs) / min(one.wall_s for one in plain)
        by_cpu = cpu / median(plain)[1]
        print(f"{name:34} {wall:7.3f} {ratios[name]:6.2f} {least:6.2f} {cpu:7.3f} {by_cpu:6.2f}")
    worst = max(ratios.values())
    print(f"The slowest takes {worst:.2f} times `git am`: {'' if worst < MOST else 'NOT '}below 3.")
    many = measured_beside_git(MANY, max(rounds // 2, 1), place)
    print(f"\n{MANY} files, beside {FEW}")
    for name, runs in many.items():
        growth = median(runs)[0] / median(figures[name])[0]
        ratios[f"{name}, growth"] = growth
        print(f"{name:34} {median(runs)[0]:7.3f} {growth:6.2f}")
    print(json.dumps({name: round(ratio, 2) for name, ratio in ratios.items()}))


def median(runs: list[Cost]) -> tuple[float, float]:
    return (
        statistics.median(one.wall_s for one in runs),
        statistics.median(one.cpu_s for one in runs),
    )


def measured_beside_git(count: int, rounds: int, place: Path | None) -> dict[str, list[Cost]]:
    """Return what each way of landing took, round by round."""
    apply = (sys.executable, "-m", "alma_agent", "apply")
    with tempfile.TemporaryDirectory(prefix="alma-landing-", dir=place) as folder:
        top = Path(folder).resolve()
        plain, signed = (proposed(top / name, count) for name in ("plain", "signed"))
        patch = str(next(plain.rglob("0001-*.patch")))
        ways = {
            GIT_AM: (plain, ("git", "am", "-q", "--keep-cr", "--3way", patch)),
            "alma apply --branch B": (plain, (*apply, id_in(plain), "--branch", "B")),
            "alma apply --in-place": (plain, (*apply, id_in(plain), "--in-place")),
            "alma apply --branch B, signed": (signed, (*apply, id_in(signed), "--branch", "B")),
        }
        for repository, command in ways.values():  # once unmeasured: bytecode and disk are warm
            measured(repository, command)
        figures: dict[str, list[Cost]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                figures[name].append(measured(*way))
    return figures


def measured(repository: Path, command: tuple[str, ...]) -> Cost:
    """Run a command in a fresh copy of a repository; return what it, and what it started, took."""
    with tempfile.TemporaryDirectory(dir=repository.parent) as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(repository, copy, symlinks=True)
        git(copy, "update-index", "-q", "--refresh")
        os.sync()
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=copy, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        cost = Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)
        process.returncode = os.waitstatus_to_exitcode(status)  # wait4 has reaped it
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return cost


def proposed(place: Path, count: int) -> Path:
    """Make a repository with an approved proposal in it, and without the objects of its result.

    If the folder's name is `signed`, its policy asks for a signature, and the approval has one.
    """
    is_signed = place.name == "signed"
    paths = [PurePosixPath(f"m{number // 50}/f{number}.py") for number in range(count)]
    for name in paths:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content(name, "old"))
    key = place.with_name("key")
    if is_signed:
        command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        subprocess.run(command, check=True)
        public = key.with_suffix(".pub").read_text(encoding="utf-8")
        (place / "signers").write_text(f"{REVIEWER.email} {public}", encoding="utf-8")
        (place / "pyproject.toml").write_text(SIGNED, encoding="utf-8")
    git(place, "init", "-q", "-b", "main")
    git(place, "config", "user.name", "A Person")
    git(place, "config", "user.email", "person@example.org")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "before")
    git(place, "gc", "-q")  # as a clone has it
    called, files = proposal(place, paths)
    workspace = Workspace.around(place)
    write(workspace, called, files)
    folder = find(workspace, called)
    approval = new_approval(
        folder.document(),
        folder.sha256,
        decision="approved",
        reviewer=REVIEWER,
        reason="",
        at=datetime.now(UTC),
    )
    approved = {f"{APPROVALS}/{file_names(approval)}": encode(approval)}
    if is_signed:
        file, data = next(iter(approved.items()))
        approved[f"{file}.sig"] = sign(data, key)
    write(workspace, called, files | approved)
    return place


def proposal(place: Path, paths: list[PurePosixPath]) -> tuple[str, dict[str, bytes]]:
    """Return a proposal that changes one line of each file; it is made in another copy."""
    elsewhere = place.with_name(f"{place.name}-made")
    shutil.copytree(place, elsewhere)
    for name in paths:
        (elsewhere / name).write_bytes(content(name, "new"))
    blobs = git(elsewhere, "hash-object", "-w", "--", *map(str, paths)).split()
    entries = {name: Entry("100644", blob) for name, blob in zip(paths, blobs, strict=True)}
    trees = Trees(Repository(elsewhere))
    base = git(elsewhere, "rev-parse", "HEAD").strip()
    tree = trees.with_entries(base, entries)
    told = Told(goal="Call it new", author=AUTHOR, origin="diff", agent="benchmark")
    files = made(trees, base, tree, told)
    shutil.rmtree(elsewhere)
    return files


def content(name: PurePosixPath, word: str) -> bytes:
    lines = [f"value_{number} = compute({number}, '{name}')\n" for number in range(LINES)]
    lines[CHANGED] = f"value_{CHANGED} = {word}({CHANGED}, '{name}')\n"
    return "".join(lines).encode()


def id_in(repository: Path) -> str:
    return names(Workspace(repository))[0][-12:]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    main()
