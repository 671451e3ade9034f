"""A run's turns as passages to read: who said what, which tool was called, what it answered. Pure.

The items are those of the model's SDK. What is unknown is shown as JSON, not left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from alma_agent.memory.sessions.turns import Turn

Kind = Literal["told", "said", "thought", "called", "other"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that was said. `told` goes to the model, all others come from it.

    `name` is a tool's, with its arguments as `text` and what it came to as `answer`.
    """

    kind: Kind
    at: datetime
    by: str
    text: str
    name: str = ""
    answer: str = ""

    @property
    def first_line(self) -> str:
        return next((line for line in self.text.splitlines() if line.strip()), "").strip()


def passages(turns: Sequence[Turn]) -> list[Passage]:
    """Return turns as passages, each call with its answer."""
    read: list[Passage] = []
    calls: dict[str, int] = {}  # by id, where the call stands in `read`
    for turn in turns:
        item = turn.item
        call_id = str(item.get("call_id") or "")
        if item.get("type") == "function_call_output" and call_id in calls:
            place = calls.pop(call_id)
            read[place] = replace(read[place], answer=_text(item.get("output")))
            continue
        passage = _passage(turn)
        if passage is None:
            continue
        if passage.kind == "called" and call_id:
            calls[call_id] = len(read)
        read.append(passage)
    return read


def _passage(turn: Turn) -> Passage | None:
    """Return one turn; None if there is nothing to read in it."""
    item = turn.item
    match item.get("type", "message"):
        case "message":
            kind: Kind = "said" if item.get("role") == "assistant" else "told"
            text, name = _text(item.get("content")), ""
        case "function_call":
            kind, text, name = "called", _arguments(item.get("arguments")), str(item.get("name"))
        case "reasoning":
            kind, text, name = "thought", _text(item.get("summary") or item.get("content")), ""
        case other:
            kind, text, name = "other", json.dumps(item, indent=2), str(other)
    if not text and not name:
        return None
    return Passage(kind, turn.at, turn.by, text, name)


def _text(content: Any) -> str:
    """Return what is to be read of an item's content, whatever form it has."""
    if isinstance(content, str):
        return content.strip()
    if not isinstance(content, list):
        return "" if content is None else json.dumps(content)
    parts = (_part(one) for one in content)
    return "\n".join(one for one in parts if one).strip()


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    text = (part.get("text") or part.get("refusal")) if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else f"({_what(part)})"


def _what(part: Any) -> str:
    return str(part.get("type", "data")) if isinstance(part, Mapping) else "data"


def _arguments(sent: Any) -> str:
    """Return a call's arguments, a line each; a longer text begins on a line of its own."""
    text = sent if isinstance(sent, str) else json.dumps(sent)
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(given, dict):
        return text
    return "\n".join(_argument(name, value) for name, value in given.items())


def _argument(name: str, value: Any) -> str:
    told = value if isinstance(value, str) else json.dumps(value)
    return f"{name}:\n{told}" if "\n" in told else f"{name}: {told}"
