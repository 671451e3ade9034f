"""Lines of code in the colours of their language, by Pygments.

Pygments is loaded when there is something to colour: most commands show no code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

from rich.text import Text

from alma_agent.terminal.consoles import visible

Theme = Literal["monokai", "ansi_dark"]
Tokens = list[tuple[Any, str]]  # of one line: Pygments' kind of token, its text
_MOST_LINES = 6_000  # that are read for their colours: under half a second
_UNKNOWN = "default"


class Painter:
    """Reads lines for their colours, until a person would have to wait for more."""

    def __init__(self) -> None:
        self._left = _MOST_LINES
        self._read: dict[tuple[str, ...], list[Tokens] | None] = {}

    def read(self, path: PurePosixPath, lines: Sequence[str]) -> list[Tokens] | None:
        """Return the tokens of each line; None if they are too many, or of no known language."""
        from rich.syntax import Syntax

        key = tuple(lines)
        if key not in self._read:
            lexer = _UNKNOWN if len(key) > self._left else Syntax.guess_lexer(path.name)
            found = None if lexer == _UNKNOWN else _tokens(lexer, [visible(one) for one in key])
            self._left -= len(key) if found else 0
            self._read[key] = found
        return self._read[key]


def coloured(tokens: Tokens, theme: Theme) -> Text:
    """Return a line in colour, as `visible` shows it.

    A theme brings its own colours (`monokai`: for dark backgrounds), or takes the terminal's.
    """
    from rich.syntax import Syntax

    colours = Syntax.get_theme(theme)
    text = Text()
    for kind, token in tokens:
        text.append(token, style=colours.get_style_for_token(kind))
    return text


def _tokens(name: str, lines: Sequence[str]) -> list[Tokens] | None:
    """Return the tokens of each line; None if Pygments would change the text."""
    from rich.syntax import Syntax

    lexer = Syntax("", name, tab_size=0).lexer  # 0: tabs stay as they are
    if lexer is None:
        return None
    found: list[Tokens] = [[]]
    for kind, token in lexer.get_tokens("\n".join(lines)):
        first, *others = token.split("\n")
        found[-1].append((kind, first))
        found.extend([(kind, other)] for other in others)
    del found[len(lines) :]
    is_same = ["".join(text for _, text in one) for one in found] == list(lines)
    return found if is_same else None
