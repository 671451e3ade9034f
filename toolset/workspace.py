"""One folder of files: turns a path into a real one inside it, or refuses.

Reads bytes with their mode. Never writes the user's files (`apply` does); the only thing it makes
is alma's own state folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath, PurePosixPath

from toolset.edits import Digest, FileState
from toolset.encoding import TextFormat, decode, encode
from toolset.errors import (
    FileMissing,
    NotAFile,
    OutsideWorkspace,
    PathRefused,
    ProtectedPath,
    ReadOnlyFile,
    SharedFile,
)
from toolset.folders import opened

STATE_FOLDER = ".alma"
_PROTECTED = frozenset({".git", STATE_FOLDER})
_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env"})
_STATE_GITIGNORE = """\
# Ledger, index, journal and snapshots are private to this machine.
# Proposals and exported memories are text, made to be shared.
*
!proposals/
!proposals/**
!memories/
!memories/**
"""
_MAX_FILES = 50_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One text file as it was read: its state on disk, and its text."""

    path: PurePosixPath
    state: FileState
    text: str
    format: TextFormat

    @property
    def digest(self) -> Digest:
        return self.state.digest

    def with_text(self, text: str) -> FileState:
        """Return the state that the file would have with this text. Raises NotText."""
        return FileState(encode(self.path, text, self.format), self.state.mode)


def source_file(path: PurePosixPath, state: FileState) -> SourceFile:
    """Read a file's state as text. Raises NotText."""
    text, text_format = decode(path, state.data)
    return SourceFile(path, state, text, text_format)


@dataclass(frozen=True)
class Workspace:
    """A root folder. `root` is absolute and free of links; git's top level where there is git."""

    root: Path

    @classmethod
    def around(cls, start: Path) -> Workspace:
        """Find the workspace that `start` (a folder, existing) belongs to.

        The nearest ancestor with `.git`, else the nearest with `.alma`, else `start` itself.
        Raises PathRefused for the file system's root and for the home folder itself: those are no
        projects, and a search through them would be.
        """
        here = Path(os.path.realpath(start))
        ancestors = (here, *here.parents)
        root = next((folder for folder in ancestors if (folder / ".git").exists()), None) or next(
            (folder for folder in ancestors if (folder / STATE_FOLDER).is_dir()), here
        )
        if root in (Path(root.anchor), _home()) and not (root / ".git").exists():
            raise PathRefused(root, "is no project folder. Go to your project and try again.")
        return cls(root)

    @cached_property
    def has_git(self) -> bool:
        return (self.root / ".git").exists()

    def locate(self, path: str | PurePath, *, base: Path | None = None) -> PurePosixPath:
        """Return the real path inside the workspace that `path` stands for.

        `path` may be absolute, or relative to `base` (default: the root). Links inside the
        workspace are followed. The file need not exist.

        Raises OutsideWorkspace, ProtectedPath (`.git`, `.alma`), PathRefused (a name that is not
        UTF-8, or holds a line break).
        """
        given = (base or self.root) / path
        try:
            real = Path(os.path.realpath(given))
        except ValueError as error:  # an embedded NUL
            raise PathRefused(repr(str(path)), "is no file name.") from error
        if not real.is_relative_to(self.root):
            # The folder is resolved alone: what makes a link of `path` itself is its last name.
            lexical = Path(os.path.realpath(given.parent)) / given.name
            linked = given.is_symlink() and lexical.is_relative_to(self.root)
            raise OutsideWorkspace(path, self.root, through_link=linked)
        inside = PurePosixPath(real.relative_to(self.root).as_posix())
        if is_protected(inside):
            raise ProtectedPath(path)
        if not str(inside).isprintable():
            raise PathRefused(repr(str(path)), "has a name that alma cannot write down safely.")
        return inside

    def absolute(self, path: PurePosixPath) -> Path:
        return self.root / path

    def state_of(self, path: PurePosixPath) -> FileState | None:
        """Return the file's bytes and mode, or None where there is none.

        Raises NotAFile, OutsideWorkspace if the path has become a link, PathRefused if the
        operating system will not let it be read.
        """
        self.require_inside(path)
        if not path.name:
            raise NotAFile(path, "directory")
        try:
            with opened(self.root, path.parent) as folder:
                return folder.state(path.name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise PathRefused(path, f"cannot be read: {error.strerror}.") from error

    def require_inside(self, path: PurePosixPath) -> None:
        """Raise if `path` leads out, or to what is not the project's. Looks at the name alone."""
        if path.is_absolute() or ".." in path.parts:
            raise OutsideWorkspace(path, self.root)
        if is_protected(path):
            raise ProtectedPath(path)

    def require_own_state(self) -> None:
        """Raise PathRefused if git tracks alma's state: then it is somebody else's, not ours."""
        from toolset.git import GitFailed, Repository

        if not self.has_git:
            return
        try:
            listing = Repository(self.root).run("ls-files", "-z", "--", STATE_FOLDER)
        except GitFailed as error:
            raise PathRefused(self.root, f"git cannot list it: {error}") from error
        shared = (f"{STATE_FOLDER}/proposals/", f"{STATE_FOLDER}/memories/")
        if [
            name
            for name in os.fsdecode(listing).split("\0")
            if name and not name.startswith(shared)
        ]:
            raise PathRefused(
                STATE_FOLDER,
                "is tracked by git, so it came from somebody else; alma does not follow it. "
                "Look at it, then: git rm -r --cached .alma, and delete it.",
            )

    def read(self, path: PurePosixPath) -> SourceFile:
        """Return one text file. Raises FileMissing, NotAFile, NotText, PathRefused."""
        state = self.state_of(path)
        if state is None:
            raise FileMissing(path)
        return source_file(path, state)

    def size_of(self, path: PurePosixPath) -> int:
        """Return a file's size in bytes. Raises FileMissing."""
        try:
            return self.absolute(path).lstat().st_size
        except OSError as error:
            raise FileMissing(path) from error

    def require_writable(self, path: PurePosixPath) -> None:
        """Raise ReadOnlyFile or SharedFile if replacing this file would override its owner.

        Raises PathRefused if a file stands where its folder would have to be.
        """
        self.require_writable_folder(path.parent)
        self.require_writable_file(path)

    def require_writable_folder(self, path: PurePosixPath) -> None:
        """Raise if no file may be put into this folder, or into the nearest one above it."""
        inside = next(one for one in (path, *path.parents) if self.absolute(one).exists())
        folder = self.absolute(inside)
        if not folder.is_dir():
            raise PathRefused(inside, "is a file, not a folder. Choose another place.")
        if not os.access(folder, os.W_OK | os.X_OK) or not _owner_may_write(folder):
            raise ReadOnlyFile(inside, stat.S_IMODE(folder.stat().st_mode))

    def require_writable_file(self, path: PurePosixPath) -> None:
        """Raise if there is a file that its owner may not write, or that has other names."""
        try:
            status = self.absolute(path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return
        # Asked of the mode, not of access(): root may write anything, and should not here.
        if not status.st_mode & stat.S_IWUSR:
            raise ReadOnlyFile(path, stat.S_IMODE(status.st_mode))
        if status.st_nlink > 1:
            raise SharedFile(path, status.st_nlink)

    def files(self, endings: tuple[str, ...] = ("",)) -> tuple[PurePosixPath, ...]:
        """Return the project's regular files, sorted: tracked and untracked, not the ignored.

        Without git: every file but those in hidden, cache and environment folders. `endings`
        (`.py`) leaves out, unlooked at, the names that have none of them.
        Raises PathRefused past 50,000 files: that is no one project.
        """
        names = self._files_by_git() if self.has_git else self._files_by_walk()
        real_folders: dict[str, bool] = {}
        found = {
            name
            for name in names
            if name.endswith(endings) and self._is_regular(name, real_folders)
        }
        if len(found) > _MAX_FILES:
            raise PathRefused(self.root, f"holds over {_MAX_FILES} files. Go to one project.")
        # By parts, as paths compare: what lies in `a/` comes before `a-b/`.
        return tuple(PurePosixPath(name) for name in sorted(found, key=lambda one: one.split("/")))

    def state_folder(self, *parts: str) -> Path:
        """Return a folder under `.alma/`, made if need be, private to its owner.

        Raises PathRefused if it cannot be made, or as `state_path` does.
        """
        folder = self.state_path(*parts)
        state = self.root / STATE_FOLDER
        try:
            state.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_gitignore(self.state_path(".gitignore"))
        except OSError as error:
            raise PathRefused(folder, f"cannot be made: {error.strerror}.") from error
        return folder

    def state_path(self, *parts: str) -> Path:
        """Return a path under `.alma/`, which need not exist.

        Raises PathRefused if there is a link in it: alma's state must not be led somewhere else by
        a repository.
        """
        path = self.root.joinpath(STATE_FOLDER, *parts)
        if Path(os.path.realpath(path)) != path:
            raise PathRefused(path, "is a link. Remove it; alma keeps its state here.")
        return path

    def _files_by_git(self) -> Iterable[str]:
        from toolset.git import GitFailed, Repository

        try:
            listing = Repository(self.root).run("ls-files", "-coz", "--exclude-standard")
        except GitFailed as error:
            raise PathRefused(self.root, f"git cannot list it: {error}") from error
        for name in listing.split(b"\0"):
            if name:
                yield os.fsdecode(name)

    def _files_by_walk(self) -> Iterable[str]:
        seen = 0
        top = len(os.path.join(self.root, ""))  # noqa: PTH118
        for folder, subfolders, names in os.walk(self.root):
            inside = folder[top:]
            if inside and "pyvenv.cfg" in names:  # an environment
                subfolders.clear()
                continue
            subfolders[:] = [
                name
                for name in subfolders
                if not name.startswith(".") and name not in _SKIPPED_FOLDERS
            ]
            seen += len(names)
            if seen > _MAX_FILES:
                raise PathRefused(self.root, f"holds over {_MAX_FILES} files. Go to one project.")
            yield from (f"{inside}/{name}" for name in names) if inside else names

    def _is_regular(self, name: str, real_folders: dict[str, bool]) -> bool:
        """Say whether it is a file to work on. `real_folders` keeps which no link leads through.

        Strings, not paths: a project has thousands of files, and this is asked of each.
        """
        if any(part.casefold() in _PROTECTED for part in name.split("/")) or not name.isprintable():
            return False
        full = os.path.join(self.root, name)  # noqa: PTH118
        folder = full.rpartition("/")[0] or "/"
        try:
            if folder not in real_folders:
                real_folders[folder] = os.path.realpath(folder) == folder
            return real_folders[folder] and stat.S_ISREG(os.lstat(full).st_mode)
        except OSError:
            return False


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and nobody knows this user
        return None


def is_protected(path: PurePosixPath) -> bool:
    """Say whether the path belongs to git or to alma's own state."""
    return any(part.casefold() in _PROTECTED for part in path.parts)


def _write_gitignore(path: Path) -> None:
    """Make the file hold what it should; whole or not at all, so a full disk leaves no half."""
    if path.is_file() and path.read_text("utf-8", errors="replace") == _STATE_GITIGNORE:
        return
    unfinished = path.with_name(f".gitignore-{os.getpid()}.tmp")
    unfinished.write_text(_STATE_GITIGNORE, encoding="utf-8")
    unfinished.rename(path)


def _owner_may_write(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IWUSR)
