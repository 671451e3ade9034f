"""Which calls of tools need a yes, and whoever gives it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, cast

from agents import FunctionTool, RunState
from agents.items import ToolApprovalItem

from alma_agent.ports import Approver, ToolRequest
from alma_agent.proposer.tools import CHECKING, EDITING, fits
from alma_agent.records import Mode


def tools_to_ask_for(mode: Mode, ask_before: Collection[str] = ()) -> frozenset[str]:
    """Return the names of the tools that need a yes at each call."""
    return frozenset(ask_before) | (frozenset((*EDITING, *CHECKING)) if mode == "ask" else set())


def with_approvals(tools: Sequence[FunctionTool], asked: Collection[str]) -> list[FunctionTool]:
    """Let calls of the tools that are `asked` wait for a yes, if they can be carried out at all."""

    def needs(name: str) -> Callable[[Any, dict[str, Any], str], Awaitable[bool]]:
        async def is_fit(_: Any, given: dict[str, Any], __: str) -> bool:
            return fits(name, json.dumps(given))

        return is_fit

    return [
        replace(tool, needs_approval=needs(tool.name)) if tool.name in asked else tool
        for tool in tools
    ]


async def answered(
    waiting: Sequence[ToolApprovalItem], state: RunState[Any, Any], approver: Approver | None
) -> list[ToolRequest]:
    """Put the calls to whoever decides; note the answers in the state.

    Return the calls that nobody was there to decide on.
    """
    open_: list[ToolRequest] = []
    for item in waiting:
        if _is_decided(item, state):  # by somebody, before the run was paused
            continue
        request = _request(item)
        verdict = None if open_ or approver is None else await approver.approve(request)
        if verdict is None:
            open_.append(request)
        elif verdict.accepted:
            state.approve(item)
        else:
            state.reject(item, rejection_message=_no(verdict.reason))
    return open_


def _is_decided(item: ToolApprovalItem, state: RunState[Any, Any]) -> bool:
    context = state._context  # noqa: SLF001 - the SDK lists decided calls as waiting, too
    return (
        context is not None
        and context.is_tool_approved(item.name or "", item.call_id or "") is not None
    )


def _no(reason: str) -> str:
    told = f" They say: {reason.rstrip('.')}." if reason else ""
    return f"The person said no to this call; it was not carried out.{told} Do something else."


def _request(item: ToolApprovalItem) -> ToolRequest:
    raw = cast(Any, item.raw_item)
    arguments = raw.get("arguments") if isinstance(raw, dict) else getattr(raw, "arguments", "")
    return ToolRequest(item.agent.name, item.name or "", str(arguments or "{}"))
