"""The SDK's session over a conversation that is kept elsewhere: durable, and mended when read.

What is there is never rewritten: a conversation that a crash cut off is mended each time it is
read, in `history`. What earlier sessions said goes into each call by `call_model_input_filter`, and
so is never saved with this one.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast

from agents import RunHooks, SessionSettings, TResponseInputItem
from agents.memory import SessionABC
from agents.run_config import CallModelData, CallModelInputFilter, ModelInputData

from alma_agent.proposer.history import Item, latest, repaired

_T = TypeVar("_T")


class Conversation(Protocol):
    """The items of one session, where they are kept."""

    @property
    def id(self) -> str: ...

    def items(self) -> list[Item]:
        """Return every item, in the order in which they came."""
        ...

    def append(self, items: Sequence[Item], *, by: str) -> None:
        """Add items, all or none; durable on return. `by` signs what no user said."""
        ...

    def pop(self) -> Item | None:
        """Remove the last item and return it; None if there is none."""
        ...

    def clear(self) -> None:
        """Remove all items."""
        ...

    def earlier(self, window: str, max_tokens: int) -> str:
        """Return what was said in other sessions, labelled as data; empty if nothing was."""
        ...


class DurableSession(SessionABC):
    """A session for `Runner.run`. Several agents and processes may lead one conversation.

    `agent` signs what is added, but for what the user says.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        agent: str = "alma",
        session_settings: SessionSettings | None = None,
    ) -> None:
        self.session_id = conversation.id
        self.session_settings = session_settings
        self.agent = agent
        self.conversation = conversation

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """Return the newest items, the oldest of them first, in a form that a model call takes."""
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        items = repaired(await _finished(self.conversation.items))
        return cast(list[TResponseInputItem], latest(items, limit))

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Add items, all or none; durable on return."""
        added, by = [cast(Item, item) for item in items], self.agent
        await _finished(lambda: self.conversation.append(added, by=by))

    async def pop_item(self) -> TResponseInputItem | None:
        """Remove the newest item and return it; None if there is none."""
        return cast("TResponseInputItem | None", await _finished(self.conversation.pop))

    async def clear_session(self) -> None:
        await _finished(self.conversation.clear)


class Signing(RunHooks[Any]):
    """Lets a session know which agent spoke last, where a run hands over from one to another."""

    def __init__(self, session: DurableSession) -> None:
        self._session = session

    async def on_llm_end(self, context: Any, agent: Any, response: Any) -> None:  # noqa: ARG002
        self._session.agent = agent.name


def with_earlier_sessions(
    conversation: Conversation,
    *,
    window: str = "24h",
    max_tokens: int = 1_000,
    then: CallModelInputFilter | None = None,
) -> CallModelInputFilter:
    """Return a filter that puts what other sessions said before the conversation, at every call.

    It is read once, at the first call, so that all calls of a run begin alike. `then` is another
    filter, for what this one made.
    """
    told: list[str] = []

    async def add(data: CallModelData[Any]) -> ModelInputData:
        if not told:
            told.append(await _finished(lambda: conversation.earlier(window, max_tokens)))
        made = data.model_data
        if told[0]:
            earlier: TResponseInputItem = {"role": "user", "content": told[0]}
            made = ModelInputData(input=[earlier, *made.input], instructions=made.instructions)
        if then is None:
            return made
        filtered = then(replace(data, model_data=made))
        return await filtered if inspect.isawaitable(filtered) else filtered

    return add


async def _finished(work: Callable[[], _T]) -> _T:
    """Do something that takes its time in a thread, and to its end, even if cancelled meanwhile.

    Otherwise a write could land behind what was written after it.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.exception()  # looked at, so that nobody warns of it
        raise cancelled
    return task.result()
