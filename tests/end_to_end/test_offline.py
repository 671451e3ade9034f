"""No socket is opened but to the endpoint that was configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import ACCEPTED, Project
from tests.model_server import Call, Say, model_server

GUARD = """
import os, socket

def guarded(name, real):
    def connect(self, address, *rest):
        with open(os.environ["SOCKETS"], "a") as log:
            log.write(f"{address}\\n")
        return real(self, address, *rest)
    return connect

for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, guarded(name, getattr(socket.socket, name)))
real_lookup = socket.getaddrinfo

def lookup(host, *rest, **more):
    with open(os.environ["SOCKETS"], "a") as log:
        log.write(f"lookup {host}\\n")
    return real_lookup(host, *rest, **more)

socket.getaddrinfo = lookup
"""


@pytest.fixture
def watch(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which every connection of Python's is written down."""
    folder = tmp_path / "guard"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(GUARD)
    (tmp_path / "sockets.txt").touch()
    return {"PYTHONPATH": str(folder), "SOCKETS": str(tmp_path / "sockets.txt")}


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "rename load to read_csv", "--file", "app.py", *ACCEPTED),
        ("memory", "search", "sales"),
        ("memory", "rebuild"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_no_socket_is_opened_without_a_model(
    flat: Project, watch: dict[str, str], arguments: tuple[str, ...]
) -> None:
    flat.alma("run", "rename revenue to income", "--file", "app.py", *ACCEPTED)

    done = flat.alma(*arguments, environment=watch)

    assert done.returncode == 0, done.stderr
    assert Path(watch["SOCKETS"]).read_text() == ""


def test_with_a_model_only_its_endpoint_is_asked(flat: Project, watch: dict[str, str]) -> None:
    with model_server([Call("read_file", {"path": "app.py"}), Say("Nothing to do.")]) as server:
        done = flat.alma(
            *("run", "look around", "--model", "small"),
            environment=watch | {"OPENAI_BASE_URL": server.url},
        )

    assert done.returncode == 0, done.stderr
    port = server.url.split(":")[2].split("/")[0]
    asked = set(Path(watch["SOCKETS"]).read_text().splitlines())
    assert asked - {"lookup 127.0.0.1"} == {f"('127.0.0.1', {port})"}
