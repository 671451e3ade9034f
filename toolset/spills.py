"""Does an edit change how the lines that it does not touch are read.

A change can parse and still not be what its author meant: a stray triple quote turns the code below
it into text. That is refused. Nothing here reads the disk or changes anything.
"""

from __future__ import annotations

import difflib
import itertools
import re
import token
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from toolset.checks import parses
from toolset.edits import ChangeSet, Edit, FileState
from toolset.encoding import decode, is_python
from toolset.errors import NotText, SpillsOver


def require_no_spill(changes: ChangeSet) -> None:
    """Raise SpillsOver if an edit changes how a line that it does not touch is read."""
    for edit in changes:
        require_tokens_outside_kept(edit)


def require_tokens_outside_kept(edit: Edit) -> None:
    """Raise SpillsOver if a line that `edit` does not touch would be read as something else.

    That is: code as part of a string, or the reverse; or a statement as the continuation of the
    line above it by a backslash, or the reverse. A bracket or a block opened above untouched lines
    and closed below them is no harm, nor is another prefix or another quote before a string's
    untouched lines. A file that is not Python, or does not parse before or after, passes: that is
    for `require_parsing` to say.
    """
    path, before, after = edit.path, edit.before, edit.after
    if before is None or after is None or not is_python(path):
        return
    try:
        old, new = (_lines(path, state) for state in (before, after))
    except NotText:
        return
    blocks = _untouched(old, new)
    if not _may_spill(old, new, blocks):
        return
    try:
        spill = _first_spill(old, new, blocks)
    except UNREADABLE:
        return
    if spill is not None and parses(path, before) and parses(path, after):
        raise SpillsOver(path, *spill)


def _lines(path: PurePosixPath, state: FileState) -> list[str]:
    return re.split("\r\n?|\n", decode(path, state.data)[0])


class _Block(NamedTuple):
    """`size` lines that are the same from `old` on before, and from `new` on after."""

    old: int
    new: int
    size: int


_SLOW_TO_COMPARE = 1_000  # lines; beyond that difflib may take frequent lines for noise


def _untouched(old: list[str], new: list[str]) -> list[_Block]:
    """Return what is the same, in order: first the common head, last the common tail."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    most -= head
    tail = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    middle, other = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = difflib.SequenceMatcher(
        None, middle, other, autojunk=max(len(middle), len(other)) > _SLOW_TO_COMPARE
    )
    between = [
        _Block(head + a, head + b, size) for a, b, size in matcher.get_matching_blocks()[:-1]
    ]
    return [_Block(0, 0, head), *between, _Block(len(old) - tail, len(new) - tail, tail)]


# From 3.12 on, an f-string's fields hold code, and that may hold the f-string's own quotes.
_FIELDS_ARE_CODE = hasattr(token, "FSTRING_START")
_FIELDED = re.compile(r"(?i)\b(?:[ft]r?|r[ft])['\"]")
_NEXT = {
    "": re.compile(
        r"""\#[^\n]* | ''' | \""" | '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" | ['"]""",
        re.VERBOSE | re.DOTALL,
    ),
    "'''": re.compile(r"\\.|'''", re.DOTALL),
    '"""': re.compile(r'\\.|"""', re.DOTALL),
}


def _may_spill(old: list[str], new: list[str], blocks: Sequence[_Block]) -> bool:
    """Say whether untouched lines may be read otherwise; False only if they cannot be.

    A line is read by its text and by where the line above left off: in code, or in a string of
    either triple quote. If a hunk's old and new lines lead from each of these to the same one,
    nothing changes below it. (Tokenising 10,000 lines twice takes 0.2 s, and is saved.)
    """
    has_fields = _FIELDS_ARE_CODE and any(map(_FIELDED.search, old + new))
    for above, below in itertools.pairwise(blocks):
        start, other = above.old + above.size, above.new + above.size
        before, after = old[start : below.old], new[other : below.new]
        # A backslash inside a hunk joins changed lines only; one at its edges, untouched ones.
        edges = (*old[max(start - 1, 0) : start], *before[-1:], *after[-1:])
        if any(line.endswith("\\") for line in edges):
            return True
        if has_fields and any("{" in line or "}" in line for line in before + after):
            return True
        ends = [(_ends_in(before, state), _ends_in(after, state)) for state in _NEXT]
        # None: where no file that parses can have been, so it says nothing.
        if any(None not in pair and pair[0] != pair[1] for pair in ends):
            return True
    return False


def _ends_in(lines: list[str], state: str) -> str | None:
    """Return the triple quote that is open after `lines`, "" in code; None if a string is cut off.

    `state` is what is open before them, in the same way.
    """
    text, position = "\n".join(lines), 0
    while found := _NEXT[state].search(text, position):
        position = found.end()
        match found[0]:
            case "'" | '"':
                return None
            case "'''" | '"""' as quote:
                state = "" if state else quote
    return state


class Reading(NamedTuple):
    """What the tokeniser makes of one line.

    `joined`: whether the first token carries on the statement above by a backslash; None if by an
    open bracket or string, or if there is no token. Of a string, a piece is what stands here.
    """

    joined: bool | None
    pieces: tuple[tuple[int, str], ...]


# 3.12's tokeniser lets UnicodeErrors (half a surrogate pair) through; they are ValueErrors.
UNREADABLE = (tokenize.TokenError, SyntaxError, ValueError, MemoryError)
_LAYOUT = {
    *(token.NL, token.NEWLINE, token.INDENT, token.DEDENT),
    *(token.ENDMARKER, token.ENCODING),
}


def _first_spill(
    old: list[str], new: list[str], blocks: Sequence[_Block]
) -> tuple[int, str] | None:
    """Return the first untouched line that is read otherwise, counted from 1 in `old`, and how."""
    before, after = readings(old), readings(new)
    matched = [(b.old + n, b.new + n) for b in blocks for n in range(b.size)]
    removed = _without(zip(old, before, strict=True), {i for i, _ in matched})
    added = _without(zip(new, after, strict=True), {j for _, j in matched})
    for i, j in matched:
        line, was, is_ = old[i], before[i], after[j]
        what = _difference(was, is_)
        # A line of quotes or brackets only is like any other of its kind: none is lost.
        if what is None or not re.search(r"\w", line):
            continue
        # difflib pairs equal texts, not equal meanings. If the change also adds this text as it was
        # read, or removes it as it is read now, then the pair is a coincidence.
        if added[line, was] > 0:
            added[line, was] -= 1
        elif removed[line, is_] > 0:
            removed[line, is_] -= 1
        else:
            return i + 1, what
    return None


def _without(
    lines: Iterator[tuple[str, Reading]], indices: set[int]
) -> Counter[tuple[str, Reading]]:
    return Counter(line for index, line in enumerate(lines) if index not in indices)


def _difference(was: Reading, is_: Reading) -> str | None:
    if was.pieces != is_.pieces:
        if _characters_in_strings(is_) > _characters_in_strings(was):
            return "it becomes part of a string"
        return "it is no longer part of a string"
    match was.joined, is_.joined:
        case False, True:
            return "a backslash joins it to the line above"
        case True, False:
            return "it is no longer joined to the line above"
    return None


def _characters_in_strings(reading: Reading) -> int:
    return sum(len(text) for kind, text in reading.pieces if kind == token.STRING)


def readings(lines: list[str]) -> list[Reading]:
    """Return how each line is read. Raises one of UNREADABLE where the tokeniser gives up.

    An f-string is one string here, fields and all, as it was to the tokeniser before 3.12.
    """
    pieces: list[list[tuple[int, str]]] = [[] for _ in lines]
    joined: list[bool | None] = [None] * len(lines)
    brackets, in_statement = 0, False
    for kind, text, (row, column), (end_row, end_column) in _whole_tokens(lines):
        if kind in _LAYOUT:
            in_statement = in_statement and kind != token.NEWLINE
            continue
        if not pieces[row - 1] and not brackets and kind != token.COMMENT:
            joined[row - 1] = in_statement
        in_statement = in_statement or kind != token.COMMENT
        if kind == token.OP:
            brackets += (text in "([{") - (text in ")]}")
        for here in range(row, end_row + 1):
            begin = column if here == row else 0
            end = end_column if here == end_row else None
            pieces[here - 1].append((kind, lines[here - 1][begin:end]))
    return [Reading(*both) for both in zip(joined, map(tuple, pieces), strict=True)]


_Token = tuple[int, str, tuple[int, int], tuple[int, int]]


def _whole_tokens(lines: list[str]) -> Iterator[_Token]:
    """Yield tokens, an f-string as one STRING without its text."""
    open_strings = 0
    start = (0, 0)
    for kind, text, begin, end, _ in _tokens(lines):
        name = token.tok_name[kind]
        if name.endswith("STRING_START"):
            start = start if open_strings else begin
            open_strings += 1
        elif name.endswith("STRING_END"):
            open_strings -= 1
            if not open_strings:
                yield token.STRING, "", start, end
        elif not open_strings:
            yield kind, text, begin, end


def _tokens(lines: list[str]) -> list[tokenize.TokenInfo]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the file's own escapes, from 3.12 on
        return list(tokenize.generate_tokens(iter([f"{line}\n" for line in lines]).__next__))
