"""The files that are checked out, brought along when their branch moves: all of them, or none.

Only files that the change touches are looked at and written; what else is staged or edited stays.
What stands in the way is never overwritten, not even what git ignores.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from alma_agent.proposals.refusals import InTheWay, some_of
from toolset.checkout import Checkout
from toolset.git import GitFailed
from toolset.trees import Change, Entry, Trees


@dataclass
class WorkTree:
    """The work tree and the index, on their way from the tree `old` to the tree `new`."""

    trees: Trees
    old: str
    new: str
    changes: tuple[Change, ...]
    _done: dict[PurePosixPath, Entry | None] = field(default_factory=dict)
    _from: str = ""

    def require_room(self) -> None:
        """Raise InTheWay if files that would change hold other work; nothing is changed.

        A file that is already what it should become is in nobody's way.
        """
        if what := self.trees.repository.under_way():
            raise InTheWay("work-tree", f"{what} is under way here. Finish it, or use --branch.")
        self._from, self._done = self.old, {}
        loose = self._loose()
        if not loose and self._fits():
            return
        self._checkout.refresh()  # files may only look changed
        if not loose and self._fits():
            return
        self._done = self._already_done()
        self._from = self.trees.with_entries(self.old, self._done)
        if loose <= self._done.keys() and self._fits():
            return
        raise _in_the_way((loose | self._changed()) - self._done.keys())

    @contextmanager
    def brought_along(self) -> Iterator[None]:
        """Bring files and index along, for good if the block ends; else they are put back.

        After `require_room`, which is what makes it safe to put back. Raises GitFailed.
        """
        place = self.trees.repository.index_file()
        index = place.read_bytes() if place.exists() else None
        try:
            self._checkout.bring(self._from, self.new)
            self._checkout.stage(self._done, like=self.new)
            yield
        except BaseException:
            self._put_back(place, index)
            raise

    @property
    def _checkout(self) -> Checkout:
        return Checkout(self.trees)

    def _fits(self) -> bool:
        try:
            self._checkout.bring(self._from, self.new, only_look=True)
        except GitFailed:
            return False
        return True

    def _loose(self) -> set[PurePosixPath]:
        """Return the files to come where something is on the disk: git might overwrite it.

        It does so to what it ignores.
        """
        root = self.trees.repository.root
        leaving = {one.path for one in self.changes if one.after is None}
        folders: dict[PurePosixPath, bool] = {}
        found = set()
        for one in self.changes:
            if one.before is not None:
                continue
            for folder in one.path.parents[:-1]:
                if folder not in folders:
                    folders[folder] = folder in leaving or _is_free(root / folder, folder=True)
            clear = all(folders[folder] for folder in one.path.parents[:-1])
            if not clear or not _is_free(root / one.path, folder=True):
                found.add(one.path)
        return found

    def _already_done(self) -> dict[PurePosixPath, Entry | None]:
        """Return the touched files that are on the disk what they should become."""
        root = self.trees.repository.root
        staged = {one.path: one.after for one in self._checkout.staged(self.old)}
        done: dict[PurePosixPath, Entry | None] = {}
        wanted: dict[PurePosixPath, Entry] = {}
        for path, before, after in self.changes:
            if staged.get(path, before) not in (before, after):
                continue  # something else is staged, and is nowhere else
            if after is not None and _mode(root, path) == after.mode:
                wanted[path] = after
            elif after is None and _is_free(root / path, folder=True):  # maybe one of the change
                done[path] = None
        found = self._checkout.hashed(wanted)
        return done | {path: one for path, one in wanted.items() if found[path] == one.blob}

    def _changed(self) -> set[PurePosixPath]:
        """Return the touched files that the user has in another form than git would replace.

        Neither a file that was staged as it should become, nor one that was only deleted on the
        disk: git has no work to lose there.
        """
        staged = {one.path: one.after for one in self._checkout.staged(self.old)}
        edited = set(self._checkout.edited())
        root = self.trees.repository.root
        found = set()
        for path, before, after in self.changes:
            index = staged.get(path, before)
            is_edited = path in edited and not _is_free(root / path)
            if index not in (before, after) or (index == before and is_edited):
                found.add(path)
        return found

    def _put_back(self, place: Path, index: bytes | None) -> None:
        if index is None:
            place.unlink(missing_ok=True)
        else:
            beside = place.with_name("index.alma")
            beside.write_bytes(index)
            beside.replace(place)
        theirs = [one for one in self.changes if one.path not in self._done]
        for one in theirs:
            if one.before is None:
                _remove(self.trees.repository.root, one.path)
        self._checkout.check_out([one.path for one in theirs if one.before is not None])


def _is_free(path: Path, *, folder: bool = False) -> bool:
    """Say whether nothing is there; or, with `folder`, at most a folder."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    return folder and stat.S_ISDIR(status.st_mode)


def _mode(root: Path, path: PurePosixPath) -> str:
    """Return the mode that git would give to a file; empty for what is none, or behind a link."""
    if not all(_is_free(root / folder, folder=True) for folder in path.parents):
        return ""
    try:
        status = (root / path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if not stat.S_ISREG(status.st_mode):
        return ""
    return "100755" if status.st_mode & stat.S_IXUSR else "100644"


def _remove(root: Path, path: PurePosixPath) -> None:
    """Remove a file, and the folders that were made for it."""
    try:
        (root / path).unlink(missing_ok=True)
        for folder in path.parents[:-1]:
            (root / folder).rmdir()
    except OSError:  # a folder that holds more
        return


def _in_the_way(paths: Iterable[PurePosixPath]) -> InTheWay:
    names = sorted(map(str, paths))
    if not names:
        return InTheWay("work-tree", "The index here has conflicts, or is locked. Mend that first.")
    return InTheWay(
        "work-tree",
        f"Work of yours is in the way, in {some_of(names)}. Commit, stash or move "
        "it; or land on a branch of its own: --branch NAME",
    )
