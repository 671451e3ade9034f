"""CPU time from nothing to an answer, beside other programs of the kind, in one run.

    python -m benchmarks.startup [ROUNDS]

Prints the median user + system time of each command over interleaved rounds, its ratio to
`mini --help` (mini-swe-agent), or where that is missing to `python -c "import typer"`, and the
peak memory; the seconds until `alma` shows its first prompt in a terminal; then one JSON line with
the same figures. Peers are taken from the PATH, or from ALMA_BENCH_MINI and ALMA_BENCH_AIDER.
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
from pathlib import Path

import pexpect

FLAT = Path(__file__).parents[1] / "fixtures" / "flat"
PROMPT = "auto-edit>"
TYPER = 'python -c "import typer"'
PEERS = {"mini --help": "ALMA_BENCH_MINI", "aider --version": "ALMA_BENCH_AIDER"}


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
        TYPER: (sys.executable, "-c", "import typer"),
        **peers(),
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
        prompts = []
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(measured(command, project))
            prompts.append(until_prompt(alma, project))
    figures = {name: median(runs) for name, runs in costs.items()}
    peer_name = next(iter(peers()), TYPER)
    peer = figures[peer_name].cpu_s
    ratio = f"x {peer_name.split()[0]}"
    print(f"{'command':38} {'CPU s':>7} {ratio:>8} {'MiB':>6}   (median of {rounds})")
    for name, cost in figures.items():
        print(f"{name:38} {cost.cpu_s:7.3f} {cost.cpu_s / peer:8.2f} {cost.peak_mib:6.0f}")
    first_prompt = statistics.median(prompts)
    print(f"first prompt after {first_prompt:.2f} s (slowest {max(prompts):.2f})")
    ratios = {name: round(cost.cpu_s / peer, 3) for name, cost in figures.items()}
    print(json.dumps({"beside": peer_name, "first_prompt_s": round(first_prompt, 3)} | ratios))


def peers() -> dict[str, tuple[str, ...]]:
    """Return the programs to compare with, as far as they are there."""
    found = {}
    for name, variable in PEERS.items():
        program, argument = name.split()
        path = os.environ.get(variable) or shutil.which(program)
        if path:
            found[name] = (path, argument)
    return found


def until_prompt(alma: tuple[str, ...], folder: Path) -> float:
    """Return the seconds until the session shows its first prompt."""
    started = time.monotonic()
    child = pexpect.spawn(alma[0], list(alma[1:]), cwd=folder, encoding="utf-8", timeout=30)
    try:
        child.expect(PROMPT)
        return time.monotonic() - started
    finally:
        child.close(force=True)


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
