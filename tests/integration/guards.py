"""Guards against what must not happen: a socket to elsewhere, a key in what was written."""

from __future__ import annotations

import base64
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Every connection that Python makes in a process, whichever library asks for it; an audit hook
# cannot be taken away again. What native code connects to by itself it does not see.
AUDIT = """
import os, sys

def audit(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        told = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        told = arguments[0]
    else:
        return
    line = f"{event} {told!r}\\n".encode()
    file = os.open(os.environ["SOCKETS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line)
    os.close(file)

sys.addaudithook(audit)
"""


def audited(folder: Path) -> dict[str, str]:
    """Return an environment in which every Python writes down its connections; see `connected`."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(AUDIT)
    (folder / "sockets.txt").touch()
    return {"PYTHONPATH": str(folder), "SOCKETS": str(folder / "sockets.txt")}


def connected(environment: dict[str, str]) -> set[str]:
    """Return what was connected to, or looked up, in an environment of `audited`."""
    return set(Path(environment["SOCKETS"]).read_text().splitlines())


@contextmanager
def no_connection_but_to(*ports: int) -> Iterator[list[Any]]:
    """Refuse every connection but to these ports of loopback; yield the addresses refused."""
    refused: list[Any] = []
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family == socket.AF_UNIX or address[:2] in [("127.0.0.1", port) for port in ports]:
            return connect(self, address)
        refused.append(address)
        raise PermissionError(f"a test forbids to connect to {address}")

    def guarded_quietly(self: socket.socket, address: Any) -> int:
        guarded(self, address)
        return 0

    def no_name(*address: Any, **_: Any) -> Any:
        refused.append(address)
        raise socket.gaierror(f"a test forbids to look up {address}")

    resolve = socket.getaddrinfo
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_quietly)
        patch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *rest, **named: (
                resolve(host, *rest, **named)
                if host in ("127.0.0.1", b"127.0.0.1")
                else no_name(host, *rest)
            ),
        )
        yield refused


def holding(secret: str, *folders: Path) -> set[Path]:
    """Return the files, names and links under these folders that hold a secret.

    As it is, in base64 (paused runs keep bytes so), or packed as git packs its objects.
    """
    forms = [secret.encode(), *_in_base64(secret.encode())]
    return {
        path
        for folder in folders
        for path in folder.rglob("*")
        if any(form in held for held in _held(path) for form in forms)
    }


def _held(path: Path) -> Iterator[bytes]:
    yield path.name.encode()
    if path.is_symlink():
        yield str(path.readlink()).encode()
    elif path.is_file():
        data = path.read_bytes()
        yield data
        try:
            yield zlib.decompress(data)
        except zlib.error:
            return


def _in_base64(secret: bytes) -> Iterator[bytes]:
    """Yield what every text in base64 has that holds the secret, wherever it begins in it."""
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + secret)
        yield coded[4 if offset else 0 : len(coded) // 4 * 4 - 4]
