"""`@path` and `@path::Class.method` in what a person types: how they are written, and read."""

from __future__ import annotations

import re

# At the beginning of a word, so that addresses of mail and decorators in code are none; the
# quoted form is for names with spaces.
_MENTION = re.compile(r'(?<![^\s(\[,;])@(?:"(?P<quoted>[^"\n]+)"|(?P<bare>[^\s"@,;()\[\]]+))')
_PLAIN = re.compile(r'[^\s"@,;()\[\]]+')
_OF_SENTENCES = ".:!?'"


def spelt(name: str) -> str:
    """Return a path or a symbol as it is mentioned in a text."""
    is_plain = _PLAIN.fullmatch(name) and not name.endswith(tuple(_OF_SENTENCES))
    return f"@{name}" if is_plain else f'@"{name}"'


def mentioned(text: str) -> list[str]:
    """Return what a text mentions, each once, in its order: paths, or `path::symbol`.

    Whether there is such a file is for the caller to see: decorators begin with the sign, too.
    """
    found = (one["quoted"] or one["bare"].rstrip(_OF_SENTENCES) for one in _MENTION.finditer(text))
    return [name for name in dict.fromkeys(found) if name]
