"""`alma memory why`: how a question's answers are ranked; where a memory comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text
from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.memory.questions import Question, Weights, read
from alma_agent.records import Interaction
from alma_agent.remembered import Memory, Recalled, Wanted
from alma_agent.terminal import render_memory
from alma_agent.terminal.consoles import err, tell
from alma_agent.terminal.memory import documents
from alma_agent.terminal.memory.looking import (
    ANY_LIKENESS,
    SEARCH_BUDGET_TOKENS,
    as_told,
    house_of_memory,
    located,
    memory_of,
)
from alma_agent.wiring import House

_BEST = 10
_LOOKED_THROUGH = 10_000  # interactions, the newest
_ID = re.compile(r"[0-9a-f]{12}")
_COMPARED = tuple(one.name for one in fields(Memory))


class MemoryRankingResult(TypedDict):
    """`alma memory why QUESTION`: what the question was taken for, and the answers' scores."""

    question: str
    taken_for: str
    words: list[str]
    weights: dict[str, float]
    memories: list[documents.RecalledDocument]
    note: str


class InteractionDocument(TypedDict):
    """Something that alma did."""

    id: str
    at: str
    goal: str
    outcome: str
    proposer: str


class EditDocument(TypedDict):
    """When a memory was edited, and which of its fields changed."""

    at: str
    changed: list[str]


class MemoryOriginResult(TypedDict):
    """`alma memory why ID`: what a memory was learnt from, where it was recalled, how edited."""

    memory: documents.RecalledDocument
    source: InteractionDocument | None
    recalled_by: list[InteractionDocument]
    edits: list[EditDocument]


async def explain(text: str, *, file: Path | None) -> int:
    """Explain a memory if `text` is the beginning of an id, else the ranking for a question."""
    house = await house_of_memory(_ranking(text, [], ""))
    if house is None:
        return 0
    try:
        one = memory_of(house, text) if len(text.split()) == 1 else None
    except UsageError:
        if _ID.fullmatch(text):
            raise
        one = None
    return _tell_of(house, one) if one else _rank(house, text, file)


def changes_of(one: Recalled, former: list[tuple[str, Memory]]) -> list[tuple[str, list[str]]]:
    """Return when a memory was edited, and which of its fields changed, oldest first."""
    stages = [*(old for _, old in former), one.memory]
    pairs = zip(former, stages[1:], strict=True)
    return [
        (at, [name for name in _COMPARED if getattr(old, name) != getattr(new, name)])
        for (at, old), new in pairs
    ]


def _rank(house: House, text: str, file: Path | None) -> int:
    library, question = house.library_with_meaning, read(text)
    found = library.search(
        text,
        file=located(house, file),
        wanted=Wanted(house.scope),
        budget_tokens=SEARCH_BUDGET_TOKENS,
        limit=_BEST,
        at_least=ANY_LIKENESS,
    )
    library.close()
    told = as_told(library, found.memories)
    tell(
        _ranking(text, told, found.note),
        Text("taken for: ", style="dim").append(_sort_of(question), style="default"),
        Text("looked for: ", style="dim").append(", ".join(question.words), style="default"),
        render_memory.parts_table(told) if told else "No memory fits.",
    )
    if found.note:
        err.print(found.note)
    return 0


def _ranking(text: str, told: Sequence[Recalled], note: str) -> MemoryRankingResult:
    question = read(text)
    return {
        "question": text,
        "taken_for": _sort_of(question),
        "words": list(question.words),
        "weights": asdict(question.weights),
        "memories": [documents.recalled(one) for one in told],
        "note": note,
    }


def _sort_of(question: Question) -> str:
    """Say which clues count more, or less, than they do for most questions."""
    usual, weights = asdict(Weights()), asdict(question.weights)
    other = [
        f"{name.replace('_', ' ')} counts {weights[name]:g}, not {usual[name]:g}"
        for name in usual
        if weights[name] != usual[name]
    ]
    return f"a question of its own kind: {', '.join(other)}" if other else "a plain question"


def _tell_of(house: House, one: Recalled) -> int:
    memory = one.memory
    former = house.library.notebook.former(memory.id)
    edits = changes_of(one, [(at.isoformat(), old) for at, old in former])
    recent = house.library.interactions(limit=_LOOKED_THROUGH)
    source = next((told for told in recent if told.id == memory.interaction), None)
    recalls = [told for told in recent if memory.id in told.recalled]
    told = MemoryOriginResult(
        memory=documents.recalled(one),
        source=_interaction(source) if source else None,
        recalled_by=[_interaction(told) for told in recalls],
        edits=[{"at": at, "changed": changed} for at, changed in edits],
    )
    tell(told, *_story(one, source, recalls, edits))
    return 0


def _story(
    one: Recalled,
    source: Interaction | None,
    recalls: list[Interaction],
    edits: list[tuple[str, list[str]]],
) -> Iterator[RenderableType]:
    memory = one.memory
    yield Text(memory.text)
    yield Text()
    if source:
        by = f", by {source.proposer}" if source.proposer else ""
        yield Text(f"from what alma did at {source.at:%Y-%m-%d %H:%M}{by}: {source.goal}")
    else:
        by = f" by {memory.by}" if memory.by else ""
        yield Text(f"written{by} at {memory.at:%Y-%m-%d %H:%M}")
    for standing in one.standings:
        yield from render_memory.standing_lines(standing)
    for at, changed in edits:
        yield Text(f"edited at {at[:16].replace('T', ' ')}: {', '.join(changed)}")
    if memory.supersedes:
        yield Text(f"in place of {memory.supersedes}")
    if one.superseded_by:
        yield Text(f"replaced by {one.superseded_by}", style="yellow")
    for told in recalls:
        yield Text(f"recalled at {told.at:%Y-%m-%d %H:%M} ({told.outcome.kind}): {told.goal}")
    if not recalls:
        yield Text("never recalled for a task", style="dim")


def _interaction(told: Interaction) -> InteractionDocument:
    return {
        "id": told.id,
        "at": told.at.isoformat(),
        "goal": told.goal,
        "outcome": told.outcome.kind,
        "proposer": told.proposer,
    }
