"""Vectors from an endpoint on loopback, over real HTTP: right, wrong, late, or not at all."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from alma_agent.memory.index import IndexUnavailable
from alma_agent.memory.remote_embedder import RemoteEmbedder
from tests.integration.guards import no_connection_but_to

KEY = "open" + "sesame-7"


@dataclass(frozen=True)
class Answer:
    """What the endpoint sends: `body` None is a vector for each text, of `dimensions`."""

    status: int = 200
    body: str | None = None
    dimensions: int = 3
    cut: int = 0
    seconds: float = 0.0
    location: str = ""
    backwards: bool = False


@dataclass
class Endpoint:
    """A running endpoint: where it is, and what it was asked."""

    port: int
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def embedder(self, **chosen: Any) -> RemoteEmbedder:
        url = f"http://127.0.0.1:{self.port}/v1"
        return RemoteEmbedder("small", **{"api_key": KEY, "base_url": url, **chosen})


@contextmanager
def endpoint(*answers: Answer) -> Iterator[Endpoint]:
    """Serve answers, one a request; past the end, the last one again."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    told = Endpoint(server.server_port)
    server.answers, server.told = answers, told  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told: Endpoint = self.server.told  # type: ignore[attr-defined]
        answers: Sequence[Answer] = self.server.answers  # type: ignore[attr-defined]
        answer = answers[min(len(told.requests), len(answers) - 1)]
        told.requests.append(request)
        told.keys.append(self.headers["Authorization"])
        time.sleep(answer.seconds)
        body = (_vectors(request, answer) if answer.body is None else answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After-Ms", "1")
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(body[: len(body) - answer.cut])


def _vectors(request: dict[str, Any], answer: Answer) -> str:
    """Return vectors that tell the length of each text by their direction."""
    rows: list[dict[str, Any]] = [
        {
            "object": "embedding",
            "index": index,
            "embedding": [float(len(text)), 7.0, *[0.0] * (answer.dimensions - 2)],
        }
        for index, text in enumerate(request["input"])
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    data = rows[::-1] if answer.backwards else rows
    return json.dumps({"object": "list", "data": data, "model": request["model"], "usage": usage})


def test_a_text_is_a_row_of_length_one() -> None:
    with endpoint(Answer()) as told:
        made = told.embedder().embed(["a" * 7, "b" * 24])

    assert made.dtype == np.float32
    assert made == pytest.approx(np.array([[7, 7, 0], [24, 7, 0]]) / [[98**0.5], [25]], abs=1e-6)


def test_the_texts_the_model_and_the_key_are_sent() -> None:
    with endpoint(Answer()) as told:
        told.embedder().embed(["one", "two"])

    assert told.requests == [
        {"model": "small", "input": ["one", "two"], "encoding_format": "float"}
    ]
    assert told.keys == [f"Bearer {KEY}"]


def test_rows_in_another_order_are_put_right() -> None:
    texts = ["a" * length for length in range(1, 9)]
    with endpoint(Answer(backwards=True)) as told:
        made = told.embedder().embed(texts)

    assert np.all(np.diff(made[:, 0]) > 0)


def test_many_texts_go_in_several_requests() -> None:
    texts = ["a" * (1 + number % 50) for number in range(300)]
    with endpoint(Answer()) as told:
        made = told.embedder().embed(texts)

    assert [len(request["input"]) for request in told.requests] == [128, 128, 44]
    assert made.shape == (300, 3)
    assert made[149] == pytest.approx(made[99])


def test_no_text_asks_nobody() -> None:
    with endpoint(Answer()) as told:
        assert told.embedder(dimensions=3).embed([]).shape == (0, 3)

    assert told.requests == []


def test_no_text_is_sent_empty_or_longer_than_a_model_takes() -> None:
    with endpoint(Answer()) as told:
        told.embedder().embed(["", "x" * 100_000])

    assert [len(text) for text in told.requests[0]["input"]] == [1, 8_000]


def test_dimensions_are_asked_for_and_part_of_the_name() -> None:
    with endpoint(Answer(dimensions=5)) as told:
        embedder = told.embedder(dimensions=5)
        made = embedder.embed(["one"])

    assert told.requests[0]["dimensions"] == 5
    assert made.shape == (1, 5)
    assert embedder.name == "small@5"
    assert told.embedder().name == "small"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_endpoint_is_asked_again(status: int) -> None:
    with endpoint(Answer(status, body="{}"), Answer()) as told:
        assert told.embedder().embed(["one"]).shape == (1, 3)

    assert len(told.requests) == 2


SENSELESS = "make no sense"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(Answer(401, f'{{"error": {{"message": "bad key {KEY}"}}}}'), "401", id="key"),
        pytest.param(Answer(404, "{}"), "404", id="no such model"),
        pytest.param(Answer(429, "{}"), "429", id="busy for good"),
        pytest.param(Answer(500, "{}"), "500", id="broken"),
        pytest.param(Answer(cut=9), "could not be had", id="line dead"),
        pytest.param(Answer(body='{"data": [{"ind'), SENSELESS, id="half of an answer"),
        pytest.param(Answer(body="<html>"), SENSELESS, id="a page"),
        pytest.param(Answer(body="{}"), SENSELESS, id="no vectors"),
        pytest.param(Answer(body='{"data": []}'), "No embedding data|0 vectors", id="none"),
        pytest.param(
            Answer(body='{"data": [{"index": 0, "embedding": [0, 0, 0]}]}'), SENSELESS, id="zeros"
        ),
        pytest.param(
            Answer(body='{"data": [{"index": 0, "embedding": ["a"]}]}'), SENSELESS, id="words"
        ),
        pytest.param(
            Answer(body='{"data": [{"index": 3, "embedding": [1.0]}]}'), SENSELESS, id="index"
        ),
        pytest.param(Answer(seconds=1.0), "timed out", id="late"),
        pytest.param(Answer(dimensions=4), "of 4 dimensions, not of 3", id="wrong dimensions"),
    ],
)
def test_a_failure_is_told_with_its_cure_and_without_the_key(answer: Answer, said: str) -> None:
    with endpoint(answer) as told:
        embedder = told.embedder(dimensions=3, timeout_s=0.2, retries=1)
        with pytest.raises(IndexUnavailable, match=said) as caught:
            embedder.embed(["one"])

    assert f"127.0.0.1:{told.port}" in str(caught.value)
    assert KEY not in str(caught.value)


def test_vectors_of_several_lengths_are_refused() -> None:
    with endpoint(Answer(dimensions=3), Answer(dimensions=4)) as told:  # noqa: SIM117
        with pytest.raises(IndexUnavailable, match=SENSELESS):
            told.embedder().embed(["one"] * 129)


def test_a_redirect_is_not_followed() -> None:
    with endpoint(Answer()) as elsewhere:
        there = f"http://127.0.0.1:{elsewhere.port}/v1/embeddings"
        with (
            endpoint(Answer(307, "{}", location=there)) as told,
            pytest.raises(IndexUnavailable),
        ):
            told.embedder().embed(["one"])

    assert elsewhere.requests == []


def test_an_endpoint_that_is_not_there_is_told() -> None:
    with endpoint(Answer()) as told:
        pass

    with pytest.raises(IndexUnavailable, match="could not be had"):
        told.embedder(retries=0).embed(["one"])


def test_only_the_endpoint_is_spoken_to() -> None:
    with endpoint(Answer()) as told, no_connection_but_to(told.port) as refused:
        told.embedder().embed(["one"])

    assert refused == []


def test_neither_key_nor_password_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with endpoint(Answer(401, "{}")) as told:
        url = f"http://me:{KEY}@127.0.0.1:{told.port}/v1"
        embedder = told.embedder(base_url=url)
        with pytest.raises(IndexUnavailable) as caught:
            embedder.embed(["one"])

    assert KEY not in f"{embedder!r} {caught.value} {caught.value.__cause__}"
    assert KEY not in caplog.text


def test_a_login_in_the_address_is_used() -> None:
    with endpoint(Answer()) as told:
        told.embedder(base_url=f"http://me:a%40b@127.0.0.1:{told.port}/v1").embed(["one"])

    assert told.keys == ["Basic " + base64.b64encode(b"me:a@b").decode()]
