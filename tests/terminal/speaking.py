"""A program that tells of its work, for the tests of live output.

Its arguments are what it does, one after the other; `wait` waits for a line of input.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache

from alma_agent.records import Usage
from alma_agent.terminal.bars import bar
from alma_agent.terminal.consoles import err, out, progress, speak
from alma_agent.terminal.observing import TerminalObserver
from alma_agent.terminal.status import first_sign

_SAID = "# Plan\n\nFirst **this**.\n\n- one\n- two\n\nThen that."


@cache
def _observer() -> TerminalObserver:
    return TerminalObserver(out, progress)


def _say() -> None:
    for letter in _SAID:
        _observer().said(letter)


def _spend() -> None:
    _observer().spent(Usage(1, 12_000, 0, 345, Decimal("0.0123")), 1.5)


def _count() -> None:
    with bar("reading the code") as counted:
        for done in range(0, 301, 100):
            counted(done, 300)
            sys.stdin.readline()


def _hammer() -> None:
    for number in range(100):
        _observer().step(f"working at a thing {number}")
        (out if number % 2 else err).print(f"line {number}.")
        if number % 20 == 0:
            time.sleep(0.15)  # so that the status is painted in between


DEEDS: Mapping[str, Callable[[], object]] = {
    "sign": first_sign,
    "step": lambda: _observer().step("asking gpt-5 (turn 1)"),
    "say": _say,
    "end": lambda: _observer().said(""),
    "spend": _spend,
    "count": _count,
    "hammer": _hammer,
    "result": lambda: out.print("the result"),
    "note": lambda: err.print("a note"),
    "ask": lambda: out.print("answer:", out.input("Apply this? ")),
    "wait": sys.stdin.readline,
    "quiet": lambda: speak(json=False, quiet=True, verbose=False),
    "verbose": lambda: speak(json=False, quiet=False, verbose=True),
}

if __name__ == "__main__":
    for deed in sys.argv[1:]:
        DEEDS[deed]()
