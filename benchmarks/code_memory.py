"""Which files will a commit touch, told from its message and the commits before it.

    python benchmarks/code_memory.py REPO [--queries N] [--most-files N] [--history-only]

REPO is a git repository, bare or not. Commits are walked along first parents, oldest first; each
is an interaction: its message the goal (without what tools add to it), the files that differ from
the first parent what was touched. Queries are the last N commits (default 120) whose message has
three words or more and that touched 1 to `--most-files` files (default 5), one of them there
before: a new file cannot be foretold and does not count. Each query sees the commits before it,
and is history afterwards; the files to rank are all that its parent has. With that, "most
frequent" has about the figures on sqlite-utils that were measured elsewhere.

hit@10: a touched file is among the first ten. MRR: the mean of 1 / rank of the first touched one.
`--history-only` reads no file: neither what it defines nor the words in it are known then.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alma_agent.memory.code.touching import (
    LATEST,
    NEAREST,
    History,
    Past,
    names_in,
    will_touch,
    words_of,
)
from alma_agent.memory.embedder import MiniLM

_GOAL_CHARACTERS = 600
_LONGEST_TEXT = 500_000
_ADDED_BY_TOOLS = re.compile(
    r"^(?:Co-authored-by|Signed-off-by|Reviewed-by):.*\n?", re.IGNORECASE | re.MULTILINE
)
_MERGE = re.compile(r"^Merge pull request (#\d+) from [^\s/]+/(\S+)")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as an interaction. `blobs`: what it left of each file; None if removed."""

    id: str
    goal: str
    blobs: dict[str, str | None]


@dataclass(slots=True)
class Tally:
    """The rank of the first touched file for each query; None if it is not ranked."""

    ranks: list[int | None] = field(default_factory=list)

    def add(self, ranked: Iterable[str], touched: frozenset[str]) -> None:
        hits = (rank for rank, path in enumerate(ranked, 1) if path in touched)
        self.ranks.append(next(hits, None))

    @property
    def hit_at_10(self) -> float:
        return round(statistics.mean(rank is not None and rank <= 10 for rank in self.ranks), 3)

    @property
    def mrr(self) -> float:
        return round(statistics.mean(1 / rank if rank else 0.0 for rank in self.ranks), 3)


class Repository:
    """Reads commits and, for the symbols of a file, blobs."""

    def __init__(self, path: Path) -> None:
        self._git = ("git", "-C", str(path))
        self._blobs: subprocess.Popen[bytes] | None = None

    def commits(self) -> Iterator[Commit]:
        """Yield the commits along first parents, oldest first."""
        form = "--format=%x01%H%x02%B%x03"
        log = ("log", "--first-parent", "-m", "--reverse", "--no-renames", "--raw", "--no-abbrev")
        out = subprocess.run([*self._git, *log, "-z", form], capture_output=True, check=True).stdout
        for one in out.decode("utf-8", "replace").split("\x01")[1:]:
            head, _, changes = one.partition("\x03")
            id_, _, message = head.partition("\x02")
            yield Commit(id_, goal_of(message), dict(_blobs(changes)))

    def defined(self, blob: str) -> frozenset[str]:
        """Return the names of the functions and classes of a Python file."""
        found = re.findall(
            rb"^\s*(?:async\s+)?(?:def|class)\s+(\w+)", self._read(blob), re.MULTILINE
        )
        return frozenset(name.decode("utf-8", "replace") for name in found)

    def text(self, blob: str) -> str:
        """Return what stands in a file; nothing of one that is no text, or a very long one."""
        content = self._read(blob)
        is_text = b"\0" not in content and len(content) < _LONGEST_TEXT
        return content.decode("utf-8", "replace") if is_text else ""

    def _read(self, blob: str) -> bytes:
        if self._blobs is None:
            self._blobs = subprocess.Popen(
                [*self._git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        assert self._blobs.stdin is not None
        assert self._blobs.stdout is not None
        self._blobs.stdin.write(blob.encode() + b"\n")
        self._blobs.stdin.flush()
        header = self._blobs.stdout.readline().split()
        if header[-1] == b"missing":
            return b""
        return self._blobs.stdout.read(int(header[2]) + 1)

    def close(self) -> None:
        if self._blobs:
            self._blobs.communicate()


def goal_of(message: str) -> str:
    """Return a message as a person would have asked for it."""
    own = _ADDED_BY_TOOLS.sub("", _MERGE.sub(r"\2 \1", message))
    return own.strip()[:_GOAL_CHARACTERS]


def _blobs(changes: str) -> Iterator[tuple[str, str | None]]:
    parts = [part for part in changes.split("\0") if part.strip()]
    for entry, path in zip(parts[::2], parts[1::2], strict=True):
        _, mode, _, blob, status = entry.strip().split(" ")
        if mode != "160000":  # a submodule has no blob
            yield path, None if status == "D" else blob


class Words:
    """BM25 over named texts: what the ledger's word index does."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(words, tokenize='porter unicode61')"
        )
        self._rows: dict[str, int] = {}

    def put(self, name: str, text: str) -> None:
        row = self._rows.setdefault(name, len(self._rows) + 1)
        self._database.execute(
            "INSERT OR REPLACE INTO texts(rowid, words) VALUES (?, ?)", (row, text)
        )

    def nearest(self, text: str, limit: int) -> dict[str, float]:
        """Return the scores of the texts that share most with this one, best first."""
        words = " OR ".join(f'"{word}"' for word in words_of(text))
        sql = "SELECT rowid, -bm25(texts) FROM texts WHERE texts MATCH ? ORDER BY 2 DESC LIMIT ?"
        names = list(self._rows)
        found = self._database.execute(sql, (words, limit)) if words else ()
        return {names[row - 1]: score for row, score in found}


class Tree:
    """The files at one commit, and what stands in them."""

    def __init__(self, repository: Repository) -> None:
        self.blobs: dict[str, str] = {}
        self._repository = repository
        self._defined = cache(repository.defined)
        self._words = Words()
        self._in_words: dict[str, str] = {}

    def follow(self, commit: Commit) -> None:
        for path, blob in commit.blobs.items():
            if blob is None:
                self.blobs.pop(path, None)
            else:
                self.blobs[path] = blob

    def definers(self, goal: str) -> dict[str, list[str]]:
        """Return the Python files that define a name of the goal."""
        found: dict[str, list[str]] = {}
        names = names_in(goal)
        for path, blob in self.blobs.items() if names else ():
            if path.endswith(".py"):
                for name in names & self._defined(blob):
                    found.setdefault(name, []).append(path)
        return found

    def holding(self, goal: str) -> dict[str, float]:
        """Return how well the words of the goal fit each file."""
        for path in self.blobs.keys() | self._in_words.keys():
            blob = self.blobs.get(path, "")
            if blob != self._in_words.get(path):
                self._in_words[path] = blob
                self._words.put(path, self._repository.text(blob) if blob else "")
        return self._words.nearest(goal, NEAREST)


def nearest_in_meaning(
    vectors: NDArray[np.float32], query: NDArray[np.float32], limit: int
) -> dict[int, float]:
    cosines = vectors @ query
    return {int(row): float(cosines[row]) for row in np.argsort(-cosines)[:limit]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--queries", type=int, default=120)
    parser.add_argument("--most-files", type=int, default=5)
    parser.add_argument("--history-only", action="store_true", help="do not read any file")
    chosen = parser.parse_args()
    started = time.perf_counter()
    with closing(Repository(chosen.repository)) as repository:
        commits = [commit for commit in repository.commits() if commit.blobs]
        queries = foretellable(commits, most_files=chosen.most_files)[-chosen.queries :]
        if not queries:
            sys.exit("No commit touched few enough files that were there before.")
        tallies, times = walked(
            commits,
            set(queries),
            vectors_of(commits),
            Tree(repository),
            history_only=chosen.history_only,
        )
    report(tallies, times, time.perf_counter() - started)


def foretellable(commits: Sequence[Commit], *, most_files: int) -> list[int]:
    """Return the places of the commits that can be queries."""
    places, there = [], set[str]()
    for place, commit in enumerate(commits):
        few = len(commit.blobs) <= most_files and len(commit.goal.split()) >= 3
        if few and not there.isdisjoint(commit.blobs):
            places.append(place)
        there.update(commit.blobs)
        there -= {path for path, blob in commit.blobs.items() if blob is None}
    return places


def vectors_of(commits: Sequence[Commit]) -> NDArray[np.float32]:
    """Embed all goals, short ones together: a batch is as slow as its longest text."""
    order = sorted(range(len(commits)), key=lambda place: len(commits[place].goal))
    vectors = MiniLM().embed([commits[place].goal for place in order])
    in_order = np.empty_like(vectors)
    in_order[order] = vectors
    return in_order


def walked(
    commits: Sequence[Commit],
    queries: set[int],
    vectors: NDArray[np.float32],
    tree: Tree,
    *,
    history_only: bool = False,
) -> tuple[dict[str, Tally], list[float]]:
    """Return how each method ranked, and the seconds of each `will_touch`."""
    tallies = {name: Tally() for name in ("alma", "path words", "most frequent")}
    times = []
    goals, counts = Words(), Counter[str]()
    for place, commit in enumerate(commits):
        if place in queries:
            touched = frozenset(tree.blobs.keys() & commit.blobs.keys())
            by_words = goals.nearest(commit.goal, NEAREST)
            by_meaning = nearest_in_meaning(vectors[:place], vectors[place], NEAREST)
            history = History(
                similar=[
                    past(one, by_words.get(one.id, 0.0), by_meaning.get(number, 0.0))
                    for number, one in enumerate(commits[:place])
                    if one.id in by_words or number in by_meaning
                ],
                latest=[past(one) for one in reversed(commits[max(0, place - LATEST) : place])],
                definers={} if history_only else tree.definers(commit.goal),
                contents={} if history_only else tree.holding(commit.goal),
            )
            began = time.perf_counter()
            found = will_touch(commit.goal, tree.blobs.keys(), history, limit=len(tree.blobs))
            times.append(time.perf_counter() - began)
            tallies["alma"].add((touch.path for touch in found), touched)
            for name, ranked in baselines(commit.goal, tree.blobs, counts).items():
                tallies[name].add(ranked, touched)
        goals.put(commit.id, " ".join(words_of(commit.goal)))
        counts.update(commit.blobs.keys())
        tree.follow(commit)
    return tallies, times


def past(commit: Commit, words: float = 0.0, meaning: float = 0.0) -> Past:
    return Past(commit.id, tuple(commit.blobs), words, meaning)


def baselines(goal: str, there: Iterable[str], counts: Counter[str]) -> dict[str, list[str]]:
    wanted = frozenset(words_of(goal))
    return {
        "path words": sorted(there, key=lambda path: (-len(wanted & {*words_of(path)}), path)),
        "most frequent": sorted(there, key=lambda path: (-counts[path], path)),
    }


def report(tallies: dict[str, Tally], times: Sequence[float], seconds: float) -> None:
    print(f"{'method':16}{'hit@10':>8}{'MRR':>8}")
    for name, tally in tallies.items():
        print(f"{name:16}{tally.hit_at_10:8.3f}{tally.mrr:8.3f}")
    slow = sorted(times)[int(len(times) * 0.95)]
    print(f"ranking: p50 {statistics.median(times) * 1e3:.1f} ms, p95 {slow * 1e3:.1f} ms")
    alma = tallies.pop("alma")
    figures = {
        "hit@10": alma.hit_at_10,
        "mrr": alma.mrr,
        "queries": len(alma.ranks),
        "baselines": {
            name: {"hit@10": tally.hit_at_10, "mrr": tally.mrr} for name, tally in tallies.items()
        },
        "seconds": round(seconds, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
