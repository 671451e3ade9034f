"""Is it an answer at all? What the SDK lets pass, or stumbles over, becomes NoAnswer or CutOff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import openai
from agents import AgentsException, ModelResponse
from agents.exceptions import ModelBehaviorError
from agents.items import TResponseOutputItem

from alma_agent.errors import AlmaError
from alma_agent.proposer.wire.endings import Ending
from alma_agent.proposer.wire.errors import CutOff, NoAnswer

CALL_FAILED = frozenset({"response.failed", "response.incomplete", "error", "response.error"})


@contextmanager
def sense_made() -> Iterator[None]:
    """Raise NoAnswer or CutOff for whatever a library stumbles over in an answer."""
    try:
        yield
    except (AlmaError, CutOff, NoAnswer, openai.OpenAIError):
        raise
    except ModelBehaviorError as error:  # of the endpoint's answer: no tool has run here
        raise _told(str(error)) from error
    except AgentsException:
        raise
    except Exception as error:  # the SDK lets whatever it stumbles over pass
        raise NoAnswer(f"{type(error).__name__}: {error}") from error


def require_answer(
    output: Sequence[TResponseOutputItem], tokens: int | None, ending: Ending
) -> None:
    """Raise NoAnswer if nothing came. An empty answer is one if it ended or cost tokens."""
    if any(_says_something(item) for item in output) or tokens or ending.reason is not None:
        return
    raise NoAnswer("it sent nothing at all")


def require_whole(ending: Ending) -> None:
    """Raise NoAnswer if a stream that can be listened to stopped without a word of its end."""
    if ending.is_heard and not ending.is_known:
        raise NoAnswer("the stream ended before the answer did; --no-stream may help")


def usage_is_unknown(response: ModelResponse) -> bool:
    """Say whether an endpoint answered and did not count: its zeros are no figures."""
    return bool(response.output) and not response.usage.total_tokens


def failure_of(event: Any) -> Exception:
    """Return what the last event of a stream says, if it says that the call failed."""
    response = getattr(event, "response", None)
    details = getattr(response, "incomplete_details", None)
    if getattr(details, "reason", None) == "max_output_tokens":
        return CutOff()
    said = getattr(response, "error", None) or details or getattr(event, "message", None)
    code = getattr(event, "code", None)
    return NoAnswer(f"it says that it failed: {f'{code} ' if code else ''}{said}")


def _says_something(item: TResponseOutputItem) -> bool:
    if item.type != "message":
        return True
    return any(
        getattr(part, "text", "") or getattr(part, "refusal", "") for part in item.content or ()
    )


def _told(text: str) -> Exception:
    if "finish_reason='length'" in text or "max_output_tokens" in text:
        return CutOff()
    return NoAnswer(text)
