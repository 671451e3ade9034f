"""A reply's items as the SDK's runner can take them: each call its own id, offered, and readable.

The runner leaves a call out, without a word, whose id it has seen; so ids are made to differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

from agents import Handoff, Tool
from agents.items import TResponseOutputItem
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

from alma_agent.proposer.wire.arguments import mended_arguments
from alma_agent.proposer.wire.spoken import Offered, spoken_calls
from alma_agent.records import writable

CUT_OFF_NOTE = "\n[The answer was cut off here, at the endpoint's limit of length.]"
_ID_LENGTH = 9  # and letters and digits only: what the strictest endpoints take (Mistral's)
_LONGEST_ID = 40  # what OpenAI takes


def offered(tools: Iterable[Tool], handoffs: Iterable[Handoff]) -> Offered:
    """Return the names that a reply may call, each with the names of its parameters."""
    schemas = {tool.name: getattr(tool, "params_json_schema", {}) for tool in tools}
    schemas |= {handoff.tool_name: handoff.input_json_schema for handoff in handoffs}
    return {name: frozenset(schema.get("properties", {})) for name, schema in schemas.items()}


def mended(
    output: Sequence[TResponseOutputItem],
    offered: Offered,
    taken: Collection[str] = (),
    *,
    is_cut_off: bool = False,
) -> list[TResponseOutputItem]:
    """Return a reply's items, mended; those that were well are the same objects.

    `taken` are ids of calls that were made before. `is_cut_off`: the reply reached the endpoint's
    limit of length; where it was text, it says so.
    """
    items = _without_repetitions(_with_spoken_calls([_written(item) for item in output], offered))
    if is_cut_off and not any(isinstance(item, ResponseFunctionToolCall) for item in items):
        items = [_noted(item) for item in items]
    used = set(taken)
    told: list[TResponseOutputItem] = []
    for item in items:
        if isinstance(item, ResponseFunctionToolCall):
            item = _mended_call(item, offered, used)  # noqa: PLW2901
            used.add(item.call_id)
        told.append(item)
    return told


def own_id(id: str, used: Collection[str]) -> str:
    """Return an id that no other call has: the given one if it is free, else always the same."""
    if id and id not in used and len(id) <= _LONGEST_ID:
        return id
    for number in range(len(used) + 2):
        new = hashlib.sha256(f"{id}#{number}".encode()).hexdigest()[:_ID_LENGTH]
        if new not in used:
            return new
    raise AssertionError("there are more ids than used ones")


def _mended_call(
    call: ResponseFunctionToolCall, offered: Offered, used: Collection[str]
) -> ResponseFunctionToolCall:
    new = {
        "call_id": own_id(call.call_id or "", used),
        "name": _mended_name(call.name or "", offered),
        "arguments": mended_arguments(writable(call.arguments or "")),
    }
    changed = {name: value for name, value in new.items() if getattr(call, name) != value}
    return call.model_copy(update=changed) if changed else call


def _mended_name(name: str, offered: Offered) -> str:
    """Return the name without what some models put around it, if only that makes it a tool's."""
    bare = name.strip().removeprefix("functions.")
    return bare if name not in offered and bare in offered else name


def _without_repetitions(items: Iterable[TResponseOutputItem]) -> list[TResponseOutputItem]:
    """Leave out calls that say the same under the same id: they are one call, sent twice."""
    seen: set[tuple[str, str, str]] = set()
    kept: list[TResponseOutputItem] = []
    for item in items:
        if isinstance(item, ResponseFunctionToolCall) and item.call_id:
            call = (item.call_id, item.name, item.arguments)
            if call in seen:
                continue
            seen.add(call)
        kept.append(item)
    return kept


def _with_spoken_calls(
    output: Sequence[TResponseOutputItem], offered: Offered
) -> list[TResponseOutputItem]:
    said = [item for item in output if isinstance(item, ResponseOutputMessage)]
    if len(said) != 1 or any(isinstance(item, ResponseFunctionToolCall) for item in output):
        return list(output)
    parts = said[0].content or []
    if not all(isinstance(part, ResponseOutputText) for part in parts):
        return list(output)
    text = "".join(part.text or "" for part in parts if isinstance(part, ResponseOutputText))
    calls: list[TResponseOutputItem] = [
        ResponseFunctionToolCall(
            type="function_call",
            call_id="",
            name=call.tool,
            arguments=call.as_json,
            status="completed",
        )
        for call in spoken_calls(text, offered)
    ]
    if not calls:
        return list(output)
    at = output.index(said[0])
    return [*output[:at], *calls, *output[at + 1 :]]


def _written(item: TResponseOutputItem) -> TResponseOutputItem:
    """Return a message without halves of characters: it is sent back with the next call."""
    if not isinstance(item, ResponseOutputMessage):
        return item
    parts = [
        part.model_copy(update={"text": writable(part.text)})
        if isinstance(part, ResponseOutputText) and part.text != writable(part.text)
        else part
        for part in item.content or []
    ]
    return item if parts == item.content else item.model_copy(update={"content": parts})


def _noted(item: TResponseOutputItem) -> TResponseOutputItem:
    if not isinstance(item, ResponseOutputMessage) or not item.content:
        return item
    last = item.content[-1]
    if not isinstance(last, ResponseOutputText):
        return item
    noted = last.model_copy(update={"text": last.text + CUT_OFF_NOTE})
    return item.model_copy(update={"content": [*item.content[:-1], noted]})
