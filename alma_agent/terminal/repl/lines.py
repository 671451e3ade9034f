"""When is a text finished: does Enter send it, or begin another line? Pure."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_QUOTES = re.compile(r'"""|\'\'\'')


def is_unfinished(text: str) -> bool:
    r"""Say whether more should follow: after a `\` at the end, in an open fence or triple quote.

    Two empty lines end any text: what was left open on purpose, too.
    """
    if text.endswith("\n\n"):
        return False
    return text.endswith("\\") or _has_open_fence(text) or _has_open_quote(text)


def carried_on(text: str) -> str:
    """Return what an unfinished text becomes when a new line is begun: the sign for it goes."""
    return text.removesuffix("\\") + "\n"


def _has_open_fence(text: str) -> bool:
    fence = ""
    for found in _FENCE.finditer(text):
        sign = found[1]
        if not fence:
            fence = sign
        elif sign.startswith(fence):
            fence = ""
    return bool(fence)


def _has_open_quote(text: str) -> bool:
    quote = ""
    for found in _QUOTES.finditer(text):
        if not quote:
            quote = found[0]
        elif quote == found[0]:
            quote = ""
    return bool(quote)
