"""How often the map of a repository holds the files that a commit will change.

    python -m benchmarks.repository_map REPO... [--commits 30] [--tokens 1000]

REPO is a git repository, bare or not; it is cloned first. Commits are spread evenly over the
last 1,500 that are no merges and change 1 to 8 Python files that were there before. The goal is
the commit's subject, without numbers of issues; the map is made of its parent. `hit` is the share
of commits of which the map holds a file, `recall` the mean share of a commit's files that it holds.

Beside the map: the files as they come, by path; the map by the goal's words alone; the map without
the goal, by the graph alone. All are cut at the same budget by the same hand. Then the seconds
that a map takes, with outlines made anew and with kept ones. Last line: JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from alma_agent.proposer.relevance import RankedFile, ranked
from alma_agent.proposer.repository_map import code_files, fitted, repository_map, tokens_of
from toolset.draft import Draft
from toolset.outline.repository import outline
from toolset.workspace import Workspace

LATEST = 1_500
MOST_FILES = 8
_ISSUES = re.compile(r"\(?(?:\b(?:closes|refs|fixes)\s+)?#\d+\)?,?", re.IGNORECASE)
SETTLED_S = 2.5  # alma does not rely on the times of files that were changed a moment ago


@dataclass(frozen=True)
class Commit:
    """A commit as a task: what its subject asks for, and which files that took."""

    id: str
    goal: str
    files: frozenset[PurePosixPath]


@dataclass(frozen=True)
class Times:
    """Seconds that a map takes; CPU seconds are those of this process."""

    cold: float
    warm: float
    warm_cpu: float


def main() -> None:
    options = arguments()
    found: dict[str, list[tuple[bool, float, int]]] = defaultdict(list)
    seconds: list[Times] = []
    figures = {}
    for repository in options.repositories:
        own: dict[str, list[tuple[bool, float, int]]] = defaultdict(list)
        with tempfile.TemporaryDirectory() as temporary:
            clone = Path(temporary).resolve() / "clone"
            git(Path(), "clone", "-q", "--shared", str(repository), str(clone))
            times = timed(clone, options.tokens)
            seconds.append(times)
            for commit in commits(clone, options.commits):
                git(clone, "checkout", "-q", "--force", f"{commit.id}^")
                for name, method in METHODS.items():
                    text = method(Draft(Workspace(clone)), commit.goal, options.tokens)
                    own[name].append(judged(text, commit))
        print(
            f"{repository}: {len(own['map'])} commits; a map takes {times.cold:.2f} s, then "
            f"{times.warm:.2f} s (CPU {times.warm_cpu:.2f} s)"
        )
        figures[str(repository)] = told(own)
        for name, judgements in own.items():
            found[name] += judgements
    print("all")
    line = {
        "all": told(found),
        "commits": len(found["map"]),
        "tokens": options.tokens,
        "slowest_cold_s": round(max(one.cold for one in seconds), 3),
        "slowest_warm_s": round(max(one.warm for one in seconds), 3),
        "slowest_warm_cpu_s": round(max(one.warm_cpu for one in seconds), 3),
        "repositories": figures,
    }
    print(json.dumps(line))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=30)
    parser.add_argument("--tokens", type=int, default=1_000)
    return parser.parse_args()


def commits(clone: Path, count: int) -> list[Commit]:
    log = git(clone, "log", "--no-merges", f"-{LATEST}", "--format=%x01%H%x02%s%x02", "--raw")
    suited = list(suited_commits(log))
    step = max(1, len(suited) // count)
    return suited[::step][:count]


def suited_commits(log: str) -> Iterator[Commit]:
    for entry in log.split("\1")[1:]:
        id_, subject, changes = entry.split("\2")
        files = frozenset(
            PurePosixPath(path)
            for status, path in re.findall(r"^:.* (\w)\d*\t([^\t\n]+)", changes, re.MULTILINE)
            if status == "M" and path.endswith(".py")
        )
        goal = _ISSUES.sub("", subject)
        if 1 <= len(files) <= MOST_FILES and len(goal.split()) > 2:
            yield Commit(id_, goal.strip(), files)


def judged(text: str, commit: Commit) -> tuple[bool, float, int]:
    """Return whether the map holds a file of the commit, which share of them, and its tokens."""
    shown = {line.rpartition(" (")[0] for line in text.splitlines() if not line.startswith(" ")}
    held = {path for path in commit.files if str(path) in shown}
    return bool(held), len(held) / len(commit.files), tokens_of(text)


def told(found: dict[str, list[tuple[bool, float, int]]]) -> dict[str, dict[str, float]]:
    figures = {}
    for name, judgements in found.items():
        hits, recalls, tokens = zip(*judgements, strict=True)
        figures[name] = {
            "hit": round(statistics.fmean(hits), 3),
            "recall": round(statistics.fmean(recalls), 3),
        }
        print(
            f"  {name:12} hit {figures[name]['hit']:.3f}  recall {figures[name]['recall']:.3f}"
            f"  tokens {max(tokens)} at most"
        )
    return figures


def timed(clone: Path, tokens: int) -> Times:
    """Measure a map without kept outlines, and with them (the best of five)."""
    time.sleep(SETTLED_S)
    taken = []
    for _ in range(6):
        wall, cpu = time.perf_counter(), time.process_time()
        the_map(Draft(Workspace(clone)), "make the configuration of the parser faster", tokens)
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    return Times(taken[0][0], *min(taken[1:]))


def the_map(draft: Draft, goal: str, tokens: int) -> str:
    return repository_map(draft, goal, budget_tokens=tokens)


def words_alone(draft: Draft, goal: str, tokens: int) -> str:
    return fitted(ranked(list(code_files(draft)), goal, stays=1.0), tokens)


def graph_alone(draft: Draft, goal: str, tokens: int) -> str:  # noqa: ARG001
    return fitted(ranked(list(code_files(draft)), "", stays=0.15), tokens)


def by_path(draft: Draft, goal: str, tokens: int) -> str:  # noqa: ARG001
    """Return the outline of the project, cut off where the budget ends."""
    files: Sequence[RankedFile] = [RankedFile(one, 1, one.symbols) for one in outline(draft)]
    text = fitted(files[:1], 10**9)
    for file in files[1:]:
        longer = f"{text}\n{fitted([file], 10**9)}"
        if tokens_of(longer) > tokens:
            break
        text = longer
    return text if tokens_of(text) <= tokens else ""


METHODS: dict[str, Callable[[Draft, str, int], str]] = {
    "map": the_map,
    "words alone": words_alone,
    "graph alone": graph_alone,
    "by path": by_path,
}


def git(where: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=where,
        check=True,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout


if __name__ == "__main__":
    main()
