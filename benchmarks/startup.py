"""CPU time from nothing to an answer, beside importing typer, in one run.

    python -m benchmarks.startup [ROUNDS]

Prints the median user + system time of each command over interleaved rounds, its ratio to
`python -c "import typer"`, and the peak memory; then one JSON line with the same figures.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FLAT = Path(__file__).parents[1] / "fixtures" / "flat"
PEER = 'python -c "import typer"'


@dataclass(frozen=True)
class Cost:
    """One run of a command: CPU seconds, and peak memory in MiB."""

    cpu_s: float
    peak_mib: float


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    alma = (sys.executable, "-m", "alma_agent")
    commands = {
        'python -c "pass"': (sys.executable, "-c", "pass"),
        PEER: (sys.executable, "-c", "import typer"),
        "alma --version": (*alma, "--version"),
        "alma --help": (*alma, "--help"),
        "alma log": (*alma, "log"),
        "alma memory list": (*alma, "memory", "list"),
        "alma run (a rename, proposed only)": (
            *(*alma, "run", "rename load to read_csv", "--file", "app.py"),
        ),
    }
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "flat"
        shutil.copytree(FLAT, project)
        for command in commands.values():
            measured(command, project)  # once unmeasured: bytecode and disk are warm then
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(measured(command, project))
    figures = {name: median(runs) for name, runs in costs.items()}
    peer = figures[PEER].cpu_s
    print(f"{'command':38} {'CPU s':>7} {'x typer':>8} {'MiB':>6}   (median of {rounds})")
    for name, cost in figures.items():
        print(f"{name:38} {cost.cpu_s:7.3f} {cost.cpu_s / peer:8.2f} {cost.peak_mib:6.0f}")
    print(json.dumps({name: round(cost.cpu_s / peer, 3) for name, cost in figures.items()}))


def measured(command: tuple[str, ...], folder: Path) -> Cost:
    """Run a command and return what it, and what it started, took."""
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # wait4 has reaped it
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(runs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(run.cpu_s for run in runs),
        statistics.median(run.peak_mib for run in runs),
    )


if __name__ == "__main__":
    main()
