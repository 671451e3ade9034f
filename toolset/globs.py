"""Globs as `.gitignore` writes them, matched without backtracking.

The library makes of `*a*a*b` a regular expression that tries every way to share a name among the
stars, which for a dozen stars and a long name has no end. Here what stands between two stars (or
between two `**`) is taken where it comes first, and never elsewhere: a later place could only
leave less for what follows. So the time grows with the glob and the path, not as a power of them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from typing import TypeVar

from pathspec import GitIgnoreSpec, PathSpec
from pathspec.pattern import Pattern, RegexPattern
from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

_Kind = TypeVar("_Kind", bound=RegexPattern)

_LONGEST = 10_000  # more than any path, escaped

# What the library writes. A slash is in nothing else of it: a glob is cut at its slashes first.
_SEGMENT = r"[^/]+"
_FOLDERS_FIRST, _FOLDERS = r"^(?:.+/)?", r"(?:/.+)?"
_STAR_BEFORE_ANOTHER = re.compile(r"\[\^/\]\*((?:\[\^/\]|[^/])*?)(?=\[\^/\]\*)")
_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^/\]|(\[\^?\]?[^\]]*\])", re.DOTALL)


def globs(lines: Iterable[str]) -> PathSpec[Pattern]:
    """Return what fits the globs; the last one that fits decides, and `!` takes away.

    Unlike in `ignored`, and in git, `src/**` does not win over a later `!src/keys/`. Raises
    ValueError for one that cannot be read.
    """
    return PathSpec([_compiled(GitIgnoreBasicPattern, line) for line in lines], backend="simple")


def ignored(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return what a `.gitignore` leaves out; a line that cannot be read is none, as for git."""
    return GitIgnoreSpec(list(_readable(lines)), backend="simple")


def _readable(lines: Iterable[str]) -> Iterator[GitIgnoreSpecPattern]:
    for line in lines:
        try:
            yield _compiled(GitIgnoreSpecPattern, line)
        except ValueError:
            continue


def _compiled(kind: type[_Kind], line: str) -> _Kind:
    if len(line) > _LONGEST:
        raise ValueError("this is longer than any path")
    regex, include = kind.pattern_to_regex(line)
    if regex is None:
        return kind(None)  # blank, or a comment
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # re's own, about brackets in brackets
            return kind(re.compile(_without_backtracking(regex)), include)
    except re.error as error:
        raise ValueError(str(error)) from error


def _without_backtracking(regex: str) -> str:
    """Return a regular expression for the same paths, that looks at each way at most once."""
    first, *more = _within_segments(regex).split(_FOLDERS)
    if not more:
        return first
    if first.startswith(_FOLDERS_FIRST):
        first = f"^(?>(?:.+?/)??{first.removeprefix(_FOLDERS_FIRST)}(?=/))"
    *between, last = more
    return "".join([first, *(f"(?>(?:/.+?)??{one}(?=/))" for one in between), _FOLDERS, last])


def _within_segments(regex: str) -> str:
    """Do it for the stars of each name; and a class of signs is no slash, as for git itself."""
    regex = _STAR_BEFORE_ANOTHER.sub(r"(?>[^/]*?\1)", regex.replace(_SEGMENT, f"{_SEGMENT}+"))
    return _ESCAPED_OR_CLASS.sub(lambda one: f"(?!/){one[0]}" if one[1] else one[0], regex)
