"""A command run to its end, or to its time limit; without a network, if that can be had."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from toolset.no_network import CUT_OFF, without_network

Network = Literal["cut off", "could not be cut off", "allowed"]

_END_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. `exit_code` is None past the time limit; `output` is its last 2 MB."""

    exit_code: int | None
    output: bytes
    network: Network


@dataclass(frozen=True, slots=True)
class CheckProcess:
    """What a command is run with: no shell, no input, both outputs as they are interleaved."""

    folder: Path
    environment: Mapping[str, str]
    timeout_s: float

    def run(self, command: tuple[str, ...], *, network: bool) -> Ended:
        """Run `command`. Whatever it leaves behind in its process group goes with it.

        Where the network cannot be cut off, the command has it, and `Ended.network` says so.
        """
        if network:
            return Ended(*self._ended(command), "allowed")
        with tempfile.TemporaryFile() as report:
            launcher = without_network(command, report.fileno())
            code, output = self._ended(launcher, inherited=(report.fileno(),))
            report.seek(0)
            if report.read() == CUT_OFF or code is None:
                return Ended(code, output, "cut off")
        return Ended(*self._ended(command), "could not be cut off")

    def _ended(
        self, command: tuple[str, ...], *, inherited: Sequence[int] = ()
    ) -> tuple[int | None, bytes]:
        # Into a file: a pipe would be waited for as long as any grandchild holds it open.
        with tempfile.TemporaryFile() as output:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=inherited,
                )
            except OSError as error:
                return 127, f"{command[0]}: {error.strerror}".encode()
            with process:
                try:
                    code: int | None = process.wait(self.timeout_s)
                    end = b""
                except subprocess.TimeoutExpired:
                    code, end = None, f"\nstopped after {self.timeout_s:g} s".encode()
                finally:  # Ctrl-C too: the check's own children must go
                    _kill(process)
            return code, _end_of(output) + end


def _end_of(output: IO[bytes]) -> bytes:
    output.seek(max(0, output.seek(0, os.SEEK_END) - _END_BYTES))
    return output.read()


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
