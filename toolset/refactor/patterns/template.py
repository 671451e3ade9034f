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
from toolset.refactor.patterns.grammar import broken_nodes, parsed
from toolset.refactor.patterns.tokens import VARIABLE, Item, items_of_pattern

_ANY = re.compile(r"(\$+)([A-Z_][A-Z0-9_]*)(?![A-Za-z0-9_])|\$\$\$(?![A-Za-z0-9_$])")
_BARE = re.compile(r"[\s;]*\$+[A-Z_][A-Z0-9_]*[\s;]*")
_STAND_INS = ("alma_name", "0", '"alma"', "#aaa")
_CLAUSE = re.compile(
    r"(else|elif|elseif|else_if|except|except_group|finally|catch|rescue|ensure)(_clause|_block)?"
)


@dataclass(frozen=True, slots=True)
class Capture:
    """What one variable stands for: a range of the text, empty if it stands for no node.

    `rind` is how many characters at its two ends are only parentheses round one expression.
    `with_clause` says that it holds an else or the like, which is a part of the statement around.
    """

    name: str
    start: int
    end: int
    is_many: bool
    rind: tuple[int, int] = (0, 0)
    with_clause: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """One place that the pattern fits; `place` is where it stood before anything was changed.

    `items` are its tokens and captures, once they are known to be the pattern's.
    """

    place: Place
    start: int
    end: int
    captures: tuple[Capture, ...]
    items: tuple[Item, ...] = ()

    def moved(self, by: int) -> Match:
        captures = tuple(
            replace(one, start=one.start + by, end=one.end + by) for one in self.captures
        )
        items = tuple(one.moved(by) for one in self.items)
        return Match(self.place, self.start + by, self.end + by, captures, items)


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
        words = (VARIABLE.sub(word, self.named_apart) for word in _STAND_INS)
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

    @cached_property
    def occurrences(self) -> tuple[tuple[str, str], ...]:
        """Return the sigil and a name of its own for each variable and wildcard of the pattern.

        The first place of a variable keeps its name, so all that a match takes in can be asked for.
        """
        known: set[str] = set()
        named = []
        for number, found in enumerate(_ANY.finditer(self.pattern)):
            name = found[2] or "_"
            if name.startswith("_") or name in known:
                name = f"ALMA_{number}"
            known.add(name)
            named.append((found[1] or "$$$", name))
        return tuple(named)

    @cached_property
    def named_apart(self) -> str:
        """Return the pattern with the names of `occurrences`."""
        names = iter(self.occurrences)
        return _ANY.sub(lambda _: "".join(next(names)), self.pattern)

    @cached_property
    def twins(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of `occurrences` that must stand for the same code."""
        meant = [found[2] or "_" for found in _ANY.finditer(self.pattern)]
        return tuple(
            (name, own)
            for name, (_, own) in zip(meant, self.occurrences, strict=True)
            if name != own and not name.startswith("_")
        )

    @property
    def pattern_items(self) -> tuple[Item, ...]:
        return items_of_pattern(self.named_apart, self.language)

    def find(self, root: Any, place_at: Callable[[int], Place]) -> list[Match]:
        """Return every place under an ast-grep node that may be one of the pattern.

        The outer one of two comes first. ast-grep skips code that the pattern does not name: what
        it finds is not yet known to be the pattern. Raises RefactoringRefused for several pieces.
        """
        try:
            found = root.find_all(pattern=self.named_apart)
        except RuntimeError as error:
            raise RefactoringRefused(
                f"The pattern {self.pattern!r} is not one piece of {self.language}, "
                "so ast-grep cannot look for it. Write one expression or one statement."
            ) from error
        return [
            Match(place_at(node.range().start.index), *_range(node), tuple(self._captures(node)))
            for node in found
        ]

    def _captures(self, node: Any) -> Iterator[Capture]:
        for _, name in self.occurrences:
            many = node.get_multiple_matches(name)
            one = None if many else node.get_match(name)
            if many:
                with_clause = any(_CLAUSE.fullmatch(part.kind()) for part in many)
                start, end = _range(many[0])[0], _range(many[-1])[1]
                yield Capture(name, start, end, True, with_clause=with_clause)
            elif one is not None:
                yield Capture(name, *_range(one), False, _rind(one))
            else:
                yield Capture(name, node.range().start.index, node.range().start.index, True)


def _rind(node: Any) -> tuple[int, int]:
    """Return the lengths of the parentheses round one expression, (0, 0) if it has none."""
    if node.kind() != "parenthesized_expression":
        return (0, 0)
    match node.children():
        case [opening, inner, closing] if not re.search("sequence|comma", inner.kind()):
            (start, end), (inner_start, inner_end) = _range(node), _range(inner)
            if (opening.text(), closing.text()) == ("(", ")"):
                return (inner_start - start, end - inner_end)
    return (0, 0)


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
