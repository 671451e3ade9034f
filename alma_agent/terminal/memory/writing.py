"""The commands that write memories by hand: `add`, `decide`, `edit`, `pin`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import RenderableType
from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.memory.anchoring.surveying import Survey
from alma_agent.memory.merging.relation import relation
from alma_agent.memory.notebook import STRATUM_OF, How, Kept
from alma_agent.records import new_id, writable
from alma_agent.remembered import Anchor, Memory, MemoryKind, Recalled
from alma_agent.terminal import render_memory
from alma_agent.terminal.consoles import tell
from alma_agent.terminal.memory import documents
from alma_agent.terminal.memory.looking import house_of_memory, memory_of, named_scope, time_of
from alma_agent.terminal.standard_input import text_or_input
from alma_agent.wiring import House
from toolset.errors import FileMissing

Became = Literal[How, "contradicts"]


class MemoryAddResult(TypedDict):
    """`alma memory add`, `decide`: what became of the text; `other` is the memory it replaced."""

    how: Became
    memory: documents.MemoryDocument
    other: documents.MemoryDocument | None


class MemoryEditResult(TypedDict):
    """`alma memory edit`, `pin`: the fields that changed; null where nothing is remembered."""

    changed: list[str]
    memory: documents.MemoryDocument | None


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields of a memory, in the words of the command line; None leaves one as it is."""

    tags: Sequence[str] | None = None
    topics: Sequence[str] | None = None
    entities: Sequence[str] | None = None
    importance: float | None = None
    pinned: bool | None = None
    expires: str = ""
    by: str | None = None
    reasoning: str | None = None

    def given(self, now: datetime) -> dict[str, Any]:
        """Return what `Memory` takes. Raises UsageError for a time that is none, or is past."""
        labels = {"tags": self.tags, "topics": self.topics, "entities": self.entities}
        given: dict[str, Any] = {
            name: tuple(filter(None, map(writable, several)))
            for name, several in labels.items()
            if several is not None
        }
        texts = {"by": self.by, "reasoning": self.reasoning}
        given |= {name: writable(text) for name, text in texts.items() if text is not None}
        others = {"importance": self.importance, "pinned": self.pinned}
        given |= {name: value for name, value in others.items() if value is not None}
        if self.expires:
            given["expires"] = until(self.expires, now)
        return given


async def add(
    text: str,
    kind: MemoryKind,
    fields: Fields,
    *,
    files: Sequence[str] = (),
    user: str = "",
    agent: str = "",
) -> int:
    """Remember a text; say what became of it. `files` are `FILE` or `FILE::SYMBOL`."""
    now = datetime.now(UTC)
    given = fields.given(now)
    house = await house_of_memory(begin=True)
    if house is None:
        return 0
    kept = house.library.notebook.keep(
        Memory(
            id=new_id(),
            at=now,
            text=_said(text),
            kind=kind,
            stratum=STRATUM_OF[kind],
            scope=replace(house.scope, user=user, agent=agent),
            anchors=_anchors(house, files),
            **given,
        )
    )
    result = MemoryAddResult(
        how=_how(kept),
        memory=documents.memory(kept.memory),
        other=documents.memory(kept.other) if kept.other else None,
    )
    tell(result, *_lines(house, kept))
    return 0


async def edit(id_prefix: str, text: str | None, kind: MemoryKind | None, fields: Fields) -> int:
    given = fields.given(datetime.now(UTC))
    if text is not None:
        given["text"] = _said(text)
    if kind is not None:
        given |= {"kind": kind, "stratum": STRATUM_OF[kind]}
    if not given:
        raise UsageError("Say what to change, such as --text, --tag or --importance.")
    house = await house_of_memory(MemoryEditResult(changed=[], memory=None))
    if house is None:
        return 0
    return _edited(house, id_prefix, given)


async def pin(id_prefix: str, *, pinned: bool) -> int:
    house = await house_of_memory(MemoryEditResult(changed=[], memory=None))
    if house is None:
        return 0
    return _edited(house, id_prefix, {"pinned": pinned})


def until(text: str, now: datetime) -> datetime:
    """Return when a time from now (`30d`) or a date is. Raises UsageError if that is not ahead."""
    begun = time_of(text) or now
    is_window = text.strip()[-1:].lower() in tuple("mhdw")
    try:
        end = now + (now - begun) if is_window else begun
    except OverflowError:
        raise UsageError(f"{text!r} is further away than time goes.") from None
    if end <= now:
        raise UsageError(f"{text!r} is past. A memory expires later than now.")
    return end


def _edited(house: House, id_prefix: str, given: dict[str, Any]) -> int:
    old = memory_of(house, id_prefix).memory
    new = house.library.notebook.edit(old.id, scope=named_scope(house), **given)
    changed = [name for name in given if getattr(old, name) != getattr(new, name)]
    told = f"Memory {new.id} is so already."
    if changed:
        told = f"Memory {new.id}: {', '.join(changed)} changed. It says: {new.text}"
    tell(MemoryEditResult(changed=changed, memory=documents.memory(new)), told)
    return 0


def _said(text: str) -> str:
    return writable(text_or_input(text, what="the memory")).strip()


def _anchors(house: House, files: Sequence[str]) -> tuple[Anchor, ...]:
    """Return the code that files and symbols name. Raises FileMissing, PathRefused, UsageError."""
    survey = Survey(house.workspace)
    anchors = []
    for named in files:
        file, _, symbol = named.partition("::")
        path = house.workspace.locate(Path(file), base=Path.cwd())
        if house.workspace.state_of(path) is None:
            raise FileMissing(path)
        anchors.append(survey.anchor(path, symbol))
    return tuple(anchors)


def _how(kept: Kept) -> Became:
    """Return what became of a text: `contradicts` is told from `supersedes`, which says more."""
    if kept.how == "supersedes" and kept.other:
        said = relation(kept.other.text, kept.memory.text)
        return "contradicts" if said == "contradicts" else "supersedes"
    return kept.how


def _lines(house: House, kept: Kept) -> Iterator[RenderableType]:
    told = {
        "new": "Remembered.",
        "known": "Known already; nothing was added but what it did not say yet.",
        "merged": "Another memory says as much already; labels and code were added to it.",
        "supersedes": "Remembered; it says more than an older memory, and stands in its place.",
        "contradicts": "Remembered; it contradicts an older memory, and stands in its place.",
    }
    yield told[_how(kept)]
    one = memory_of(house, kept.memory.id)
    others = [Recalled(kept.other, superseded_by=kept.memory.id)] if kept.other else []
    for each in house.library.notebook.told(others):
        yield render_memory.hit(one, [each])
    if not others:
        yield render_memory.hit(one)
