"""Memory as a model's tools, noted: what they told belongs to what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma_agent.ports import Answered, ModelTools
from alma_agent.remembered import Recalled


class NotedTools:
    """Other tools of a model, with a list of the memories that they told."""

    def __init__(self, tools: ModelTools, told: list[Recalled]) -> None:
        self._tools = tools
        self._told = told

    def for_openai(self) -> list[dict[str, Any]]:
        return self._tools.for_openai()

    def resolve_tool_call(self, call: Mapping[str, Any]) -> Answered:
        answer = self._tools.resolve_tool_call(call)
        found = getattr(answer, "result", None)
        if isinstance(found, list):
            self._told += [one for one in found if isinstance(one, Recalled)]
        return answer

    def signed(self, by: str) -> NotedTools:
        return NotedTools(self._tools.signed(by), self._told)
