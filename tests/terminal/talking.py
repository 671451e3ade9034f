"""A conversation with alma on a terminal: what is typed, and what came of it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.terminal.screens import ENTER, Terminal

_HERE = Path(__file__).parents[2]
_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[=>()][0B]?|\r")
_WAITS = b"\x1b[?2004h"  # the prompt lets the terminal mark what is pasted, each time it begins


class Talk:
    """`alma chat` on a terminal of its own. What a home of its own holds outlives it."""

    def __init__(
        self,
        root: Path,
        home: Path,
        url: str = "",
        *,
        arguments: Sequence[str] = (),
        columns: int = 80,
        rows: int = 100,  # what is longer than the screen is paged
        term: str = "xterm-256color",
        **environment: str,
    ) -> None:
        with_model = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-none", "ALMA_MODEL": "small"}
        known = {
            "PYTHONPATH": str(_HERE),
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "ALMA_EMBEDDER": "none",
            "TERM": term,
        }
        self._is_dumb = term == "dumb"
        self.terminal = Terminal(
            [sys.executable, "-m", "alma_agent", "chat", *arguments],
            folder=root,
            environment=known | (with_model if url else {}) | environment,
            columns=columns,
            rows=rows,
        )
        self.greeting = self._prompted(0)

    def say(self, text: str, *answers: tuple[str, str]) -> str:
        """Type a text; give each answer when its question stands there; return all that came."""
        mark = self.begin(text)
        for question, answer in answers:
            begins = self.hears(question, mark)
            self.terminal.type(answer + ENTER)
            self._prompted(begins)
        return self._prompted(mark)

    def begin(self, text: str) -> int:
        """Type a text, and wait for nothing; return from where on its output is to be read."""
        mark = len(self.terminal.heard)
        self.terminal.type(text + ENTER)
        return mark

    def hears(self, wanted: str, mark: int, seconds: float = 60.0) -> int:
        """Wait until something is written; return from where on the rest is to be read."""
        ends = time.monotonic() + seconds
        while wanted not in self._since(mark):
            self._go_on(ends, f"does not say {wanted!r}", mark)
        return len(self.terminal.heard)

    def interrupt(self, mark: int) -> str:
        """Press Ctrl-C, and wait for the prompt."""
        begins = len(self.terminal.heard)
        self.terminal.type("\x03")
        self._prompted(begins)
        return self._since(mark)

    def _prompted(self, mark: int, seconds: float = 60.0) -> str:
        ends = time.monotonic() + seconds
        while not self._waits(mark):
            self._go_on(ends, "does not prompt", mark)
        return self._since(mark)

    def _waits(self, mark: int) -> bool:
        if self._is_dumb:
            return self._since(mark).endswith("> ")
        return _WAITS in self.terminal.heard[mark:]

    def _go_on(self, ends: float, what: str, mark: int) -> None:
        if time.monotonic() > ends or not self.terminal._read():
            raise AssertionError(f"alma {what}:\n{self._since(mark)}\n---\n{self.terminal.text}")

    def _since(self, mark: int) -> str:
        """Return what was written since then, however it was wrapped."""
        written = _ESCAPES.sub(b"", self.terminal.heard[mark:]).decode("utf-8", "replace")
        return re.sub(r"\s+", " ", written)
