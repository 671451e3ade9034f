"""Where a text stands in another exactly, but for line ends: LF in it stands for CRLF too."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from toolset.matching import MOST_PLACES

_BLANKS = " \t"
_ASSIGNING = {f"{sign}=" for sign in "+-*/%&|^@:=!<>"}
_SIGNS = _ASSIGNING | {"->", "=>", "**", "//", "&&", "||", "++", "--", "::"}


def spans_of(text: str, old: str) -> list[tuple[int, int]]:
    """Return (start, end) of each place where `old`, with LF line ends, stands; some at the most.

    A place cuts no word, number, operator, indentation or line's end; a text of several lines
    stands on whole lines, its first and last indentation aside. Without anything but blanks it
    stands nowhere.
    """
    if not old.strip():
        return []
    returns = [match.start() for match in re.finditer("\r\n", text)]
    bare = text.replace("\r\n", "\n") if returns else text
    before = [at - number for number, at in enumerate(returns)]

    def original(offset: int) -> int:
        return offset + bisect_right(before, offset - 1)

    return [(original(start), original(end)) for start, end in _spans(bare, old)]


def line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def line_at(starts: Sequence[int], offset: int) -> int:
    """Return the number, from 1, of the line that an offset lies in."""
    return bisect_right(starts, offset)


def _spans(text: str, old: str) -> list[tuple[int, int]]:
    found = []
    for span in _everywhere(text, old):
        if _is_proper(text, old, *span):
            found.append(span)
            if len(found) == MOST_PLACES:
                break
    return found


def _everywhere(text: str, old: str) -> Iterator[tuple[int, int]]:
    """Yield every place, also those that overlap: they count as the two that they are."""
    start = text.find(old)
    while start >= 0:
        yield start, start + len(old)
        start = text.find(old, start + 1)
    unfinished = old.removesuffix("\n")  # as the last line of a text may be
    if unfinished != old and not text.endswith("\n") and text.endswith(unfinished):
        yield len(text) - len(unfinished), len(text)


def _is_proper(text: str, old: str, start: int, end: int) -> bool:
    if _cuts(text, start) or _cuts(text, end):
        return False
    if "\n" not in old:
        return True
    first = old.partition("\n")[0]
    left_out = text[text.rfind("\n", 0, start) + 1 : start]
    # A blank first line is a line, not the end of the one before.
    if left_out and (left_out.strip(_BLANKS) or not first.strip()):
        return False
    ended = text.find("\n", end)
    rest = text[end : ended if ended >= 0 else len(text)]
    return old.endswith("\n") or not rest.strip(_BLANKS)


def _cuts(text: str, at: int) -> bool:
    """Say whether this offset lies inside a word, a number, an operator or white space."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return (
        (before in _BLANKS and after in _BLANKS)
        or (_in_word(before) and _in_word(after))
        or bool(unicodedata.combining(after))
        or before + after in _SIGNS
        or (after == "." and before.isdigit() and text[at + 1 : at + 2].isdigit())
        or (before == "." and after.isdigit() and text[at - 2 : at - 1].isdigit())
    )


def _in_word(sign: str) -> bool:
    """Say whether a sign is one of names; scripts without capitals set no gaps between words."""
    return sign == "_" or sign.isdecimal() or sign.lower() != sign.upper()
