"""What the model is told when a call of a tool went wrong outside the tool: for the SDK to ask.

The tools of `proposer.tools` tell their own errors; this is for tools that are not there, and for
those that others made (memory, agents as tools).
"""

from __future__ import annotations

from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from agents.exceptions import ModelBehaviorError
from agents.run_config import ToolErrorFormatterArgs
from agents.tool_context import ToolContext

from alma_agent.proposer.repetition import RepeatedCalls
from alma_agent.proposer.tools import (
    CHECKING,
    EDITING,
    FINISH,
    READING,
    Desk,
    parameters,
    told_to_model,
)
from alma_agent.records import writable

_NAMES = (*READING, *EDITING, *CHECKING, FINISH)
_LIKE = 0.5  # of difflib's ratio: `edit_text` is like `replace_text`, `bash` like none
_LONGEST = 200  # characters of what was sent that are shown


def formatted(error: ToolErrorFormatterArgs[Any]) -> str | None:
    """Return the text for the model, as `RunConfig.tool_error_formatter` takes it."""
    if error.kind == "tool_not_found":
        return _noted(error, _not_there(error.tool_name))
    if error.error is None:
        return None  # no approval: whoever said no has said why
    if isinstance(error.error, ModelBehaviorError):  # the SDK keeps back what was wrong
        return writable(_unfit(error.tool_name, error.run_context))
    return writable(told_to_model(error.error))


def _not_there(name: str) -> str:
    if name in _NAMES:  # but not for this agent, or in this run
        others = ", ".join(READING)
        return f"{name} cannot be called here: read, and say what is to be done. Read by: {others}."
    near = get_close_matches(name.lower(), _NAMES, n=1, cutoff=_LIKE)
    meant = f" Did you mean {near[0]}?" if near else ""
    names = ", ".join(_NAMES)
    return writable(f"There is no tool {name[:_LONGEST]}. The tools are: {names}.{meant}")


def _noted(error: ToolErrorFormatterArgs[Any], answer: str) -> str:
    """Count the call among the repeated: there is no tool that would."""
    desk = error.run_context.context
    if isinstance(desk, Desk):
        # The SDK swallows what is raised here; whoever asks `require_progress` hears of it.
        with suppress(RepeatedCalls):
            return desk.repetitions.noted(error.tool_name, "", answer, desk.state)
    return answer


def _unfit(name: str, context: object) -> str:
    takes = f"It takes, as JSON: {parameters(name)}." if name in _NAMES else "Send a JSON object."
    sent = context.tool_arguments if isinstance(context, ToolContext) else ""
    shown = f" You sent: {sent[:_LONGEST]}" if sent else ""
    return f"The arguments of {name} do not fit. {takes}{shown}"
