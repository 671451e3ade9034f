"""`alma memory files` and `alma memory code`: where a task will lead; where something is done."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

from rich.text import Text

from alma_agent.remembered import place
from alma_agent.terminal.consoles import err, out
from alma_agent.terminal.memory import documents
from alma_agent.terminal.memory.looking import house_of_memory


async def likely_files(goal: str, *, limit: int, json: bool) -> int:
    house = await house_of_memory(json=json, goal=goal, files=[])
    if house is None:
        return 0
    with closing(house.library_with_meaning) as library:
        found = library.likely_files(goal, limit=limit)
    if json:
        documents.print_document(goal=goal, files=[asdict(one) for one in found])
        return 0
    for one in found:
        line = Text(one.path).append(f"  {one.score:.2f}: {'; '.join(one.why)}", style="dim")
        out.print(line, soft_wrap=True)
    if not found:
        out.print("Nothing speaks for any file.")
    return 0


async def find_code(question: str, *, limit: int, json: bool) -> int:
    house = await house_of_memory(json=json, begin=True)
    found = house.library_with_meaning.find_code(question, limit=limit) if house else []
    if json:
        told = [asdict(one) | {"path": str(one.path)} for one in found]
        documents.print_document(question=question, symbols=told)
        return 0
    for one in found:
        parts = " ".join(f"{name} {part:+.2f}" for name, part in one.parts.items() if part)
        line = Text(f"{place(one.path, one.symbol)}:{one.line}")
        out.print(line.append(f"  {one.score:.2f}: {parts}", style="dim"), soft_wrap=True)
    if not found:
        err.print("No function or class fits.")
    return 0
