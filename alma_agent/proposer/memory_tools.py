"""Memory's tools in the form of the SDK."""

from __future__ import annotations

from typing import Any

from agents import FunctionTool

from alma_agent.ports import ModelTools


def memory_tools(memory: ModelTools) -> list[FunctionTool]:
    """Return the tools; a wrong call is answered, not raised."""
    return [_tool(memory, schema["function"]) for schema in memory.for_openai()]


def _tool(memory: ModelTools, function: dict[str, Any]) -> FunctionTool:
    async def invoke(_: Any, arguments: str) -> str:
        call = {"name": function["name"], "arguments": arguments}
        return memory.resolve_tool_call(call).formatted_response

    return FunctionTool(
        name=function["name"],
        description=function["description"],
        params_json_schema=function["parameters"],
        on_invoke_tool=invoke,
        strict_json_schema=False,  # what may be left out has a default
    )
