"""What `-` stands for on the command line: text from standard input."""

from __future__ import annotations

import sys

from alma_agent.errors import UsageError
from alma_agent.terminal.live_area import clear_live


def text_or_input(given: str, *, what: str) -> str:
    """Return `given`, or what standard input holds if it is `-`.

    Raises UsageError if a person would have to type it: `what` is named then.
    """
    if given != "-":
        return given
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(f"- reads {what} from standard input, and nothing is piped into it.")
    clear_live()
    return sys.stdin.buffer.read().decode("utf-8", "replace")
