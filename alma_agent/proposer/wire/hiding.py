"""Configured keys out of what goes to an endpoint and what comes back: exact values only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agents.items import TResponseStreamEvent
from pydantic import BaseModel

from alma_agent import keys

HIDDEN = "[key]"


class Hider:
    """Replaces secrets wherever they stand in a value; what holds none stays the same object."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = keys.worth_hiding(secrets)

    def hide(self, value: Any) -> Any:
        """Return texts, lists, mappings and SDK items without secrets."""
        return self._hidden(value) if self.secrets else value

    def _hidden(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self.secrets:
                if secret in value:
                    value = value.replace(secret, HIDDEN)
            return value
        if isinstance(value, dict):
            new = {self._hidden(key): self._hidden(one) for key, one in value.items()}
            same = all(old is one for old, one in zip(value.values(), new.values(), strict=False))
            return value if same and len(new) == len(value) and new.keys() == value.keys() else new
        if isinstance(value, (list, tuple)):
            items = [self._hidden(one) for one in value]
            same = all(old is one for old, one in zip(value, items, strict=True))
            return value if same else type(value)(items)
        if isinstance(value, BaseModel):
            fields = {**value.__dict__, **(value.__pydantic_extra__ or {})}
            changed = {
                name: new for name, old in fields.items() if (new := self._hidden(old)) is not old
            }
            return value.model_copy(update=changed) if changed else value
        return value


class StreamHider:
    """Hides secrets in a stream's deltas, though they come in pieces.

    What could be the beginning of a secret is held until more has come.
    """

    def __init__(self, hider: Hider) -> None:
        self._hider = hider
        self._last: TResponseStreamEvent | None = None
        self._held = ""

    def passed(self, event: TResponseStreamEvent) -> list[TResponseStreamEvent]:
        """Return the events that may be passed on now."""
        if not self._hider.secrets:
            return [event]
        delta = getattr(event, "delta", None)
        if not isinstance(delta, str):
            return [*self.rest(), self._hider.hide(event)]
        before = [] if self._goes_on(event) else self.rest()
        text = self._hider.hide(self._held + delta)
        keep = self._begun(text)
        self._last, self._held = event, text[len(text) - keep :]
        said = text[: len(text) - keep]
        return [*before, event.model_copy(update={"delta": said})] if said else before

    def rest(self) -> list[TResponseStreamEvent]:
        """Return what was held back and turned out to be no secret."""
        last, held = self._last, self._held
        self._last, self._held = None, ""
        if last is None or not held:
            return []
        return [last.model_copy(update={"delta": held})]

    def _goes_on(self, event: Any) -> bool:
        last: Any = self._last
        return last is not None and (last.type, getattr(last, "output_index", None)) == (
            event.type,
            getattr(event, "output_index", None),
        )

    def _begun(self, text: str) -> int:
        """Return how many characters at the end may be the beginning of a secret."""
        longest = max(len(secret) for secret in self._hider.secrets) - 1
        return next(
            (
                size
                for size in range(min(longest, len(text)), 0, -1)
                if any(secret.startswith(text[-size:]) for secret in self._hider.secrets)
            ),
            0,
        )
