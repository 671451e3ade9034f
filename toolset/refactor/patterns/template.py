"""A pattern and its template: which variables they name, and what one match becomes.

What a variable stands for is copied from the source as it is, with its own separators and comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Place

VARIABLE = re.compile(r"(\$+)([A-Z_][A-Z0-9_]*)")
_BARE = re.compile(r"[\s;]*\$+[A-Z_][A-Z0-9_]*[\s;]*")
_STAND_INS = ("alma_name", "0", '"alma"', "#aaa")


@dataclass(frozen=True, slots=True)
class Capture:
    """What one variable stands for: a range of the text, empty if it stands for no node."""

    name: str
    start: int
    end: int
    is_many: bool


@dataclass(frozen=True, slots=True)
class Match:
    """One place that the pattern fits; `place` is where it stood before anything was changed."""

    place: Place
    start: int
    end: int
    captures: tuple[Capture, ...]

    def moved(self, by: int) -> Match:
        captures = tuple(
            replace(one, start=one.start + by, end=one.end + by) for one in self.captures
        )
        return replace(self, start=self.start + by, end=self.end + by, captures=captures)


@dataclass(frozen=True, slots=True)
class Style:
    """Where parentheses go: round the whole, and round what some variables stand for."""

    whole: bool = False
    wrapped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """The new text of one match, and where in it each capture's text stands."""

    text: str
    carried: tuple[tuple[Capture, int], ...]


@dataclass(frozen=True)
class Template:
    """A pattern and what is written for it, both checked."""

    pattern: str
    text: str
    language: str

    @classmethod
    def read(cls, pattern: str, template: str, language: str) -> Template:
        """Raise RefactoringRefused for a pattern or a template that cannot be meant."""
        pattern, template = pattern.strip("\r\n"), template.strip("\r\n")
        if not pattern.strip():
            raise RefactoringRefused("The pattern is empty. Write what to find, such as print($A).")
        if _BARE.fullmatch(pattern):
            raise RefactoringRefused(
                f"The pattern {pattern.strip()} fits every piece of code. Write some code round it."
            )
        if not template.strip():
            raise RefactoringRefused(
                "The template is empty: code would go without a trace. Write what takes its place."
            )
        _require_known(pattern, template)
        read = cls(pattern, template.replace("\r\n", "\n"), language)
        if language == "python":
            read.require_whole()
        return read

    def require_whole(self) -> None:
        """Raise RefactoringRefused if the pattern does not parse by itself.

        In some languages (Rust, C++) a piece that is no whole file does not, and is found yet.
        """
        words = (VARIABLE.sub(word, self.pattern) for word in _STAND_INS)
        if all(broken_nodes(parsed(word, self.language)) for word in words):
            raise RefactoringRefused(
                f"The pattern {self.pattern!r} is no whole piece of {self.language}: "
                "it does not parse, and stands nowhere."
            )

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Return the pattern's variables that can be written again, each once."""
        found = (match[2] for match in VARIABLE.finditer(self.pattern))
        return tuple(dict.fromkeys(name for name in found if not name.startswith("_")))

    @cached_property
    def repeated(self) -> tuple[str, ...]:
        """Return the variables that the template writes more often than the pattern does."""
        of = [match[2] for match in VARIABLE.finditer(self.text)]
        had = [match[2] for match in VARIABLE.finditer(self.pattern)]
        return tuple(name for name in self.variables if of.count(name) > max(1, had.count(name)))

    def find(self, root: Any, place_at: Callable[[int], Place]) -> list[Match]:
        """Return every match under an ast-grep node; the outer one of two comes first."""
        return [
            Match(place_at(node.range().start.index), *_range(node), tuple(self._captures(node)))
            for node in root.find_all(pattern=self.pattern)
        ]

    def _captures(self, node: Any) -> Iterator[Capture]:
        for name in self.variables:
            many = node.get_multiple_matches(name)
            one = None if many else node.get_match(name)
            if many:
                yield Capture(name, _range(many[0])[0], _range(many[-1])[1], True)
            elif one is not None:
                yield Capture(name, *_range(one), False)
            else:
                yield Capture(name, node.range().start.index, node.range().start.index, True)

    def write(self, match: Match, text: str, style: Style) -> Written:
        """Return the new text for a match of `text`; its lines are indented as the match's is."""
        captures = {one.name: one for one in match.captures}
        newline = "\r\n" if "\r\n" in text else "\n"
        line = text[text.rfind("\n", 0, match.start) + 1 : match.start]
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        template = self._without_empty(captures).replace("\n", newline + indent)
        written, carried, done = "(" if style.whole else "", [], 0
        for found in VARIABLE.finditer(template):
            capture = captures[found[2]]
            piece = text[capture.start : capture.end]
            if piece.endswith(",") and re.match(r"\s*,", template[found.end() :]):
                piece = piece[:-1]
            is_wrapped = capture.name in style.wrapped
            written += template[done : found.start()] + ("(" if is_wrapped else "")
            carried.append((replace(capture, end=capture.start + len(piece)), len(written)))
            written += piece + (")" if is_wrapped else "")
            done = found.end()
        written += template[done:] + (")" if style.whole else "")
        return Written(written, tuple(carried))

    def _without_empty(self, captures: dict[str, Capture]) -> str:
        """Return the template without the variables that stand for nothing, nor their commas."""
        template = self.text
        for name, capture in captures.items():
            if capture.start == capture.end:
                spot = rf"\$+{name}(?![A-Z0-9_])"
                template = re.sub(rf"{spot}\s*,\s*|,\s*{spot}|{spot}", "", template)
        return template


def broken_nodes(root: Any) -> int:
    """Count what a grammar could not read: errors, and signs that it had to add."""
    return sum(
        node.kind() == "ERROR" or (not node.text() and not re.search(r"[\w\s]|^$", node.kind()))
        for node in every_node(root)
    )


def every_node(root: Any) -> Iterator[Any]:
    yield root
    for child in root.children():
        yield from every_node(child)


def parsed(text: str, language: str) -> Any:
    """Return ast-grep's root node. Raises UnicodeEncodeError for text that is no Unicode."""
    from ast_grep_py import SgRoot

    return SgRoot(text, language).root()


def _range(node: Any) -> tuple[int, int]:
    where = node.range()
    return where.start.index, where.end.index


def _require_known(pattern: str, template: str) -> None:
    known = {match[2]: match[1] for match in VARIABLE.finditer(pattern)}
    for match in VARIABLE.finditer(template):
        name = match[2]
        if name not in known or name.startswith("_"):
            raise RefactoringRefused(
                f"The template writes {match[0]}, which the pattern does not name. "
                "Name it in the pattern too, in capitals and without a leading underscore."
            )
        if match[1] != known[name]:
            raise RefactoringRefused(
                f"{match[0]} stands in the template, but {known[name]}{name} in the pattern. "
                "Write it the same way in both."
            )
