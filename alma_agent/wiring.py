"""The one place that knows which libraries were chosen today.

Everything heavy is imported when it is first needed: a refactoring that the planner knows never
loads a model's SDK or a vector store.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alma_agent.config import (
    MemoryChoice,
    ModelChoice,
    Settings,
    known_secrets,
    memory_choice,
    with_key,
)
from alma_agent.errors import ModelUnavailable, UsageError
from alma_agent.memory import known_ledgers
from alma_agent.memory.index import Embedder, IndexPlace
from alma_agent.memory.ledger import Ledger
from alma_agent.memory.library import HomeLibrary
from alma_agent.ports import Approver, Crew, Observer, Proposer, Reviewer
from alma_agent.redact import also_take_out
from alma_agent.remembered import EVERYBODY, Recalled, Scope
from toolset.git import Repository
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.memory.meaning import Meaning
    from alma_agent.memory.sessions.window import Summariser
    from alma_agent.memory.sessions.working_memory import WorkingMemories
    from alma_agent.paused import PausedRun, PausedRuns
    from alma_agent.proposer.exact import Choose
    from alma_agent.proposer.orchestrator import Knowledge
    from alma_agent.proposer.session import DurableSession
    from toolset.refactor.requests import Request

__all__ = ["House", "open_house"]

_ROOT = PurePosixPath()
LEDGER = "ledger.sqlite3"


@dataclass(frozen=True)
class House:
    """A workspace with its memory open.

    `home` is the workspace whose memory it is, if not its own; `told` gets what a model finds in
    it by itself. `of_everybody`: what is in it may be anybody's, and is only read.
    """

    workspace: Workspace
    ledger: Ledger
    choice: MemoryChoice
    home: Workspace | None = None
    told: list[Recalled] | None = None
    of_everybody: bool = False

    def over(self, workspace: Workspace, told: list[Recalled]) -> House:
        """Return a house with this one's memory over other files, such as a private copy."""
        return replace(self, workspace=workspace, home=self._home, told=told)

    @property
    def _home(self) -> Workspace:
        return self.home or self.workspace

    @property
    def library(self) -> HomeLibrary:
        """Memory by words, file and history; opens at once."""
        return HomeLibrary(self.workspace, self.ledger, scope=self.scope)

    @cached_property
    def library_with_meaning(self) -> HomeLibrary:
        """Memory by meaning too; loads the index and the embedder when first searched."""
        meaning = None if self.choice.embedder == "none" else self._meaning
        return HomeLibrary(self.workspace, self.ledger, meaning, scope=self.scope)

    def close(self) -> None:
        """Let the index go, for other processes, and for whoever opens the house again in this."""
        if "library_with_meaning" in vars(self):
            self.library_with_meaning.close()

    @property
    def library_to_forget(self) -> HomeLibrary:
        """Memory with its index, if there is one: what is erased must not live on in it."""
        if not self.choice.chroma and not self._home.state_path("index").exists():
            return self.library
        # Whoever is asked for vectors today, an index of before may hold what is to be erased.
        return HomeLibrary(self.workspace, self.ledger, self._meaning, scope=self.scope)

    def working_memories(self, model: ModelChoice | None = None) -> WorkingMemories:
        """Return what sessions hold. `model`, if given, puts what is older into fewer words."""
        from alma_agent.memory.sessions.working_memory import WorkingMemories

        if model is None:
            return WorkingMemories(self.ledger)
        from alma_agent.proposer.summariser import ModelSummariser

        return WorkingMemories(self.ledger, summariser=ModelSummariser(model))

    def summariser(self, model: ModelChoice) -> Summariser:
        """Return who puts a conversation into fewer words. It raises ModelUnavailable."""
        from alma_agent.proposer.summariser import ModelSummariser

        return ModelSummariser(model)

    def session(self, id: str, *, agent: str = "alma") -> DurableSession:
        """Return a conversation for the SDK's runner, which outlives the process."""
        from alma_agent.memory.sessions.conversation import Conversation
        from alma_agent.proposer.session import DurableSession

        return DurableSession(Conversation(self.ledger, id, self.scope), agent=agent)

    @cached_property
    def scope(self) -> Scope:
        """Whose memories are written and read here: in a shared ledger, this repository's."""
        if self.of_everybody:
            return EVERYBODY
        if self.choice.namespace is not None:
            return Scope(self.choice.namespace)
        return Scope(_repository_name(self._home) if self.choice.ledger else "")

    def crew(
        self,
        goal: str,
        settings: Settings,
        reviewer: Reviewer,
        observer: Observer,
        *,
        choose: Choose | None = None,
        folder: PurePosixPath = _ROOT,
        approver: Approver | None = None,
        remembers: bool = True,
    ) -> Crew:
        """Return who works on a goal: the planner if it understands it, else the model.

        `choose` picks one of several symbols that fit; `folder` is where the goal was said;
        `approver` decides on single calls of a model's tools. What a run comes to is kept, if it
        `remembers`: memories that a model writes, the conversation, a run that stops half way.
        Raises ModelUnavailable if neither can.
        """
        if requests := self._understood(goal, settings):
            return self.exact_crew(requests, reviewer, observer, choose=choose, folder=folder)
        proposer = self._orchestrator(
            goal, settings, observer, approver=approver, remembers=remembers
        )
        return Crew(self.library_with_meaning, proposer, reviewer, observer)

    def needs_model(self, goal: str, settings: Settings) -> bool:
        """Say whether a goal is one for a model: the planner does not understand it."""
        return not self._understood(goal, settings)

    def _understood(self, goal: str, settings: Settings) -> Sequence[Request]:
        from alma_agent.proposer.planner import understand

        return understand(goal) if settings.mode != "plan" else ()

    def crew_to_resume(
        self,
        run: PausedRun,
        settings: Settings,
        reviewer: Reviewer,
        observer: Observer,
        *,
        approver: Approver | None = None,
    ) -> Crew:
        """Return who goes on with a run that was paused. Raises ModelUnavailable."""
        proposer = self._orchestrator(
            run.task.goal, settings, observer, approver=approver, remembers=True, resume=run
        )
        return Crew(self.library_with_meaning, proposer, reviewer, observer)

    @property
    def paused_runs(self) -> PausedRuns:
        """Return the runs that stopped before their end."""
        from alma_agent.paused import PausedRuns

        return PausedRuns(self.workspace)

    def exact_crew(
        self,
        requests: Sequence[Request],
        reviewer: Reviewer,
        observer: Observer,
        *,
        choose: Choose | None = None,
        folder: PurePosixPath = _ROOT,
    ) -> Crew:
        """Return who carries out exact refactorings, without a model."""
        from alma_agent.proposer.exact import ExactRefactorer

        exact = ExactRefactorer(self.workspace, requests, choose, folder)
        return Crew(self.library, exact, reviewer, observer)

    def _orchestrator(
        self,
        goal: str,
        settings: Settings,
        observer: Observer,
        *,
        approver: Approver | None,
        remembers: bool,
        resume: PausedRun | None = None,
    ) -> Proposer:
        model = with_key(settings.model) if settings.model else None
        if model is None:
            raise ModelUnavailable(_no_model(goal))
        from alma_agent.proposer.orchestrator import Conduct, Orchestrator

        if remembers and not self.choice.ledger:
            known_ledgers.note(self.workspace.root)
        architect = with_key(settings.architect) if settings.architect else None
        return Orchestrator(
            self.workspace,
            model,
            observer,
            knowledge=self._knowledge(model, settings.session, remembers=remembers),
            conduct=Conduct(settings.agents, architect, settings.ask_before),
            approver=approver,
            paused=self.paused_runs if remembers else None,
            saves=remembers,
            session=self.session(settings.session) if settings.session and remembers else None,
            resume=resume,
        )

    def _knowledge(self, model: ModelChoice, session: str, *, remembers: bool) -> Knowledge:
        from alma_agent.memory.model_tools import READING, WRITING, MemoryTools
        from alma_agent.memory.noted_tools import NotedTools
        from alma_agent.proposer.orchestrator import Knowledge

        library = self.library_with_meaning
        tools = MemoryTools(
            library,
            self.workspace,
            scope=self.scope,
            by=model.name or "model",
            session=session,
            only=READING + WRITING if remembers else READING,
        )
        return Knowledge(
            tools if self.told is None else NotedTools(tools, self.told),
            find_code=library.find_code,
            likely_files=lambda goal: [
                PurePosixPath(one.path) for one in library.likely_files(goal)
            ],
        )

    def _meaning(self) -> Meaning:
        from alma_agent.memory.meaning import Meaning

        return Meaning(self.ledger, embedder_of(self.choice), self._index_place)

    def _index_place(self, model: str) -> IndexPlace:
        from alma_agent.memory.chroma_index import ChromaIndex, ChromaServer

        if not self.choice.chroma:
            return ChromaIndex(self._home.state_path("index"), model)
        url = urlsplit(self.choice.chroma)
        if not url.hostname:
            raise UsageError("ALMA_CHROMA_URL is no address, such as http://localhost:8000.")
        token = self.choice.chroma_token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        is_safe = url.scheme == "https"
        port = url.port or (443 if is_safe else 8000)
        # One server may serve several ledgers; a collection is one ledger's.
        ledger = hashlib.sha256(self.ledger.name.encode()).hexdigest()[:12]
        collection = f"{model}-{ledger}"
        return ChromaServer(url.hostname, collection, port, ssl=is_safe, headers=headers)


def open_house(workspace: Workspace, choice: MemoryChoice | None = None) -> House:
    """Open the memory of a workspace, making it if need be. `choice`: by default the environment's.

    Raises LedgerUnavailable, PathRefused (a link where the state would be).
    """
    choice = choice or memory_choice()
    also_take_out(known_secrets())
    workspace.state_folder()
    where = choice.ledger or workspace.state_path(LEDGER)
    return House(workspace, Ledger(where), choice)


def embedder_of(choice: MemoryChoice) -> Embedder:
    """Return who makes texts into vectors; loaded at the first use. `none` is never asked."""
    if choice.embedder in ("minilm", "none"):
        from alma_agent.memory.embedder import MiniLM

        return MiniLM()
    from alma_agent.memory.remote_embedder import RemoteEmbedder

    return RemoteEmbedder(choice.embedder, choice.embedder_key, choice.embedder_url)


def _repository_name(workspace: Workspace) -> str:
    """Return a name that clones of one repository share, so that they share a ledger's memories."""
    origin = Repository(workspace.root).origin() if workspace.has_git else ""
    name = re.sub(r"^\w+://|^[^@/]*@|\.git/?$", "", origin) if origin else str(workspace.root)
    return name.replace(":", "/").lower()


def _no_model(goal: str) -> str:
    from alma_agent.proposer.near_miss import near_miss
    from alma_agent.proposer.planner import KNOWN_REQUESTS

    known = "\n".join(f"  {request}" for request in KNOWN_REQUESTS)
    hint = near_miss(goal)
    return (
        f"this needs a model, and none is configured: {goal}\n"
        + (f"{hint}\n" if hint else "")
        + f"Without one it understands requests such as\n{known}\n"
        "To use a model, set OPENAI_API_KEY (or, with the extra `keyring`, say `keyring set alma "
        "openai`); or, for any OpenAI-compatible endpoint,\n"
        "  export OPENAI_BASE_URL=http://localhost:8080/v1\n"
        "and name the model with --model. Nothing was written."
    )
