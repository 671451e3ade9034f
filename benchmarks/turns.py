"""What a turn of a run costs besides the model: alma beside the plain SDK, in one process.

The model is instant: it calls a small tool at each turn. Measured is the CPU time between two calls
of the model; alma's includes its tools, memory's filter, the limits and, in the second column, the
conversation recorded durably in the ledger. Last line: JSON.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path, PurePosixPath
from typing import Any

from agents import (
    Agent,
    ModelResponse,
    RunConfig,
    Runner,
    Usage,
    function_tool,
    set_tracing_disabled,
)
from agents.models.interface import Model
from agents.testing import assistant_message, function_call

from alma_agent.config import MemoryChoice, ModelChoice
from alma_agent.proposer.orchestrator import Orchestrator
from alma_agent.proposer.session import DurableSession
from alma_agent.records import Limits, Task
from alma_agent.remembered import Recollection
from alma_agent.testing import SilentObserver
from alma_agent.wiring import open_house
from toolset.workspace import Workspace

TURNS = 200
AT = (20, 100, 200)
_AROUND = 5  # turns on each side, whose median is told
_TEXT = "".join(
    f"def function_{number}(argument):\n    return argument\n\n\n" for number in range(20)
)


class Instant(Model):
    """Calls the same tool with other arguments at each turn; keeps the CPU time of each call."""

    def __init__(self, tool: str, turns: int) -> None:
        self.called: list[float] = []
        self.answered: list[float] = []
        self._tool, self._turns = tool, turns

    async def get_response(self, *_: Any, **__: Any) -> ModelResponse:
        self.called.append(time.process_time())
        number = len(self.called)
        step: Any = assistant_message("Done.")
        if number <= self._turns:
            lines = {"first_line": number % 60 + 1, "last_line": number % 60 + 9}
            step = function_call(self._tool, {"path": "app.py", **lines}, call_id=f"call-{number}")
        self.answered.append(time.process_time())
        return ModelResponse(output=[step], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def milliseconds(self) -> list[float]:
        """Return what each turn cost, from the model's answer to its next call."""
        pairs = zip(self.answered, self.called[1:], strict=False)
        return [1_000 * (after - before) for before, after in pairs]


@function_tool
async def read_file(path: str, first_line: int = 1, last_line: int = 0) -> str:  # noqa: ARG001
    """Show lines of a file."""
    lines = _TEXT.split("\n")
    shown = enumerate(lines[first_line - 1 : last_line], first_line)
    return "\n".join(f"{number}: {line}" for number, line in shown)


async def plain(turns: int) -> list[float]:
    model = Instant("read_file", turns)
    agent = Agent(name="plain", instructions="Work.", tools=[read_file], model=model)
    config = RunConfig(tracing_disabled=True)
    await Runner.run(agent, "Look around.", max_turns=None, run_config=config)
    return model.milliseconds()


async def alma(folder: Path, turns: int, *, recorded: bool) -> list[float]:
    (folder / "app.py").write_text(_TEXT)
    workspace = Workspace(folder)
    model = Instant("read_file", turns)
    session: DurableSession | None = None
    if recorded:
        session = open_house(workspace, MemoryChoice(embedder="none")).session("benchmark")
    worker = Orchestrator(
        workspace,
        ModelChoice("instant", None, "none"),
        SilentObserver(),
        model=model,
        session=session,
    )
    limits = Limits(turns=turns + 2, seconds=600)
    await worker.propose(
        Task("look around", file=PurePosixPath("app.py"), limits=limits), Recollection()
    )
    return model.milliseconds()


def at(costs: list[float], turn: int) -> float:
    return statistics.median(costs[max(0, turn - 1 - _AROUND) : turn - 1 + _AROUND])


async def main() -> None:
    set_tracing_disabled(True)
    await plain(3)  # what is only paid once
    found: dict[str, list[float]] = {"plain SDK": await plain(TURNS)}
    for name, recorded in (("alma", False), ("alma, recorded", True)):
        with tempfile.TemporaryDirectory() as folder:
            await alma(Path(folder), 3, recorded=False)
            found[name] = await alma(Path(folder), TURNS, recorded=recorded)
    heads = "".join(f"turn {turn}".rjust(12) for turn in AT)
    print(f"CPU ms a turn    {heads}{'all':>12}")
    for name, costs in found.items():
        told = "".join(f"{at(costs, turn):12.2f}" for turn in AT)
        print(f"{name:17}{told}{sum(costs):12.0f}")
    figures = {
        name: {str(turn): round(at(costs, turn), 2) for turn in AT} for name, costs in found.items()
    }
    grown = {name: round(one["200"] / one["20"], 2) for name, one in figures.items()}
    print(json.dumps({"ms_a_turn": figures, "turn_200_to_20": grown}))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
