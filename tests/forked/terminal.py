"""alma on a terminal of its own, with a person at it who is a pexpect script."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from pexpect.fdpexpect import fdspawn

from tests.forked.service import service

_END_OF_TEXT, _END_OF_TRANSMISSION = b"\x03", b"\x04"  # what a terminal makes of Ctrl-C, Ctrl-D


class OnTerminal(fdspawn):  # type: ignore[misc]
    """What `pexpect.spawn` is for `python -m alma_agent ARGUMENTS...`, without its imports.

    `expect`, `send`, `sendline`, `before`, `after` are pexpect's. `environment` must be one that
    `service().may`; use `pexpect.spawn` for others (another locale, another PYTHON...).
    """

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        lines: int = 40,
        columns: int = 120,
        timeout: float = 30,
    ) -> None:
        if not service().may(environment):
            raise ValueError("in this environment alma needs an interpreter of its own")
        mine, its = pty.openpty()
        try:
            _resize(mine, lines, columns)
            self._process = service().start(
                arguments, folder, environment, [its, its, its], terminal=True
            )
        finally:
            os.close(its)
        self.exitstatus: int | None = None  # what it exited with
        self.signalstatus: int | None = None  # or the signal that ended it
        super().__init__(mine, timeout=timeout, encoding="utf-8")
        self.pid = self._process.pid

    def __str__(self) -> str:
        """Return what pexpect tells where something that was expected did not come."""
        return f"alma on a terminal, process {self.pid}; it last wrote: {self.before!r}"

    def sendintr(self) -> None:
        """Press Ctrl-C."""
        os.write(self.child_fd, _END_OF_TEXT)

    def sendeof(self) -> None:
        """Press Ctrl-D."""
        os.write(self.child_fd, _END_OF_TRANSMISSION)

    def setwinsize(self, lines: int, columns: int) -> None:
        """Make the window another size; alma is told by SIGWINCH."""
        _resize(self.child_fd, lines, columns)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        os.kill(self.pid, how)

    def isalive(self) -> bool:
        try:
            self.wait(0)
        except TimeoutError:
            return True
        return False

    def wait(self, timeout_s: float | None = 30) -> int:
        """Wait for its end; return the exit status, a signal's number negative."""
        status = self._process.wait(timeout_s)
        if status < 0:
            self.signalstatus = -status
        else:
            self.exitstatus = status
        return status

    def close(self) -> None:
        """Close the terminal, which hangs up whoever still runs, and wait for the end."""
        if self.child_fd >= 0:
            super().close()
        try:
            self.wait(10)
        except TimeoutError:
            self.kill()
            self.wait()


def _resize(terminal: int, lines: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
