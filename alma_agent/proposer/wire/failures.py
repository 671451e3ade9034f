"""What failed between the SDK and the endpoint: may it be asked again; what a person is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import openai
from agents import AgentsException
from agents.exceptions import ModelTimeoutError

from alma_agent.config import ModelChoice
from alma_agent.errors import AlmaError, ModelUnavailable
from alma_agent.keys import variable
from alma_agent.proposer.wire.chain import chain_of
from alma_agent.proposer.wire.errors import CutOff, NoAnswer, TooLongToWait
from alma_agent.proposer.wire.overflow import is_context_overflow

__all__ = ["explained", "is_context_overflow", "is_transient"]

_TRANSIENT = frozenset({408, 409, 425, 429})
_SERVER = 500
_NOT_EVEN_LATER = frozenset({501, 505})
_FINAL_CODES = re.compile(
    r"insufficient_quota|billing|invalid_api_key|model_not_found|invalid_prompt|content_policy"
    r"|unsupported|account_deactivated|payment"
    # errors of other providers' libraries go by their names
    r"|AuthenticationError|PermissionDenied|NotFoundError|InvalidRequestError|MissingApiKey",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)
_LONGEST = 300


def _is(*kinds: type[BaseException]) -> Callable[[BaseException], bool]:
    return lambda error: isinstance(error, kinds)


def _is_out_of_credit(error: BaseException) -> bool:
    if not isinstance(error, openai.APIError):
        return False
    return bool(_CREDIT.search(f"{error.code} {error.type} {error.message}"))


# The first that fits is what is told.
_SENTENCES: tuple[tuple[Callable[[BaseException], bool], str], ...] = (
    (
        is_context_overflow,
        (
            "The conversation is longer than the model's context. {where} says: {said}. Nothing "
            "was written. Make the task smaller, or choose a model with a larger context."
        ),
    ),
    (
        _is(openai.AuthenticationError, openai.PermissionDeniedError),
        "{where} does not accept the key. Nothing was written. Check {key}.",
    ),
    (
        _is(openai.APITimeoutError, ModelTimeoutError),
        "{where} did not answer in time. Nothing was written. Try again.",
    ),
    (
        _is(openai.APIConnectionError),
        "{where} cannot be reached. Nothing was written. Check the network and OPENAI_BASE_URL.",
    ),
    (
        _is(openai.NotFoundError),
        (
            "{where} does not know the model or the address ({said}). Nothing was written. Check "
            "--model and OPENAI_BASE_URL."
        ),
    ),
    (
        _is_out_of_credit,
        "{where} says that the credit is used up: {said}. Nothing was written.",
    ),
    (
        _is(openai.RateLimitError),
        "{where} refuses for now: {said}. Nothing was written. Try later.",
    ),
    (
        _is(TooLongToWait),
        "{where} is busy: {said}. Nothing was written. Try later, or raise --max-seconds.",
    ),
    (
        _is(CutOff),
        (
            "{model} does not come to the point: {said}. Nothing was written. Try again, or choose "
            "another model with --model."
        ),
    ),
    (_is(openai.OpenAIError), "{where} failed: {said}. Nothing was written. Try again."),
    (
        _is(AgentsException),
        (
            "{model} answered something that makes no sense here: {said}. Nothing was written. Try "
            "again, or choose another model with --model."
        ),
    ),
)
_NO_SENSE = (
    "{where} sent something that is no answer of a model ({said}). Nothing was written. Check "
    "OPENAI_BASE_URL (most end in /v1) and --model, or try again."
)


def is_transient(error: BaseException) -> bool:
    """Say whether the same request might be answered if it is made again.

    Not what is wrong with the request, the key or the account, not an overflow, and not a wait that
    the run has no time for.
    """
    if isinstance(error, (AlmaError, CutOff, TooLongToWait)) or is_context_overflow(error):
        return False
    for one in chain_of(error):
        if isinstance(one, openai.APIStatusError):
            return _is_transient_status(one.status_code) and not _is_final(one)
        if isinstance(one, openai.APIConnectionError | ModelTimeoutError):
            return True
        if isinstance(one, openai.APIError):  # sent in the middle of a stream, without a status
            return _is_transient_status(_status_said(one)) and not _is_final(one)
        if isinstance(one, NoAnswer):
            status = getattr(one.__cause__, "status_code", None)
            return _is_transient_status(status) and _FINAL_CODES.search(str(one)) is None
    return False


def explained(error: BaseException, choice: ModelChoice) -> AlmaError:
    """Return what to tell a person: which endpoint, what happened, what to do. Never a key."""
    if isinstance(error, AlmaError):
        return error
    told = re.sub(r"//[^/@\s]*@", "//", _sentence(error, choice))
    kind = AlmaError if _is_the_models(error) else ModelUnavailable
    return kind(choice.hiding(told))


def _is_the_models(error: BaseException) -> bool:
    return isinstance(error, AgentsException | CutOff) and not isinstance(error, ModelTimeoutError)


def _sentence(error: BaseException, choice: ModelChoice) -> str:
    form = next((form for is_it, form in _SENTENCES if is_it(error)), _NO_SENSE)
    return form.format(
        where=choice.where,
        said=_short(error),
        model=choice.name or "The model",
        key=variable("openai" if choice.speaks_openai else choice.provider),
    )


def _short(error: BaseException) -> str:
    """Return what an error says, on one line, without the end of a long page."""
    text = str(error)
    if not isinstance(
        error, openai.OpenAIError | AgentsException | CutOff | NoAnswer | TooLongToWait
    ):
        text = f"{type(error).__name__}: {text}"
    if isinstance(error, openai.NotFoundError | openai.RateLimitError):
        text = error.message
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def _is_transient_status(status: object) -> bool:
    if not isinstance(status, int):
        return True
    return status in _TRANSIENT or (status >= _SERVER and status not in _NOT_EVEN_LATER)


def _status_said(error: openai.APIError) -> int | None:
    """Return the status that an error event names, if it does."""
    code = error.body.get("code") if isinstance(error.body, Mapping) else error.code
    if isinstance(code, str) and code.isdigit():
        code = int(code)
    return code if isinstance(code, int) else None


def _is_final(error: openai.APIError) -> bool:
    return bool(_FINAL_CODES.search(f"{error.code} {error.type}")) or _is_out_of_credit(error)
