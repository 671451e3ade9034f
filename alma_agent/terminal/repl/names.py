"""The names that a person may want to type: the project's files, and what its Python code defines.

They are gathered in the background, since a prompt must not wait for them. `ast` alone reads the
code: complexipy, which `toolset.outline` asks, crashes when two threads call it.
"""

from __future__ import annotations

import ast
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.errors import ToolsetError
from toolset.workspace import Workspace

_LONGEST = 400_000  # bytes of a file that is read
_MOST_READ = 4_000  # files
_FRESH_S = 3.0  # how long what was gathered is taken for true
_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Names:
    """What was found: paths, and `path::Class.method` for each symbol; both in order."""

    paths: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()


class ProjectNames:
    """The names of one workspace, as they were a moment ago; asking never waits."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names = Names()
        self._read: dict[str, tuple[_Stamp, tuple[str, ...]]] = {}
        self._thread: threading.Thread | None = None
        self._gathered_at = float("-inf")

    def now(self) -> Names:
        """Return what is known, and see to it that more will be."""
        is_old = time.monotonic() - self._gathered_at > _FRESH_S
        if is_old and not (self._thread and self._thread.is_alive()):
            self._thread = threading.Thread(target=self._gather, name="names", daemon=True)
            self._thread.start()
        return self._names

    def waited(self, seconds: float) -> Names:
        """Return what is known after `seconds` at most, until symbols are; then at once."""
        names = self.now()
        if not names.symbols and self._thread:  # the paths come first
            self._thread.join(seconds)
        return self._names

    def _gather(self) -> None:
        try:
            paths = tuple(map(str, self._workspace.files()))
            self._names = Names(paths, self._names.symbols)
            found = [name for path in _python(paths) for name in self._symbols_in(path)]
            self._names = Names(paths, tuple(found))
        except ToolsetError:
            return
        finally:  # what went wrong is not tried again at each key
            self._gathered_at = time.monotonic()

    def _symbols_in(self, path: str) -> tuple[str, ...]:
        where = PurePosixPath(path)
        try:
            status = self._workspace.absolute(where).lstat()
            stamp = (status.st_mtime_ns, status.st_size)
            known = self._read.get(path)
            if known and known[0] == stamp:
                return known[1]
            too_long = status.st_size > _LONGEST
            text = "" if too_long else self._workspace.read(where).text
        except (OSError, ToolsetError):
            return ()
        found = tuple(f"{path}::{name}" for name in symbols_of(text))
        self._read[path] = (stamp, found)
        return found


def symbols_of(source: str) -> list[str]:
    """Return the qualified names of the classes and functions in a Python file, in their order.

    What does not parse has none. Functions within functions are left out: nobody asks for them.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the project's own doubtful escapes
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list(_defined(tree.body, ""))


def _defined(body: Sequence[ast.stmt], within: str) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield within + statement.name
            yield from _defined(statement.body, f"{within}{statement.name}.")
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield within + statement.name
        elif isinstance(statement, ast.If | ast.Try):
            yield from _defined([*statement.body, *statement.orelse], within)


def _python(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if path.endswith((".py", ".pyi"))][:_MOST_READ]
