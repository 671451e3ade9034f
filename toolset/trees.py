"""Git trees and commits, made and compared without the user's files, index or HEAD.

A tree is made in a private index; objects are written, refs only by `move`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from toolset.errors import PatchRefused, RefMoved
from toolset.git import GitFailed, Repository

REGULAR = ("100644", "100755")
"""The modes of what alma changes; links and submodules have others."""

_FEW = 200  # paths that a command line may hold
_PLAIN = (
    *("-c", "core.quotePath=true", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false"),
    *("-c", "apply.whitespace=nowarn", "-c", "apply.ignoreWhitespace=no"),
)


class Entry(NamedTuple):
    """A file in a tree: its mode in octal digits, as git tells it, and its blob's id."""

    mode: str
    blob: str


class Change(NamedTuple):
    """One file of a difference between two trees; None where there is no file."""

    path: PurePosixPath
    before: Entry | None
    after: Entry | None


class Person(NamedTuple):
    """Who made a commit, and when: `date` as git takes it, such as `1700000000 +0000`."""

    name: str
    email: str
    date: str


class Merged(NamedTuple):
    """What a merge came to. `conflicts` are the paths in question; then the tree is of no use."""

    tree: str
    conflicts: tuple[PurePosixPath, ...]


@dataclass(frozen=True)
class Trees:
    """The trees of one repository. Everything here raises GitFailed."""

    repository: Repository

    def commit_of(self, revision: str) -> str | None:
        """Return the full id of the commit that a revision names, or None: it is not here."""
        return self._verified(f"{revision}^{{commit}}")

    def tree_of(self, revision: str) -> str | None:
        """Return the id of a revision's tree, or None: it is not here."""
        return self._verified(f"{revision}^{{tree}}")

    def entries(self, tree: str, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, Entry]:
        """Return what stands at these paths in a tree; a path where nothing is, is left out.

        A folder has mode 040000, a link 120000, a submodule 160000.
        """
        wanted = set(paths)
        few = [str(path) for path in wanted] if len(wanted) <= _FEW else []
        told = self._git("ls-tree", "-r", "-t", "-z", "--full-tree", tree, "--", *few)
        found = {}
        for line in filter(None, told.split(b"\0")):
            about, _, name = line.partition(b"\t")
            path = PurePosixPath(os.fsdecode(name))
            if path in wanted:
                mode, _, blob = about.decode().split()
                found[path] = Entry(mode, blob)
        return found

    def changes(self, old: str, new: str) -> tuple[Change, ...]:
        """Return how two trees differ, file by file, by path; a renamed file goes and comes."""
        told = self._git("diff-tree", "-r", "-z", "--raw", "--no-renames", "--full-index", old, new)
        words = told.split(b"\0")
        found = []
        for about, name in zip(words[::2], words[1::2], strict=False):
            old_mode, new_mode, old_blob, new_blob, _ = about.decode().lstrip(":").split()
            path = PurePosixPath(os.fsdecode(name))
            before = Entry(old_mode, old_blob) if int(old_mode) else None
            after = Entry(new_mode, new_blob) if int(new_mode) else None
            found.append(Change(path, before, after))
        return tuple(found)

    def with_entries(self, tree: str, entries: Mapping[PurePosixPath, Entry | None]) -> str:
        """Return a tree with files put in, or (None) taken out. The blobs must be there."""
        feed = [
            b"%b %b\t%b\0" % (one.mode.encode(), one.blob.encode(), os.fsencode(str(path)))
            if one
            else b"0 %b\t%b\0" % (b"0" * len(tree), os.fsencode(str(path)))
            # What goes, goes first: a folder may come where a file was.
            for path, one in sorted(entries.items(), key=lambda item: item[1] is not None)
        ]
        with self._private_index(tree) as index:
            self._git("update-index", "-z", "--index-info", stdin=b"".join(feed), also=index)
            return self._git("write-tree", also=index).decode().strip()

    def with_patch(self, tree: str, patch: bytes) -> str:
        """Return a tree with a patch in it, byte for byte. Raises PatchRefused."""
        options = ("--cached", "--binary", "--whitespace=nowarn", "--no-ignore-whitespace")
        with self._private_index(tree) as index:
            try:
                self._git("apply", *options, "-", stdin=patch, also=index)
            except GitFailed as error:
                raise PatchRefused(str(error)) from error
            return self._git("write-tree", also=index).decode().strip()

    def merged(self, base: str, ours: str, theirs: str) -> Merged:
        """Merge two trees that come from `base`, as git merges branches; needs git 2.38."""
        first = self.commit(base, (), "base")
        sides = [self.commit(tree, (first,), "side") for tree in (ours, theirs)]
        options = ("--write-tree", "-z", "--name-only", "--no-messages")
        told = self._git("merge-tree", *options, *sides, fine=(0, 1))
        tree, *names = [os.fsdecode(word) for word in told.split(b"\0") if word]
        return Merged(tree, tuple(map(PurePosixPath, dict.fromkeys(names))))

    def commit(
        self,
        tree: str,
        parents: Iterable[str],
        message: str,
        *,
        author: Person | None = None,
        committer: Person | None = None,
    ) -> str:
        """Write a commit that no ref names as yet; return its id. By default, alma made it."""
        also: dict[str, str] = {}
        for role, person in (("AUTHOR", author), ("COMMITTER", committer)):
            if person:
                also[f"GIT_{role}_NAME"] = person.name
                also[f"GIT_{role}_EMAIL"] = person.email
                also[f"GIT_{role}_DATE"] = person.date
        words = [word for parent in parents for word in ("-p", parent)]
        made = self._git("commit-tree", tree, *words, stdin=message.encode(), also=also)
        return made.decode().strip()

    def patch(self, commit: str) -> bytes:
        """Return a commit that has one parent as `git format-patch` writes it, whole and exact."""
        return self._git(
            *("format-patch", "-1", "--stdout", "--no-signature", "--no-attach", "--no-thread"),
            *("--no-signoff", "--no-notes", "--no-add-header", "--no-to", "--no-cc", "--no-from"),
            *("--no-base", "--no-numbered", "--subject-prefix=PATCH", "--no-cover-letter"),
            *("--full-index", "--binary", "--find-renames", "--no-ext-diff", "--no-textconv"),
            *("--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--unified=3"),
            *("--ignore-submodules=none", "--encode-email-headers", "--diff-algorithm=myers"),
            commit,
        )

    def blob(self, revision: str, path: PurePosixPath) -> bytes | None:
        """Return a file's bytes as a revision has them; None where it has no file there."""
        entry = self.entries(revision, [path]).get(path)
        if entry is None or entry.mode not in REGULAR:
            return None
        return self._git("cat-file", "blob", entry.blob)

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of blobs by their ids, in one process."""
        wanted = tuple(dict.fromkeys(ids))
        return dict(zip(wanted, self.repository.blobs(wanted), strict=True))

    def write_blob(self, data: bytes) -> str:
        """Write a file's bytes as they are, through no filter; return the blob's id."""
        options = ("-w", "--stdin", "--no-filters")
        return self._git("hash-object", *options, stdin=data).decode().strip()

    def branch(self) -> str | None:
        """Return the ref that HEAD stands for, `refs/heads/main`; None if it is detached."""
        told = self._git("symbolic-ref", "--quiet", "HEAD", fine=(0, 1)).decode().strip()
        return told or None

    def move(self, ref: str, new: str, *, old: str | None, why: str) -> None:
        """Move a ref if it still is at `old` (None: if it does not exist). Raises RefMoved."""
        try:
            self._git("update-ref", "-m", why, "--no-deref", ref, new, old or "")
        except GitFailed as error:
            raise RefMoved(f"{ref} was moved meanwhile, or is locked: {error}") from error

    def person(self, role: str = "COMMITTER") -> Person | None:
        """Return who the user is to git (`AUTHOR` or `COMMITTER`), at this time; None: not said."""
        name = os.environ.get(f"GIT_{role}_NAME") or self._configured("user.name")
        email = os.environ.get(f"GIT_{role}_EMAIL") or self._configured("user.email")
        if not name or not email:
            return None
        ident = self._git("var", f"GIT_{role}_IDENT").decode().strip()
        return Person(name, email, " ".join(ident.rsplit(" ", 2)[-2:]))

    @contextmanager
    def checked_out(self, tree: str) -> Iterator[Path]:
        """Yield a folder with a tree's files as git checks them out; it goes at the end.

        It has no `.git`: what runs in it cannot reach the repository by it.
        """
        with tempfile.TemporaryDirectory(prefix="alma-", ignore_cleanup_errors=True) as folder:
            top = Path(folder).resolve()
            with self._private_index(tree) as index:
                also = {**index, "GIT_WORK_TREE": str(top)}
                self._git("checkout-index", "--all", "--force", "--quiet", also=also)
            yield top

    @contextmanager
    def worktree(self, commit: str) -> Iterator[Path]:
        """Yield a linked work tree at a commit, private and detached; it goes at the end."""
        with tempfile.TemporaryDirectory(prefix="alma-", ignore_cleanup_errors=True) as folder:
            top = Path(folder).resolve() / "tree"
            self._git("worktree", "add", "--quiet", "--detach", "--no-checkout", str(top), commit)
            try:
                Repository(top).quick("reset", "--quiet", "--hard", commit)
                yield top
            finally:
                self._git("worktree", "remove", "--force", "--force", str(top))

    @contextmanager
    def _private_index(self, tree: str) -> Iterator[dict[str, str]]:
        with tempfile.TemporaryDirectory(prefix="alma-") as folder:
            also = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", tree, also=also)
            yield also

    def _configured(self, key: str) -> str:
        return self._git("config", "--get", key, fine=(0, 1)).decode().strip()

    def _verified(self, name: str) -> str | None:
        told = self._git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", name, fine=(0, 1, 128)
        )
        return told.decode().strip() or None

    def _git(
        self,
        *arguments: str,
        stdin: bytes = b"",
        also: Mapping[str, str] | None = None,
        fine: tuple[int, ...] = (0,),
    ) -> bytes:
        return self.repository.quick(*_PLAIN, *arguments, stdin=stdin, also=also, fine=fine)
