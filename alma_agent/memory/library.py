"""The `Library` port at home: the ledger first, the index over it.

The index is brought up to date when meaning is asked for, not at each write: a refactoring that
needs no model should not wait for one to be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from alma_agent.errors import UsageError
from alma_agent.memory.anchoring.surveying import Survey
from alma_agent.memory.distil import left_files, memories_of
from alma_agent.memory.ledger import Ledger, interactions, memories
from alma_agent.memory.ledger.recording import record
from alma_agent.memory.notebook import Notebook, not_one
from alma_agent.memory.recalling import OpenMeaning, Recaller
from alma_agent.records import Interaction, Task
from alma_agent.redact import redacted
from alma_agent.remembered import Anchor, Recalled, Recollection, Scope, Wanted
from alma_agent.secretless import secretless
from toolset.errors import PathRefused
from toolset.git import Repository
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.memory.code.search import Found
    from alma_agent.memory.code.touching import Touch
    from alma_agent.memory.forgetting import Forgotten
    from alma_agent.memory.index import Counted

_MOST_SYMBOLS = 12  # of one file; one that was touched all over is known as a whole
_MOST_READ = 20  # files
_EMBED_AT_MOST = 128  # texts of code at one question, those that share words with it first


class HomeLibrary:
    """Memory of one workspace. `meaning` is called when meaning is first asked for; None: never."""

    def __init__(
        self,
        workspace: Workspace,
        ledger: Ledger,
        meaning: OpenMeaning | None = None,
        *,
        scope: Scope = Scope(),
    ) -> None:
        self.scope = scope
        self._workspace = workspace
        self._ledger = ledger
        self._recaller = Recaller(ledger, meaning)

    @property
    def notebook(self) -> Notebook:
        """What is written and read by hand; sees the files as they are now."""
        return Notebook(self._ledger, Survey(self._workspace))

    async def recall(self, task: Task) -> Recollection:
        budget = task.limits.recall_tokens
        return self.search(task.goal, file=task.file, budget_tokens=budget)

    async def remember(self, interaction: Interaction) -> None:
        interaction = secretless(replace(interaction, scope=self.scope))
        places = {(one.path, one.symbol): one for one in self._anchors(interaction)}
        record(self._ledger, interaction, memories_of(interaction, list(places.values())))

    def former_paths(self, path: PurePosixPath) -> list[PurePosixPath]:
        """Return what git says that a file was called in the last year, the newest first."""
        if not self._workspace.has_git:
            return []
        names = Repository(self._workspace.root).former_names(str(path))
        return [PurePosixPath(name) for name in names]

    def _known_as(self, path: PurePosixPath) -> PurePosixPath:
        """Return under which name a file is remembered: its own, or else a former one."""
        if self._is_known(path):
            return path
        return next((one for one in self.former_paths(path) if self._is_known(one)), path)

    def _is_known(self, path: PurePosixPath) -> bool:
        with self._ledger.reading() as connection:
            wanted, now = Wanted(self.scope, path=path), datetime.now(UTC)
            return bool(memories.newest_ids(connection, wanted, now, limit=1))

    def search(
        self,
        text: str,
        *,
        file: PurePosixPath | None = None,
        wanted: Wanted | None = None,
        budget_tokens: int,
        limit: int | None = None,
        at_least: float | None = None,
    ) -> Recollection:
        """Find memories by words, by meaning if there is an index, and by file.

        `at_least` is the relevance below which a memory is not worth the reader's time.
        """
        found = self._recaller.recall(
            text,
            file=self._known_as(file) if file else None,
            wanted=wanted or Wanted(self.scope),
            budget_tokens=budget_tokens,
            limit=limit,
            at_least=at_least,
        )
        told = self.notebook.told(found.memories)
        return Recollection(tuple(told), found.tokens, found.note)

    def interactions(
        self, *, limit: int = 20, path: PurePosixPath | None = None
    ) -> Sequence[Interaction]:
        with self._ledger.reading() as connection:
            return interactions.newest(connection, self.scope, limit=limit, path=path)

    def interaction(self, id_prefix: str) -> Interaction:
        with self._ledger.reading() as connection:
            found = interactions.beginning(connection, id_prefix, self.scope)
        if len(found) != 1:
            raise UsageError(not_one("interaction", id_prefix, len(found), "alma log"))
        return found[0]

    def taken_back(self) -> set[str]:
        """Return the ids of interactions that were undone, and not redone."""
        with self._ledger.reading() as connection:
            return interactions.taken_back(connection)

    def recent(self, *, limit: int) -> list[Recalled]:
        """Return the newest memories, with what became of their code."""
        return self.notebook.several(Wanted(self.scope), limit=limit)

    def count(self) -> int:
        """Return how many memories there are, expired and superseded ones too."""
        with self._ledger.reading() as connection:
            return memories.count(connection, self.scope)

    def waiting(self) -> int:
        """Return how many memories have no vector yet. Raises IndexUnavailable."""
        return self._recaller.waiting()

    def memory(self, id_prefix: str) -> Recalled:
        """Return one memory. Raises UsageError if none, or several, begin so."""
        return self.notebook.told([Recalled(self.notebook.one(id_prefix, scope=self.scope))])[0]

    def likely_files(self, goal: str, *, limit: int = 10) -> list[Touch]:
        """Return the files that a task will touch, by what others did; the likeliest first."""
        from alma_agent.memory.code.foreseeing import likely_files
        from alma_agent.memory.code.touching import NEAREST

        wanted = Wanted(self.scope, kinds=("interaction",))
        near, _ = self._recaller.near(goal, wanted, limit=NEAREST)
        return likely_files(
            self._workspace, self._ledger, goal, near, scope=self.scope, limit=limit
        )

    def find_code(
        self, question: str, *, limit: int = 10, counted: Counted | None = None
    ) -> list[Found]:
        """Return the functions and classes that do what the question says, the best first."""
        from alma_agent.memory.code.documents import project_documents
        from alma_agent.memory.code.foreseeing import KeptVectors
        from alma_agent.memory.code.search import CodeIndex

        embedder = self._recaller.embedder()
        kept = KeptVectors(self._ledger, embedder.name) if embedder else None
        with closing(CodeIndex(project_documents(self._workspace), embedder, kept)) as index:
            return index.search(
                question, limit=limit, embed_at_most=_EMBED_AT_MOST, counted=counted
            )

    def forget(self, ids: Sequence[str], *, scope: Scope | None = None) -> Forgotten:
        """Erase memories, and every trace that alma keeps of what they said.

        Raises IndexUnavailable if another process owns the index: nothing was erased then.
        """
        from alma_agent.memory.forgetting import forget

        return forget(
            self._workspace,
            self._ledger,
            ids,
            scope=scope or self.scope,
            without_index=self._recaller.without_index,
        )

    def rebuild(self, counted: Counted | None = None) -> int:
        """Make the index anew from the ledger; return how many memories it holds.

        Raises IndexUnavailable if another process owns it, or if there is none to rebuild.
        """
        return self._recaller.rebuild(counted)

    def close(self) -> None:
        self._recaller.close()

    def _anchors(self, interaction: Interaction) -> Iterator[Anchor]:
        """Yield what an interaction left, or looked at, as it is now."""
        survey = Survey(self._workspace)
        for number, file in enumerate(interaction.files):
            left = file.after if left_files(interaction) else file.before
            symbols = file.symbols if len(file.symbols) <= _MOST_SYMBOLS else ()
            if number < _MOST_READ:
                for anchor in survey.anchors_as_left(file.path, symbols, left):
                    yield replace(anchor, source=redacted(anchor.source))
            else:
                yield Anchor(file.path, digest=left.hex if left else None)
        about = interaction.file
        if about and all(file.path != about for file in interaction.files):
            try:
                yield survey.anchor(about)
            except PathRefused:
                return
