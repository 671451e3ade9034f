"""The server: takes a request, keeps it, and does what the step for it says."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.model_server import chat, responses
from tests.model_server.steps import (
    AT_ONCE,
    Answer,
    Cut,
    Fail,
    Garble,
    Hangup,
    Say,
    Stall,
    Step,
    answer_of,
)

_FORMS: dict[str, Any] = {
    "/v1/chat/completions": (chat.whole, chat.chunks),
    "/v1/responses": (responses.whole, responses.events),
}


@dataclass
class ModelServer:
    """A running server: where it is, and what it was asked."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def heard(self) -> str:
        """Return everything that any request held, as text."""
        return json.dumps(self.requests, ensure_ascii=False)


@contextmanager
def model_server(steps: Sequence[Step]) -> Iterator[ModelServer]:
    """Serve `steps`, one a request; past the end, the last one again."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    told = ModelServer(f"http://127.0.0.1:{server.server_port}/v1")
    server.steps, server.told = list(steps), told  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        _require_loopback(server.server_port)
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _require_loopback(port: int) -> None:
    """Skip where even this machine cannot be reached: a network namespace starts so."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError as error:
        pytest.skip(f"no loopback network here ({error.strerror}); bring it up: ip link set lo up")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told: ModelServer = self.server.told  # type: ignore[attr-defined]
        steps: list[Step] = self.server.steps  # type: ignore[attr-defined]
        step = steps[min(len(told.requests), len(steps) - 1)]
        told.requests.append(body)
        told.paths.append(self.path)
        told.keys.append(self.headers.get("Authorization", ""))
        try:
            self._do(step, body, len(told.requests))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has had enough

    def _do(self, step: Step, body: dict[str, Any], number: int) -> None:
        match step:
            case Stall(seconds):
                time.sleep(seconds)
                self._do(Say("Here at last."), body, number)
            case Fail():
                self._fail(step)
            case Garble(text, kind):
                self._send(text.encode(), kind)
            case Hangup():
                kind = "text/event-stream" if body.get("stream") else "application/json"
                self._send(b'data: {"id": "1", "choi', kind, missing=1)
            case Cut():
                self._answer(answer_of(step.step), body, number, step)
            case _:
                self._answer(answer_of(step), body, number, None)

    def _answer(self, said: Answer, body: dict[str, Any], number: int, cut: Cut | None) -> None:
        if self.path not in _FORMS:
            self._send(b'{"error": {"message": "no such path"}}', "application/json", status=404)
            return
        whole, events = _FORMS[self.path]
        if body.get("stream"):
            self._stream([_event(e) for e in events(said, number, body["model"])], said.pause, cut)
            return
        data = json.dumps(whole(said, number, body["model"])).encode()
        if cut is None:
            self._send(data, "application/json")
        else:
            self._send(data[: cut.at], "application/json", missing=0 if cut.clean else 1)

    def _fail(self, step: Fail) -> None:
        if isinstance(step.body, str):
            self._send(step.body.encode(), "text/html", status=step.status, headers=step.headers)
            return
        error: dict[str, Any] = {"message": step.message}
        body = step.body or {"error": error if step.code is None else {**error, "code": step.code}}
        data = json.dumps(body).encode()
        self._send(data, "application/json", status=step.status, headers=step.headers)

    def _send(
        self,
        data: bytes,
        content_type: str,
        *,
        status: int = 200,
        missing: int = 0,
        headers: Mapping[str, str] = AT_ONCE,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data) + missing))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = bool(missing)

    def _stream(self, events: list[bytes], pause: float, cut: Cut | None) -> None:
        """Send events; a break shows by the last chunk of the transfer, which never comes."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        if cut is not None:
            events = [b"".join(events)[: cut.at]]
        for event in events:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            if pause:
                time.sleep(pause)
        if cut is None or cut.clean:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True


def _event(event: dict[str, Any] | str) -> bytes:
    text = event if isinstance(event, str) else json.dumps(event)
    name = "" if isinstance(event, str) or "type" not in event else f"event: {event['type']}\n"
    return f"{name}data: {text}\n\n".encode()
