"""One reply of a model, in the forms of both media: a scripted model's, and a served one's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agents.testing import assistant_message, function_call

from tests import model_server
from tests.recorded_tasks.recorded import Step, Use


@dataclass(frozen=True)
class ToolCall:
    """A call as the model writes it. `arguments` is what should be JSON."""

    tool: str
    arguments: str
    id: str

    @classmethod
    def of(cls, tool: str, id: str, **arguments: Any) -> ToolCall:
        return cls(tool, json.dumps(arguments, ensure_ascii=False), id)


@dataclass(frozen=True)
class Reply:
    """Text, calls, both or nothing at all (`text` None)."""

    text: str | None = None
    calls: tuple[ToolCall, ...] = ()


def reply(step: Step, id: str) -> Reply:
    """Return a step as a reply; a call gets the id."""
    if isinstance(step, Use):
        return Reply(calls=(ToolCall.of(step.tool, id, **step.arguments),))
    return Reply(step.text)


def scripted(one: Reply) -> list[Any]:
    """Return a reply as `ScriptedModel` takes it."""
    calls = [function_call(call.tool, call.arguments, call_id=call.id) for call in one.calls]
    return calls if one.text is None else [assistant_message(one.text), *calls]


def served(one: Reply) -> model_server.Answer:
    """Return a reply as the model server sends it; arguments in two pieces, if it streams."""
    calls = [model_server.Call(call.tool, call.arguments, id=call.id) for call in one.calls]
    return model_server.Answer(one.text, calls, pieces=2)
