"""What was said, in the form that OpenTelemetry's GenAI conventions give it. Off by default.

Source: gen-ai-input-messages.json and gen-ai-output-messages.json of the conventions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_WANTED = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_ON_SPANS = frozenset({"true", "1", "span_only", "span_and_event"})


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Say whether spans may hold what was said."""
    return environ.get(_WANTED, "").strip().lower() in _ON_SPANS


def instructions(text: str) -> str:
    return json.dumps([{"type": "text", "content": text}], ensure_ascii=False)


def messages(items: Iterable[Any]) -> str:
    """Return the SDK's items as the conventions' messages, as JSON."""
    return json.dumps([_message(_plain(item)) for item in items], ensure_ascii=False, default=str)


def _message(item: Mapping[str, Any]) -> dict[str, Any]:
    match item.get("type"):
        case "function_call":
            call = {key: item.get(key) for key in ("name", "arguments")}
            return _said("assistant", {"type": "tool_call", "id": item.get("call_id"), **call})
        case "function_call_output":
            answer = {"id": item.get("call_id"), "response": item.get("output")}
            return _said("tool", {"type": "tool_call_response", **answer})
        case "reasoning":
            return _said("assistant", *_texts(item.get("summary"), "reasoning"))
    return _said(str(item.get("role", "assistant")), *_texts(item.get("content"), "text"))


def _said(role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "parts": list(parts)}


def _texts(content: Any, kind: str) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": kind, "content": content}]
    parts = [_plain(part) for part in content or ()]
    return [{"type": kind, "content": part["text"]} for part in parts if part.get("text")]


def _plain(item: Any) -> Mapping[str, Any]:
    return item if isinstance(item, Mapping) else item.model_dump(exclude_unset=True)
