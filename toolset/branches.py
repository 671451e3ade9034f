"""Commits and the refs that name them: read as they were written, moved by compare-and-swap."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from toolset.errors import RefMoved
from toolset.git import GitFailed
from toolset.trees import Person, Trees


class Commit(NamedTuple):
    """A commit as it was written. The author's `date` is such as `1700000000 +0000`."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committed_at: datetime
    message: str


class Head(NamedTuple):
    """Where HEAD is: its commit and tree, and the ref of its branch (None if it is detached)."""

    commit: str
    tree: str
    ref: str | None


class Branch(NamedTuple):
    """A branch. `stands_for` is another ref if it is only a name for that one.

    `place` is the work tree that has it checked out; both are empty otherwise.
    """

    ref: str
    commit: str
    stands_for: str
    place: str


@dataclass(frozen=True)
class Branches:
    """The branches of one repository. Everything here raises GitFailed."""

    trees: Trees

    @contextmanager
    def moving(
        self, ref: str, new: str, *, old: str | None, why: str
    ) -> Iterator[Callable[[], None]]:
        """Hold a ref that is at `old`, and yield what moves it; nobody else can meanwhile.

        Raises RefMoved, before the block; what is yielded raises GitFailed. Without a call the ref
        stays.
        """
        change = f"option no-deref\nupdate {ref} {new} {old or '0' * len(new)}"
        with self.trees.repository.talk("update-ref", "-m", why, "--stdin") as talk:
            try:
                talk.say("start")
                talk.say(f"{change}\nprepare")
            except GitFailed as error:
                raise RefMoved(ref, str(error)) from error
            yield lambda: talk.say("commit")

    def head(self) -> Head | None:
        """Return where HEAD is; None where there is no commit yet."""
        words = ("HEAD^{commit}", "HEAD^{tree}", "--symbolic-full-name", "HEAD")
        told = self.trees.git("rev-parse", *words, fine=(0, 128)).decode().split()
        if len(told) != 3:  # noqa: PLR2004 - then the name itself is told, and an error
            return None
        commit, tree, ref = told
        return Head(commit, tree, None if ref == "HEAD" else ref)

    def local_branch(self, name: str) -> Branch | None:
        """Return a branch of this repository by its name, with or without `refs/heads/`."""
        ref = f"refs/heads/{name.removeprefix('refs/heads/')}"
        form = "--format=%(refname)%00%(objectname)%00%(symref)%00%(worktreepath)"
        for line in self.trees.git("for-each-ref", form, ref).splitlines():
            found, commit, stands_for, place = os.fsdecode(line).split("\0")
            if found == ref:
                return Branch(ref, commit, stands_for, place)
        return None

    def is_branch_name(self, name: str) -> bool:
        """Say whether a branch may have this name."""
        try:
            told = self.trees.git("check-ref-format", "--branch", name)
        except (GitFailed, ValueError):  # ValueError: it holds a NUL
            return False
        return told.decode().strip() == name

    def commits(self, revisions: str) -> tuple[Commit, ...]:
        """Return the commit that a name means; or those of a range `A..B`, parents first."""
        deep = ("--reverse", "--topo-order") if ".." in revisions else ("--no-walk",)
        told = self.trees.git("rev-list", *deep, "--end-of-options", revisions, "--").split()
        feed = b"".join(one + b"\n" for one in told)
        data, at, found = self.trees.git("cat-file", "--batch", stdin=feed), 0, []
        for name in told:
            start = data.index(b"\n", at) + 1
            size = int(data[at:start].split()[2])
            found.append(_commit(name.decode(), data[start : start + size]))
            at = start + size + 1
        return tuple(found)

    def commits_saying(self, text: str, *, of: str, beyond: str) -> tuple[str, ...]:
        """Return the commits that lead to `of`, not to `beyond`, and have a text in their message.

        The newest first, whatever their dates: git would stop at the first one that says that it
        is old. `beyond` need not be here.
        """
        words = ("--ignore-missing", "--fixed-strings", f"--grep={text}")
        told = self.trees.git("rev-list", *words, of, f"^{beyond}", "--").decode()
        return tuple(told.split())


def _commit(name: str, data: bytes) -> Commit:
    """Read a commit's own bytes."""
    head, _, message = data.partition(b"\n\n")
    lines = [line.partition(b" ") for line in head.split(b"\n")]
    told = {key: value.decode(errors="replace") for key, _, value in reversed(lines)}
    parents = tuple(value.decode() for key, _, value in lines if key == b"parent")
    who, _, date = told.get(b"author", "").rpartition("> ")
    author, _, email = who.partition("<")
    return Commit(
        name,
        told[b"tree"],
        parents,
        Person(author.rstrip(" "), email, date),
        _moment(told.get(b"committer", "").rpartition("> ")[2]),
        message.decode(errors="replace"),
    )


def _moment(date: str) -> datetime:
    """Return the time that a date of git's means: 1970, as for git, if it can be none."""
    seconds = re.match(r"\d{1,11}\b", date, re.ASCII)  # no more: year 5138
    return datetime.fromtimestamp(int(seconds[0]) if seconds else 0, UTC)
