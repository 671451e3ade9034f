"""One command of alma's from its start to its end, with what it printed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.forked.service import service

_ALMA = (sys.executable, "-m", "alma_agent")
_TIMEOUT_S = 120


def run(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    forked: bool = True,
    said: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run `alma ARGUMENTS...` without a terminal; `said` is its standard input.

    With `forked=False` it is started by an interpreter of its own, as a person's shell does it.
    """
    if forked and service().may(environment):
        return _forked(arguments, folder, environment, said)
    return subprocess.run(
        [*_ALMA, *arguments],
        cwd=folder,
        env=environment,
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )


def _forked(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], said: str
) -> subprocess.CompletedProcess[str]:
    # Files instead of pipes: nobody has to read while the command runs.
    with (
        tempfile.TemporaryFile("w+") as input_,
        tempfile.TemporaryFile("w+") as output,
        tempfile.TemporaryFile("w+") as errors,
    ):
        input_.write(said)
        input_.seek(0)
        streams = [file.fileno() for file in (input_, output, errors)]
        process = service().start(arguments, folder, environment, streams)
        try:
            status = process.wait(_TIMEOUT_S)
        except TimeoutError:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            raise subprocess.TimeoutExpired([*_ALMA, *arguments], _TIMEOUT_S) from None
        for file in (output, errors):
            file.seek(0)
        return subprocess.CompletedProcess(
            [*_ALMA, *arguments], status, output.read(), errors.read()
        )
