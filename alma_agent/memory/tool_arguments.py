"""What a model may tell memory's tools: their arguments, each with what it means. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from alma_agent.remembered import MemoryKind

_IMPORTANCE = Field(0.5, ge=0, le=1, description="How much it matters, 0 to 1.")
# Part of an id will do for a person, who sees what is meant; a slip of a model's erases another.
_ID = Field(min_length=6, description="The memory's id, as the lists show it.")
_FILE = Field(None, description="The file that it is about, from the project's root.")


class Arguments(BaseModel):
    """What one tool takes; nothing else is taken."""

    model_config = ConfigDict(extra="forbid")


class Remember(Arguments):
    """Store something worth knowing in later sessions: a fact, a preference, a lesson."""

    content: str = Field(min_length=1, description="One thing, in a sentence that stands alone.")
    kind: Literal["fact", "preference", "lesson", "summary"] = "fact"
    tags: list[str] = []
    importance: float = _IMPORTANCE
    file: str | None = _FILE
    symbol: str | None = Field(
        None, description="The function or class in it, such as Loader.load."
    )


class Recall(Arguments):
    """List recent memories, the newest first."""

    since: str = Field("24h", description="How far back: 30m, 2h, 7d, 4w, or an ISO 8601 time.")
    limit: int = Field(20, ge=1, le=100)


class SearchMemory(Arguments):
    """Search memories by meaning and words, or by what they are."""

    query: str = Field("", description="What to look for. Empty: only the filters count.")
    content_contains: str = ""
    tags: list[str] = []
    kinds: list[MemoryKind] = []
    min_importance: float = Field(0.0, ge=0, le=1)
    limit: int = Field(10, ge=1, le=100)


class Decide(Arguments):
    """Log a decision and why it was taken, for whoever asks later."""

    decision: str = Field(min_length=1, description="What was decided.")
    reasoning: str = Field(min_length=1, description="Why, and what spoke against it.")
    tags: list[str] = []
    importance: float = Field(0.8, ge=0, le=1)
    file: str | None = _FILE


class EditMemory(Arguments):
    """Correct a memory; how it stood before is kept."""

    id: str = _ID
    content: str | None = Field(None, min_length=1)
    tags: list[str] | None = None
    importance: float | None = Field(None, ge=0, le=1)


class ForgetMemory(Arguments):
    """Erase a memory for good. Only where somebody asked for it."""

    id: str = _ID
