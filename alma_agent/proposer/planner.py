"""A request in words becomes a known refactoring, or "not mine". No model, no network.

A sentence counts only as a whole: one that is not understood to its last word is left to a model,
never half done.
"""

from __future__ import annotations

import re
from keyword import iskeyword

from toolset.refactor.requests import Rename, Request

KNOWN_REQUESTS = (
    "rename load to read_csv",
    "rename the method Loader.load to read in src/loader.py",
    "load should be called read_csv",
    "renomme load en read_csv",
)

_NAME = r"[`'\"]?(?P<{}>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\(\))?[`'\"]?"
_OLD, _NEW = _NAME.format("old"), _NAME.format("new")
_KIND = (
    r"(?:(?:the|la|le|l')?\s*(?:function|method|class|variable|constant|parameter|argument|"
    r"attribute|symbol|name|fonction|méthode|classe|constante|paramètre|attribut)\s+)?"
)
_FILE = (
    r"(?:\s+(?:in|of|from|dans|de)\s+(?:(?:the file|le fichier)\s+)?"
    r"[`'\"]?(?P<file>[^\s,;]+?\.pyi?)[`'\"]?)?"
)
_END = r"\s*[.!]?"
_EVERYWHERE = r"(?:\s+(?:everywhere|throughout(?: the project)?|partout))?"
# "load should be called explicitly" is no wish for a new name.
_CALLED = r"(?:(?:called|named)(?!\s+\w+ly\b)|renamed(?:\s+to)?)"
_RENAMES = tuple(
    re.compile(pattern + _END, re.IGNORECASE)
    for pattern in (
        rf"(?:please\s+)?rename\s+{_KIND}{_OLD}{_FILE}\s+(?:to|as|into)\s+{_NEW}{_EVERYWHERE}",
        rf"(?:please\s+)?rename\s+{_KIND}{_OLD}\s+(?:to|as|into)\s+{_NEW}{_FILE}{_EVERYWHERE}",
        rf"(?:please\s+)?change\s+the\s+name\s+of\s+{_KIND}{_OLD}\s+to\s+{_NEW}{_FILE}",
        rf"{_KIND}{_OLD}{_FILE}\s+should\s+be\s+{_CALLED}\s+{_NEW}",
        rf"renomm(?:e|er|ez)\s+{_KIND}{_OLD}\s+en\s+{_NEW}{_FILE}{_EVERYWHERE}",
    )
)
_NOT_ONE_SYMBOL = frozenset(
    {"all", "everything", "it", "that", "them", "these", "this", "those", "tout"}
)
_NOT_A_NAME = frozenset(
    {"again", "everywhere", "first", "here", "last", "later", "once", "there", "twice"}
    | {"camelcase", "lowercase", "pascalcase", "snake_case", "something", "uppercase"}
)


def understand(goal: str) -> tuple[Request, ...]:
    """Return the refactorings that the whole sentence asks for, in order; empty: not mine."""
    sentence = " ".join(goal.split())
    for pattern in _RENAMES:
        if match := pattern.fullmatch(sentence):
            request = _request(match["old"], match["new"], match.groupdict().get("file"))
            return (request,) if request else ()
    return ()


def _request(old: str, new: str, file: str | None) -> Rename | None:
    """Return the request, or None if one of the names is no name of one symbol."""
    owner, _, _ = old.rpartition(".")
    new_owner, _, new_name = new.rpartition(".")
    if new_owner not in ("", owner):  # "a.py to b.py", or a move to another class
        return None
    if old.lower() in _NOT_ONE_SYMBOL or iskeyword(old) or new.lower() in _NOT_A_NAME:
        return None
    return Rename(f"{file}::{old}" if file else old, new_name)
