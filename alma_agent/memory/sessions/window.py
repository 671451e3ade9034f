"""How much of a session a model takes in: the newest messages whole, the older ones in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from alma_agent.memory.ranking import tokens_of
from alma_agent.memory.sessions.summarising import sentences_of, summary
from alma_agent.memory.sessions.talk import Message, context_tokens


class Summariser(Protocol):
    """Puts older messages into the summary of what came before them."""

    def summarise(self, context: str, messages: Sequence[Message], *, budget_tokens: int) -> str:
        """Return what is worth knowing of both, as `tokens_of` counts it within the budget.

        Raises AlmaError if it cannot; the caller has another way.
        """
        ...


class Extractive:
    """Chooses sentences. Needs no model."""

    def summarise(self, context: str, messages: Sequence[Message], *, budget_tokens: int) -> str:
        told = [context, *(line for one in messages for line in told_by(one))]
        return summary(told, budget_tokens=budget_tokens)


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens that a model can take in, and how they are shared out.

    Beyond `full` of them, older messages are summarised, until `kept` of them are messages; the
    summary takes at most `summary`. Between `kept` and `full` there is room to talk on.
    """

    tokens: int
    full: float = 0.7
    kept: float = 0.4
    summary: float = 0.2

    @property
    def summary_tokens(self) -> int:
        return int(self.tokens * self.summary)

    def is_full(self, context: str, messages: Sequence[Message]) -> bool:
        taken = context_tokens(context) + sum(one.tokens for one in messages)
        return len(messages) > 1 and taken > self.tokens * self.full

    def split(self, messages: Sequence[Message]) -> int:
        """Return how many of the messages are to be summarised; never the last one."""
        return len(messages) - max(1, len(newest(messages, int(self.tokens * self.kept))))


def told_by(message: Message) -> list[str]:
    """Return the sentences of a message, each with who said it, so that it can stand alone."""
    return [f"{message.by or message.role}: {one}" for one in sentences_of(message.content)]


def newest(messages: Sequence[Message], budget_tokens: int) -> Sequence[Message]:
    """Return the last messages that fit the budget together, in their order."""
    count = 0
    for message in reversed(messages):
        budget_tokens -= message.tokens
        if budget_tokens < 0:
            break
        count += 1
    return messages[len(messages) - count :]


def shortened(text: str, budget_tokens: int) -> str:
    """Return a text as it is if it fits, else its sentences that say most."""
    return (
        text if tokens_of(text) <= budget_tokens else summary([text], budget_tokens=budget_tokens)
    )
