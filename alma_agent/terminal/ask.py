"""The human reviewer: shows the whole change, asks, and takes only a clear yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console

from alma_agent.ports import Reviewer, ToolRequest
from alma_agent.records import Proposal, Verdict
from alma_agent.terminal import render
from toolset.checks import CheckReport
from toolset.errors import AmbiguousTarget


class Shown:
    """Shows the proposal before another reviewer decides."""

    def __init__(self, console: Console, then: Reviewer) -> None:
        self._console = console
        self._then = then

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:
        self._console.print(render.proposal(proposal, checks), soft_wrap=True)
        return await self._then.review(proposal, checks)


class AskOnTerminal:
    """Asks the person at the terminal. Anything but yes is no."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:  # noqa: ARG002
        count = len(proposal.changes)
        files = "1 file" if count == 1 else f"{count} files"
        try:
            answer = (
                self._console.input(f"Apply this to {files}? [y/N] ", markup=False).strip().lower()
            )
        except EOFError:
            answer = ""
        if answer in ("y", "yes", "o", "oui"):
            return Verdict(accepted=True, by="human", reason="accepted at the prompt")
        return Verdict(accepted=False, by="human", reason="you said no")


class ApproveOnTerminal:
    """Asks the person at the terminal about single calls of a model's tools."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._always: set[str] = set()

    async def approve(self, request: ToolRequest) -> Verdict | None:
        if request.tool in self._always:
            return Verdict(accepted=True, by="human", reason="always")
        self._console.print(render.tool_request(request), soft_wrap=True)
        try:
            said = self._console.input("Let it? [y/N/always, or why not] ", markup=False).strip()
        except EOFError:
            return None
        word = said.lower()
        if word in ("a", "always"):
            self._always.add(request.tool)
        accepted = word in ("y", "yes", "o", "oui", "a", "always")
        reason = "" if accepted or word in ("", "n", "no", "non") else said
        return Verdict(accepted=accepted, by="human", reason=reason)


def choose_on_terminal(console: Console) -> Callable[[AmbiguousTarget], str]:
    """Return a function that shows the symbols that fit, and asks for one; no answer is a no."""

    def choose(ambiguous: AmbiguousTarget) -> str:
        console.print(f"Several symbols are called {ambiguous.name}:")
        for number, candidate in enumerate(ambiguous.candidates, 1):
            console.print(f"  {number}  {candidate}", soft_wrap=True)
        try:
            answer = console.input("Which one? [number] ", markup=False).strip()
        except EOFError:
            answer = ""
        if answer.isdecimal() and 0 < int(answer) <= len(ambiguous.candidates):
            return ambiguous.candidates[int(answer) - 1]
        raise ambiguous

    return choose
