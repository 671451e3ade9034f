"""Fakes of alma's own ports, for the tests of whoever uses them: no model, no database, no screen.

For a reviewer, `alma_agent.review` has two that need no fake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from alma_agent.errors import UsageError
from alma_agent.memory import questions
from alma_agent.memory.distil import memories_of
from alma_agent.memory.ranking import Clues, about, ranked, within
from alma_agent.records import Interaction, Proposal, Task, Usage
from alma_agent.remembered import Recollection
from toolset.edits import ChangeSet
from toolset.refactor.evidence import Evidence

Script = ChangeSet | Callable[[Task, Recollection], ChangeSet]


class ScriptedProposer:
    """Proposes the changes it was given, or those that a function makes of the task.

    The function may raise, as a proposer may. `asked` keeps every task and what was recalled.
    """

    def __init__(
        self,
        script: Script,
        *,
        rationale: str = "as scripted",
        evidence: Evidence | None = None,
        usage: Usage = Usage(),
    ) -> None:
        self.asked: list[tuple[Task, Recollection]] = []
        self._script = script
        self._rationale = rationale
        self._evidence = evidence
        self._usage = usage

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:
        self.asked.append((task, recollection))
        changes = self._script(task, recollection) if callable(self._script) else self._script
        return Proposal(changes, self._rationale, "script", self._evidence, self._usage)


class RememberingLibrary:
    """Remembers in a list, oldest first; recalls by shared words and by file.

    It knows no workspace, so it cannot say whether a memory's files moved on.
    """

    def __init__(self) -> None:
        self.remembered: list[Interaction] = []

    async def recall(self, task: Task) -> Recollection:
        memories = [memory for one in self.remembered for memory in memories_of(one)]
        asked = set(task.goal.lower().split())
        shared = {
            one.id: len(asked & set(one.text.lower().split())) / max(1, len(asked))
            for one in memories
        }
        about_file = about(memories, task.file)
        clues = Clues(shared, {}, about_file, question=questions.read(task.goal))
        best = ranked(memories, clues, datetime.now(UTC))
        chosen, tokens = within(best, task.limits.recall_tokens)
        return Recollection(chosen, tokens)

    async def remember(self, interaction: Interaction) -> None:
        if all(one.id != interaction.id for one in self.remembered):
            self.remembered.append(interaction)

    def interactions(self, *, limit: int = 20) -> Sequence[Interaction]:
        return self.remembered[::-1][:limit]

    def interaction(self, id_prefix: str) -> Interaction:
        found = [one for one in self.remembered if one.id.startswith(id_prefix)]
        if len(found) != 1:
            raise UsageError(f"{len(found)} interactions have an id that begins with {id_prefix!r}")
        return found[0]


class SilentObserver:
    """Tells nobody; keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[Recollection] = []
        self.steps: list[str] = []
        self.texts: list[str] = []
        self.calls: list[Usage] = []

    def recalled(self, recollection: Recollection) -> None:
        self.heard.append(recollection)

    def step(self, what: str) -> None:
        self.steps.append(what)

    def said(self, text: str) -> None:
        self.texts.append(text)

    def spent(self, call: Usage, seconds: float) -> None:  # noqa: ARG002
        self.calls.append(call)
