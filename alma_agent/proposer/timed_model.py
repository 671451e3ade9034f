"""A model whose calls may take so long, and no longer: for clients that take no such limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, cast

import httpx2
import openai
from agents import Model, ModelResponse
from agents.items import TResponseStreamEvent
from agents.retry import ModelRetryAdvice, ModelRetryAdviceRequest


class TimedModel(Model):
    """Hands each call on to `inner`; raises APITimeoutError if nothing comes for `seconds`."""

    def __init__(self, inner: Model, seconds: float) -> None:
        self.inner = inner
        self._seconds = seconds

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        with _told_as_openai_does():
            async with asyncio.timeout(self._seconds):
                return await self.inner.get_response(*args, **kwargs)

    async def stream_response(
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield what `inner` does. The limit is on each event, as it is on each read elsewhere."""
        async with aclosing(cast(Any, self.inner.stream_response(*args, **kwargs))) as events:
            while True:
                with _told_as_openai_does():
                    async with asyncio.timeout(self._seconds):
                        event = await anext(events, None)
                if event is None:
                    return
                yield event

    def get_retry_advice(self, request: ModelRetryAdviceRequest) -> ModelRetryAdvice | None:
        return self.inner.get_retry_advice(request)

    async def close(self) -> None:
        await self.inner.close()


@contextmanager
def _told_as_openai_does() -> Iterator[None]:
    """Raise what OpenAI's client would. A bare TimeoutError would read as the run's own limit."""
    try:
        yield
    except TimeoutError as error:
        raise openai.APITimeoutError(httpx2.Request("POST", "model://")) from error
