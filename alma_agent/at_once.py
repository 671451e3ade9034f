"""Answers that take no thought, given before anything is loaded: the version, and the help.

The help is kept as a text, made from the commands by `scripts/help_text.py`; a test compares both.
It imports as little as can be: every module that is loaded here is waited for.
"""

from __future__ import annotations

import os

from alma_agent import __version__

HELP = os.path.join(os.path.dirname(__file__), "help.txt")  # noqa: PTH118, PTH120 - pathlib takes longer than all of this
_WIDTH = 80  # what the text is made for; wider terminals get no wider text


def answer(arguments: list[str]) -> str | None:
    """Return what to print for these arguments; None if they need the real thing."""
    if arguments == ["--version"]:
        return f"alma {__version__}\n"
    if arguments in (["--help"], ["-h"]) and _columns() >= _WIDTH:
        try:
            with open(HELP, encoding="utf-8") as text:  # noqa: PTH123
                return text.read()
        except OSError:
            return None
    return None


def _columns() -> int:
    """Return how wide the output is, as the command line's library would find it."""
    try:
        return int(os.environ.get("COLUMNS", "")) or os.get_terminal_size().columns
    except ValueError:
        pass
    except OSError:
        return _WIDTH
    try:
        return os.get_terminal_size().columns
    except OSError:
        return _WIDTH
