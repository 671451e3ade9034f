"""An OpenAI-compatible model on loopback, that says what a test wrote for it.

Speaks chat completions and responses, streamed and not, over real HTTP; keeps every request.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Say:
    """The model answers with text, and is done."""

    text: str


@dataclass(frozen=True)
class Call:
    """The model calls one tool."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fail:
    """The endpoint answers with an error."""

    status: int
    message: str = "no"


@dataclass(frozen=True)
class Garble:
    """The endpoint says that all is well, and sends something that is no answer."""

    body: str
    content_type: str = "application/json"


@dataclass(frozen=True)
class Hangup:
    """The endpoint begins to answer, and then the line is dead."""


@dataclass(frozen=True)
class Stall:
    """The endpoint takes the request and does not answer for a while."""

    seconds: float


Step = Say | Call | Fail | Garble | Hangup | Stall


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
        if isinstance(step, Stall):
            time.sleep(step.seconds)
            step = Say("Here at last.")
        if isinstance(step, Fail):
            self._send_json({"error": {"message": step.message}}, status=step.status)
        elif isinstance(step, Garble):
            self._send(step.body.encode(), step.content_type, status=200)
        elif isinstance(step, Hangup):
            kind = "text/event-stream" if body.get("stream") else "application/json"
            self._send(b'data: {"id": "1", "choi', kind, status=200, missing=1)
        elif self.path == "/v1/chat/completions":
            self._chat(body, step, len(told.requests))
        elif self.path == "/v1/responses":
            self._responses(body, step, len(told.requests))
        else:
            self._send_json({"error": {"message": "no such path"}}, status=404)

    def _chat(self, body: dict[str, Any], step: Say | Call, number: int) -> None:
        message = _chat_message(step, number)
        head = {"id": f"chat-{number}", "created": 0, "model": body["model"]}
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        reason = "stop" if isinstance(step, Say) else "tool_calls"
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": reason}
            whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
            self._send_json(whole)
            return
        if "tool_calls" in message:
            message["tool_calls"][0]["index"] = 0
        chunk = {**head, "object": "chat.completion.chunk"}
        self._send_events(
            [
                {**chunk, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
                {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
                {**chunk, "choices": [], "usage": usage},
                "[DONE]",
            ]
        )

    def _responses(self, body: dict[str, Any], step: Say | Call, number: int) -> None:
        item = _response_item(step, number)
        response = {
            "id": f"resp-{number}",
            "object": "response",
            "created_at": 0,
            "model": body["model"],
            "status": "completed",
            "output": [item],
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": 100,
                "output_tokens": 10,
                "total_tokens": 110,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens_details": {"reasoning_tokens": 0},
            },
        }
        if not body.get("stream"):
            self._send_json(response)
            return
        started = {**response, "status": "in_progress", "output": [], "usage": None}
        self._send_events(
            [
                {"type": "response.created", "sequence_number": 0, "response": started},
                {
                    "type": "response.output_item.done",
                    "sequence_number": 1,
                    "output_index": 0,
                    "item": item,
                },
                {"type": "response.completed", "sequence_number": 2, "response": response},
            ]
        )

    def _send_json(self, content: dict[str, Any], *, status: int = 200) -> None:
        self._send(json.dumps(content).encode(), "application/json", status=status)

    def _send(self, data: bytes, content_type: str, *, status: int, missing: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data) + missing))
        self.send_header("Retry-After-Ms", "1")  # whoever comes again need not wait
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = bool(missing)

    def _send_events(self, events: list[dict[str, Any] | str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            text = event if isinstance(event, str) else json.dumps(event)
            name = "" if isinstance(event, str) or "type" not in event else event["type"]
            prefix = f"event: {name}\n" if name else ""
            self.wfile.write(f"{prefix}data: {text}\n\n".encode())
        self.close_connection = True


def _chat_message(step: Say | Call, number: int) -> dict[str, Any]:
    if isinstance(step, Say):
        return {"role": "assistant", "content": step.text}
    function = {"name": step.tool, "arguments": json.dumps(step.arguments)}
    call = {"id": f"call-{number}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _response_item(step: Say | Call, number: int) -> dict[str, Any]:
    if isinstance(step, Say):
        return {
            "type": "message",
            "id": f"msg-{number}",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": step.text, "annotations": []}],
        }
    return {
        "type": "function_call",
        "id": f"fc-{number}",
        "call_id": f"call-{number}",
        "name": step.tool,
        "arguments": json.dumps(step.arguments),
        "status": "completed",
    }
