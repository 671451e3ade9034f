"""An answer in the form of OpenAI's responses, whole and as a stream of events.

A `finish` of "length" is an incomplete response, "failed" a failed one; None: no event ends it.
"""

from __future__ import annotations

import json
from typing import Any

from tests.model_server.steps import Answer, Call, pieces_of

Json = dict[str, Any]


def whole(answer: Answer, number: int, model: str) -> Json:
    """Return the answer as one response."""
    said: Json = {
        "id": f"resp-{number}",
        "object": "response",
        "created_at": 0,
        "model": model,
        "status": _status(answer),
        "output": _items(answer, number),
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
    }
    if answer.finish == "length":
        said["incomplete_details"] = {"reason": "max_output_tokens"}
    if answer.finish == "failed":
        said["error"] = {"code": "server_error", "message": "the model fell over"}
    if answer.usage is not None:
        said["usage"] = _usage(answer.usage)
    return said


def events(answer: Answer, number: int, model: str) -> list[Json | str]:
    """Return the answer as the events of a stream."""
    response = whole(answer, number, model)
    started = {**response, "status": "in_progress", "output": [], "usage": None}
    told: list[Json] = [{"type": "response.created", "response": started}]
    for at, item in enumerate(response["output"]):
        told += _item_events(item, at, answer.pieces)
    if answer.finish is not None:
        told.append({"type": f"response.{_status(answer)}", "response": response})
    return [{**event, "sequence_number": at} for at, event in enumerate(told)]


def _item_events(item: Json, at: int, pieces: int) -> list[Json]:
    where = {"item_id": item["id"], "output_index": at}
    told: list[Json] = [
        {"type": "response.output_item.added", "output_index": at, "item": {**item, **_EMPTY}}
        if item["type"] == "function_call"
        else {"type": "response.output_item.added", "output_index": at, "item": item}
    ]
    if item["type"] == "function_call":
        told += [
            {"type": "response.function_call_arguments.delta", **where, "delta": piece}
            for piece in pieces_of(item["arguments"], pieces)
        ]
    elif item["type"] == "message":
        told += [
            {"type": "response.output_text.delta", **where, **_TEXT, "delta": piece}
            for piece in pieces_of(item["content"][0]["text"], pieces)
        ]
    return [*told, {"type": "response.output_item.done", "output_index": at, "item": item}]


_EMPTY = {"arguments": "", "status": "in_progress"}
_TEXT: Json = {"content_index": 0, "logprobs": []}


def _items(answer: Answer, number: int) -> list[Json]:
    items: list[Json] = []
    if answer.reasoning:
        summary = [{"type": "summary_text", "text": answer.reasoning}]
        items.append({"type": "reasoning", "id": f"rs-{number}", "summary": summary})
    if answer.text is not None:
        part = {"type": "output_text", "text": answer.text, "annotations": []}
        head = {"type": "message", "id": f"msg-{number}", "role": "assistant"}
        items.append({**head, "status": "completed", "content": [part]})
    return items + [_call(call, number, at) for at, call in enumerate(answer.calls)]


def _call(call: Call, number: int, at: int) -> Json:
    own = f"{number}" if at == 0 else f"{number}-{at}"
    item: Json = {
        "type": "function_call",
        "id": f"fc-{own}",
        "name": call.tool,
        "arguments": call.arguments
        if isinstance(call.arguments, str)
        else json.dumps(call.arguments),
        "status": "completed",
    }
    return (
        item if call.no_id else {**item, "call_id": f"call-{own}" if call.id is None else call.id}
    )


def _status(answer: Answer) -> str:
    return {"length": "incomplete", "failed": "failed"}.get(answer.finish or "", "completed")


def _usage(tokens: tuple[int, int]) -> Json:
    sent, said = tokens
    return {
        "input_tokens": sent,
        "output_tokens": said,
        "total_tokens": sent + said,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
