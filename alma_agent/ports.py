"""What `run` needs from the outside, each small enough to fake by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from alma_agent.records import Interaction, Proposal, Task, Usage, Verdict
from alma_agent.remembered import Recollection
from toolset.checks import CheckReport


class Library(Protocol):
    """What is remembered."""

    async def recall(self, task: Task) -> Recollection:
        """Return what helps with `task`, within its token limit."""
        ...

    async def remember(self, interaction: Interaction) -> None:
        """Record an interaction durably, under every file it touched. Twice is the same as once."""
        ...

    def interactions(self, *, limit: int = 20) -> Sequence[Interaction]:
        """Return what happened, newest first."""
        ...

    def interaction(self, id_prefix: str) -> Interaction:
        """Return one interaction. Raises UsageError if none, or several, begin so."""
        ...


class Answered(Protocol):
    """What a call of a tool came to."""

    @property
    def formatted_response(self) -> str:
        """The answer, for the model to read."""
        ...


class ModelTools(Protocol):
    """Tools for a model that are not the proposer's own."""

    def for_openai(self) -> list[dict[str, Any]]:
        """Return the schemas as chat completions take them."""
        ...

    def resolve_tool_call(self, call: Mapping[str, Any]) -> Answered:
        """Carry out a call by `name` and `arguments`, as JSON text; whatever they are."""
        ...

    def signed(self, by: str) -> ModelTools:
        """Return the same tools; what they write is signed `by` another agent."""
        ...


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A call that a model wants to make. `arguments` is JSON text, as the model sent it."""

    agent: str
    tool: str
    arguments: str


class Approver(Protocol):
    """Decides on single calls of tools. May wait for a person."""

    async def approve(self, request: ToolRequest) -> Verdict | None:
        """Say yes or no, and why; None if nobody is there to decide."""
        ...


class Proposer(Protocol):
    """Turns a task into edits; changes no file."""

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:
        """Raises AlmaError or ToolsetError when there can be no proposal; see `with_so_far`."""
        ...


@runtime_checkable
class Keeping(Protocol):
    """A proposer whose work another process can go on with."""

    @property
    def kept(self) -> str:
        """The id under which its work is kept since it was stopped; empty if it was not."""
        ...

    def keep(self, why: str) -> str:
        """Keep what it has come to; return the id. Empty if nothing is, or can be, kept."""
        ...

    def let_go(self) -> None:
        """Forget what it kept by itself, while it worked: somebody has decided on it."""
        ...


def with_so_far(error: Exception, made: Proposal) -> None:
    """Let what a proposer had made until it was stopped go along with the error."""
    vars(error)["so_far"] = made


def so_far(error: Exception) -> Proposal | None:
    """Return what the proposer had made until this error stopped it, if it said so."""
    made = vars(error).get("so_far")
    return made if isinstance(made, Proposal) else None


class Reviewer(Protocol):
    """Decides on a proposal. May wait for a person; must not change anything."""

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:
        """Say yes or no, and why."""
        ...


class Observer(Protocol):
    """Hears what is going on, to tell a person."""

    def recalled(self, recollection: Recollection) -> None:
        """Hear what is remembered, before the work starts."""
        ...

    def step(self, what: str) -> None:
        """Hear what alma does now, in a few words."""
        ...

    def said(self, text: str) -> None:
        """Hear a piece of what the model says, as it comes; an empty piece ends it."""
        ...

    def spent(self, call: Usage, seconds: float) -> None:
        """Hear what one call of a model took."""
        ...


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody that one run works with."""

    library: Library
    proposer: Proposer
    reviewer: Reviewer
    observer: Observer
