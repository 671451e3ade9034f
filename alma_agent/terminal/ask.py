"""The human reviewer: shows the change, asks, and takes only a clear yes, to all or to parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console

from alma_agent.ports import Reviewer, ToolRequest
from alma_agent.records import Proposal, Verdict
from alma_agent.terminal import render
from alma_agent.terminal.asking_hunks import NO, answered, hunk_by_hunk, letters_explained
from alma_agent.terminal.choosing import Choosing
from alma_agent.terminal.consoles import forget_typed
from alma_agent.terminal.paging import page
from alma_agent.terminal.wording import YES, counted
from toolset.checks import CheckReport
from toolset.errors import AmbiguousTarget


class Shown:
    """Shows the proposal, or what speaks against the chosen part, before another one decides."""

    def __init__(self, console: Console, then: Reviewer) -> None:
        self._console = console
        self._then = then

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:
        if proposal.objection:
            self._console.print(render.objection(proposal.objection), soft_wrap=True)
        else:
            page(self._console, render.changed(proposal))
            # Not in the pager: who leaves it early has yet to see what speaks for and against.
            self._console.print(render.judged(proposal, checks), soft_wrap=True)
        return await self._then.review(proposal, checks)


class AskOnTerminal:
    """Asks the person at the terminal, for the whole or hunk by hunk. Anything but yes is no."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._chosen: Verdict | None = None  # before somebody objected to it

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:  # noqa: ARG002
        forget_typed()  # while a model or a check was at work
        objection = proposal.objection
        if objection is None:
            self._chosen = None
        elif self._chosen and not objection.is_final:
            return self._asked_again(proposal, self._chosen)
        return self._asked(proposal)

    def _asked(self, proposal: Proposal) -> Verdict:
        walk = Choosing.over(proposal.changes)
        has_parts = sum(len(hunk.split()) for hunk in walk.hunks) > 1
        what = "the whole" if proposal.objection else "this"
        question = f"Apply {what} to {counted(len(proposal.changes), 'file')}?"
        while True:
            said = answered(self._console, f"{question} [{'y/N/h/?' if has_parts else 'y/N/?'}] ")
            match said.lower():
                case word if word in YES:
                    return Verdict(accepted=True, by="human", reason="accepted at the prompt")
                case word if word in ("", *NO):
                    return Verdict(accepted=False, by="human", reason="you said no")
                case "h" | "hunks" if has_parts:
                    if verdict := self._hunk_by_hunk(walk):
                        return verdict
                case word if len(word) > 1 and word != "help":
                    return Verdict(accepted=False, by="human", reason=said)
                case _:
                    self._console.print(
                        letters_explained(_ANSWERS, without="" if has_parts else "h")
                    )

    def _asked_again(self, proposal: Proposal, chosen: Verdict) -> Verdict:
        """Ask whether a part is taken all the same, after what was said of it."""
        while True:
            said = answered(self._console, "Apply what you chose all the same? [y/N/h/?] ")
            match said.lower():
                case word if word in YES:
                    return chosen
                case word if word in ("", *NO):
                    return Verdict(accepted=False, by="human", reason="you said no")
                case "h" | "hunks":
                    if verdict := self._hunk_by_hunk(Choosing.over(proposal.changes)):
                        return verdict
                    return self._asked(proposal)
                case word if len(word) > 1 and word != "help":
                    return Verdict(accepted=False, by="human", reason=said)
                case _:
                    self._console.print(letters_explained(_ANSWERS))

    def _hunk_by_hunk(self, walk: Choosing) -> Verdict | None:
        """Ask about each hunk; return None if that was broken off."""
        verdict = hunk_by_hunk(self._console, walk)
        if verdict and verdict.chosen:
            self._chosen = verdict
        return verdict


_ANSWERS = {
    "y": "apply it",
    "n": "write nothing",
    "h": "choose hunk by hunk",
    "words": "write nothing; they are the reason, which alma remembers",
}


class ApproveOnTerminal:
    """Asks the person at the terminal about single calls of a model's tools."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._always: set[str] = set()

    async def approve(self, request: ToolRequest) -> Verdict | None:
        if request.tool in self._always:
            return Verdict(accepted=True, by="human", reason="always")
        self._console.print(render.tool_request(request), soft_wrap=True)
        forget_typed()
        try:
            said = self._console.input("Let it? [y/N/always, or why not] ", markup=False).strip()
        except EOFError:
            return None
        word = said.lower()
        if word in ("a", "always"):
            self._always.add(request.tool)
        accepted = word in (*YES, "a", "always")
        reason = "" if accepted or word in ("", *NO) else said
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
