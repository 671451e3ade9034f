"""An answer in the form of chat completions, whole and as a stream of chunks."""

from __future__ import annotations

import json
from typing import Any

from tests.model_server.steps import Answer, Call, pieces_of

Json = dict[str, Any]


def whole(answer: Answer, number: int, model: str) -> Json:
    """Return the answer as one completion."""
    message: Json = {"role": "assistant", "content": answer.text}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.calls:
        message["tool_calls"] = [
            _head(call, number, at) | {"function": _function(call, _arguments(call))}
            for at, call in enumerate(answer.calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer)}
    said: Json = {**_common(number, model), "object": "chat.completion", "choices": [choice]}
    return said if answer.usage is None else {**said, "usage": _usage(answer.usage)}


def chunks(answer: Answer, number: int, model: str) -> list[Json | str]:
    """Return the answer as the events of a stream."""
    deltas: list[Json] = [{"role": "assistant", "content": None}]
    if answer.reasoning:
        deltas += [{"reasoning_content": p} for p in pieces_of(answer.reasoning, answer.pieces)]
    if answer.text is not None:
        deltas += [{"content": piece} for piece in pieces_of(answer.text, answer.pieces)]
    for at, call in enumerate(answer.calls):
        first, *more = pieces_of(_arguments(call), answer.pieces)
        opened = {"index": at, **_head(call, number, at), "function": _function(call, first)}
        deltas.append({"tool_calls": [opened]})
        deltas += [{"tool_calls": [{"index": at, "function": {"arguments": p}}]} for p in more]
    chunk = {**_common(number, model), "object": "chat.completion.chunk"}
    events: list[Json | str] = [_chunk(chunk, delta, None) for delta in deltas]
    if (finish := _finish(answer)) is not None:
        events.append(_chunk(chunk, {}, finish))
    if answer.usage is not None:
        events.append({**chunk, "choices": [], "usage": _usage(answer.usage)})
    return [*events, "[DONE]"]


def _chunk(common: Json, delta: Json, finish: str | None) -> Json:
    return {**common, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _common(number: int, model: str) -> Json:
    return {"id": f"chat-{number}", "created": 0, "model": model}


def _head(call: Call, number: int, at: int) -> Json:
    if call.no_id:
        return {"type": "function"}
    own = f"call-{number}" if at == 0 else f"call-{number}-{at}"
    return {"id": own if call.id is None else call.id, "type": "function"}


def _function(call: Call, arguments: str) -> Json:
    return {"name": call.tool, "arguments": arguments}


def _arguments(call: Call) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def _finish(answer: Answer) -> str | None:
    if answer.finish == "":
        return "tool_calls" if answer.calls else "stop"
    return answer.finish


def _usage(tokens: tuple[int, int]) -> Json:
    sent, said = tokens
    return {"prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said}
