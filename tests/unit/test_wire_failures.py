"""What a person is told when an endpoint fails, and what counts as passing."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest
from agents.exceptions import ModelBehaviorError, ModelTimeoutError

from alma_agent.config import ModelChoice
from alma_agent.errors import AlmaError, LimitReached, ModelUnavailable
from alma_agent.proposer.wire import (
    CutOff,
    NoAnswer,
    TooLongToWait,
    explained,
    is_context_overflow,
    is_transient,
)

KEY = "sk-secret-0123456789"
CHOICE = ModelChoice("small", "http://me:pass-secret@localhost:8080/v1", KEY)
REQUEST = httpx2.Request("POST", "http://localhost:8080/v1/chat/completions")


def status(code: int, message: str = "no", body: dict[str, Any] | None = None) -> Exception:
    kind = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        429: openai.RateLimitError,
    }.get(code, openai.InternalServerError)
    response = httpx2.Response(code, request=REQUEST)
    return kind(message, response=response, body={"message": message, **(body or {})})


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(status(401), "localhost:8080/v1 does not accept the key", id="401"),
        pytest.param(status(403), "does not accept the key", id="403"),
        pytest.param(status(404, "no such model"), "the address (no such model)", id="404"),
        pytest.param(status(429, "slow down"), "refuses for now: slow down.", id="429"),
        pytest.param(
            status(429, "You exceeded your current quota"), "credit is used up", id="no credit"
        ),
        pytest.param(status(500, "oops"), "failed: oops. Nothing", id="500"),
        pytest.param(status(400, "prompt is too long"), "longer than the model's", id="overflow"),
        pytest.param(openai.APITimeoutError(REQUEST), "did not answer in time", id="time-out"),
        pytest.param(ModelTimeoutError(3.0), "did not answer in time", id="the SDK's time-out"),
        pytest.param(
            openai.APIConnectionError(request=REQUEST), "cannot be reached", id="nobody there"
        ),
        pytest.param(NoAnswer("it sent nothing"), "is no answer of a model (it", id="no answer"),
        pytest.param(KeyError("x"), "is no answer of a model (KeyError: 'x')", id="a stumble"),
        pytest.param(TooLongToWait(3600, 12), "wait of 3600 s, and the run has 12 s", id="a wait"),
    ],
)
def test_a_failure_of_the_endpoint_is_a_sentence(error: Exception, says: str) -> None:
    told = explained(error, CHOICE)

    assert isinstance(told, ModelUnavailable)
    assert says in str(told)
    assert "Nothing was written" in str(told)


@pytest.mark.parametrize("error", [CutOff(), ModelBehaviorError("what?")])
def test_what_the_model_does_wrong_is_not_the_endpoint_s_fault(error: Exception) -> None:
    told = explained(error, CHOICE)

    assert type(told) is AlmaError
    assert str(told).startswith("small ")


def test_what_is_explained_already_stays() -> None:
    error = LimitReached("enough")

    assert explained(error, CHOICE) is error


@pytest.mark.parametrize(
    "error",
    [
        status(400, f"bad key {KEY} at http://me:pass-secret@localhost"),
        status(429, f"{KEY} is slow"),
        status(404, f"{KEY}?"),
        NoAnswer(f"{KEY} http://you:hidden@host/"),
        ModelBehaviorError(KEY),
        ValueError(f"//{KEY}"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_key_and_no_password_is_told(error: Exception) -> None:
    told = str(explained(error, CHOICE))

    assert KEY not in told
    assert "pass-secret" not in told
    assert "hidden" not in told


def test_a_long_page_is_told_in_a_line() -> None:
    told = str(explained(status(500, "<p>\n" * 5_000), CHOICE))

    assert len(told) < 500
    assert "\n" not in told


@pytest.mark.parametrize(
    "error",
    [
        status(429, "slow down"),
        status(500),
        status(529, "overloaded"),
        openai.APITimeoutError(REQUEST),
        openai.APIConnectionError(request=REQUEST),
        openai.APIError("busy", REQUEST, body={"code": 429}),
        openai.APIError("overloaded", REQUEST, body=None),
        ModelTimeoutError(3.0),
        NoAnswer("half a page"),
    ],
    ids=repr,
)
def test_what_may_pass_is_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        *(status(code) for code in (400, 401, 403, 404, 501)),
        status(429, "no credit", {"code": "insufficient_quota"}),
        status(500, "Context size has been exceeded."),
        openai.APIError("bad", REQUEST, body={"code": 400}),
        NoAnswer("it says that it failed: ResponseError(code='invalid_prompt')"),
        NoAnswer("AuthenticationError: who are you"),
        CutOff(),
        TooLongToWait(9, 1),
        LimitReached("enough"),
        ValueError("a bug of ours"),
    ],
    ids=repr,
)
def test_what_stays_wrong_is_not_transient(error: Exception) -> None:
    assert not is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        status(429, "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000"),
        status(400, "max_tokens is too large: 100000. This model supports at most 16384"),
        status(400, "Invalid 'user': string too long. Expected a string with maximum length 64"),
        status(400, "Invalid 'tools[0].function.name': string does not match pattern"),
        status(401, "prompt is too long for this key"),
        status(400, "The context of this message is unclear"),
        status(400, "image exceeds 5 MB maximum"),
        NoAnswer("it sent nothing at all"),
    ],
    ids=str,
)
def test_other_errors_about_sizes_are_no_overflow(error: Exception) -> None:
    assert not is_context_overflow(error)


def test_an_overflow_is_known_though_it_was_wrapped() -> None:
    error = NoAnswer("odd")
    error.__cause__ = status(400, "prompt is too long: 9 tokens > 8 maximum")

    assert is_context_overflow(error)
