"""One call of a model, as the runner makes it: ready to be sent, and to be sent again."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

from agents import Model, ModelSettings

from alma_agent.proposer.wire.hiding import Hider
from alma_agent.proposer.wire.sent import fit_to_send, with_words

_SIGNATURE = inspect.signature(Model.get_response)
_LESS = (
    "Your last answer was cut off at the endpoint's limit of length, before it came to anything. "
    "It is lost. Think and say less at once: make one small step now."
)


@dataclass(frozen=True, slots=True)
class ModelCall:
    """The call's arguments, by name."""

    given: dict[str, Any]
    asks_for_less: bool = False

    @classmethod
    def of(cls, hider: Hider, *args: Any, needs_words: bool = False, **kwargs: Any) -> ModelCall:
        """Return a call of `get_response` or `stream_response`, without secrets, fit to be sent.

        `needs_words`: the endpoint takes no call of a tool without a text beside it.
        """
        given = dict(_SIGNATURE.bind(None, *args, **kwargs).arguments)
        del given["self"]
        asked = given["input"]
        if not isinstance(asked, str):
            asked = with_words(fit_to_send(asked)) if needs_words else fit_to_send(asked)
        given["input"] = hider.hide(asked)
        given["system_instructions"] = hider.hide(given["system_instructions"])
        return cls(given)

    @property
    def settings(self) -> ModelSettings:
        settings: ModelSettings = self.given["model_settings"]
        return settings

    def asking_for_less(self) -> ModelCall:
        """Return the same call, with a word to the model that its answer was too long."""
        asked = self.given["input"]
        before = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
        told = [*before, {"role": "user", "content": _LESS}]
        return replace(self, given={**self.given, "input": told}, asks_for_less=True)
