"""Text of others, with every character shown that could move the cursor or hide itself."""

from __future__ import annotations


def visible(text: str) -> str:
    r"""Return `text` with everything but printable characters, LF and tabs escaped (`\x1b`)."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in "\n\t" else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
