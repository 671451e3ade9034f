"""A conversation's items as the next model call can take them, whatever a crash left behind. Pure.

Endpoints refuse a call without its output, an output without its call, the same call twice, and
arguments that are not JSON. Items are in the SDK's form; nothing here needs the SDK.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, Any]

INTERRUPTED = "No result: the run was interrupted before the tool answered. It may have run."
_OUTPUT_OF = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "shell_call": "shell_call_output",
    "apply_patch_call": "apply_patch_call_output",
    "computer_call": "computer_call_output",
    "local_shell_call": "local_shell_call_output",
}
_OUTPUTS = frozenset(_OUTPUT_OF.values())
_COMPLETED = frozenset(("function_call", "custom_tool_call"))  # whose output is plain text
_PLACEHOLDER_ID = "__fake_id__"  # what the SDK writes where an endpoint gives no id


@dataclass(slots=True)
class _Call:
    """A tool call, the outputs that wait for it, and the id that is its alone."""

    item: Item
    id: str
    output: Item | None = None


@dataclass(slots=True)
class _Reading:
    """What has been read so far. In `placed`, None stands where an output was."""

    placed: list[Item | _Call | None] = field(default_factory=list)
    calls: dict[str, list[_Call]] = field(default_factory=dict)
    by_id: dict[tuple[str, str], Item] = field(default_factory=dict)


def repaired(items: Iterable[Any]) -> list[Item]:
    """Return the items in an order and form that a model call accepts; the good ones unchanged.

    A call that was never answered gets an output that says so, or goes, if its output has a form of
    its own. Repeated items stand once; another call under a known id gets its own.
    """
    reading = _Reading()
    for item in items:
        if isinstance(item, dict) and ("type" in item or "role" in item):
            _read(reading, item)
    return _without_loose_reasoning(_in_order(reading.placed))


def latest(items: Sequence[Item], limit: int | None) -> list[Item]:
    """Return the last items, at most `limit`, without outputs whose calls were cut off."""
    return list(items) if limit is None else repaired(items[max(0, len(items) - limit) :])


def _read(reading: _Reading, item: Item) -> None:
    kind, call_id = item.get("type"), item.get("call_id")
    if kind in _OUTPUT_OF and isinstance(call_id, str):
        _read_call(reading, item, call_id)
    elif kind in _OUTPUTS:
        for call in reversed(reading.calls.get(str(call_id), [])):
            if call.output is None and _OUTPUT_OF[call.item["type"]] == kind:
                call.output = {**item, "call_id": call.id}
                reading.placed.append(None)
                return
    elif (one := _once(reading, item)) is not None:
        reading.placed.append(one)


def _read_call(reading: _Reading, item: Item, call_id: str) -> None:
    earlier = reading.calls.setdefault(call_id, [])
    if any(_same(call.item, item) and call.output is None for call in earlier):
        return
    own = call_id if not earlier else f"{call_id}_{len(earlier) + 1}"
    call = _Call(_with_json(item), own)
    earlier.append(call)
    reading.placed.append(call)


def _same(one: Item, other: Item) -> bool:
    said_of = ("type", "name", "arguments", "input", "action", "operation")
    return all(one.get(name) == other.get(name) for name in said_of)


def _with_json(item: Item) -> Item:
    """Return a call whose arguments are JSON: half of them is kept as text."""
    arguments = item.get("arguments")
    if item["type"] != "function_call":
        return item
    try:
        json.loads(arguments or "")
    except (TypeError, ValueError):
        return {**item, "arguments": json.dumps({"unreadable": arguments} if arguments else {})}
    return item


def _once(reading: _Reading, item: Item) -> Item | None:
    """Return an item unless it was there; without its id if that is another item's already."""
    id = item.get("id")  # noqa: A001
    if not isinstance(id, str) or id == _PLACEHOLDER_ID:
        return item
    known = reading.by_id.setdefault((str(item.get("type")), id), item)
    if known is item:
        return item
    if known == item or item.get("type") != "message":
        return None
    return {name: value for name, value in item.items() if name != "id"}


def _in_order(placed: Sequence[Item | _Call | None]) -> list[Item]:
    """Return the items with the outputs of calls that stand together right behind them."""
    ordered: list[Item] = []
    waiting: list[Item] = []
    for one in placed:
        if isinstance(one, _Call):
            output = one.output or _interrupted(one)
            if output is not None:
                ordered.append({**one.item, "call_id": one.id})
                waiting.append(output)
        else:
            ordered += [*waiting, one] if one is not None else waiting
            waiting = []
    return [*ordered, *waiting]


def _interrupted(call: _Call) -> Item | None:
    kind = call.item["type"]
    if kind not in _COMPLETED:
        return None
    return {"type": _OUTPUT_OF[kind], "call_id": call.id, "output": INTERRUPTED}


def _without_loose_reasoning(items: Sequence[Item]) -> list[Item]:
    """Return the items without reasoning that leads to nothing: what it led to is gone."""
    kept: list[Item] = []
    for item in reversed(items):
        follower = kept[-1] if kept else {}
        if item.get("type") != "reasoning" or _is_from_model(follower):
            kept.append(item)
    return kept[::-1]


def _is_from_model(item: Mapping[str, Any]) -> bool:
    kind = str(item.get("type", "message"))
    return item.get("role") == "assistant" or kind == "reasoning" or kind.endswith("_call")
