"""Comments that stand for code which an edit left out: "# ... rest of the code as before ..."."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from toolset.errors import Elided

_COMMENT = re.compile(r"\s*(?:#|//|--|/\*|<!--|;|%)")
_DOTS = re.compile(r"\.\.\.|\u2026")
_WORDS = re.compile(
    r"\b(?:rest|existing|unchanged|same|remaining|omitted|previous|other|code|methods?|before)\b",
    re.IGNORECASE,
)
_LOST_LINES = 3


def is_elision(line: str) -> bool:
    """Say whether a line is a comment that stands for other lines."""
    return bool(_COMMENT.match(line) and _DOTS.search(line) and _WORDS.search(line))


def refuse_elision(path: PurePosixPath, text: str, old: str, new: str) -> None:
    """Raise Elided if `new` has such a comment, which `text` has not, where lines of `old` were."""
    lines = {line.strip() for line in new.split("\n")}
    for line in lines:
        if is_elision(line) and line not in text:
            lost = [one for one in old.split("\n") if one.strip() and one.strip() not in lines]
            if len(lost) >= _LOST_LINES:
                raise Elided(path, line)
