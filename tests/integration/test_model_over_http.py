"""A whole task over real HTTP, in both protocols, streamed and not; and endpoints that fail."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from alma_agent.config import Api, ModelChoice
from alma_agent.errors import AlmaError, ModelUnavailable
from alma_agent.ports import Crew
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.records import Interaction, Proposal, Task
from alma_agent.remembered import Recollection
from alma_agent.review import AssumeYes
from alma_agent.run import run
from alma_agent.testing import SilentObserver
from alma_agent.wiring import open_house
from tests.conftest import make_repository, tree
from tests.integration.guards import no_connection_but_to
from tests.model_server import Call, Fail, Garble, Hangup, ModelServer, Say, Step, model_server

STEPS: list[Step] = [
    Call("read_file", {"path": "app.py"}),
    Call("replace_text", {"path": "app.py", "old": "return p", "new": "return p or 0"}),
    Call("finish", {"rationale": "Returned 0 for nothing."}),
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
        pytest.param(Fail(429, "slow down, sk-secret"), "refuses for now", id="429"),
        pytest.param(Fail(500, "oops, sk-secret"), "failed", id="500"),
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


def port_of(server: ModelServer) -> int:
    port = urlsplit(server.url).port
    assert port
    return port


async def ran(root: Path, url: str, *, stream: bool = False) -> Interaction:
    """Carry the task through, with a ledger and an index, into the files."""
    workspace = make_repository(root / "project", {"app.py": "def load(p):\n    return p\n"})
    observer = SilentObserver()
    choice = ModelChoice("small", url, "sk-secret", stream=stream)
    proposer = Orchestrator(workspace, choice, observer)
    library = open_house(workspace).library_with_meaning
    crew = Crew(library, proposer, AssumeYes(), observer)
    return await run(Task("make load return zero"), workspace, crew)


def written(root: Path) -> bytes:
    """Return all bytes under a folder: the project's, git's and alma's."""
    return b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_the_key_goes_to_the_endpoint_and_nowhere_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], stream: bool
) -> None:
    with model_server(STEPS) as server:
        told = await ran(tmp_path, server.url, stream=stream)

    assert told.outcome.kind == "applied"
    assert set(server.keys) == {"Bearer sk-secret"}
    assert b"sk-secret" not in written(tmp_path)
    assert "sk-secret" not in "".join(capfd.readouterr()) + server.heard


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
async def test_a_key_that_the_endpoint_repeats_is_not_remembered(
    tmp_path: Path, status: int
) -> None:
    failing = model_server([Fail(status, "bad key: sk-secret")])
    with failing as server, pytest.raises(ModelUnavailable):
        await ran(tmp_path, server.url)

    assert b"sk-secret" not in written(tmp_path)


async def test_a_password_in_the_endpoint_s_address_is_not_remembered(tmp_path: Path) -> None:
    with model_server([Fail(400)]) as server:
        url = server.url.replace("//", "//me:pass-secret@")
        with pytest.raises(ModelUnavailable, match=r"http://127\.0\.0\.1:\d+/v1 failed"):
            await ran(tmp_path, url)

    assert b"pass-secret" not in written(tmp_path)


PAGE = Garble("<html>It works!</html>", "text/html")


@pytest.mark.parametrize(
    ("api", "stream", "answer"),
    [
        pytest.param("chat", False, PAGE, id="a page"),
        pytest.param("chat", True, PAGE, id="a page, streamed"),
        pytest.param("responses", False, PAGE, id="a page for responses"),
        pytest.param("responses", True, PAGE, id="a page for responses, streamed"),
        pytest.param("chat", False, Garble("<html>"), id="a page that says it is JSON"),
        pytest.param("chat", False, Garble(""), id="nothing"),
        pytest.param("chat", True, Garble(""), id="nothing, streamed"),
        pytest.param("chat", False, Garble("{}"), id="an empty object"),
        pytest.param("chat", False, Garble('{"choices": []}'), id="no choice"),
        pytest.param("chat", False, Garble('{"choices": null}'), id="null for choices"),
        pytest.param("chat", False, Garble('{"choices": [{"message": null}]}'), id="no message"),
        pytest.param("responses", False, Garble("{}"), id="an empty object for responses"),
    ],
)
async def test_an_answer_that_is_none_is_told_in_a_sentence(
    tmp_path: Path, api: Api, stream: bool, answer: Garble
) -> None:
    with model_server([answer]) as server, pytest.raises(AlmaError, match="Nothing was written"):
        await proposed(tmp_path, server.url, api=api, stream=stream)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_half_of_an_answer_is_told_in_a_sentence(tmp_path: Path, stream: bool) -> None:
    with model_server([Hangup()]) as server, pytest.raises(ModelUnavailable) as told:
        await proposed(tmp_path, server.url, stream=stream)

    assert "Nothing was written" in str(told.value)


async def test_an_endpoint_that_keeps_failing_is_given_up(tmp_path: Path) -> None:
    with model_server([Fail(500)]) as server, pytest.raises(ModelUnavailable, match="failed"):
        await proposed(tmp_path, server.url)

    assert len(server.requests) == 5  # once, and four times more


@pytest.mark.parametrize("steps", [[Fail(401)], [*STEPS[:2], Fail(400)]], ids=["first", "later"])
async def test_where_the_endpoint_fails_nothing_is_written(
    tmp_path: Path, steps: list[Step]
) -> None:
    with model_server(steps) as server, pytest.raises(ModelUnavailable):
        await ran(tmp_path, server.url)

    assert tree(tmp_path / "project") == {"app.py": (b"def load(p):\n    return p\n", 0o644)}


async def test_no_connection_is_made_but_to_the_endpoint(tmp_path: Path) -> None:
    with model_server(STEPS) as server, no_connection_but_to(port_of(server)) as refused:
        told = await ran(tmp_path, server.url)

    assert told.outcome.kind == "applied"
    assert refused == []


async def test_half_a_character_in_an_answer_is_no_reason_to_fail(tmp_path: Path) -> None:
    with model_server([*STEPS[:2], Say("Done \ud800.")]) as server:
        told = await ran(tmp_path, server.url)

    assert (told.outcome.kind, told.rationale) == ("applied", "Done ?.")


async def test_a_conversation_that_grows_too_long_is_made_shorter_and_goes_on(
    tmp_path: Path,
) -> None:
    too_long = Fail(400, "This model's maximum context length is 8192 tokens.")
    steps: list[Step] = [
        *(Call("search_text", {"text": "x" * 400 + str(n)}) for n in range(6)),
        too_long,
        too_long,
        STEPS[1],
        Call("finish", {"rationale": "Returned 0 for nothing."}),
    ]
    with model_server(steps) as server:
        proposal = await proposed(tmp_path, server.url)

    assert "+    return p or 0" in proposal.changes.diff()
    sent = [len(str(request["messages"])) for request in server.requests]
    assert sent[7] < sent[6]
    assert "make load return zero" in str(server.requests[-1]["messages"])


async def test_a_conversation_that_no_cut_makes_short_enough_is_given_up(tmp_path: Path) -> None:
    steps: list[Step] = [STEPS[0], Fail(400, "This model's maximum context length is 8 tokens.")]
    with model_server(steps) as server, pytest.raises(AlmaError, match="Nothing was written"):
        await proposed(tmp_path, server.url)

    assert len(server.requests) < 9
