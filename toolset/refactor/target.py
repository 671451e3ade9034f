"""Which symbol does a request mean: one definition, or a refusal that lists what it may be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from toolset.errors import RefactoringRefused
from toolset.refactor.engines import Jedi
from toolset.refactor.words import Word
from toolset.workspace import SourceFile


def find_target(words: list[Word], old: str, path: PurePosixPath | None, jedi: Jedi) -> Word:
    """Return the word that defines `old`.

    A definition whose whole dotted name is `old` comes before one that only ends so. In a file
    that merely imports the name, the import is followed.

    Raises RefactoringRefused if there is none, or more than one.
    """
    here = [word for word in words if path is None or word.place.path == path]
    found = _definitions(here, old) or _imported(here, words, jedi)
    if not found:
        raise RefactoringRefused(_not_found(words, old, path))
    if len(found) > 1:
        raise RefactoringRefused(
            f"{old} may be one of these. Say which, as Class.name or with --file:",
            candidates=[f"{word.place}  {_dotted(word)}" for word in found],
        )
    return found[0]


def unknown_name(name: str, sources: Iterable[SourceFile]) -> str:
    """Say that `name` stands nowhere in the project, and what comes near it."""
    known = {found for source in sources for found in re.findall(r"[^\W\d]\w*", source.text)}
    close = difflib.get_close_matches(name, sorted(known), n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"{name} stands nowhere in this project.{hint}"


def _definitions(words: Iterable[Word], old: str) -> list[Word]:
    """Return one word for each symbol that fits, the best-fitting kind only."""
    first: dict[tuple[PurePosixPath, str], Word] = {}
    for word in words:
        if word.binds and word.is_code:
            first.setdefault((word.place.path, word.scope), word)
    exact = [word for word in first.values() if _dotted(word) == old]
    return exact or [word for word in first.values() if f".{_dotted(word)}".endswith(f".{old}")]


def _imported(here: Iterable[Word], words: list[Word], jedi: Jedi) -> list[Word]:
    """Follow the first import of the name to the one place that defines it."""
    at_import = next((word for word in here if word.imports and word.is_code), None)
    if at_import is None:
        return []
    defined = jedi.definitions(at_import.place) or set()
    return [word for word in words if word.place in defined]


def _dotted(word: Word) -> str:
    name = word.source.text[word.start : word.end]
    return f"{word.scope}.{name}" if word.scope else name


def _not_found(words: list[Word], old: str, path: PurePosixPath | None) -> str:
    where = f"in {path}" if path else "in this project"
    known = sorted({_dotted(word) for word in words if word.binds and word.is_code})
    close = difflib.get_close_matches(old, known, n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    elsewhere = sorted({str(word.place) for word in words if word.binds})[:5]
    also = f" It is defined at {', '.join(elsewhere)}." if path and elsewhere else ""
    return f"No class, function or variable {old} is defined {where}.{also}{hint}"
