"""What the small model is sent out for: fifty tasks, and how each is run.

No goal is one that the planner understands. None is expected to be reached: a model of this size
does what it likes, and that is what it is here for.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from alma_agent.records import Limits, Mode

Door = Literal["grammar", "spoken", "plain"]  # see `serve`
Answer = Literal["yes", "no", "in turn", "nobody"]

CHECK = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Errand:
    """A goal on a fixture, and how it is run. `answers`: what is said to calls that need a yes."""

    id: str
    goal: str
    door: Door = "grammar"
    fixture: str = "flat"
    mode: Mode = "auto-edit"
    agents: bool = False
    stream: bool = False
    file: str | None = None
    scope: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    answers: Answer = "yes"
    turns: int = 5
    seconds: float = 20
    tokens: int | None = None
    request_timeout_s: float = 300

    @property
    def limits(self) -> Limits:
        return Limits(turns=self.turns, seconds=self.seconds, tokens=self.tokens)

    @property
    def prompt(self) -> tuple[object, ...]:
        """Return what decides how its prompts begin: runs that share it follow each other."""
        return self.door, self.mode == "plan"


_LONG = " ".join(
    [
        "The people who read these reports keep asking where the totals come from.",
        "Go through app.py and report.py with that question in mind, and decide what is missing.",
        "A docstring may say more than it does; a name may say less than it should.",
        "Where a total is built, say in a comment which rows are left out, and why.",
        "Do not touch the command line, and keep every test as it is, since others rely on them.",
    ]
    * 8
)
_NOTES = "Create a file NOTES.md that says hello to whoever reads it"
_BUG = "summarise gives a KeyError when a row has no price: treat a missing price as 0"
_EMPTY = "main crashes without arguments; print a usage line and return 2 instead"
_DOCS = "Explain in README.md what the columns of the CSV file mean"
_TEST = "Write a test for mean with an empty list, in test_report.py"
_TRIANGLE = "Add a shape Triangle with three sides to polygons.py, with area and perimeter"
_NEGATIVE = "Rectangle must refuse negative sides with a ValueError"

ERRANDS = (
    # The server forces calls into their form; it cannot stream then, and breaks the stream off.
    Errand("notes", _NOTES),
    Errand("notes, streamed", _NOTES, stream=True),
    Errand("bug", _BUG, file="app.py"),
    Errand("bug, many turns", _BUG, file="app.py", turns=8, seconds=40),
    Errand("bug, in scope", _BUG, scope=("app.py", "test_*.py"), turns=6),
    Errand("bug, checked", _EMPTY, file="app.py", check=CHECK, turns=4),
    Errand("documents", _DOCS, file="README.md"),
    Errand("documents, out of scope", _DOCS, scope=("app.py",)),
    Errand("test", _TEST, file="test_report.py", check=CHECK, turns=4),
    Errand("feature", _TRIANGLE, fixture="shapes", file="shapes/polygons.py", turns=8, seconds=60),
    Errand("feature, in scope", _TRIANGLE, fixture="shapes", scope=("shapes/*.py",)),
    Errand("odd bytes", "Write ten metres as 10 m in the docs of latin.py", fixture="shapes"),
    Errand("line endings", "Say in legacy.py that it is old", fixture="shapes", turns=3),
    Errand("French", "Rends la fonction moyenne plus claire, et documente-la en français"),
    Errand("nonsense", "the blue of seven is louder than a spoon, so please mend it", turns=3),
    Errand("long goal", _LONG, turns=4, seconds=40),
    Errand("few tokens", _BUG, tokens=5_000, turns=8),
    Errand("few seconds", _TRIANGLE, fixture="shapes", seconds=5),
    Errand("asked, yes", _NOTES, mode="ask"),
    Errand("asked, no", _NOTES, mode="ask", answers="no"),
    Errand("asked, in turn", _DOCS, mode="ask", answers="in turn", turns=6),
    Errand("asked, nobody there", _NOTES, mode="ask", answers="nobody"),
    Errand("plan", _TRIANGLE, fixture="shapes", mode="plan"),
    Errand("plan of a file", _BUG, mode="plan", file="app.py"),
    Errand("agents", _NOTES, agents=True, turns=6, seconds=60),
    Errand("agents, streamed", _BUG, agents=True, stream=True, file="app.py", seconds=60),
    Errand(
        "agents, in scope",
        _NEGATIVE,
        fixture="shapes",
        agents=True,
        scope=("shapes/**",),
        seconds=60,
    ),
    # Calls come as text.
    Errand("spoken notes", _NOTES, "spoken"),
    Errand("spoken notes, streamed", _NOTES, "spoken", stream=True),
    Errand("spoken bug", _EMPTY, "spoken", file="app.py", turns=8, seconds=40),
    Errand("spoken bug, streamed", _BUG, "spoken", scope=("app.py",), stream=True),
    Errand("spoken documents", _DOCS, "spoken", file="README.md", turns=6, stream=True),
    Errand("spoken test", _TEST, "spoken", check=CHECK, turns=4),
    Errand("spoken feature", _NEGATIVE, "spoken", "shapes", file="shapes/polygons.py", stream=True),
    Errand("spoken French", "Ajoute un test pour une liste vide", "spoken", stream=True),
    Errand("spoken nonsense", "???", "spoken", turns=3, stream=True),
    Errand("spoken, few tokens", _NOTES, "spoken", tokens=3_000),
    Errand("spoken, asked", _NOTES, "spoken", mode="ask", answers="in turn"),
    Errand("spoken, asked, nobody", _DOCS, "spoken", mode="ask", answers="nobody", stream=True),
    Errand("spoken plan", _BUG, "spoken", mode="plan", stream=True),
    Errand("spoken agents", _NOTES, "spoken", agents=True, turns=6, seconds=60),
    Errand("spoken agents, streamed", _BUG, "spoken", agents=True, stream=True, seconds=60),
    # The model never hears of tools.
    Errand("plain notes", _NOTES, "plain"),
    Errand("plain bug, streamed", _BUG, "plain", file="app.py", stream=True),
    Errand("plain long goal", _LONG, "plain", turns=3),
    Errand("plain French", "Corrige la faute dans le module de statistiques", "plain", stream=True),
    Errand("plain, impatient", _DOCS, "plain", request_timeout_s=1, seconds=20),
    Errand("plain plan", _TRIANGLE, "plain", "shapes", mode="plan", stream=True),
    Errand("plain agents", _EMPTY, "plain", agents=True, file="app.py"),
    Errand("plain nonsense", "42", "plain", turns=3, seconds=20),
)
