"""Which files an edit may touch: a contract that whoever edits cannot widen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from toolset.errors import OutOfScope


@dataclass(frozen=True)
class EditScope:
    """Paths and globs, as `.gitignore` writes them, of what may be edited; none: everything."""

    globs: tuple[str, ...] = ()

    @classmethod
    def of_file(cls, path: PurePosixPath) -> EditScope:
        """Return the scope of one file, whatever signs its name holds."""
        return cls((f"/{GitIgnoreSpecPattern.escape(str(path))}",))

    def __str__(self) -> str:
        names = (glob.replace("\\", "").removeprefix("/") for glob in self.globs)
        return ", ".join(names) or "the whole project"

    def allows(self, path: PurePosixPath) -> bool:
        return not self.globs or self._spec.match_file(str(path))

    def require(self, path: PurePosixPath) -> None:
        """Raise OutOfScope for a file that must not be edited."""
        if not self.allows(path):
            raise OutOfScope(path, str(self))

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        return GitIgnoreSpec.from_lines(self.globs)
