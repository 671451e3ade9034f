"""How an answer ended, and calls in pieces, heard where the SDK converts chat completions.

The SDK keeps `finish_reason` back: a stream that just stops looks like one that was finished. And
it joins pieces of calls by their index alone, which some servers leave out, or give to every call.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from agents import Model, OpenAIResponsesModel

# Where the SDK's models (OpenAI's and LiteLLM's; any-llm's) hold an answer as it came. There is no
# public place for that.
_FETCHES = ("_fetch_response", "_fetch_chat_response")


@dataclass(slots=True)
class Ending:
    """What is known of how an answer ended. `is_heard`: the model could be listened to."""

    is_heard: bool = False
    reason: str | None = None
    has_usage: bool = False

    @property
    def is_known(self) -> bool:
        return self.reason is not None or self.has_usage


_of_this_call: ContextVar[Ending | None] = ContextVar("ending", default=None)


@contextmanager
def hearing(ending: Ending) -> Iterator[None]:
    """Let what becomes known inside go into `ending`."""
    before = _of_this_call.set(ending)
    try:
        yield
    finally:
        _of_this_call.reset(before)


def listen(model: Model) -> None:
    """Let a model of chat completions tell what `hearing` waits for. Others stay as they are."""
    while isinstance(inner := getattr(model, "inner", None), Model):
        model = inner
    if isinstance(model, OpenAIResponsesModel):
        return
    for name in _FETCHES:
        if (fetch := getattr(model, name, None)) is not None:
            setattr(model, name, _heard(fetch))


def _heard(fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def heard(*args: Any, **kwargs: Any) -> Any:
        answer = await fetch(*args, **kwargs)
        ending = _of_this_call.get()
        if ending is None or ending.is_heard:
            return answer
        if isinstance(answer, tuple):
            response, stream = answer
            ending.is_heard = hasattr(stream, "__aiter__")
            return (response, _Heard(stream, ending)) if ending.is_heard else answer
        _hear_whole(answer, ending)
        return answer

    return heard


class _Heard:
    """A stream of chunks, passed on; all else is the stream's own."""

    def __init__(self, stream: Any, ending: Ending) -> None:
        self._stream = stream
        self._chunks: AsyncIterator[Any] = aiter(stream)
        self._ending = ending
        self._calls = _Calls()

    def __aiter__(self) -> _Heard:
        return self

    async def __anext__(self) -> Any:
        chunk = await anext(self._chunks)
        if getattr(chunk, "usage", None) is not None:
            self._ending.has_usage = True
        for choice in getattr(chunk, "choices", None) or ():
            if getattr(choice, "index", 0) == 0:
                self._ending.reason = getattr(choice, "finish_reason", None) or self._ending.reason
                for piece in getattr(getattr(choice, "delta", None), "tool_calls", None) or ():
                    self._calls.place(piece)
        return chunk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@dataclass(slots=True)
class _Calls:
    """The calls of one stream: which piece belongs to which."""

    ids: dict[int, str] = field(default_factory=dict)  # ours, with the server's id of the call
    now: dict[int | None, int] = field(default_factory=dict)  # the server's index to ours

    def place(self, piece: Any) -> None:
        """Give a piece the index of its call. A new id, with a name, opens another call."""
        index, own = getattr(piece, "index", None), getattr(piece, "id", None) or ""
        function = getattr(piece, "function", None)
        opens = bool(function is not None and getattr(function, "name", None))
        known = self.now.get(index)
        if known is None or (opens and (own or index is None) and self.ids[known] != own):
            known = self.now[index] = len(self.ids)
            self.ids[known] = own
        piece.index = known
        if not hasattr(piece, "id"):
            piece.id = None
        if function is not None:
            function.arguments = _text(getattr(function, "arguments", None))


def _hear_whole(answer: Any, ending: Ending) -> None:
    for choice in getattr(answer, "choices", None) or ():
        ending.is_heard = True
        ending.reason = ending.reason or getattr(choice, "finish_reason", None)
        for call in getattr(getattr(choice, "message", None), "tool_calls", None) or ():
            if not getattr(call, "id", None):
                call.id = ""
            if (function := getattr(call, "function", None)) is not None:
                function.arguments = _text(getattr(function, "arguments", None))
    ending.has_usage = getattr(answer, "usage", None) is not None


def _text(arguments: Any) -> str:
    """Return arguments as text: some servers send the object itself."""
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
