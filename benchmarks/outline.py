"""The outline of a source tree, made and kept, beside `ast.parse` of its Python files.

    python -m benchmarks.outline [FOLDER] [ROUNDS]

FOLDER is rope's installed package if none is given. It is copied first; nothing is written to it.
Each figure is the median over interleaved rounds, each in a process of its own; loading Python and
alma is not counted, whatever the outline itself loads is. Lines are all lines of the files read:
of every language for the outline, of Python for `ast.parse`. Then one JSON line with the figures.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from toolset.outline.repository import outline
from toolset.workspace import Workspace

CACHE = Path(".alma", "outline.txt")
_SETTLED_S = 2.5  # alma does not rely on the times of files that were changed a moment ago


@dataclass(frozen=True)
class Cost:
    """One run: wall and CPU seconds, peak memory in MiB, and what was read."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    files: int
    lines: int
    symbols: int

    def per_thousand_lines(self) -> float:
        """Return CPU milliseconds per thousand lines."""
        return 1_000 * self.cpu_s / (self.lines / 1_000)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else installed("rope")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary).resolve() / folder.name
        shutil.copytree(folder, tree, symlinks=True, ignore=shutil.ignore_patterns(".git", ".alma"))
        tree.joinpath(CACHE.parent).mkdir()
        time.sleep(_SETTLED_S)
        runs: dict[str, list[Cost]] = {name: [] for name in MEASURED}
        for _ in range(rounds):
            tree.joinpath(CACHE).unlink(missing_ok=True)
            for name in MEASURED:  # in this order: what the cold outline keeps, the warm one finds
                runs[name].append(in_a_child(name, tree))
        kept_mib = tree.joinpath(CACHE).stat().st_size / 2**20
    figures = {name: median(costs) for name, costs in runs.items()}
    print(f"{folder}: {figures['cold'].files} files, {figures['cold'].symbols} symbols")
    head = f"{'':10} {'ms/kLOC':>8} {'CPU s':>7} {'wall s':>7} {'MiB':>5} {'kLOC':>6}"
    print(f"{head}   (median of {rounds})")
    for name, cost in figures.items():
        measures = f"{cost.per_thousand_lines():8.2f} {cost.cpu_s:7.3f} {cost.wall_s:7.3f}"
        print(f"{name:10} {measures} {cost.peak_mib:5.0f} {cost.lines / 1_000:6.1f}")
    cold, warm, peer = (figures[name] for name in MEASURED)
    print(
        json.dumps(
            {
                "cold_ms_per_kloc": round(cold.per_thousand_lines(), 2),
                "warm_ms_per_kloc": round(warm.per_thousand_lines(), 2),
                "peer_ms_per_kloc": round(peer.per_thousand_lines(), 2),
                "cold_to_warm_cpu": round(cold.cpu_s / warm.cpu_s, 1),
                "cold_to_warm_wall": round(cold.wall_s / warm.wall_s, 1),
                "cold_mib": round(cold.peak_mib),
                "warm_mib": round(warm.peak_mib),
                "kept_mib": round(kept_mib, 1),
                "kloc": round(cold.lines / 1_000, 1),
            }
        )
    )


def installed(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def in_a_child(name: str, tree: Path) -> Cost:
    command = [sys.executable, "-m", "benchmarks.outline", "--measure", name, str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Cost(**json.loads(done.stdout))


def measured(name: str, tree: Path) -> Cost:
    """Return what one run costs in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    files, lines, symbols = MEASURED[name](tree)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(wall, cpu, peak, files, lines, symbols)


def outlined(tree: Path) -> tuple[int, int, int]:
    found = outline(Workspace(tree))
    return len(found), sum(one.lines for one in found), sum(len(one.symbols) for one in found)


def parsed(tree: Path) -> tuple[int, int, int]:
    """Parse each Python file of the tree, and nothing else: what any outline by `ast` must do."""
    warnings.simplefilter("ignore")
    texts = [path.read_bytes() for path in sorted(tree.rglob("*.py"))]
    for text in texts:
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            continue
    return len(texts), sum(text.count(b"\n") for text in texts), 0


def median(runs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(run.wall_s for run in runs),
        statistics.median(run.cpu_s for run in runs),
        statistics.median(run.peak_mib for run in runs),
        runs[0].files,
        runs[0].lines,
        runs[0].symbols,
    )


MEASURED: dict[str, Callable[[Path], tuple[int, int, int]]] = {
    "cold": outlined,
    "warm": outlined,
    "ast.parse": parsed,
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(asdict(measured(sys.argv[2], Path(sys.argv[3])))))
    else:
        main()
