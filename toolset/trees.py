"""Git trees and commits, made and compared without the user's files, index or HEAD.

A tree is made in a private index; objects are written, refs only by `move`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from toolset.errors import PatchRefused, RefMoved
from toolset.git import GitFailed, Repository

REGULAR = ("100644", "100755")
"""The modes of what alma changes; links and submodules have others."""

_FEW = 200  # paths that a command line may hold
_PLAIN = (
    *("--no-replace-objects", "--literal-pathspecs"),
    *("-c", "i18n.commitEncoding=UTF-8", "-c", "i18n.logOutputEncoding=UTF-8"),
    *("-c", "core.quotePath=true", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false"),
    *("-c", "apply.whitespace=nowarn", "-c", "apply.ignoreWhitespace=no"),
)
_SHA256_DIGITS = 64
_SHA256 = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n"
_MERGING = (
    *("-c", f"core.attributesFile={os.devnull}", "-c", "merge.default=text"),
    *("-c", "merge.renames=true", "-c", "merge.directoryRenames=false"),
    *("-c", "merge.renameLimit=7000", "-c", "merge.renormalize=false"),
    *("-c", "diff.algorithm=histogram", "-c", "merge.conflictStyle=merge"),
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

    def files_in(self, revision: str, folder: PurePosixPath) -> dict[PurePosixPath, Entry]:
        """Return everything that lies in a folder of a revision, however deep."""
        told = self.git("ls-tree", "-r", "-z", "--full-tree", revision, "--", f"{folder}/")
        found = {}
        for line in filter(None, told.split(b"\0")):
            about, _, name = line.partition(b"\t")
            mode, _, blob = about.decode().split()
            found[PurePosixPath(os.fsdecode(name))] = Entry(mode, blob)
        return found

    def entries(self, tree: str, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, Entry]:
        """Return what stands at these paths in a tree; a path where nothing is, is left out.

        A folder has mode 040000, a link 120000, a submodule 160000.
        """
        wanted = set(paths)
        few = [str(path) for path in wanted] if len(wanted) <= _FEW else []
        deep = () if few else ("-r",)
        told = self.git("ls-tree", *deep, "-t", "-z", "--full-tree", tree, "--", *few)
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
        told = self.git("diff-tree", "-r", "-z", "--raw", "--no-renames", "--full-index", old, new)
        return changes_in(told)

    def renames(self, old: str, new: str) -> dict[PurePosixPath, PurePosixPath]:
        """Return the old names of files that got new ones, by their new names, as git sees it."""
        told = self.git(
            *("-c", "diff.renameLimit=1000", "diff-tree", "-r", "-z", "--name-status"),
            *("--find-renames", "--diff-filter=R", old, new),
        )
        words = [PurePosixPath(os.fsdecode(word)) for word in told.split(b"\0")]
        return dict(zip(words[2::3], words[1::3], strict=False))

    def empty(self) -> str:
        """Return the tree in which nothing is."""
        return self.git("mktree").decode().strip()

    def with_entries(self, tree: str, entries: Mapping[PurePosixPath, Entry | None]) -> str:
        """Return a tree with files put in, or (None) taken out. The blobs must be there."""
        with self._private_index(tree) as index:
            feed = index_info(entries, len(tree))
            self.git("update-index", "-z", "--index-info", stdin=feed, also=index)
            return self.git("write-tree", also=index).decode().strip()

    def with_patch(self, tree: str, patch: bytes) -> str:
        """Return a tree with a patch in it, byte for byte. Raises PatchRefused."""
        options = ("--cached", "--binary", "--whitespace=nowarn", "--no-ignore-whitespace")
        with self._private_index(tree) as index:
            try:
                self.git("apply", *options, "-", stdin=patch, also=index)
            except GitFailed as error:
                raise PatchRefused(str(error)) from error
            return self.git("write-tree", also=index).decode().strip()

    def merged(self, base: str, ours: str, theirs: str) -> Merged:
        """Merge two trees that come from `base`, as git merges branches; needs git 2.38.

        What the user's settings and the files' attributes say of merging is left out: who merges
        the same trees gets the same tree, and no file can name a merge of its own.
        """
        first = self.commit(base, (), "base")
        sides = [self.commit(tree, (first,), "side") for tree in (ours, theirs)]
        options = ("--write-tree", "-z", "--name-only", "--no-messages")
        with _bare_home(base) as home:
            nowhere = {
                **{name: str(home) for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE")},
                "GIT_INDEX_FILE": str(home / "index"),
            }
            merge = ("-C", str(home), *_MERGING, "merge-tree", *options, *sides)
            try:
                told = self.git(*merge, also=nowhere, fine=(0, 1))
            except GitFailed as error:
                if "usage: git merge-tree" not in str(error):
                    raise
                had = self.git("version").decode().removeprefix("git version").strip()
                raise GitFailed(f"merging needs git 2.38 or newer, and this is {had}") from error
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
        made = self.git("commit-tree", tree, *words, stdin=message.encode(), also=also)
        return made.decode().strip()

    def patch(self, commit: str) -> bytes:
        """Return a commit that has one parent as `git format-patch` writes it, whole and exact."""
        return self.git(
            *("format-patch", "-1", "--stdout", "--no-signature", "--no-attach", "--no-thread"),
            *("--no-signoff", "--no-notes", "--no-add-header", "--no-to", "--no-cc", "--no-from"),
            *("--no-base", "--no-numbered", "--subject-prefix=PATCH", "--no-cover-letter"),
            *("--full-index", "--binary", "--find-renames", "--no-ext-diff", "--no-textconv"),
            *("--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--unified=3"),
            *("--ignore-submodules=none", "--encode-email-headers", "--diff-algorithm=myers"),
            commit,
        )

    def range_diff(self, old: tuple[str, str], new: tuple[str, str]) -> str:
        """Return how two commits differ as changes, each told as (parent, commit)."""
        told = self.git(
            *("range-diff", "--no-color", "--no-dual-color", "--no-ext-diff", "--no-textconv"),
            *("--no-notes", "--creation-factor=100", "..".join(old), "..".join(new)),
        )
        return told.decode(errors="replace")

    def blob(self, revision: str, path: PurePosixPath) -> bytes | None:
        """Return a file's bytes as a revision has them; None where it has no file there."""
        entry = self.entries(revision, [path]).get(path)
        if entry is None or entry.mode not in REGULAR:
            return None
        return self.git("cat-file", "blob", entry.blob)

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of blobs by their ids, in one process."""
        wanted = tuple(dict.fromkeys(ids))
        return dict(zip(wanted, self.repository.blobs(wanted), strict=True))

    def write_blob(self, data: bytes) -> str:
        """Write a file's bytes as they are, through no filter; return the blob's id."""
        options = ("-w", "--stdin", "--no-filters")
        return self.git("hash-object", *options, stdin=data).decode().strip()

    def branch(self) -> str | None:
        """Return the ref that HEAD stands for, `refs/heads/main`; None if it is detached."""
        told = self.git("symbolic-ref", "--quiet", "HEAD", fine=(0, 1)).decode().strip()
        return told or None

    def move(self, ref: str, new: str, *, old: str | None, why: str) -> None:
        """Move a ref if it still is at `old` (None: if it does not exist). Raises RefMoved."""
        try:
            self.git("update-ref", "-m", why, "--no-deref", ref, new, old or "")
        except GitFailed as error:
            raise RefMoved(ref, str(error)) from error

    def person(self, role: str = "COMMITTER") -> Person | None:
        """Return who the user is to git (`AUTHOR` or `COMMITTER`), at this time; None: not said."""
        keys = rf"^(user|{role.lower()})\.(name|email)$"
        told = self.git("config", "-z", "--get-regexp", keys, fine=(0, 1)).decode(errors="replace")
        said = dict(line.partition("\n")[::2] for line in told.split("\0") if line)
        name, email = (
            os.environ.get(f"GIT_{role}_{what.upper()}")
            or said.get(f"{role.lower()}.{what}")
            or said.get(f"user.{what}")
            for what in ("name", "email")
        )
        if not name or not email:
            return None
        now = datetime.now().astimezone()
        return Person(name, email, f"{int(now.timestamp())} {now:%z}")

    @contextmanager
    def checked_out(self, tree: str) -> Iterator[Path]:
        """Yield a folder with a tree's files as git checks them out; it goes at the end.

        It has no `.git`: what runs in it cannot reach the repository by it.
        """
        with tempfile.TemporaryDirectory(prefix="alma-", ignore_cleanup_errors=True) as folder:
            top = Path(folder).resolve()
            with self._private_index(tree) as index:
                also = {**index, "GIT_WORK_TREE": str(top)}
                self.git("checkout-index", "--all", "--force", "--quiet", also=also)
            yield top

    @contextmanager
    def worktree(self, commit: str) -> Iterator[Path]:
        """Yield a linked work tree at a commit, private and detached; it goes at the end."""
        with tempfile.TemporaryDirectory(prefix="alma-", ignore_cleanup_errors=True) as folder:
            top = Path(folder).resolve() / "tree"
            self.git("worktree", "add", "--quiet", "--detach", "--no-checkout", str(top), commit)
            try:
                Repository(top).quick("reset", "--quiet", "--hard", commit)
                yield top
            finally:
                self.git("worktree", "remove", "--force", "--force", str(top))

    @contextmanager
    def _private_index(self, tree: str) -> Iterator[dict[str, str]]:
        with tempfile.TemporaryDirectory(prefix="alma-") as folder:
            also = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self.git("read-tree", tree, also=also)
            yield also

    def _verified(self, name: str) -> str | None:
        told = self.git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", name, fine=(0, 1, 128)
        )
        return told.decode().strip() or None

    def git(
        self,
        *arguments: str,
        stdin: bytes = b"",
        also: Mapping[str, str] | None = None,
        fine: tuple[int, ...] = (0,),
    ) -> bytes:
        """Run git so that no setting of the user's changes what it tells. Raises GitFailed."""
        return self.repository.quick(*_PLAIN, *arguments, stdin=stdin, also=also, fine=fine)


@contextmanager
def _bare_home(like: str) -> Iterator[Path]:
    """Yield a git folder in which nothing is set, for a repository whose ids look so.

    It has no attributes either, and a work tree (the same folder) that has none.
    """
    with tempfile.TemporaryDirectory(prefix="alma-") as folder:
        home = Path(folder).resolve()
        for name in ("objects", "refs"):
            (home / name).mkdir()
        (home / "HEAD").write_text("ref: refs/heads/none\n", "utf-8")
        if len(like) == _SHA256_DIGITS:
            (home / "config").write_text(_SHA256, "utf-8")
        yield home


def changes_in(told: bytes) -> tuple[Change, ...]:
    """Read what git tells of a difference with `--raw -z`."""
    words = told.split(b"\0")
    found = []
    for about, name in zip(words[::2], words[1::2], strict=False):
        old_mode, new_mode, old_blob, new_blob, _ = about.decode().lstrip(":").split()
        before = Entry(old_mode, old_blob) if int(old_mode) else None
        after = Entry(new_mode, new_blob) if int(new_mode) else None
        found.append(Change(PurePosixPath(os.fsdecode(name)), before, after))
    return tuple(found)


def index_info(entries: Mapping[PurePosixPath, Entry | None], length: int) -> bytes:
    """Return entries as `update-index --index-info -z` takes them."""
    return b"".join(
        b"%b %b\t%b\0" % (one.mode.encode(), one.blob.encode(), os.fsencode(str(path)))
        if one
        else b"0 %b\t%b\0" % (b"0" * length, os.fsencode(str(path)))
        # What goes, goes first: a folder may come where a file was.
        for path, one in sorted(entries.items(), key=lambda item: item[1] is not None)
    )
