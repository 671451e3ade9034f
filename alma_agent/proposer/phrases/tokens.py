"""A sentence as tokens: words, what is quoted, and the marks between them.

What is quoted is one token and keeps every blank; nothing is lost, so a slice of the sentence can
be read as Python.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_QUOTED = r"`[^`]*`|«[^»]*»|“[^”]*”|\"[^\"\n]*\"|(?<!\w)'[^'\n]*'"
_ELISION = r"(?<!\w)(?:[cdjlmnst]|qu)'(?=[\w`\"«“])"
_CONTRACTION = r"(?<=[\w)`])'(?:s|d|ll|re|ve|m|t)(?!\w)"
# A quote that follows "=" or a bracket is Python, as in sep=", ": it belongs to the word.
_WORD = r"(?:[^\s,;`'\"«»“”]|(?<=[=(\[{])(?:\"[^\"\n]*\"|'[^'\n]*'))+"
_TOKEN = re.compile(
    rf"(?P<elision>{_ELISION})|(?P<quoted>{_QUOTED})|(?P<contraction>{_CONTRACTION})"
    rf"|(?P<word>{_WORD})|(?P<mark>\S)",
    re.IGNORECASE,
)
_ENDINGS = ".!?:…"
_STRAIGHT = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u00a0": " ", "\u202f": " ", "\u2011": "-"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a sentence, `start` to `end`, quotes included.

    `text` is what stands within the quotes, and `quote` the opening one. `word` is how a phrase
    compares it: lower case, without accents; empty for what is quoted. `opens_line` says that it is
    the first of its line, though not of the sentence.
    """

    text: str
    word: str
    quote: str
    start: int
    end: int
    opens_line: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens, and the text that their offsets speak of."""

    text: str
    tokens: tuple[Token, ...]

    def part(self, start: int, stop: int) -> Sentence:
        return Sentence(self.text, self.tokens[start:stop])

    def written(self, start: int, stop: int) -> str:
        """Return the text from one token up to another, as it was written."""
        return self.text[self.tokens[start].start : self.tokens[stop - 1].end]


def read(text: str) -> Sentence:
    """Return the sentence that a text is. Time is linear in its length."""
    straight = text.translate(_STRAIGHT)
    tokens: list[Token] = []
    end = 0
    for found in _TOKEN.finditer(straight):
        opens_line = bool(tokens) and "\n" in straight[end : found.start()]
        end = found.end()
        if found.lastgroup == "quoted":
            tokens.append(_quoted(found, opens_line=opens_line))
            continue
        for start, stop in _pieces(straight, *found.span()):
            piece = straight[start:stop]
            tokens.append(Token(piece, folded(piece), "", start, stop, opens_line))
            opens_line = False
    return Sentence(straight, tuple(tokens))


def folded(text: str) -> str:
    """Return the text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _quoted(found: re.Match[str], *, opens_line: bool) -> Token:
    within = found.group()[1:-1]
    if found.group()[0] in "«“":
        within = within.strip()
    return Token(within, "", found.group()[0], found.start(), found.end(), opens_line)


def _pieces(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Split the marks off that stand around a word: an open bracket before, an ending after."""
    before: list[tuple[int, int]] = []
    after: list[tuple[int, int]] = []
    opened, closed = text.count("(", start, stop), text.count(")", start, stop)
    if stop - start > 1 and text[start] == "(" and opened >= closed:
        before.append((start, start + 1))
        start, opened = start + 1, opened - 1
    while stop - start > 1 and (
        text[stop - 1] in _ENDINGS or (text[stop - 1] == ")" and closed > opened)
    ):
        stop -= 1
        closed -= text[stop] == ")"
        after.insert(0, (stop, stop + 1))
    return [*before, (start, stop), *after]
