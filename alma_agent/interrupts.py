"""Ctrl-C and its like: heard from the first moment, and by whoever has something to finish."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_ENDS = {
    "SIGINT": (130, "interrupted"),
    "SIGTERM": (143, "terminated"),
    "SIGHUP": (143, "terminated"),
}
_SENTENCE = "Interrupted. No file was changed."
# As `terminal.envelope` makes it, which may be half loaded when this is needed.
_DOCUMENT = """{
  "alma": 1,
  "command": "",
  "exit_code": %d,
  "result": {},
  "error": {
    "kind": "%s",
    "type": "",
    "message": "%s"
  }
}
"""


class Terminated(KeyboardInterrupt):
    """SIGTERM, treated as Ctrl-C is: what was begun is finished or taken back."""


def end_at_once() -> None:
    """End where a signal comes, in a sentence or a document: nothing was begun so far.

    An exception would pass through modules that are half loaded, and through whoever loads them.
    """
    for name in _ENDS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)


def raise_them() -> None:
    """Let a signal be an exception: KeyboardInterrupt, or Terminated."""
    # Handlers of our own, so that asyncio does not install its own: that one lets the first
    # Ctrl-C wait for the next `await`, and a person at a prompt would have to press it twice.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP"):  # the terminal was closed
        signal.signal(signal.SIGHUP, _terminate)


def _end(number: int, _frame: FrameType | None) -> None:
    code, kind = _ENDS[signal.Signals(number).name]
    _write(2, f"{_SENTENCE}\n")
    if "--json" in sys.argv:
        _write(1, _DOCUMENT % (code, kind, _SENTENCE))
    os._exit(code)


def _write(descriptor: int, text: str) -> None:
    try:
        os.write(descriptor, text.encode())
    except OSError:  # nobody reads it, and it ends all the same
        return


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated
