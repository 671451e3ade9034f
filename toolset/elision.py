"""Comments that stand for code which an edit left out: "# ... rest of the code as before ..."."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from toolset.errors import Elided

_COMMENT = re.compile(r"\s*(?:#|//|--|\{?/\*|<!--|;|%)")
_DOTS = re.compile(r"\.\.\.|\u2026")
_PHRASES = re.compile(
    r"\b(?:rest of (?:the |this )?\w+ (?:is |stays |remains )?(?:unchanged|the same|as before)|"
    r"(?:existing|remaining|other|previous) code (?:here|unchanged|stays|as before))\b",
    re.IGNORECASE,
)
_ALONE = re.compile(  # the whole comment: in a longer one these words may mean anything
    r"\W*(?:unchanged|no changes?(?: here)?|(?:the )?same as before|as before|etc"
    r"|(?:the )?rest(?: of (?:the |this )?\w+)?(?: omitted)?|keep the above|\.\.\.|\u2026)\W*",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"\b(?:rest|existing|unchanged|same|remaining|omitted|previous|other|code|methods?|before)\b",
    re.IGNORECASE,
)
_LOST_LINES = 2
_BARE = ("...", "\u2026")


def is_elision(line: str) -> bool:
    """Say whether a line is a comment that stands for other lines."""
    dotted = _DOTS.search(line) and _WORDS.search(line)
    says_so = dotted or _PHRASES.search(line) or _ALONE.fullmatch(line)
    return bool(_COMMENT.match(line) and says_so)


def refuse_elision(path: PurePosixPath, text: str, old: str, new: str) -> None:
    """Raise Elided if `new` has such a comment, which `text` has not, where lines of `old` were."""
    old_lines, new_lines = _full_lines(old), _full_lines(new)
    lost = [line for line in old_lines if line not in set(new_lines)]
    if len(lost) < _LOST_LINES:
        return
    grows = len(new_lines) > len(old_lines)  # then `...` may well be code
    for before, line in zip(["", *new_lines], new_lines, strict=False):
        stub = line in _BARE and not before.endswith((":", ",")) and not grows
        if (is_elision(line) and line not in text) or (stub and line not in old_lines):
            raise Elided(path, line)


def _full_lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
