"""What a turn needs, imported while the person types the first goal.

In one thread, so that a Ctrl-C never stops an import half way: some libraries cannot be imported a
second time. Whoever needs them waits for it.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Sequence

_TURNS = ("alma_agent.terminal.running", "alma_agent.terminal.resuming")
_MODELS = (
    "alma_agent.proposer.orchestrator",
    "alma_agent.memory.model_tools",
    "alma_agent.memory.meaning",
)
_MEANING = ("alma_agent.memory.chroma_index", "alma_agent.memory.embedder")
_BEGINS_AFTER_S = 0.3  # the prompt comes first


class Preloading:
    """Imports in a thread of its own. What fails there fails again, and is told, when needed."""

    def __init__(self, *, with_model: bool, with_meaning: bool) -> None:
        names = (*_TURNS, *(_MODELS if with_model else ()))
        if with_model and with_meaning:  # exact refactorings recall by words alone
            names += _MEANING
        self._thread = threading.Thread(
            target=self._load, args=(names,), name="preloading", daemon=True
        )
        self._begins = threading.Event()

    def start(self) -> None:
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Return when all is imported."""
        self._begins.set()
        while self._thread.is_alive():  # so that a Ctrl-C comes through
            self._thread.join(0.1)

    def _load(self, names: Sequence[str]) -> None:
        self._begins.wait(_BEGINS_AFTER_S)
        for name in names:
            try:
                importlib.import_module(name)
            except Exception:  # noqa: BLE001 - told when it is needed
                return
            time.sleep(0)
