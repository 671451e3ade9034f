"""What a person should see in a ChangeSet before accepting it.

A change can be right in form and still not be what its author meant: a model writes "rest
unchanged" where the rest was, a merge conflict comes along, a file becomes executable. None of it
is refused; each is a `Finding`. Nothing here reads the disk or changes anything.
"""

from __future__ import annotations

import codecs
import re
import token
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from toolset.edits import ChangeSet, Edit, FileState
from toolset.encoding import TextFormat, decode, is_python
from toolset.errors import NotText
from toolset.spills import UNREADABLE, readings

_FEW_TESTS = 5
_TEST = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should see before accepting a change.

    `line` counts from 1 in the file as it would be; None if it is about the whole file.
    """

    path: PurePosixPath
    line: int | None
    what: str


class _Text(NamedTuple):
    lines: list[str]
    format: TextFormat


def findings(changes: ChangeSet) -> tuple[Finding, ...]:
    """Return what looks like an accident in `changes`, by path; empty if nothing does.

    Only what the change itself brings is told: a conflict marker that stood there before is not.
    """
    kept = {
        name
        for edit in changes
        for name in _tests(edit.path, edit.after) - _tests(edit.path, edit.before)
    }
    return tuple(
        finding for edit in changes for finding in (*_of_tests(edit, kept), *_of_edit(edit))
    )


def _of_tests(edit: Edit, kept: set[str]) -> Iterator[Finding]:
    """Yield which tests are gone: an easy way to make a check pass. Moved ones are not."""
    gone = sorted(_tests(edit.path, edit.before) - _tests(edit.path, edit.after) - kept)
    if gone:
        shown = ", ".join(gone[:_FEW_TESTS])
        more = len(gone) - _FEW_TESTS
        names = f"{shown} and {more} more" if more > 0 else shown
        yield Finding(edit.path, None, f"tests are removed: {names}")


def _tests(path: PurePosixPath, state: FileState | None) -> set[str]:
    """Return the names of the tests in a file of tests."""
    is_of_tests = path.name.startswith("test_") or path.stem.endswith("_test")
    text = _text(path, state) if state and is_python(path) and is_of_tests else None
    return set(_TEST.findall("\n".join(text.lines))) if text else set()


def _of_edit(edit: Edit) -> Iterator[Finding]:
    path = edit.path
    if edit.after is None:
        return
    before, after = _text(path, edit.before), _text(path, edit.after)
    if edit.before is not None:
        for what in _of_mode(edit.before, edit.after):
            yield Finding(path, None, what)
    if after is None:
        if before is not None:
            yield Finding(path, None, "it can no longer be read as text")
        return
    if before is not None:
        for what in (*_of_loss(before, after), *_of_format(before, after)):
            yield Finding(path, None, what)
    old_lines = before.lines if before else []
    yield from _new_conflicts(path, old_lines, after.lines)
    yield from _new_elisions(path, old_lines, after.lines)


def _of_mode(before: FileState, after: FileState) -> Iterator[str]:
    was, is_ = bool(before.mode & 0o111), bool(after.mode & 0o111)
    if was != is_:
        yield "it becomes executable" if is_ else "it is no longer executable"


_FEW_LINES = 30


def _of_loss(before: _Text, after: _Text) -> Iterator[str]:
    had, has = (sum(bool(line.strip()) for line in text.lines) for text in (before, after))
    if had and not has:
        yield f"it is emptied; it had {had} lines that were not blank"
    elif had - has >= _FEW_LINES and has < had / 2:
        yield f"it loses {had - has} of its {had} lines (not counting blank ones)"


def _of_format(before: _Text, after: _Text) -> Iterator[str]:
    old, new = before.format, after.format
    if codecs.lookup(old.encoding) != codecs.lookup(new.encoding):
        yield f"its encoding changes from {old.encoding} to {new.encoding}"
    elif old.bom != new.bom:
        yield f"it {'gets a' if new.bom else 'loses its'} byte order mark"


def _new_conflicts(path: PurePosixPath, old: list[str], new: list[str]) -> Iterator[Finding]:
    known = Counter(marks for _, marks in _conflicts(old))
    for number, marks in _conflicts(new):
        known[marks] -= 1
        if known[marks] < 0:
            yield Finding(path, number, "a merge conflict starts here, with its markers")


def _conflicts(lines: list[str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield where each whole conflict starts, and its first and last line."""
    start: int | None = None
    halved = False
    for number, line in enumerate(lines, 1):
        mark = line[:8].rstrip()
        if mark == "<<<<<<<":
            start, halved = number, False
        elif line.rstrip() == "=======":
            halved = start is not None
        elif mark == ">>>>>>>" and start is not None and halved:
            yield start, (lines[start - 1], line)
            start, halved = None, False


_ELLIPSIS = re.compile(r"\.{3}|…")
_COMMENT_LINE = re.compile(r"\s*\{?(?:#|//|/\*|<!--|--|;|%)(.*)")
_AROUND_COMMENT = " \t#/*!<>()[]{}-=;%"  # its delimiters, and what people draw around words
_LEFT_OUT = re.compile(
    r"\b(?:rest|existing|unchanged|unmodified|same(?= as\b|\W*$)|remaining|remainder|omitted|elided"
    r"|truncated|previous|as before|code (?:goes )?here|other (?:code|methods|functions))\b",
    re.IGNORECASE,
)


def _new_elisions(path: PurePosixPath, old: list[str], new: list[str]) -> Iterator[Finding]:
    suspects = [
        n for n, line in enumerate(new) if _ELLIPSIS.search(line) and _LEFT_OUT.search(line)
    ]
    known = Counter(line.strip() for line in old) if suspects else Counter()
    comments = _comments(new) if suspects and is_python(path) else None
    for index in suspects:
        if comments is None:
            found = _COMMENT_LINE.match(new[index])
            comment = found[1] if found else ""
        else:
            comment = comments.get(index, "")
        if not _is_elision(comment):
            continue
        stripped = new[index].strip()
        known[stripped] -= 1
        if known[stripped] < 0:
            yield Finding(path, index + 1, f"this comment may stand for code left out: {stripped}")


def _is_elision(comment: str) -> bool:
    # Amid a sentence an ellipsis is a pause; before a slash, a path; after a comma, arguments.
    words = comment.strip(_AROUND_COMMENT)
    at_an_end = re.match(r"(?:\.{3,}|…)(?!/)|.*[^\s,(\[.]\s*(?:\.{3,}|…)$", words)
    return bool(at_an_end and _LEFT_OUT.search(words))


def _comments(lines: list[str]) -> dict[int, str] | None:
    """Return the comments of a Python file by line index; None if it cannot be tokenised."""
    try:
        found = readings(lines)
    except UNREADABLE:
        return None
    return {
        index: text
        for index, reading in enumerate(found)
        for kind, text in reading.pieces
        if kind == token.COMMENT
    }


def _text(path: PurePosixPath, state: FileState | None) -> _Text | None:
    """Return a file's lines without their ends, as Python counts them; None if it is not text."""
    if state is None:
        return None
    try:
        text, text_format = decode(path, state.data)
    except NotText:
        return None
    return _Text(re.sub("\r\n?", "\n", text).split("\n"), text_format)
