"""A function becomes a tool of the SDK.

Made by hand, not by `function_tool`: that hides what was wrong with the arguments, makes text of
every error, and runs a plain function in a thread. Here several calls in one answer are carried out
one after the other, in the model's order, and in this thread: Ctrl-C and SIGTERM reach it at once,
which a thread they would not (asyncio waits for it at the end), and nothing touches the draft
meanwhile. What may take long has a time limit of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from agents import AgentsException, FunctionTool
from agents.tool_context import ToolContext

from alma_agent.proposer.repetition import watched
from alma_agent.proposer.tools.arguments import Parameters
from alma_agent.proposer.tools.desk import Desk
from alma_agent.proposer.tools.secret_files import SecretFile
from alma_agent.proposer.tools.telling import told_to_model
from alma_agent.records import writable
from toolset.errors import OutOfScope, OutsideWorkspace, ProtectedPath

Function = Callable[..., str]


def as_tool(function: Function) -> FunctionTool:
    """Return a function over a desk as a tool; its docstring is what the model reads."""
    taken = Parameters(function)

    async def invoke(context: ToolContext[Desk], arguments: str) -> str:
        return writable(_carried_out(function, taken, context.context, arguments))

    return watched(
        FunctionTool(
            name=function.__name__,
            description=" ".join((inspect.getdoc(function) or "").split()),
            params_json_schema=taken.schema,
            on_invoke_tool=invoke,
            strict_json_schema=False,  # what may be left out has a default
        )
    )


def _carried_out(function: Function, taken: Parameters, desk: Desk, arguments: str) -> str:
    """Return what the model is told. Raises only what ends the run."""
    try:
        given, unknown = taken.read(arguments)
        answer = function(desk, **given)
    except (OutOfScope, OutsideWorkspace, ProtectedPath, SecretFile) as error:
        desk.note_refusal(function.__name__, error)
        return told_to_model(error)
    except AgentsException:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the model can try another way
        return told_to_model(error, desk.draft)
    if not unknown:
        return answer
    return f"{answer}\n(Passed over: {', '.join(unknown)}. {function.__name__} takes {taken}.)"
