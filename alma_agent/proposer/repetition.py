"""Does the model go round in circles: the same call, the same answer, and nothing changed.

It is told at the third time, and stopped at the sixth, whether the call fails or not, and whatever
other calls stand between (A-B-A-B). A call after an edit that changed the draft is another call.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import replace
from typing import Any, Protocol

from agents import AgentsException, FunctionTool
from agents.tool_context import ToolContext

from alma_agent.errors import LimitReached

TOLD_AT, STOPPED_AT = 3, 6
_WINDOW = 4 * STOPPED_AT  # calls looked back upon: a circle of four different ones is still seen
_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+")  # of checks: how long they took, addresses


class RepeatedCalls(LimitReached, AgentsException):
    """The model repeated one call until it was stopped.

    The SDK's own kind of error too: any other that a tool raises it makes a UserError of.
    """

    def __init__(self, tool: str, times: int) -> None:
        self.tool, self.times = tool, times
        super().__init__(
            f"The model repeated the same call ({tool}) {times} times, though nothing had changed. "
            "Nothing was written. Try again, or choose another model with --model."
        )


class Repetitions:
    """The latest calls of one run."""

    def __init__(self) -> None:
        self._calls: deque[tuple[str, str, str, int]] = deque(maxlen=_WINDOW)
        self._stopped: RepeatedCalls | None = None

    def noted(self, tool: str, arguments: str, answer: str, state: int = 0) -> str:
        """Note a call; return its answer, with a word about it if it has come too often.

        `state` stands for what the draft holds. Raises RepeatedCalls.
        """
        call = (tool, _canonical(arguments), _VARYING.sub("#", answer), state)
        self._calls.append(call)
        times = self._calls.count(call)
        if times >= STOPPED_AT:
            self._stopped = RepeatedCalls(tool, times)
            raise self._stopped
        if times < TOLD_AT:
            return answer
        return (
            f"{answer}\n\nYou made this very call {times} times, with the same answer each time. "
            "It will not change: call another tool, use other arguments, or finish with what you "
            f"have. At the {STOPPED_AT}th such call the run is stopped."
        )

    def require_progress(self) -> None:
        """Raise RepeatedCalls if it was raised before, where the SDK swallowed it."""
        if self._stopped is not None:
            raise self._stopped


class Watched(Protocol):
    """What the context of a run must have for its tools to be watched."""

    repetitions: Repetitions

    @property
    def state(self) -> int:
        """Return what stands for the draft as it is now."""
        ...


def watched(tool: FunctionTool) -> FunctionTool:
    """Return the tool with its calls noted in the context's `repetitions`."""
    carry_out = tool.on_invoke_tool

    async def invoke(context: ToolContext[Any], arguments: str) -> str:
        answer = str(await carry_out(context, arguments))
        desk: Watched = context.context
        return desk.repetitions.noted(tool.name, arguments, answer, desk.state)

    return replace(tool, on_invoke_tool=invoke)


def _canonical(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments or "{}", strict=False), sort_keys=True)
    except (ValueError, RecursionError):
        return arguments.strip()
