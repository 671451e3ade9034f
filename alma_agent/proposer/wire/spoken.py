"""Tool calls that a model writes as text, since its server did not read them. Pure.

Small models and servers without the right parser put a call's special form into the answer. It is
taken for a call only if the whole answer is that, and names tools that were offered: an answer that
shows or explains JSON stays an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

Offered = Mapping[str, AbstractSet[str]]  # the tools' names, each with its parameters'

_THOUGHT = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_ENDS = (
    "<|eom_id|>",
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "</s>",
)
_TAGGED = re.compile(r"<(tool_call|tools?|function_call)>(.*?)(?:</\1>|\Z)", re.DOTALL)
_XML_CALL = re.compile(r"<function=([\w.-]+)>(.*?)(?:</function>|\Z)", re.DOTALL)
_XML_ARGUMENT = re.compile(r"<parameter=([\w.-]+)>(.*?)</parameter>", re.DOTALL)
_FENCED = re.compile(r"\A```(?:json|tool_call|tool_code|tool)?[ \t]*\n(.*?)\n?```\Z", re.DOTALL)
_PYTHON_TAG = "<|python_tag|>"
_LISTED = re.compile(r"\A(?:\[TOOL_CALLS\]|<\|tool_call\|>)\s*")
_MISTRAL_CALL = re.compile(
    r"(?:\[TOOL_CALLS\])?\s*([\w.-]+)(?:\[CALL_ID\]\w+)?(?:\[ARGS\])?\s*(?=\{)"
)

_NAMES = ("name", "tool", "tool_name", "function")
_ARGUMENTS = ("arguments", "parameters", "args", "tool_input", "input")
_BESIDE = frozenset({"id", "type", "call_id", "tool_call_id"})
_WRAPPERS = ("function", "function_call", "tool_call")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class SpokenCall:
    """A call as a model wrote it."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> str:
        return json.dumps(self.arguments, ensure_ascii=False)


def spoken_calls(text: str, offered: Offered) -> list[SpokenCall]:
    """Return the calls that the whole of an answer consists of; none if it is anything else."""
    bare = _without_ends(_THOUGHT.sub("", text, count=1).strip())
    if not bare or not offered:
        return []
    calls = _read(bare, offered)
    return calls if calls and all(call.tool in offered for call in calls) else []


def _without_ends(text: str) -> str:
    """Return the text without the signs that end it for the server, and slipped through."""
    while text.endswith(_ENDS):
        text = next(text.removesuffix(end) for end in _ENDS if text.endswith(end)).rstrip()
    return text


def _read(text: str, offered: Offered) -> list[SpokenCall]:
    if text.startswith(("<tool", "<function")):
        return _tagged(text, offered)
    if text.startswith(_PYTHON_TAG):
        return _objects(text.removeprefix(_PYTHON_TAG), offered)
    if listed := _LISTED.match(text):
        return _objects(text[listed.end() :], offered) or _mistral(text)
    if fenced := _FENCED.match(text):
        text = fenced[1].strip()
    return _objects(text, offered)


def _tagged(text: str, offered: Offered) -> list[SpokenCall]:
    """Read the forms of Hermes and Qwen: tags around JSON, or tags around every argument."""
    if text.startswith("<function="):
        return _xml(text)
    calls: list[SpokenCall] = []
    at = 0
    for match in _TAGGED.finditer(text):
        inside = match[2].strip()
        read = _xml(inside) if inside.startswith("<function=") else _objects(inside, offered, True)
        if not read or text[at : match.start()].strip():
            return []
        calls += read
        at = match.end()
    return calls if not text[at:].strip() else []


def _xml(text: str) -> list[SpokenCall]:
    calls: list[SpokenCall] = []
    at = 0
    for match in _XML_CALL.finditer(text):
        inside = match[2].strip()
        said = _object(inside) if inside.startswith("{") else _xml_arguments(inside)
        if said is None or text[at : match.start()].strip():
            return []
        calls.append(SpokenCall(match[1], said))
        at = match.end()
    return calls if not text[at:].strip() else []


def _xml_arguments(text: str) -> dict[str, Any] | None:
    """Return arguments by name; only texts, numbers and yes or no can be told apart here."""
    if _XML_ARGUMENT.sub("", text).strip():
        return None
    return {name: _xml_value(value) for name, value in _XML_ARGUMENT.findall(text)}


def _xml_value(text: str) -> Any:
    value = text.removeprefix("\n").removesuffix("\n")
    if re.fullmatch(r"-?(?:0|[1-9]\d*)|true|false", value.strip(), re.IGNORECASE):
        return json.loads(value.strip().lower())
    return value


def _mistral(text: str) -> list[SpokenCall]:
    """Read `[TOOL_CALLS]name[ARGS]{...}`, one after the other."""
    calls: list[SpokenCall] = []
    at = 0
    while at < len(text):
        match = _MISTRAL_CALL.match(text, at)
        if match is None:
            return []
        try:
            value, at = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            return []
        calls.append(SpokenCall(match[1], value))
        at += len(text[at:]) - len(text[at:].lstrip())
    return calls


def _objects(text: str, offered: Offered, is_tagged: bool = False) -> list[SpokenCall]:
    """Read a text that is nothing but JSON: one call, a list of them, or one after the other."""
    calls: list[SpokenCall] = []
    for value in _values(text):
        each = value.get("tool_calls", [value]) if isinstance(value, dict) else value
        if not isinstance(each, list) or not each:
            return []
        for one in each:
            call = _call(one, offered, is_tagged)
            if call is None:
                return []
            calls.append(call)
    return calls


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON values that a text consists of, or one None if there is anything else."""
    text = text.strip()
    at, values = 0, []
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield None
            return
        values.append(value)
        rest = text[at:].lstrip(" \t\r\n;")
        at = len(text) - len(rest)
    yield from values


def _call(value: Any, offered: Offered, is_tagged: bool) -> SpokenCall | None:
    """Return a call that a JSON value plainly is. Bare `{"name": ...}` could be anything."""
    if not isinstance(value, dict):
        return None
    for key in _WRAPPERS:
        if isinstance(value.get(key), dict) and not value.keys() - {key} - _BESIDE:
            return _call(value[key], offered, True)
    keys = [key for key in _NAMES if isinstance(value.get(key), str)]
    if len(keys) != 1:
        return None
    key, tool = keys[0], value[keys[0]].strip()
    rest = {name: one for name, one in value.items() if name != key and name not in _BESIDE}
    given = [name for name in _ARGUMENTS if name in rest]
    if len(rest) == 1 and given and (said := _arguments(rest[given[0]])) is not None:
        return SpokenCall(tool, said)
    if key in ("tool", "tool_name") or (is_tagged and not rest):
        # All beside the name are the tool's own parameters, or there is nothing beside it.
        return SpokenCall(tool, rest) if rest.keys() <= offered.get(tool, frozenset()) else None
    return None


def _arguments(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        return _object(value) if value.strip() else {}
    return {} if value is None else value if isinstance(value, dict) else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
