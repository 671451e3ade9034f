"""A terminal with a program in it: keys go in, and what stands on its screen is read.

pexpect holds the pseudo-terminal, pyte is the screen, and answers what programs ask of terminals.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pexpect
import pyte

ENTER, CTRL_C, CTRL_D, SHIFT_TAB, ALT_ENTER = "\r", "\x03", "\x04", "\x1b[Z", "\x1b\r"
_NOT_OURS = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


class Terminal:
    """A program on a terminal of its own. `heard` is all that it wrote, byte for byte."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str] = {},
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        given = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        given |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | environment
        self.heard = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._program = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(folder),
            env=given,
            dimensions=(rows, columns),
            echo=False,
        )
        self._screen.write_process_input = self.type

    @property
    def text(self) -> str:
        """Return what stands on the screen, without the blanks at the ends."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line]

    def type(self, keys: str | bytes) -> None:
        self._program.send(keys.encode() if isinstance(keys, str) else keys)

    def shows(self, *wanted: str, seconds: float = 15.0) -> str:
        """Wait until all of this stands on the screen; return the whole screen."""
        ends = time.monotonic() + seconds
        while not all(one in self.text for one in wanted):
            if time.monotonic() > ends or not self._read():
                missing = [one for one in wanted if one not in self.text]
                raise AssertionError(f"The screen does not show {missing}:\n{self.text}")
        return self.text

    def settles(self, seconds: float = 0.3, *, at_most: float = 5.0) -> str:
        """Wait until nothing was written for so long; return the screen. A status never rests."""
        began = quiet_since = time.monotonic()
        while (now := time.monotonic()) - quiet_since < seconds and now - began < at_most:
            before = len(self.heard)
            if not self._read():
                break
            if len(self.heard) > before:
                quiet_since = time.monotonic()
        return self.text

    def resize(self, *, columns: int, rows: int = 24) -> None:
        self._screen.resize(rows, columns)
        self._program.setwinsize(rows, columns)

    def kill(self) -> None:
        self._program.kill(9)
        self._program.wait()

    def ends(self, seconds: float = 15.0) -> int:
        """Wait for the program's end; return its exit code, or the signal's number below zero."""
        until = time.monotonic() + seconds
        while self._read():
            if time.monotonic() > until:
                raise AssertionError(f"The program does not end:\n{self.text}")
        self._program.wait()
        killed = self._program.signalstatus
        return -killed if killed else int(self._program.exitstatus or 0)

    def close(self) -> None:
        self._program.close(force=True)

    def _read(self) -> bool:
        """Take in what was written, for a moment; say whether there may come more."""
        try:
            written = self._program.read_nonblocking(65_536, timeout=0.05)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.heard += written
        self._stream.feed(written)
        return True
