"""The one place that runs git: in this repository, with no hook and no borrowed environment.

A hook of the user's may call alma with GIT_DIR or GIT_INDEX_FILE set; every variable that could
lead git to another repository or to the user's index is therefore set here.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

_MOST_CONFLICTS = 127  # a higher exit code means failure
_A_YEAR = ("--format=", "--since=1 year ago")
_HEAD_BYTES = 5_000  # an answer's first line repeats the name if there is no such thing
_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase, or git am",
    "BISECT_LOG": "a bisection",
}
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "alma"), ("EMAIL", "alma@localhost"))
}


class GitFailed(Exception):
    """Git said no; the message is git's own."""


def merge_files(now: Path, before: Path, proposed: Path) -> tuple[bytes, int]:
    """Merge two descendants of a file, by lines; return the result and how many conflicts it has.

    Needs no repository. Raises GitFailed for binary files, and where there is no git.
    """
    labels = [word for name in ("now", "before", "proposed") for word in ("-L", name)]
    files = [str(file) for file in (now, before, proposed)]
    command = ["git", "merge-file", "-p", "--diff3", *labels, *files]
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(command, env=own, capture_output=True, check=False, cwd=now.parent)
    except FileNotFoundError as error:
        raise GitFailed("git is not installed, or not on PATH") from error
    if done.returncode > _MOST_CONFLICTS:
        raise GitFailed(done.stderr.decode(errors="replace").strip())
    return done.stdout, done.returncode


@dataclass(frozen=True)
class Talk:
    """A git command that waits for the next line: what it is told, what it says, what is wrong."""

    told: IO[bytes]
    said: IO[bytes]
    wrong: IO[bytes]

    def say(self, line: str) -> None:
        """Tell it what to do, and wait until it is done. Raises GitFailed."""
        with suppress(BrokenPipeError):  # it has ended already, and says why
            self.told.write(line.encode() + b"\n")
            self.told.flush()
        if not self.said.readline():
            self.wrong.seek(0)
            raise GitFailed(self.wrong.read().decode(errors="replace").strip())


@dataclass(frozen=True)
class Repository:
    """The git repository whose work tree is `root`."""

    root: Path

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run one git command and return its standard output. Raises GitFailed."""
        try:  # here, not above: many commands never need git, and its import costs 0.1 s
            from git import Git, GitCommandError, GitCommandNotFound
        except ImportError as error:  # so GitPython says that there is no git
            raise GitFailed("git is not installed, or not on PATH") from error
        git = Git(self.root)
        with tempfile.TemporaryFile() as feed:
            feed.write(stdin)
            feed.seek(0)
            try:
                return git.execute(
                    [git.GIT_PYTHON_GIT_EXECUTABLE, *_QUIET, *arguments],
                    istream=feed,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    env=self._environment,
                )
            except GitCommandNotFound as error:
                raise GitFailed("git is not installed, or not on PATH") from error
            except GitCommandError as error:
                raise GitFailed(str(error.stderr or error).strip()) from error

    def quick(
        self,
        *arguments: str,
        stdin: bytes = b"",
        also: Mapping[str, str] | None = None,
        fine: Collection[int] = (0,),
    ) -> bytes:
        """Run one git command as `run` does, without GitPython: its import takes 0.1 s.

        `also` are variables besides, such as a private `GIT_INDEX_FILE`; `fine` are the exit codes
        that are no failure. Raises GitFailed.
        """
        own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        try:
            done = subprocess.run(
                ["git", *_QUIET, *arguments],
                cwd=self.root,
                env={**own, **self._environment, **(also or {})},
                input=stdin,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise GitFailed("git is not installed, or not on PATH") from error
        if done.returncode not in fine:
            raise GitFailed(done.stderr.decode(errors="replace").strip())
        return done.stdout

    @contextmanager
    def talk(self, *arguments: str) -> Iterator[Talk]:
        """Run one git command that is told line by line what to do; it ends with the block."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        with (
            tempfile.TemporaryFile() as wrong,
            subprocess.Popen(
                ["git", *_QUIET, *arguments],
                cwd=self.root,
                env={**own, **self._environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=wrong,
            ) as process,
        ):
            told, said = process.stdin, process.stdout
            if told is None or said is None:
                raise GitFailed("it cannot be talked to")
            yield Talk(told, said, wrong)

    def under_way(self) -> str:
        """Return what git is in the middle of here, such as a merge; empty if nothing."""
        for name, what in _UNDER_WAY.items():
            if (self._git_dir / name).exists():
                return what
        return ""

    def index_file(self) -> Path:
        """Return where this work tree's index is, whether or not it exists."""
        return self._git_dir / "index"

    def head(self) -> str | None:
        """Return HEAD's commit, or None in a repository without commits."""
        try:
            return self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
        except GitFailed:
            return None

    def lines_with(self, word: str) -> dict[str, int]:
        """Return in how many lines each file holds a word, whatever its capitals; no binary ones.

        Files that git does not track count too, ignored ones do not.
        """
        options = ("--untracked", "-I", "-i", "-w", "-c", "-z", "--fixed-strings")
        try:
            told = self.run("grep", *options, "-e", word, "--")
        except GitFailed:  # so it says that there is none
            return {}
        pairs = (line.rpartition(b"\0") for line in told.splitlines())
        return {os.fsdecode(path): int(count) for path, _, count in pairs if count.isdigit()}

    def former_names(self, name: str) -> list[str]:
        """Return what a file was called in the last year, the newest name first."""
        options = ("--find-renames", "--diff-filter=R", "--name-status", "-z")
        found: list[str] = []
        for command in (("diff", *options, "HEAD"), ("log", "--follow", *_A_YEAR, *options)):
            last = found[-1] if found else name
            limits = () if command[0] == "diff" else (last,)
            try:
                told = self.run(*command, "--", *limits)
            except GitFailed:
                continue
            words = [os.fsdecode(word).lstrip("\n") for word in told.split(b"\0") if word.strip()]
            for old, new in zip(words[1::3], words[2::3], strict=False):
                if new == (found[-1] if found else name):
                    found.append(old)
        return found

    def origin(self) -> str:
        """Return the address of the remote `origin`; empty if there is none."""
        try:
            return self.run("config", "--get", "remote.origin.url").decode().strip()
        except GitFailed:
            return ""

    def blobs(self, names: Sequence[str]) -> list[bytes]:
        """Return the bytes of `<revision>:<path>` each, as they are stored. Raises GitFailed."""
        if not names:
            return []
        asked = "".join(f"{name}\n" for name in names).encode()
        answer, at = self.quick("cat-file", "--batch", stdin=asked), 0
        found = []
        for name in names:
            head, _, _ = answer[at : at + _HEAD_BYTES].partition(b"\n")
            *_, kind, size = head.decode(errors="replace").split()
            if kind != "blob":
                raise GitFailed(f"{name} is gone")
            start = at + len(head) + 1
            found.append(answer[start : start + int(size)])
            at = start + int(size) + 1
        return found

    @property
    def worktree(self) -> str:
        """The name of this linked worktree; empty for the main one. Raises GitFailed."""
        return "" if self._git_dir == self._common_dir else self._git_dir.name

    def worktrees(self) -> set[str]:
        """Return the names of the repository's linked worktrees. Raises GitFailed."""
        home = self._common_dir / "worktrees"
        return {one.name for one in home.iterdir()} if home.is_dir() else set()

    @cached_property
    def _common_dir(self) -> Path:
        pointer = self._git_dir / "commondir"
        return self._named_by(pointer) if pointer.exists() else self._git_dir

    @cached_property
    def _git_dir(self) -> Path:
        # Read by hand: git.Repo takes the borrowed environment's word for it.
        marker = self.root / ".git"
        if marker.is_dir():
            return marker
        return self._named_by(marker)

    def _named_by(self, file: Path) -> Path:
        """Return the folder that a linked worktree's `.git` or `commondir` file points at."""
        try:
            name = os.fsdecode(file.read_bytes()).removeprefix("gitdir:").strip()
        except OSError as error:
            raise GitFailed(f"{self.root} is no usable git repository") from error
        return (file.parent / name).resolve()

    @cached_property
    def _environment(self) -> dict[str, str]:
        self._require_trust()
        return {
            **_WHO,
            "GIT_DIR": str(self._git_dir),
            "GIT_COMMON_DIR": str(self._common_dir),
            "GIT_OBJECT_DIRECTORY": str(self._common_dir / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_WORK_TREE": str(self.root),
            "GIT_INDEX_FILE": str(self._git_dir / "index"),
            "GIT_NAMESPACE": "",
            "GIT_NO_REPLACE_OBJECTS": "1",  # what an id names, and not what a ref puts in its place
            "GIT_PREFIX": "",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_ALLOW_PROTOCOL": "none",  # a repository's settings can make a fetch run programs
        }

    def _require_trust(self) -> None:
        """Let git's `safe.directory` decide on a repository of another owner.

        Git asks nobody where GIT_DIR is set, as it is below, so it is asked here without.
        Raises GitFailed.
        """
        places = (self.root, self.root / ".git", self._git_dir)
        if all(place.stat().st_uid == os.geteuid() for place in places if place.exists()):
            return
        own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        asked = subprocess.run(
            ["git", "rev-parse", "--git-dir"],
            cwd=self.root,
            env=own,
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode:
            raise GitFailed(asked.stderr.strip())
