"""A whole task over real HTTP, in both protocols, streamed and not; and endpoints that fail."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from alma_agent.config import Api, ModelChoice
from alma_agent.errors import ModelUnavailable
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.records import Proposal, Recollection, Task
from alma_agent.testing import SilentObserver
from tests.conftest import make_repository
from tests.model_server import Call, Fail, Say, model_server

STEPS = [
    Call("read_file", {"path": "app.py"}),
    Call("replace_text", {"path": "app.py", "old": "return p", "new": "return p or 0"}),
    Say("Returned 0 for nothing."),
]


async def proposed(root: Path, url: str, *, api: Api = "auto", stream: bool = False) -> Proposal:
    workspace = make_repository(root / "project", {"app.py": "def load(p):\n    return p\n"})
    choice = ModelChoice("small", url, "sk-secret", api=api, stream=stream)
    orchestrator = Orchestrator(workspace, choice, SilentObserver())
    return await orchestrator.propose(Task("make load return zero"), Recollection())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("api", "path"),
    [
        pytest.param("chat", "/v1/chat/completions", id="chat completions"),
        pytest.param("responses", "/v1/responses", id="responses"),
        pytest.param("auto", "/v1/chat/completions", id="auto, at an endpoint that is not OpenAI"),
    ],
)
async def test_a_task_is_carried_over_the_wire(
    tmp_path: Path, api: Api, path: str, stream: bool
) -> None:
    with model_server(STEPS) as server:
        proposal = await proposed(tmp_path, server.url, api=api, stream=stream)

    assert "+    return p or 0" in proposal.changes.diff()
    assert proposal.rationale == "Returned 0 for nothing."
    assert (proposal.usage.requests, proposal.usage.input_tokens) == (3, 300)
    assert set(server.paths) == {path}
    assert all(bool(body.get("stream")) is stream for body in server.requests)
    assert set(server.keys) == {"Bearer sk-secret"}
    assert "sk-secret" not in server.heard


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        pytest.param(Fail(401, "bad key sk-secret"), "does not accept the key", id="401"),
        pytest.param(Fail(403), "does not accept the key", id="403"),
        pytest.param(Fail(404, "no such model"), "does not know the model", id="404"),
        pytest.param(Fail(400, "bad request"), "failed", id="400"),
    ],
)
async def test_an_endpoint_that_refuses_is_told_in_a_sentence(
    tmp_path: Path, failure: Fail, says: str
) -> None:
    with model_server([failure]) as server, pytest.raises(ModelUnavailable, match=says) as told:
        await proposed(tmp_path, server.url)

    assert "Nothing was written" in str(told.value)
    assert "sk-secret" not in str(told.value)


async def test_an_endpoint_that_fails_once_is_asked_again(tmp_path: Path) -> None:
    with model_server([Fail(500), *STEPS]) as server:
        proposal = await proposed(tmp_path, server.url)

    assert proposal.changes
    assert len(server.requests) == 4


async def test_an_endpoint_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await proposed(tmp_path, f"http://127.0.0.1:{port}/v1")
