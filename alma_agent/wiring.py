"""The one place that knows which libraries were chosen today.

Everything heavy is imported when it is first needed: a refactoring that the planner knows never
loads a model's SDK or a vector store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from alma_agent.config import Settings
from alma_agent.errors import ModelUnavailable
from alma_agent.memory.index import Index
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.library import HomeLibrary
from alma_agent.ports import Crew, Observer, Proposer, Reviewer
from alma_agent.proposer.exact import ROOT, Choose, ExactRefactorer
from alma_agent.proposer.near_miss import near_miss
from alma_agent.proposer.planner import KNOWN_REQUESTS, understand
from toolset.refactor.requests import Request
from toolset.workspace import Workspace

__all__ = ["Choose", "House", "open_house"]


@dataclass(frozen=True)
class House:
    """A workspace with its memory open."""

    workspace: Workspace
    ledger: Ledger

    @property
    def library(self) -> HomeLibrary:
        """Memory by words, file and history; opens at once."""
        return HomeLibrary(self.workspace, self.ledger, index=None)

    @property
    def library_with_meaning(self) -> HomeLibrary:
        """Memory by meaning too; loads the index and the embedder when first searched."""
        return HomeLibrary(self.workspace, self.ledger, index=self._index)

    def crew(
        self,
        goal: str,
        settings: Settings,
        reviewer: Reviewer,
        observer: Observer,
        *,
        choose: Choose | None = None,
        folder: PurePosixPath = ROOT,
    ) -> Crew:
        """Return who works on a goal: the planner if it understands it, else the model.

        `choose` picks one of several symbols that fit; `folder` is where the goal was said.
        Raises ModelUnavailable if neither can.
        """
        if requests := understand(goal):
            return self.exact_crew(requests, reviewer, observer, choose=choose, folder=folder)
        proposer = self._orchestrator(goal, settings, observer)
        return Crew(self.library_with_meaning, proposer, reviewer, observer)

    def exact_crew(
        self,
        requests: Sequence[Request],
        reviewer: Reviewer,
        observer: Observer,
        *,
        choose: Choose | None = None,
        folder: PurePosixPath = ROOT,
    ) -> Crew:
        """Return who carries out exact refactorings, without a model."""
        exact = ExactRefactorer(self.workspace, requests, choose, folder)
        return Crew(self.library, exact, reviewer, observer)

    def _orchestrator(self, goal: str, settings: Settings, observer: Observer) -> Proposer:
        if settings.model is None:
            raise ModelUnavailable(_no_model(goal))
        from alma_agent.proposer.orchestrator import Orchestrator

        return Orchestrator(self.workspace, settings.model, observer)

    def _index(self) -> Index:
        from alma_agent.memory.chroma_index import ChromaIndex
        from alma_agent.memory.embedder import MiniLM

        return ChromaIndex(self.workspace.state_path("index"), MiniLM())


def open_house(workspace: Workspace) -> House:
    """Open the memory of a workspace, making it if need be.

    Raises LedgerUnavailable, PathRefused (a link where the state would be).
    """
    workspace.state_folder()
    return House(workspace, Ledger(workspace.state_path("ledger.sqlite3")))


def _no_model(goal: str) -> str:
    known = "\n".join(f"  {request}" for request in KNOWN_REQUESTS)
    hint = near_miss(goal)
    return (
        f"this needs a model, and none is configured: {goal}\n"
        + (f"{hint}\n" if hint else "")
        + f"Without one it understands requests such as\n{known}\n"
        "To use a model, set OPENAI_API_KEY; or, for any OpenAI-compatible endpoint,\n"
        "  export OPENAI_BASE_URL=http://localhost:8080/v1\n"
        "and name the model with --model. Nothing was written."
    )
