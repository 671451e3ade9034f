"""Which words of changed lines are other ones. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Range = tuple[int, int]  # columns of a line, the end excluded

_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_WORDS = 1_000  # on either side; comparing takes their product
_ALIKE = 0.4  # of the shorter side's characters; below, the lines are others altogether


def changed_words(old: Sequence[str], new: Sequence[str]) -> tuple[list[list[Range]], ...]:
    """Return, for each line of both sides, the columns of the words that the other has not.

    Nothing for lines that have too little in common. As many lines as before are compared one by
    one, others as a whole: a call that is spread over several lines is the same call.
    """
    if len(old) == len(new):
        pairs = [_changed(was, is_) for was, is_ in zip(old, new, strict=True)]
        return [was for was, _ in pairs], [is_ for _, is_ in pairs]
    was, is_ = _changed("\n".join(old), "\n".join(new))
    return _by_line(old, was), _by_line(new, is_)


def _changed(old: str, new: str) -> tuple[list[Range], list[Range]]:
    was, is_ = list(_WORD.finditer(old)), list(_WORD.finditer(new))
    if not was or not is_ or max(len(was), len(is_)) > _MOST_WORDS:
        return [], []
    matcher = SequenceMatcher(
        None, [word[0] for word in was], [word[0] for word in is_], autojunk=False
    )
    same = sum(_weight(was[b.a : b.a + b.size]) for b in matcher.get_matching_blocks())
    if same < _ALIKE * min(_weight(was), _weight(is_)):
        return [], []
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        [(was[a].start(), was[b - 1].end()) for _, a, b, _, _ in codes if b > a],
        [(is_[a].start(), is_[b - 1].end()) for _, _, _, a, b in codes if b > a],
    )


def _weight(words: Sequence[re.Match[str]]) -> int:
    return sum(len(word[0]) for word in words)


def _by_line(lines: Sequence[str], ranges: Sequence[Range]) -> list[list[Range]]:
    """Return ranges of the lines' joined text as columns of each line."""
    found: list[list[Range]] = []
    start = 0
    for line in lines:
        found.append(list(_within(line, start, ranges)))
        start += len(line) + 1
    return found


def _within(line: str, start: int, ranges: Sequence[Range]) -> Iterator[Range]:
    for first, end in ranges:
        begin, stop = max(first - start, 0), min(end - start, len(line))
        if line[begin:stop].strip():
            indent = len(line) - len(line.lstrip())
            yield max(begin, indent), stop
