"""`alma memory files` and `alma memory code`: where a task will lead; where something is done."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict

from rich.text import Text
from typing_extensions import TypedDict

from alma_agent.memory.code.search import Found
from alma_agent.memory.code.touching import Touch
from alma_agent.remembered import place
from alma_agent.terminal.bars import bar
from alma_agent.terminal.consoles import err, tell
from alma_agent.terminal.memory.looking import house_of_memory


class MemoryFilesResult(TypedDict):
    """`alma memory files`: the files that a task will touch, the likeliest first."""

    goal: str
    files: Sequence[Touch]


class MemoryCodeResult(TypedDict):
    """`alma memory code`: functions and classes that do something, the most fitting first."""

    question: str
    symbols: Sequence[Found]


async def likely_files(goal: str, *, limit: int) -> int:
    house = await house_of_memory(MemoryFilesResult(goal=goal, files=[]))
    if house is None:
        return 0
    with closing(house.library_with_meaning) as library:
        found = library.likely_files(goal, limit=limit)
    lines = [_likely(one) for one in found] or [Text("Nothing speaks for any file.")]
    tell({"goal": goal, "files": [asdict(one) for one in found]}, *lines)
    return 0


async def find_code(question: str, *, limit: int) -> int:
    house = await house_of_memory(begin=True)
    with bar("reading the code") as counted:
        library = house.library_with_meaning if house else None
        found = library.find_code(question, limit=limit, counted=counted) if library else []
    told = [asdict(one) | {"path": str(one.path)} for one in found]
    tell({"question": question, "symbols": told}, *map(_fitting, found))
    if not found:
        err.print("No function or class fits.")
    return 0


def _likely(one: Touch) -> Text:
    return Text(one.path).append(f"  {one.score:.2f}: {'; '.join(one.why)}", style="dim")


def _fitting(one: Found) -> Text:
    parts = " ".join(f"{name} {part:+.2f}" for name, part in one.parts.items() if part)
    line = Text(f"{place(one.path, one.symbol)}:{one.line}")
    return line.append(f"  {one.score:.2f}: {parts}", style="dim")
