"""Where lines stand in a file: a ladder of readings, each looser than the one above.

1. as they are
2. re-indented: every line moved by the same indentation
3. and without trailing white space, then without the edit's blank lines at either end
4. and with typographic quotes, dashes and spaces read as plain ones
5. with any indentation, in languages where it means nothing: the place is then written anew

The first reading that finds anything decides; it is never left for a looser one because it found
too much. Whole lines only, all of them, next to each other: nothing is skipped or guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u205f\u3000", " "),
    }
)
MOST_PLACES = 50  # more are as good as these: the edit is ambiguous
_LEAST_LETTERS = 2  # a brace that only fits when bent proves nothing
_LEAST_LINES = 2
_BLANKS = " \t"
_BRACED = frozenset(
    {
        ".c",
        ".cc",
        ".cpp",
        ".cs",
        ".css",
        ".cxx",
        ".go",
        ".h",
        ".hpp",
        ".java",
        ".js",
        ".json",
        ".jsx",
        ".kt",
        ".m",
        ".mjs",
        ".php",
        ".rs",
        ".scala",
        ".scss",
        ".swift",
        ".ts",
        ".tsx",
    }
)


@dataclass(frozen=True, slots=True)
class Indentation:
    """How indentation in an edit becomes indentation in the file.

    `added` or `removed` stand before every line; or `table` maps one to the other, where one side
    has tabs and the other spaces.
    """

    added: str = ""
    removed: str = ""
    table: dict[str, str] = field(default_factory=dict)

    def moved(self, line: str) -> str | None:
        """Return the edit's line as the file would indent it; None if that cannot be said."""
        indent = indent_of(line)
        rest = line[len(indent) :]
        if not rest:
            return line  # blanks indent nothing
        if not self.table:
            return self.added + line.removeprefix(self.removed) if self._fits(indent) else None
        known = self._in_table(indent)
        return None if known is None else known + rest

    def _fits(self, indent: str) -> bool:
        mixed = "\t" in self.added and " " in indent and "\t" not in indent
        return indent.startswith(self.removed) and not mixed

    def _in_table(self, indent: str) -> str | None:
        if indent in self.table:
            return self.table[indent]
        for (short, short_in_file), (long, long_in_file) in _steps(self.table):
            unit, unit_in_file = long[len(short) :], long_in_file[len(short_in_file) :]
            deeper, rest = divmod(len(indent) - len(long), len(unit))
            if deeper > 0 and not rest and indent == long + unit * deeper:
                return long_in_file + unit_in_file * deeper
        return None


class Place(NamedTuple):
    """File lines `first` to `end` (from 0, exclusive): the wanted lines from `skipped` on.

    `is_plain`: typographic signs were read as plain ones. `is_rewritten`: the place takes the
    edit's own indentation, also in lines that it repeats.
    """

    first: int
    end: int
    skipped: int
    indentation: Indentation = Indentation()
    is_plain: bool = False
    is_rewritten: bool = False


def places(
    texts: Sequence[str], wanted: Sequence[str], *, indentation_matters: bool = True
) -> list[Place]:
    """Return where `wanted` stands in a file's lines, by the strictest reading that finds it.

    Both are lines without their endings. Empty if it stands nowhere, or holds nothing but blanks.
    """
    if not any(line.strip() for line in wanted):
        return []
    return (
        _exact(texts, wanted)
        or _bent(texts, wanted, _without_indent, trimmed=False)
        or _bent(texts, wanted, str.strip, trimmed=False)
        or _bent(texts, wanted, str.strip, trimmed=True)
        or _bent(texts, wanted, _plain, trimmed=False)
        or _bent(texts, wanted, _plain, trimmed=True)
        or ([] if indentation_matters else _anyhow_indented(texts, wanted))
    )


def indentation_matters(path: PurePosixPath) -> bool:
    """Say whether indentation means something in a file of this name; yes, if nobody knows."""
    return path.suffix.lower() not in _BRACED


def indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(_BLANKS))]


def plain(text: str) -> str:
    """Return a text of the same length with plain quotes, dashes and spaces."""
    return text if text.isascii() else text.translate(_PLAIN)


def is_typographic(character: str) -> bool:
    return ord(character) in _PLAIN


def _exact(texts: Sequence[str], wanted: Sequence[str]) -> list[Place]:
    return [Place(at, at + len(wanted), 0) for at in _starts(texts, list(wanted))]


def _anyhow_indented(texts: Sequence[str], wanted: Sequence[str]) -> list[Place]:
    """Return where the lines stand if indentation is not looked at; the first line's is kept."""
    first, end = _without_blank_ends(wanted)
    read = [line.strip() for line in wanted[first:end]]
    if len(read) < _LEAST_LINES or any("`" in line for line in read):
        return []  # text between backticks keeps its indentation
    found = []
    for at in _starts([line.strip() for line in texts], read):
        indentation = _indentation([wanted[first]], [texts[at]])
        if indentation is not None:
            place = Place(at, at + len(read), first, indentation)
            found.append(place._replace(is_rewritten=True))
    return found


def _bent(
    texts: Sequence[str],
    wanted: Sequence[str],
    reading: Callable[[str], str],
    *,
    trimmed: bool,
) -> list[Place]:
    first, end = _without_blank_ends(wanted) if trimmed else (0, len(wanted))
    wanted = wanted[first:end]
    read = [reading(line) for line in wanted]
    if sum(character.isalnum() for line in read for character in line) < _LEAST_LETTERS:
        return []
    found = []
    for at in _starts([reading(line) for line in texts], read):
        there = texts[at : at + len(wanted)]
        indentation = _indentation(wanted, there)
        if indentation is not None:
            place = Place(at, at + len(wanted), first, indentation)
            found.append(place._replace(is_plain=reading is _plain))
    return found


def _starts(texts: Sequence[str], wanted: list[str]) -> list[int]:
    """Return where `wanted` begins; its longest line is looked for first, as the rarest."""
    offset = max(range(len(wanted)), key=lambda number: len(wanted[number]))
    rare, size = wanted[offset], len(wanted)
    found: list[int] = []
    for at, text in enumerate(texts):
        start = at - offset
        if text == rare and start >= 0 and list(texts[start : start + size]) == wanted:
            found.append(start)
            if len(found) == MOST_PLACES:
                break
    return found


def _indentation(wanted: Sequence[str], there: Sequence[str]) -> Indentation | None:
    """Return the one rule that turns the wanted indentation into the file's; None if none does."""
    pairs = {
        indent_of(line): indent_of(text)
        for line, text in zip(wanted, there, strict=True)
        if line.strip()
    }
    for line, text in zip(wanted, there, strict=True):
        if line.strip() and pairs[indent_of(line)] != indent_of(text):
            return None
    line_indent, file_indent = next(iter(pairs.items()))
    added = file_indent.removesuffix(line_indent)
    if all(in_file == added + indent for indent, in_file in pairs.items()):
        return Indentation(added=added)
    removed = line_indent.removesuffix(file_indent)
    if all(indent == removed + in_file for indent, in_file in pairs.items()):
        return Indentation(removed=removed)
    return Indentation(table=pairs) if _is_change_of_unit(pairs) else None


def _is_change_of_unit(pairs: dict[str, str]) -> bool:
    """Say whether one side uses tabs where the other has spaces, level by level."""
    tabs = {"\t" in indent for indent in pairs if indent}
    tabs_in_file = {"\t" in indent for indent in pairs.values() if indent}
    ordered = sorted(pairs.items(), key=lambda pair: len(pair[0]))
    depths = [len(in_file) for _, in_file in ordered]
    return (
        len(tabs) == 1
        and len(tabs_in_file) == 1
        and tabs != tabs_in_file
        and depths == sorted(set(depths))
    )


def _steps(table: dict[str, str]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return neighbouring levels of a table, the deepest first, where one continues the other."""
    levels = sorted({"": "", **table}.items(), key=lambda pair: len(pair[0]))
    neighbours = list(pairwise(levels))
    return [
        (shallow, deep)
        for shallow, deep in reversed(neighbours)
        if deep[0].startswith(shallow[0]) and deep[1].startswith(shallow[1])
    ]


def _without_blank_ends(wanted: Sequence[str]) -> tuple[int, int]:
    full = [number for number, line in enumerate(wanted) if line.strip()]
    return full[0], full[-1] + 1


def _without_indent(line: str) -> str:
    return line.lstrip(_BLANKS)


def _plain(line: str) -> str:
    return plain(line).strip()
