"""Lines of files as a sentence counts them: `10-20`, `10 to 20`, `app.py:12`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from alma_agent.proposer.phrases.names import clean, is_file
from alma_agent.proposer.phrases.tokens import Sentence

_SPAN = re.compile(r"L?(\d{1,7})(?:[-\u2013\u2014]L?(\d{1,7}))?", re.IGNORECASE)
_SPOT = re.compile(r"(.+):" + _SPAN.pattern, re.IGNORECASE)
_TO = frozenset({"to", "through", "until", "till", "a", "au", "jusqu'a", "-", "\u2013"})


def span(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """Lines: `10-20`, `10 to 20`, `10`."""
    tokens = sentence.tokens
    found = _SPAN.fullmatch(tokens[at].text)
    if not found or tokens[at].quote:
        return
    if text := _span(found[1], found[2]):
        yield at + 1, text
    if not found[2] and len(tokens) > at + 2 and tokens[at + 1].word in _TO:
        last = _SPAN.fullmatch(tokens[at + 2].text)
        if last and not last[2] and (text := _span(found[1], last[1])):
            yield at + 3, text


def marked_span(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """Lines that can be nothing else: `L10-L20`."""
    if sentence.tokens[at].word.startswith("l"):
        yield from span(sentence, at)


def number(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """One line number."""
    found = _SPAN.fullmatch(sentence.tokens[at].text)
    if found and not found[2] and int(found[1]):
        yield at + 1, str(int(found[1]))


def spot(sentence: Sentence, at: int) -> Iterator[tuple[int, tuple[str, str]]]:
    """A file with lines: `app.py:10-20`."""
    found = _SPOT.fullmatch(sentence.tokens[at].text)
    if found and is_file(found[1]) and (text := _span(found[2], found[3])):
        yield at + 1, (clean(found[1]), text)


def _span(first: str, last: str | None) -> str:
    start, end = int(first), int(last or first)
    if not 1 <= start <= end:
        return ""
    return f"{start}-{end}" if last else str(start)


TERMINALS: dict[str, Callable[[Sentence, int], Iterator[tuple[int, Any]]]] = {
    "marked_span": marked_span,
    "number": number,
    "span": span,
    "spot": spot,
}
