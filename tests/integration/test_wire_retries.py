"""Endpoints that fail: asked again, after the wait that they ask for, or not."""

from __future__ import annotations

import json
from email.utils import formatdate

import openai
import pytest

from alma_agent.proposer.wire import (
    TooLongToWait,
    is_context_overflow,
    is_transient,
)
from tests.integration.wire_runs import (
    CHATS,
    Way,
    every_way,
    ran,
    ran_at,
)
from tests.model_server import (
    OVERFLOWS,
    Fail,
    Garble,
    Say,
    model_server,
)


@every_way
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_an_endpoint_that_fails_for_now_is_asked_again(way: Way, status: int) -> None:
    told, server = await ran_at([Fail(status), Fail(status), Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 3)
    assert told.responses[0].usage.requests == 3


@every_way
@pytest.mark.parametrize(
    "failure",
    [
        *(Fail(status) for status in (400, 401, 403, 404, 422, 501)),
        Fail(429, "You exceeded your current quota", code="insufficient_quota"),
        Fail(503, headers={"Retry-After-Ms": "1", "x-should-retry": "false"}),
    ],
    ids=lambda failure: f"{failure.status} {failure.code or ''}",
)
async def test_what_will_not_mend_itself_is_not_asked_again(way: Way, failure: Fail) -> None:
    with model_server([failure]) as server, pytest.raises(openai.APIStatusError):
        await ran(server, way)

    assert len(server.requests) == 1


@every_way
async def test_an_endpoint_that_goes_on_failing_is_asked_five_times(way: Way) -> None:
    with model_server([Fail(500)]) as server, pytest.raises(openai.InternalServerError):
        await ran(server, way)

    assert len(server.requests) == 5


@every_way
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Retry-After": "0.001"}, id="seconds"),
        pytest.param({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, id="a date gone by"),
        pytest.param({"retry-after-ms": "1", "Retry-After": "900"}, id="milliseconds first"),
        pytest.param({"Retry-After": "soon"}, id="no number"),
        pytest.param({}, id="not said"),
    ],
)
async def test_the_wait_is_what_the_endpoint_asks_for(way: Way, headers: dict[str, str]) -> None:
    told, _ = await ran_at([Fail(429, headers=headers), Say("Done.")], way)

    assert told.answer == "Done."
    assert told.waits == ["waiting a moment: the endpoint is busy"]


@every_way
@pytest.mark.parametrize("form", ["seconds", "date", "endless"])
async def test_a_wait_longer_than_the_run_is_not_waited_for(way: Way, form: str) -> None:
    asked = {"seconds": "3600", "endless": "inf", "date": formatdate(4_000_000_000, usegmt=True)}
    busy = Fail(429, headers={"Retry-After": asked[form]})
    with model_server([busy]) as server, pytest.raises(TooLongToWait, match="60 s left") as told:
        await ran(server, way)

    assert len(server.requests) == 1
    assert not is_transient(told.value)


@every_way
async def test_a_run_without_time_does_not_ask_again(way: Way) -> None:
    with model_server([Fail(500, headers={})]) as server, pytest.raises(openai.InternalServerError):
        await ran(server, way, seconds_left=0.0)

    assert len(server.requests) == 1


@pytest.mark.parametrize("way", CHATS, ids=str)
async def test_an_error_inside_a_good_status_is_asked_again(way: Way) -> None:
    """A gateway's form: 200, and in it what its provider said."""
    error = {"error": {"message": "Provider returned error", "code": 502}}
    body = f"data: {json.dumps(error)}\n\n" if way.stream else json.dumps(error)
    kind = "text/event-stream" if way.stream else "application/json"
    told, server = await ran_at([Garble(body, kind), Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 2)


@pytest.mark.parametrize("server_name", list(OVERFLOWS))
async def test_an_overflow_is_known_in_each_server_s_words(server_name: str) -> None:
    with model_server([OVERFLOWS[server_name]]) as server, pytest.raises(Exception) as told:  # noqa: PT011
        await ran(server, Way("chat", stream=False))

    assert is_context_overflow(told.value)
    assert not is_transient(told.value)
    assert len(server.requests) == 1


@every_way
async def test_an_overflow_is_known_however_it_is_asked(way: Way) -> None:
    with model_server([OVERFLOWS["llama.cpp, older"]]) as server, pytest.raises(Exception) as told:  # noqa: PT011
        await ran(server, way)

    assert is_context_overflow(told.value)
    assert len(server.requests) == 1
