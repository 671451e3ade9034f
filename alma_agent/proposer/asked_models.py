"""The models of a run: whose is which, opened together, and closed when the run is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agents import Model

from alma_agent.config import OPENAI_COMPATIBLE, ModelChoice
from alma_agent.proposer import agent_names, providers
from alma_agent.proposer.wire import SturdyModel


@dataclass(frozen=True, slots=True)
class AskedModels:
    """`everybody` asks one model; the architect may ask another. `model` stands in, for tests."""

    everybody: ModelChoice
    architect: ModelChoice | None = None
    model: Model | None = None

    @property
    def choices(self) -> Mapping[str, ModelChoice]:
        """Return whose model is which, by the agent's name; the empty name is everybody else's."""
        if self.architect is None:
            return {"": self.everybody}
        return {"": self.everybody, agent_names.ARCHITECT: self.architect}

    def of(self, agent: str) -> ModelChoice:
        return self.choices.get(agent, self.everybody)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Model, Model | None]]:
        """Hold everybody's model, and the architect's if it has its own."""
        async with self._opened(self.everybody) as model:
            if self.architect is None:
                yield model, None
            else:
                async with self._opened(self.architect) as other:
                    yield model, other

    @asynccontextmanager
    async def _opened(self, choice: ModelChoice) -> AsyncIterator[Model]:
        secrets = tuple({one for each in self.choices.values() for one in each.secrets})
        if self.model is not None:
            yield SturdyModel(self.model, secrets=secrets)
            return
        async with providers.opened(choice) as model:
            is_chat = choice.provider == OPENAI_COMPATIBLE and not choice.uses_responses
            yield SturdyModel(model, secrets=secrets, needs_words=is_chat)
