"""When an endpoint is asked again, and after which wait: one policy, run by the SDK's runner.

OpenAI's client retries nothing here (`max_retries=0`). What the runner cannot retry, a stream that
broke after its first words, `SturdyModel` does by the same policy.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from inspect import isawaitable

import openai
from agents.retry import (
    ModelRetryAdvice,
    ModelRetryNormalizedError,
    ModelRetrySettings,
    RetryDecision,
    RetryPolicyContext,
)

from alma_agent.ports import Observer
from alma_agent.proposer.wire.chain import chain_of
from alma_agent.proposer.wire.errors import NoAnswer, TooLongToWait
from alma_agent.proposer.wire.failures import is_transient

RETRIES = 4
_RETRIES_OF_NONSENSE = 2  # nobody is there, or somebody else: that seldom mends itself
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 20.0
_BUSY = frozenset({429, 503, 529})


def retry_settings(
    seconds_left: Callable[[], float],
    observer: Observer,
    *,
    first_wait_s: float = _FIRST_WAIT_S,
) -> ModelRetrySettings:
    """Return the settings for `ModelSettings.retry`.

    Waits as long as the endpoint asks for (Retry-After), else twice as long each time, with some
    chance. The policy raises TooLongToWait if the endpoint asks for more than the run has left.
    """

    def policy(context: RetryPolicyContext) -> RetryDecision:
        error, advice = context.error, context.provider_advice
        if not is_transient(error) or (advice is not None and advice.suggested is False):
            return RetryDecision(False)
        if context.attempt > _most(error):
            return RetryDecision(False)
        left = seconds_left()
        asked = context.normalized.retry_after
        if asked is None and advice is not None:
            asked = advice.retry_after
        if asked is not None and asked >= left:
            raise TooLongToWait(asked, left) from error
        wait = asked if asked is not None else _wait(context.attempt, first_wait_s)
        if wait >= left:
            return RetryDecision(False)
        observer.step(f"waiting {_spoken(wait)}: {_reason(error)}")
        return RetryDecision(True, delay=wait)

    return ModelRetrySettings(max_retries=RETRIES, policy=policy)


async def wait_before(
    attempt: int,
    error: Exception,
    advice: ModelRetryAdvice | None,
    settings: ModelRetrySettings | None,
) -> float | None:
    """Return how long to wait before a call is made again, as the runner would; None: not at all.

    Raises what the policy raises.
    """
    most = settings.max_retries or 0 if settings else 0
    if settings is None or settings.policy is None or attempt > most:
        return None
    normalized = ModelRetryNormalizedError()
    context = RetryPolicyContext(error, attempt, most, True, normalized, advice)
    decision = settings.policy(context)
    if isawaitable(decision):
        decision = await decision
    if not isinstance(decision, RetryDecision):
        decision = RetryDecision(bool(decision))
    return (decision.delay or 0.0) if decision.retry else None


def _most(error: Exception) -> int:
    has_status = any(isinstance(one, openai.APIStatusError) for one in chain_of(error))
    return RETRIES if has_status else _RETRIES_OF_NONSENSE


def _wait(attempt: int, first: float) -> float:
    return min(first * 2.0 ** (attempt - 1), _LONGEST_WAIT_S) * random.uniform(0.75, 1.25)  # noqa: S311


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else "a moment"


def _reason(error: Exception) -> str:
    for one in chain_of(error):
        match one:
            case openai.APIStatusError() if one.status_code in _BUSY:
                return "the endpoint is busy"
            case openai.APIStatusError():
                return f"the endpoint failed ({one.status_code})"
            case openai.APITimeoutError():
                return "the endpoint did not answer in time"
            case openai.APIConnectionError():
                return "the connection broke, or there was none"
            case NoAnswer():
                return "the endpoint's answer made no sense"
    return "the endpoint failed"
