"""Which files an edit may touch: a contract that whoever edits cannot widen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from toolset.edits import ChangeSet
from toolset.errors import MalformedScope, OutOfScope

if TYPE_CHECKING:
    from pathspec import PathSpec
    from pathspec.pattern import Pattern

_BLANK = "\\ "  # a bare one at the end is none


@dataclass(frozen=True)
class EditScope:
    """Paths and globs, as `.gitignore` writes them, of what may be edited; none: everything.

    The last glob that fits a path decides; `!` takes away. If all of them take away, the rest may
    be edited. What `!` names is taken away in any spelling that some systems hold to be the same.
    """

    globs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise MalformedScope for a glob that names nothing: it would let nothing be edited."""
        for glob in self.globs:
            _require_glob(glob)

    @classmethod
    def of_file(cls, path: PurePosixPath) -> EditScope:
        """Return the scope of one file, whatever signs its name holds."""
        from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

        name = GitIgnoreBasicPattern.escape(str(path)).replace(" ", _BLANK)
        return cls((f"/{name}", f"!/{name}/"))  # it is no folder

    def __str__(self) -> str:
        told = [glob for glob in self.globs if not (glob[0] == "!" and glob[1:-1] in self.globs)]
        return ", ".join(map(_for_people, told)) or "the whole project"

    def allows(self, path: PurePosixPath) -> bool:
        """Say whether the file may be edited; a path that is not plainly inside may not."""
        if not self.globs:
            return True
        if path.is_absolute() or ".." in path.parts:
            return False
        return self._spec.match_file(_composed(str(path))) and not self._is_taken_away(path)

    def require(self, path: PurePosixPath) -> None:
        """Raise OutOfScope for a file that must not be edited."""
        if not self.allows(path):
            raise OutOfScope(path, str(self))

    def _is_taken_away(self, path: PurePosixPath) -> bool:
        """Say so for another spelling, too: `Key.py` and `key.py` are one file on some systems."""
        if not any(glob.startswith("!") for glob in self.globs):
            return False
        return not self._folded_spec.match_file(_folded(str(path)))

    @cached_property
    def _spec(self) -> PathSpec[Pattern]:
        return _spec(_composed(line) for line in self._lines())

    @cached_property
    def _folded_spec(self) -> PathSpec[Pattern]:
        return _spec(_folded(line) for line in self._lines())

    def _lines(self) -> Iterator[str]:
        if all(glob.startswith("!") for glob in self.globs):
            yield "/**"
        yield from map(_anchored, self.globs)


def require_in_scope(changes: ChangeSet, scope: EditScope) -> None:
    """Raise OutOfScope if any file of `changes`, or either name of a moved one, is out of scope.

    A folder may come or go with a file inside the scope that lies in it.
    """
    paths = [*changes.paths, *(name for one in changes.moves for name in (one.old, one.new))]
    for path in paths:
        scope.require(path)
    around = {folder for path in paths for folder in path.parents}
    for folder in (*changes.new_folders, *changes.old_folders):
        if folder not in around:
            scope.require(folder)


def _spec(lines: Iterable[str]) -> PathSpec[Pattern]:
    from toolset.globs import globs  # 40 ms, and most commands edit nothing

    return globs(lines)


def _anchored(glob: str) -> str:
    """Return a glob whose leading `./` is what it is to a shell: the project's root."""
    sign, rest = ("!", glob[1:]) if glob.startswith("!") else ("", glob)
    if rest in {".", "./"}:
        return f"{sign}/**"
    return sign + rest[1:] if rest.startswith("./") else glob


def _require_glob(glob: str) -> None:
    try:
        (pattern,) = _spec([_anchored(glob)]).patterns
    except ValueError as error:
        raise MalformedScope(glob) from error
    if pattern.include is None or not glob.strip("!/"):  # blank, or a comment
        raise MalformedScope(glob)


def _for_people(glob: str) -> str:
    name = glob.removeprefix("!").replace("\\", "").removeprefix("/")
    return f"not {name}" if glob.startswith("!") else name


def _composed(name: str) -> str:
    """Return one spelling of letters with accents: people type one, some systems keep another."""
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return _composed(_composed(name).casefold())
