"""A guard that lets no socket be opened but to where a test says."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


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
