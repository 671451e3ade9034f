"""Which symbol does a request mean: one definition, or a refusal that lists what it may be.

A symbol is addressed as `path/file.py::Class.method`, or by its name alone where only one has it.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.checks import parse, parses
from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.errors import AmbiguousTarget, RefactoringRefused
from toolset.refactor.engines import Jedi
from toolset.refactor.words import Word
from toolset.workspace import SourceFile


def parse_target(draft: Draft, target: str) -> tuple[PurePosixPath | None, str]:
    """Split `path::Class.name`; the path is None if there is none.

    Raises RefactoringRefused for what is no name, PathRefused for a path that cannot be.
    """
    path, separator, name = target.strip().rpartition("::")
    if not all(part.isidentifier() for part in name.split(".")):
        raise RefactoringRefused(
            f"{target!r} names no symbol. Write path/file.py::Class.method, or the name alone."
        )
    if separator and not path:
        raise RefactoringRefused(f"{target!r} names no file before the colons.")
    return (draft.workspace.locate(path) if path else None), name


def find_target(words: Sequence[Word], old: str, path: PurePosixPath | None, jedi: Jedi) -> Word:
    """Return the word that defines `old`.

    A definition whose whole dotted name is `old` comes before one that only ends so. In a file
    that merely imports the name, the import is followed.

    Raises RefactoringRefused if there is none, or more than one.
    """
    here = [word for word in words if path is None or word.place.path == path]
    found = definitions(here, old) or _imported(here, words, jedi)
    if not found:
        raise RefactoringRefused(_not_found(words, old, path))
    if len(found) > 1:
        raise AmbiguousTarget(old, [f"{word.place.path}::{_dotted(word)}" for word in found])
    return found[0]


def unknown_name(name: str, sources: Iterable[SourceFile]) -> str:
    """Say that `name` stands nowhere in the project, and what comes near it."""
    known = {found for source in sources for found in re.findall(r"[^\W\d]\w*", source.text)}
    close = difflib.get_close_matches(name, sorted(known), n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"{name} stands nowhere in this project.{hint}"


def definitions(words: Iterable[Word], old: str) -> list[Word]:
    """Return one word for each symbol that fits, the best-fitting kind only."""
    first: dict[tuple[PurePosixPath, str], Word] = {}
    for word in words:
        if word.binds and word.is_code:
            first.setdefault((word.place.path, word.scope), word)
    exact = [word for word in first.values() if _dotted(word) == old]
    return exact or [word for word in first.values() if f".{_dotted(word)}".endswith(f".{old}")]


def _imported(here: Iterable[Word], words: Iterable[Word], jedi: Jedi) -> list[Word]:
    """Follow the first import of the name to the one place that defines it."""
    at_import = next((word for word in here if word.imports and word.is_code), None)
    if at_import is None:
        return []
    defined = jedi.definitions(at_import.place) or set()
    return [word for word in words if word.place in defined]


def _dotted(word: Word) -> str:
    name = word.source.text[word.start : word.end]
    return f"{word.scope}.{name}" if word.scope else name


def _not_found(words: Iterable[Word], old: str, path: PurePosixPath | None) -> str:
    where = f"in {path}" if path else "in this project"
    known = sorted({_dotted(word) for word in words if word.binds and word.is_code})
    close = difflib.get_close_matches(old, known, n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    elsewhere = sorted({str(word.place) for word in words if word.binds})[:5]
    also = f" It is defined at {', '.join(elsewhere)}." if path and elsewhere else ""
    return f"No class, function or variable {old} is defined {where}.{also}{hint}"


@dataclass(frozen=True, slots=True)
class Defined:
    """A class or function of one Python file; `name` is its dotted name there."""

    source: SourceFile
    name: str

    @property
    def address(self) -> str:
        return f"{self.source.path}::{self.name}"


def find_definition(draft: Draft, target: str) -> Defined:
    """Return the one class or function that `target` means, from the syntax alone.

    A whole dotted name comes before the end of one. Raises AmbiguousTarget, RefactoringRefused if
    there is none, DoesNotParse where the file named does not.
    """
    path, name = parse_target(draft, target)
    word = name.rpartition(".")[2]
    if path is not None:
        parse(path, draft.read(path).state)
    found = [
        Defined(source, dotted)
        for source in ([draft.read(path)] if path else draft.texts())
        if word in source.text and is_python(source.path) and parses(source.path, source.state)
        for dotted in dict.fromkeys(_dotted_names(parse(source.path, source.state)))
        if f".{dotted}".endswith(f".{name}")
    ]
    exact = [one for one in found if one.name == name] or found
    if not exact:
        where = f"in {path}" if path else "in this project"
        raise RefactoringRefused(f"No class or function {name} is defined {where}.")
    if len(exact) > 1:
        raise AmbiguousTarget(name, [one.address for one in exact])
    return exact[0]


def _dotted_names(node: ast.AST, inside: str = "") -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield inside + child.name
            yield from _dotted_names(child, f"{inside}{child.name}.")
        else:
            yield from _dotted_names(child, inside)
