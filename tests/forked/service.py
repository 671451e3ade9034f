"""The process that forks, as the tests see it: it starts when first asked, and ends with them."""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

# What a command of alma's comes to import of others' code, but for what decides something by the
# environment at its import (typer, GitPython, onnxruntime).
_LIBRARIES = (
    "agents", "alembic.command", "anyio._backends._asyncio", "ast_grep_py", "chromadb",
    "chromadb.api.rust", "filelock", "genai_prices", "h11", "httpcore2", "jedi", "jinja2", "libcst",
    "markdown_it", "numpy", "openai.resources", "openai.resources.chat.completions",
    "openai.resources.responses", "pathspec", "platformdirs", "prompt_toolkit", "pydantic",
    "pylsp_jsonrpc.streams", "rope.base.project", "rope.refactor.rename",
    "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "tenacity",
)  # fmt: skip
# Variables that alma reads when it runs, and no library reads when it is imported.
_FREE = {
    "COLUMNS", "EDITOR", "FORCE_COLOR", "HOME", "LINES", "NO_COLOR", "OPENAI_API_KEY",
    "OPENAI_BASE_URL", "PAGER", "PYTEST_CURRENT_TEST", "TERM", "VISUAL",
}  # fmt: skip
_FREE_PREFIXES = ("ALMA_", "GIT_", "XDG_")


class Forked:
    """A command that runs: a process id, and an exit status at the end."""

    def __init__(self, report: socket.socket) -> None:
        self._report = report
        self._lines = report.makefile()
        self.pid = int(self._lines.readline())
        self._status: int | None = None

    def __del__(self) -> None:
        """Let go of one that nobody waited for, as after a test that failed."""
        self._lines.close()
        self._report.close()

    def wait(self, timeout_s: float | None = None) -> int:
        """Return the exit status, a signal's number negative; raise TimeoutError if it runs on."""
        if self._status is None:
            if not select.select([self._report], [], [], timeout_s)[0]:
                raise TimeoutError(f"process {self.pid} still runs")
            self._status = int(self._lines.readline())
            self._lines.close()
            self._report.close()
        return self._status


class Service:
    """Commands for the asking, each in a process of its own."""

    def __init__(self) -> None:
        self._environment = _free_of_settings(os.environ)
        self._control, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    str(Path(__file__).with_name("server.py")),
                    str(other.fileno()),
                    *_LIBRARIES,
                ],
                cwd=tempfile.gettempdir(),
                # Nobody but the server itself is to run when it forks.
                env=self._environment | {"OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )

    def may(self, environment: Mapping[str, str]) -> bool:
        """Say whether a command in this environment is the same forked as started."""
        names = environment.keys() | self._environment.keys()
        return not {
            name
            for name in names
            if environment.get(name) != self._environment.get(name) and not _is_free(name)
        }

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        streams: Sequence[int],
        *,
        terminal: bool = False,
    ) -> Forked:
        """Start `alma ARGUMENTS...` in `folder`; `streams` are its input, output and errors."""
        mine, its = socket.socketpair()
        with its:
            socket.send_fds(self._control, [b"."], [*streams, its.fileno()])
        command = {
            "arguments": [str(one) for one in arguments],
            "folder": str(folder),
            "environment": dict(environment),
            "terminal": terminal,
        }
        mine.sendall(json.dumps(command).encode() + b"\n")
        return Forked(mine)

    def close(self) -> None:
        self._control.close()
        self._process.wait()


@cache
def service() -> Service:
    """Return the one of this process."""
    started = Service()
    atexit.register(started.close)
    return started


def _free_of_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("ALMA_", "OPENAI_"))
    }


def _is_free(name: str) -> bool:
    return name in _FREE or name.startswith(_FREE_PREFIXES)
