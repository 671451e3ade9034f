"""What memory costs as it grows, beside plain SQLite FTS5 + numpy, and beside Chroma alone.

    python benchmarks/memory_cost.py [--sizes 1000 10000 100000]

Each contestant runs in processes of its own, one after the other, on the same made-up memories:
some twenty words each, drawn as words are drawn in prose, each bound to one of many files, about
fifty to a file. Vectors are random, the same for all, and made before the clock runs.

Of each, as medians: a durable write of one memory; a recall within one file, and one over all, by
words and by meaning, the best ten read whole. Then the first recall of a process with its opening,
the recall that follows the writes, bytes on disk a memory, and the highest memory of the process
that recalled. `cpu` is the time of the process, the others are by the clock.

They do not do the same. Plain SQLite keeps every vector in memory, and checks nothing. Chroma alone
is asked by meaning only: it has no word scores. alma writes an interaction and what was learnt from
it, binds it to the code, keeps the vectors in its ledger too, and says at recall what became of the
code; vectors of what was written it makes, and indexes, when it is next asked.

Prints a table, and as the last line one JSON line of figures.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.memory_contestants import (
    CONTESTANTS,
    path_of,
    question_of,
    text_of,
    vector_of,
)

QUESTIONS = 60  # of each kind, and as many writes
COLUMNS = (
    "write_cpu_ms",
    "write_ms",
    "in_file_cpu_ms",
    "in_file_ms",
    "everywhere_cpu_ms",
    "everywhere_ms",
    "first_ms",
    "after_ms",
    "bytes",
    "peak_mb",
)


def timed(work: Callable[[], object], *, text: str) -> tuple[float, float]:
    """Return CPU and wall time of a piece of work, in milliseconds; its text is embedded before."""
    vector_of(text)
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3


def fill(name: str, folder: Path, size: int) -> None:
    chance = random.Random(size)
    texts = [text_of(chance) for _ in range(size)]
    CONTESTANTS[name](folder).fill(texts, [path_of(chance, size) for _ in range(size)])


def measured(name: str, folder: Path, size: int) -> dict[str, float]:
    """Return the figures of a contestant that was filled by another process."""
    chance = random.Random(1)
    on_disk = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    began = time.perf_counter()
    contestant = CONTESTANTS[name](folder)
    contestant.everywhere(question_of(chance))
    figures = {"first_ms": (time.perf_counter() - began) * 1e3, "bytes": on_disk / size}
    for what, ask in (
        ("in_file", lambda path: partial(contestant.in_file, question_of(chance), path)),
        ("everywhere", lambda _: partial(contestant.everywhere, question_of(chance))),
        ("write", lambda path: partial(contestant.write, text_of(chance), path)),
    ):
        works = [ask(path_of(chance, size)) for _ in range(QUESTIONS)]
        times = [timed(work, text=work.args[0]) for work in works]
        figures[f"{what}_cpu_ms"] = median(cpu for cpu, _ in times)
        figures[f"{what}_ms"] = median(wall for _, wall in times)
    question = question_of(chance)
    figures["after_ms"] = timed(partial(contestant.everywhere, question), text=question)[1]
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def compared(sizes: Sequence[int]) -> dict[str, dict[str, float]]:
    """Print a table; return the figures by contestant and size."""
    print(f"{'':>24}" + "".join(f"{column:>18}" for column in COLUMNS))
    results = {}
    for size in sizes:
        for name in CONTESTANTS:
            with tempfile.TemporaryDirectory() as folder:
                _alone("fill", name, folder, size)
                figures = json.loads(_alone("measure", name, folder, size).splitlines()[-1])
            results[f"{name} {size}"] = {key: round(one, 3) for key, one in figures.items()}
            row = "".join(f"{figures[column]:>18.2f}" for column in COLUMNS)
            print(f"{name:>16} {size:>7}{row}", flush=True)
    return results


def _alone(step: str, name: str, folder: str, size: int) -> str:
    """Do one step in a process of its own; return what it printed."""
    asked = [sys.executable, __file__, "--alone", step, name, folder, str(size)]
    return subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--alone", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not asked.alone:
        print(json.dumps(compared(asked.sizes)))
        return
    step, name, folder, size = asked.alone
    if step == "fill":
        fill(name, Path(folder), int(size))
    else:
        print(json.dumps(measured(name, Path(folder), int(size))))


if __name__ == "__main__":
    main()
