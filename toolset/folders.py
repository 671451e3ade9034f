"""An open folder: names are looked up in it, whatever becomes of its path meanwhile.

A path is walked from the root, folder by folder, and no link is followed. Between a check and a
write nobody can therefore lead the write elsewhere by putting a link in its way.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolset.edits import FileState
from toolset.errors import NotAFile, OutsideWorkspace

_MOST_OPEN = 200
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}
# What the system sets by itself, or lets only root set.
_SYSTEM_ATTRIBUTES = ("security.", "trusted.", "system.nfs4", "system.cifs")


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder, and its path inside the root. All names are single ones, never paths."""

    descriptor: int
    path: PurePosixPath

    def status(self, name: str) -> os.stat_result | None:
        """Return what `name` is, a link itself, or None if there is nothing."""
        try:
            return os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def state(self, name: str) -> FileState | None:
        """Return a file's bytes and mode, or None where there is none. Raises NotAFile."""
        try:
            descriptor = os.open(name, _READ, dir_fd=self.descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            status = self.status(name)
            if status is not None:
                self._require_regular(name, status)
            raise error from None
        try:
            status = os.fstat(descriptor)
            self._require_regular(name, status)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return FileState(file.read(), stat.S_IMODE(status.st_mode))
        finally:
            os.close(descriptor)

    def create(self, name: str, state: FileState, *, like: tuple[Folder, str]) -> None:
        """Make a file with these bytes and this mode; `sync_file` makes it durable.

        Owner and extended attributes are those of the file `like` (a folder, and a name in it), if
        there is one. Raises PermissionError if that is not allowed.
        """
        descriptor = os.open(name, _CREATE, state.mode, dir_fd=self.descriptor)
        try:
            view = memoryview(state.data)
            while view:
                view = view[os.write(descriptor, view) :]
            like[0].lend_attributes(like[1], descriptor)
            os.fchmod(descriptor, state.mode)  # after the owner: chown clears the set-id bits
        finally:
            os.close(descriptor)

    def lend_attributes(self, name: str, descriptor: int) -> None:
        """Give an open file the owner and the extended attributes of the file `name`, if any."""
        try:
            original = os.open(name, _READ, dir_fd=self.descriptor)
        except FileNotFoundError:
            return
        try:
            _copy_owner(original, descriptor)
            _copy_attributes(original, descriptor)
        finally:
            os.close(original)

    def sync_file(self, name: str) -> None:
        """Make a file's bytes durable."""
        descriptor = os.open(name, _READ, dir_fd=self.descriptor)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync(self) -> None:
        """Make the names in this folder durable."""
        os.fsync(self.descriptor)

    def replace(self, name: str, target: str) -> None:
        os.replace(name, target, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)

    def link(self, name: str, target: str) -> None:
        """Give a file a second name. Raises FileExistsError, where `replace` would overwrite."""
        os.link(
            name,
            target,
            src_dir_fd=self.descriptor,
            dst_dir_fd=self.descriptor,
            follow_symlinks=False,
        )

    def unlink(self, name: str) -> None:
        os.unlink(name, dir_fd=self.descriptor)

    def remove_if_empty(self, name: str) -> None:
        """Remove a folder in this one, unless somebody has put something into it."""
        with suppress(OSError):
            os.rmdir(name, dir_fd=self.descriptor)

    def names(self) -> list[str]:
        with os.scandir(self.descriptor) as entries:
            return [entry.name for entry in entries]

    def _require_regular(self, name: str, status: os.stat_result) -> None:
        kind = _KINDS.get(stat.S_IFMT(status.st_mode))
        if kind:
            raise NotAFile(self.path / name, kind)


@contextmanager
def opened(root: Path, path: PurePosixPath, *, make: bool = False) -> Iterator[Folder]:
    """Open the folder at `path` inside `root`; with `make`, make what is missing of it.

    Raises FileNotFoundError, NotADirectoryError, OutsideWorkspace if a link is in the way.
    """
    descriptor = os.open(root, _OPEN_FOLDER)
    try:
        for depth, name in enumerate(path.parts):
            inner = _step(descriptor, name, path, depth, make=make, root=root)
            os.close(descriptor)
            descriptor = inner
        yield Folder(descriptor, path)
    finally:
        os.close(descriptor)


def _step(
    descriptor: int, name: str, path: PurePosixPath, depth: int, *, make: bool, root: Path
) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=descriptor)
    try:
        return os.open(name, _OPEN_FOLDER, dir_fd=descriptor)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                raise OutsideWorkspace(path, root, through_link=True) from error
        error.filename = str(root.joinpath(*path.parts[: depth + 1]))
        raise


def _copy_owner(old: int, new: int) -> None:
    was, now = os.fstat(old), os.fstat(new)
    if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        os.fchown(new, was.st_uid, was.st_gid)


def _copy_attributes(old: int, new: int) -> None:
    """Copy extended attributes, access control lists among them."""
    if not hasattr(os, "listxattr"):  # not on this system
        return
    try:
        names = os.listxattr(old)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return
        raise
    for name in names:
        if not name.startswith(_SYSTEM_ATTRIBUTES):
            os.setxattr(new, name, os.getxattr(old, name))


class OpenFolders:
    """The folders of one transaction, each opened once; at most some hundred at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[PurePosixPath, tuple[Folder, ExitStack]] = {}

    def __enter__(self) -> OpenFolders:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def at(self, path: PurePosixPath, *, make: bool = False) -> Folder:
        """Return an open folder. Raises as `opened` does."""
        if path not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self.close()
            stack = ExitStack()
            self._open[path] = stack.enter_context(opened(self._root, path, make=make)), stack
        return self._open[path][0]

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1][1].close()
