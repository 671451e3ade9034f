"""A model that answers sensibly or raises: between the SDK's runner and any of its models.

What goes out is fit to send and holds no key; what comes back is mended before the runner sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from agents import Model, ModelResponse
from agents.items import TResponseOutputItem, TResponseStreamEvent
from agents.retry import ModelRetryAdvice, ModelRetryAdviceRequest
from openai.types.responses import ResponseCompletedEvent, ResponseOutputItemDoneEvent

from alma_agent.proposer.wire.answers import (
    CALL_FAILED,
    failure_of,
    require_answer,
    require_whole,
    sense_made,
)
from alma_agent.proposer.wire.call import ModelCall
from alma_agent.proposer.wire.endings import Ending, hearing, listen
from alma_agent.proposer.wire.errors import CutOff, NoAnswer
from alma_agent.proposer.wire.hiding import Hider, StreamHider
from alma_agent.proposer.wire.mending import mended, offered
from alma_agent.proposer.wire.retries import wait_before
from alma_agent.proposer.wire.sent import call_ids

_BEFORE_ANY_WORD = frozenset({"response.created", "response.in_progress"})


class SturdyModel(Model):
    """Hands each call on to `inner`. `secrets` never leave, and are not repeated.

    Calls raise NoAnswer, CutOff, and what `inner` raises for the endpoint's own errors. A model
    whose answer was cut off before it said anything is told so once, and asked again. For
    `needs_words` see `ModelCall.of`.
    """

    def __init__(
        self, inner: Model, *, secrets: Iterable[str] = (), needs_words: bool = False
    ) -> None:
        self.inner = inner
        self._needs_words = needs_words
        self._hider = Hider(secrets)
        self._called: set[str] = set()  # ids: what a filter left out, the runner still knows
        listen(inner)

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        call = ModelCall.of(self._hider, *args, needs_words=self._needs_words, **kwargs)
        try:
            return await self._whole(call)
        except CutOff:
            return await self._whole(call.asking_for_less())

    async def stream_response(
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield deltas as they come, then the mended items.

        A stream that broke after its first words is asked for anew, as the call's retry settings
        say: the runner would not. Another `response.created` then begins the answer again.
        """
        call = ModelCall.of(self._hider, *args, needs_words=self._needs_words, **kwargs)
        attempt, is_begun = 1, False
        while True:
            try:
                async with aclosing(cast(Any, self._streamed(call))) as events:
                    async for event in events:
                        is_begun = is_begun or event.type not in _BEFORE_ANY_WORD
                        yield event
                return
            except CutOff:
                if call.asks_for_less:
                    raise
                call = call.asking_for_less()
            except Exception as error:
                if not is_begun:
                    raise  # the runner asks again
                advice = self.get_retry_advice(ModelRetryAdviceRequest(error, attempt, stream=True))
                delay = await wait_before(attempt, error, advice, call.settings.retry)
                if delay is None:
                    raise
                attempt += 1
                await asyncio.sleep(delay)

    async def close(self) -> None:
        await self.inner.close()

    def get_retry_advice(self, request: ModelRetryAdviceRequest) -> ModelRetryAdvice | None:
        return self.inner.get_retry_advice(request)

    async def _cleanup_on_run_end(self, owner: object) -> None:
        await self.inner._cleanup_on_run_end(owner)  # noqa: SLF001

    def __getattr__(self, name: str) -> Any:
        if name == "inner":  # while a copy is made there is none yet
            raise AttributeError(name)
        return getattr(self.inner, name)

    async def _whole(self, call: ModelCall) -> ModelResponse:
        ending = Ending()
        with hearing(ending), sense_made():
            response = await self.inner.get_response(**call.given)
        require_answer(response.output, response.usage.total_tokens, ending)
        return replace(response, output=self._mended(response.output, call, ending))

    async def _streamed(self, call: ModelCall) -> AsyncIterator[TResponseStreamEvent]:
        ending, hider = Ending(), StreamHider(self._hider)
        done: list[TResponseOutputItem] = []
        async with aclosing(cast(Any, self.inner.stream_response(**call.given))) as stream:
            while (event := await _next(stream, ending)) is not None:
                if isinstance(event, ResponseCompletedEvent):
                    for last in (*hider.rest(), *self._completed(event, done, call, ending)):
                        yield last
                    return
                if event.type in CALL_FAILED:
                    raise failure_of(event)
                if isinstance(event, ResponseOutputItemDoneEvent):
                    done.append(event.item)  # told at the end, mended
                    continue
                for passed in hider.passed(event):
                    yield passed
        raise NoAnswer("the stream ended before the answer did; --no-stream may help")

    def _completed(
        self,
        event: ResponseCompletedEvent,
        done: Sequence[TResponseOutputItem],
        call: ModelCall,
        ending: Ending,
    ) -> list[TResponseStreamEvent]:
        response = event.response
        output = response.output or done  # some servers leave it empty at the end
        require_whole(ending)
        require_answer(output, response.usage.total_tokens if response.usage else 0, ending)
        items = self._mended(output, call, ending)
        told: list[TResponseStreamEvent] = [
            ResponseOutputItemDoneEvent(
                item=item,
                output_index=at,
                sequence_number=event.sequence_number,
                type="response.output_item.done",
            )
            for at, item in enumerate(items)
        ]
        whole = response.model_copy(update={"output": items})
        return [*told, event.model_copy(update={"response": whole})]

    def _mended(
        self, output: Sequence[TResponseOutputItem], call: ModelCall, ending: Ending
    ) -> list[TResponseOutputItem]:
        items = mended(
            [self._hider.hide(item) for item in output],
            offered(call.given["tools"], call.given["handoffs"]),
            self._called | call_ids(call.given["input"]),
            is_cut_off=ending.reason == "length",
        )
        self._called |= {str(item.call_id) for item in items if item.type == "function_call"}
        return items


async def _next(stream: Any, ending: Ending) -> TResponseStreamEvent | None:
    with hearing(ending), sense_made():
        return cast("TResponseStreamEvent | None", await anext(stream, None))
