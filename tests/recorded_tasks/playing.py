"""Plays a recorded task through the whole core, on a copy of its fixture."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.testing import ScriptedModel

from alma_agent.config import Api, MemoryChoice, ModelChoice, Settings
from alma_agent.ports import Crew
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.records import Interaction, Limits, Task
from alma_agent.review import AssumeYes
from alma_agent.run import run
from alma_agent.testing import SilentObserver
from alma_agent.wiring import House, open_house
from tests.conftest import Tree, tree
from tests.model_server import ModelServer, Step, model_server
from tests.recorded_tasks.recorded import RecordedTask
from toolset.scope import EditScope
from toolset.workspace import Workspace

_WITHOUT_VECTORS = MemoryChoice(embedder="none")
_LIMITS = Limits(turns=25, seconds=60)


@dataclass
class Stage:
    """A fixture's copy with its memory open: what one task is played on."""

    task: RecordedTask
    house: House
    before: Tree

    @property
    def workspace(self) -> Workspace:
        return self.house.workspace

    @property
    def expected(self) -> Tree:
        """The whole tree as the task must leave it: what it does not name is as it was."""
        files = dict(self.before)
        for path, data in self.task.expected.items():
            _, mode = files.pop(path, (b"", 0o644))
            if data is not None:
                files[path] = (data, mode)
        return files

    def now(self) -> Tree:
        return tree(self.workspace.root)

    def remembered(self) -> Sequence[Interaction]:
        return self.house.library.interactions(limit=100)

    def as_task(self) -> Task:
        """Return what a person asked for, as `run` takes it."""
        recorded = self.task
        check = tuple(sys.executable if one == "python" else one for one in recorded.check)
        return Task(
            recorded.goal,
            file=recorded.file,
            scope=EditScope(recorded.scope),
            check=check,
            limits=_LIMITS,
        )


def stage(task: RecordedTask, template: Path, root: Path) -> Stage:
    """Return a stage on a copy of `template`, a repository made of the fixture."""
    shutil.copytree(template, root, symlinks=True)
    house = open_house(Workspace(root.resolve()), _WITHOUT_VECTORS)
    return Stage(task, house, tree(root))


async def play_script(on: Stage, script: Sequence[Any], *, stream: bool = False) -> Interaction:
    """Run the task with a model that follows a script, inside the process."""
    crew = _crew(on, ModelChoice("small", None, "sk-none", stream=stream))
    assert isinstance(crew.proposer, Orchestrator)
    # The crew of the house, but for the model. Asked whether it is done, it says so once more.
    crew.proposer._model = ScriptedModel([*script, script[-1]])
    return await run(on.as_task(), on.workspace, crew)


async def play_wire(
    on: Stage, steps: Sequence[Step], *, api: Api = "chat", stream: bool = False
) -> tuple[Interaction, ModelServer]:
    """Run the task with a model at the other end of a real connection."""
    with model_server(steps) as server:
        crew = _crew(on, ModelChoice("small", server.url, "sk-secret", api=api, stream=stream))
        return await run(on.as_task(), on.workspace, crew), server


def _crew(on: Stage, choice: ModelChoice) -> Crew:
    """Return who works on a goal of the command line, with a person who said yes before."""
    return on.house.crew(on.task.goal, Settings(model=choice), AssumeYes(), SilentObserver())


def require_carried_out(on: Stage, told: Interaction) -> None:
    """Require the outcome, the whole tree, and one interaction in the ledger, of these files."""
    assert told.outcome.kind == "applied"
    assert on.now() == on.expected
    assert {str(change.path) for change in told.files} == set(on.task.expected)
    assert [(one.id, one.outcome.kind) for one in on.remembered()] == [(told.id, "applied")]
