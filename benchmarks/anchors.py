"""Memories' anchors, replayed on a project's history and on changes made on purpose.

    python -m benchmarks.anchors REPO [--commits N] [--span N] [--files N] [--each N] [--git]

REPO is a git repository, bare or not. At the parent of each of the last N commits (merges left
out), each symbol of each file that the commit changes gets an anchor; what alma says of it at the
commit is compared with what `anchor_truth` finds. Then changes of `anchor_changes` are made to
files of the last commit. "falsely stale": of pure renames, moves and reformats, those called
drifted or orphaned; "missed": of edits, those called fresh or moved. With `--span`, anchors are
that many commits old (on the main line, merges and all) when they are asked for. `--git` lets git
say which files were renamed; without it, alma has the files alone, as when nothing is committed.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from alma_agent.memory.anchoring.anchors import Standing, anchored, standing
from benchmarks.anchor_changes import changes
from benchmarks.anchor_truth import PURE, SEMANTIC, Fate, Place, fates, pieces

_STALE = ("drifted", "orphaned")
_SHOWN = 40
_MIB = 2**20


class Objects:
    """A git repository's files at its commits."""

    def __init__(self, folder: Path) -> None:
        self._git = ["git", "-C", str(folder)]
        self._reader = subprocess.Popen(
            [*self._git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def commits(self, count: int, span: int = 1) -> list[tuple[str, str]]:
        """Return the last commits, each with its parent; or every so many, with the one before."""
        if span > 1:
            words = ["rev-list", "--first-parent", f"--max-count={count + 1}", "HEAD"]
            return list(pairwise(self._run(*words).split()[::span]))
        words = ["rev-list", "--no-merges", "--parents", f"--max-count={count}", "HEAD"]
        rows = [line.split() for line in self._run(*words).splitlines()]
        return [(row[0], row[1]) for row in rows if len(row) == 2]

    def changed(self, parent: str, commit: str) -> list[tuple[str, PurePosixPath, PurePosixPath]]:
        """Return status, old and new path of each file that a commit changed."""
        words = ["diff-tree", "-r", "-z", "-M", "--name-status", parent, commit]
        parts = iter(self._run(*words).split("\0"))
        found = []
        for status in parts:
            if status:
                old = PurePosixPath(next(parts))
                found.append((status, old, PurePosixPath(next(parts)) if status[0] == "R" else old))
        return found

    @lru_cache(8)  # noqa: B019 - one repository a run
    def tree(self, commit: str) -> dict[PurePosixPath, str]:
        rows = self._run("ls-tree", "-r", "-z", commit).split("\0")
        cells = [row.split(None, 3) for row in rows if " blob " in row]
        return {PurePosixPath(path): name for _, _, name, path in cells}

    @lru_cache(4_000)  # noqa: B019
    def blob(self, name: str) -> bytes:
        assert self._reader.stdin
        assert self._reader.stdout
        self._reader.stdin.write(f"{name}\n".encode())
        self._reader.stdin.flush()
        size = int(self._reader.stdout.readline().split()[2])
        data = self._reader.stdout.read(size)
        self._reader.stdout.read(1)
        return data

    def read(self, commit: str, path: PurePosixPath) -> bytes | None:
        name = self.tree(commit).get(path)
        return None if name is None else self.blob(name)

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._git, *words], capture_output=True, check=True)
        return done.stdout.decode(errors="surrogateescape")


@dataclass
class Files:
    """What alma sees: a commit's files, some of them changed, and the commits before."""

    objects: Objects
    commit: str
    put: Mapping[PurePosixPath, bytes | None] = field(default_factory=dict)
    renames: Mapping[PurePosixPath, PurePosixPath] = field(default_factory=dict)

    def read(self, path: PurePosixPath) -> bytes | None:
        return self.put[path] if path in self.put else self.objects.read(self.commit, path)

    def changed(self, head: str) -> Collection[PurePosixPath]:
        here, there = self.objects.tree(self.commit), self.objects.tree(head)
        paths = {path for path, name in here.items() if there.get(path) != name}
        return (paths - self.put.keys()) | {
            one for one, data in self.put.items() if data is not None
        }

    def committed(self, path: PurePosixPath, head: str) -> bytes | None:
        return self.objects.read(head, path)

    def renamed(self, path: PurePosixPath, head: str) -> PurePosixPath | None:  # noqa: ARG002
        return self.renames.get(path)


@dataclass
class Tally:
    """What alma said, by what was true."""

    title: str
    said: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    elsewhere: int = 0
    seconds: float = 0.0

    def add(
        self, kind: str, place: Place, there: Place | None, told: Standing, seconds: float
    ) -> None:
        """Count one verdict. `there` is where the same code is now, None if it is not the same."""
        self.said.setdefault(kind, Counter())[told.verdict] += 1
        self.seconds += seconds
        is_stale = told.verdict in _STALE
        if is_stale != (there is None):
            self.wrong.append(f"{kind}: {_shown(place)} -> {_shown(there)}: {told.verdict}")
        elif there is not None and (told.path, told.symbol) != there:
            self.elsewhere += 1
            found = _shown((told.path, told.symbol))
            self.wrong.append(f"{kind}: {_shown(place)} -> {_shown(there)}: found at {found}")

    def share(self, kinds: Iterable[str], verdicts: Sequence[str]) -> tuple[int, int]:
        rows = [self.said.get(kind, Counter()) for kind in kinds]
        return sum(row[one] for row in rows for one in verdicts), sum(map(Counter.total, rows))

    def show(self) -> None:
        print(f"\n{self.title:44} {'fresh':>8} {'moved':>8} {'drifted':>8} {'orphaned':>8}")
        for kind, row in sorted(self.said.items()):
            cells = " ".join(f"{row[one]:8}" for one in ("fresh", "moved", *_STALE))
            print(f"{kind:44} {cells}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("repo", type=Path)
    parser.add_argument("--commits", type=int, default=300)
    parser.add_argument("--span", type=int, default=1, help="commits between anchor and question")
    parser.add_argument("--files", type=int, default=12, help="files changed on purpose")
    parser.add_argument("--each", type=int, default=12, help="symbols of each, moved and edited")
    parser.add_argument("--git", action="store_true", help="let git say which files were renamed")
    parser.add_argument("--wrong", action="store_true", help="list what alma was wrong about")
    options = parser.parse_args()
    objects = Objects(options.repo)
    history = replayed(objects, objects.commits(options.commits, options.span), options.git)
    made = changed_on_purpose(objects, options.files, options.each)
    for tally in (history, made):
        tally.show()
        if options.wrong:
            print("\n".join(tally.wrong[:_SHOWN]))
    figures = figures_of(history, made)
    for name, value in figures.items():
        print(f"{name:44} {value}")
    print(json.dumps({"repo": options.repo.resolve().parent.name, **figures}))


def replayed(objects: Objects, commits: Iterable[tuple[str, str]], use_git: bool) -> Tally:
    """Replay commits, each given with the one at which anchors are made."""
    tally = Tally("history")
    for commit, parent in commits:
        diff = objects.changed(parent, commit)
        renames = {old: new for status, old, new in diff if status[0] == "R"}
        before = _bytes(objects, parent, (old for status, old, _ in diff if status != "A"))
        after = _bytes(objects, commit, (new for status, _, new in diff if status != "D"))
        files = Files(objects, commit, renames=renames if use_git else {})
        truth = fates(before, after, renames)
        for place, fate in sorted(truth.items(), key=lambda item: item[0]):
            told = asked(place, before[place[0]], parent, files)
            tally.add(_kind(place, fate), place, _there(fate), *told)
    return tally


def changed_on_purpose(objects: Objects, count: int, each: int) -> Tally:
    """Change some of the last commit's files."""
    tally, chance = Tally("changed on purpose"), random.Random(0)
    head = objects.commits(1)[0][0]
    paths = [path for path in sorted(objects.tree(head)) if path.suffix == ".py"]
    sources = _bytes(objects, head, paths)
    rich = [path for path in paths if len(pieces(path, sources[path])) > 3]
    chosen = sorted(chance.sample(rich, min(count, len(rich))))
    for change in changes({path: sources[path] for path in chosen}, chance, each=each):
        files = Files(objects, head, change.files)
        for place, there in change.now.items():
            kind = change.kind if there is None or place[1] else f"{change.kind} (file)"
            tally.add(kind, place, there, *asked(place, sources[place[0]], head, files))
    return tally


def asked(place: Place, data: bytes, head: str, files: Files) -> tuple[Standing, float]:
    """Make an anchor in a file's bytes, ask what has become of it in `files`, and how long."""
    anchor = anchored(*place, data, head)
    started = time.perf_counter()
    told = standing(anchor, files)
    return told, time.perf_counter() - started


def figures_of(history: Tally, made: Tally) -> dict[str, float]:
    pure = [kind for kind in history.said if kind.split(",")[0] in PURE]
    semantic = [kind for kind in history.said if kind.split(",")[0] in SEMANTIC]
    edits = [kind for kind in made.said if kind.startswith("edit")]
    harmless = [kind for kind in made.said if not kind.startswith("edit")]
    stale, pure_count = history.share(pure, _STALE)
    missed, semantic_count = history.share(semantic, ("fresh", "moved"))
    made_stale, harmless_count = made.share(harmless, _STALE)
    made_missed, edit_count = made.share(edits, ("fresh", "moved"))
    untouched = [kind for kind in history.said if kind.startswith("untouched")]
    touched_stale, untouched_count = history.share(untouched, _STALE)
    asked = pure_count + semantic_count + untouched_count
    return {
        "history_pure": pure_count,
        "history_falsely_stale_percent": _percent(stale, pure_count),
        "history_semantic": semantic_count,
        "history_missed_percent": _percent(missed, semantic_count),
        "history_untouched": untouched_count,
        "history_untouched_stale_percent": _percent(touched_stale, untouched_count),
        "made_pure": harmless_count,
        "made_falsely_stale_percent": _percent(made_stale, harmless_count),
        "made_semantic": edit_count,
        "made_missed_percent": _percent(made_missed, edit_count),
        "falsely_stale_percent": _percent(stale + made_stale, pure_count + harmless_count),
        "missed_percent": _percent(missed + made_missed, semantic_count + edit_count),
        "followed_elsewhere": history.elsewhere + made.elsewhere,
        "history_ms_each": round(1_000 * history.seconds / max(1, asked), 3),
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 3) if whole else 0.0


def _kind(place: Place, fate: Fate) -> str:
    path, symbol = place
    what = "symbol" if symbol else "Python file" if path.suffix == ".py" else "other file"
    return f"{fate.effect}, {what}"


def _there(fate: Fate) -> Place | None:
    return fate.place if fate.effect in ("untouched", *PURE) else None


def _bytes(
    objects: Objects, commit: str, paths: Iterable[PurePosixPath]
) -> dict[PurePosixPath, bytes]:
    found = ((path, objects.read(commit, path)) for path in paths)
    return {path: data for path, data in found if data is not None and len(data) < _MIB}


def _shown(place: Place | None) -> str:
    return "changed" if place is None else f"{place[0]}::{place[1]}"


if __name__ == "__main__":
    main()
