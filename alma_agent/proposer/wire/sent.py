"""What is sent to the endpoint: nothing that it chokes on, though a model said it before. Pure.

Some endpoints read the arguments of earlier calls as JSON, and answer 400 or 500 to what is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from alma_agent.proposer.wire.arguments import is_cut_off, is_object

_NO_NAME = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64
_BROKE_OFF = (
    "\nThe arguments of this call broke off in the middle: they were too long for one answer. "
    "Nothing was done. Send less at once."
)


def fit_to_send(items: Sequence[Any]) -> list[Any]:
    """Return a conversation's items with calls that any endpoint takes; the good ones unchanged.

    Arguments that are no JSON object are kept as text. A call that broke off is told so, with its
    result. The same items always become the same, so that prompt caches hit.
    """
    broken = {
        item.get("call_id")
        for item in items
        if _is(item, "function_call") and is_cut_off(str(item.get("arguments") or ""))
    }
    return [_fit(item, broken) for item in items]


def with_words(items: Sequence[Any]) -> list[Any]:
    """Return the items with an empty text before calls that stand without one.

    Chat completions otherwise say `content: null` beside calls, and llama-cpp-python, for one,
    answers 500 to that.
    """
    told: list[Any] = []
    for item in items:
        before = told[-1] if told else None
        if _is(item, "function_call") and not (_is(before, "function_call") or _is_said(before)):
            told.append(dict(_SILENCE))
        told.append(item)
    return told


def call_ids(items: str | list[Any]) -> set[str]:
    """Return the ids of all calls in a conversation."""
    if isinstance(items, str):
        return set()
    return {str(item.get("call_id")) for item in items if _is(item, "function_call")}


_SILENCE = {
    "type": "message",
    "role": "assistant",
    "id": "silence",
    "status": "completed",
    "content": [{"type": "output_text", "text": "", "annotations": []}],
}


def _is_said(item: Any) -> bool:
    return isinstance(item, dict) and item.get("role") == "assistant"


def _fit(item: Any, broken: set[Any]) -> Any:
    if _is(item, "function_call"):
        return _fit_call(item)
    if _is(item, "function_call_output") and item.get("call_id") in broken:
        output = item.get("output")
        return {**item, "output": f"{output}{_BROKE_OFF}"} if isinstance(output, str) else item
    return item


def _fit_call(item: dict[str, Any]) -> dict[str, Any]:
    name, arguments = str(item.get("name") or ""), item.get("arguments")
    new = {}
    if not isinstance(arguments, str) or not is_object(arguments):
        new["arguments"] = json.dumps({"unreadable": arguments} if arguments else {})
    if not name or len(name) > _LONGEST_NAME or _NO_NAME.search(name):
        new["name"] = _NO_NAME.sub("_", name)[:_LONGEST_NAME] or "unknown"
    return {**item, **new} if new else item


def _is(item: Any, kind: str) -> bool:
    return isinstance(item, dict) and item.get("type") == kind
