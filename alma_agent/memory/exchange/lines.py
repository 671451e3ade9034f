"""The JSON form of a shared memory: one line, with every version that it had; versioned.

Fields that say nothing are left out, keys are sorted, and what does not print is spelt out, so
that a reviewer sees in a difference all that there is. A memory that was forgotten leaves a line
with its id, in the place of its own.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
)

from alma_agent.memory.exchange.history import History, Version, is_inside, shareable, united
from alma_agent.remembered import ANY, Anchor, Memory, MemoryKind, Scope, Stratum

FORM = 1
_MOST_TEXT = 200_000
_MOST_LABELS = 500
_MOST_ANCHORS = 5_000
_MOST_VERSIONS = 1_000
_YEARS = (1900, 2999)
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class UnreadableLine(ValueError):
    """A line is none of a shared memory; the message says why."""


def _readable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds NUL")
    return text


def _name(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds what does not print")
    return text


def _owner(text: str) -> str:
    if text == ANY:
        raise ValueError(f"{ANY} is for searches")
    return _readable(text)


def _in_reach(time: datetime) -> datetime:
    if not _YEARS[0] <= time.year <= _YEARS[1]:
        raise ValueError("is no time of this age")
    return time


def _inside(path: str) -> str:
    if not is_inside(PurePosixPath(path)):
        raise ValueError("leads out of the workspace")
    return path


def _json(text: str) -> str:
    _JSON.validate_json(text)
    return text


_Prose = Annotated[str, Field(max_length=_MOST_TEXT), AfterValidator(_readable)]
_Name = Annotated[str, Field(max_length=500), AfterValidator(_readable)]
_Id = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_name)]
_Owner = Annotated[str, Field(max_length=200), AfterValidator(_owner)]
_Time = Annotated[AwareDatetime, AfterValidator(_in_reach)]
_Labels = Annotated[tuple[_Prose, ...], Field(max_length=_MOST_LABELS)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class _Anchor(_Strict):
    path: Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_inside)]
    symbol: _Name = ""
    digest: _Name | None = None
    head: _Name = ""
    source: _Prose = ""

    def anchor(self) -> Anchor:
        return Anchor(PurePosixPath(self.path), self.symbol, self.digest, self.head, self.source)


class _Scope(_Strict):
    namespace: _Owner = ""
    user: _Owner = ""
    agent: _Owner = ""


class Content(_Strict):
    """What one version of a memory says."""

    at: _Time
    text: _Prose
    outcome: _Name = ""
    anchors: Annotated[tuple[_Anchor, ...], Field(max_length=_MOST_ANCHORS)] = ()
    kind: MemoryKind = "interaction"
    stratum: Stratum = "somatic"
    scope: _Scope = _Scope()
    session: _Name = ""
    by: _Name = ""
    reasoning: _Prose = ""
    importance: Annotated[float, Field(ge=0, le=1)] = 0.5
    tags: _Labels = ()
    topics: _Labels = ()
    entities: _Labels = ()
    pinned: bool = False
    expires: _Time | None = None
    event_at: _Time | None = None
    supersedes: Annotated[str, Field(max_length=200), AfterValidator(_name)] = ""
    metadata: Annotated[_Prose, AfterValidator(_json)] = "{}"

    def memory(self, id: str) -> Memory:
        plain = {name: getattr(self, name) for name in _FIELDS if name not in ("anchors", "scope")}
        return shareable(
            Memory(
                id=id,
                anchors=tuple(one.anchor() for one in self.anchors),
                scope=Scope(**self.scope.model_dump()),
                **plain,
            )
        )


class _Former(Content):
    since: _Time | None = None


class _Told(_Former):
    form: Literal[1]
    id: _Id
    former: Annotated[tuple[_Former, ...], Field(max_length=_MOST_VERSIONS)] = ()


class _Forgotten(_Strict):
    form: Literal[1]
    forgotten: _Id


class _Head(BaseModel):
    """What can be asked of a line of any form."""

    form: int
    forgotten: str | None = None


_FIELDS = tuple(Content.model_fields)
_DEFAULTS = {one.name: one.default for one in fields(Memory) if one.default is not MISSING}


def encode(history: History) -> str:
    """Return the line of a memory, without its end."""
    *former, (since, current) = history.versions
    content = {"form": FORM, "id": history.id} | _versioned(since, current)
    if former:
        content["former"] = [_versioned(*one) for one in former]
    return _line(content)


def encode_forgotten(id: str) -> str:
    """Return the line that stands where a forgotten memory's stood."""
    return _line({"form": FORM, "forgotten": id})


def decode(line: str) -> History | str:
    """Return what a line says: a memory's history, or the id of a forgotten one.

    Raises UnreadableLine.
    """
    try:
        head = _Head.model_validate_json(line)
        if head.form > FORM:
            raise UnreadableLine(newer(head.form))
        if head.forgotten is not None:
            return _Forgotten.model_validate_json(line).forgotten
        told = _Told.model_validate_json(line)
    except ValidationError as error:
        raise UnreadableLine(complaint(error)) from error
    versions = [Version(one.since or one.at, one.memory(told.id)) for one in (*told.former, told)]
    return united([History(tuple(versions))])


def content_of(memory: Memory) -> dict[str, Any]:
    """Return what a memory says as JSON values, but for its id and what says nothing."""
    found: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(memory, name)
        if name in ("at", "kind") or value != _DEFAULTS.get(name, MISSING):
            found[name] = _plain(value)
    return found


def newer(form: int) -> str:
    """Say what to do about a form that this alma does not know."""
    return f"was written by a newer alma (form {form}, this one knows {FORM}). Upgrade alma."


def complaint(error: ValidationError) -> str:
    """Return the first thing that is wrong, on one line that prints."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return spelt_out(f"{where}: {first['msg']}" if where else first["msg"])[:300]


def spelt_out(text: str) -> str:
    """Return text with what does not print as JSON's escapes."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def _versioned(since: datetime, memory: Memory) -> dict[str, Any]:
    content = content_of(memory)
    return content if since == memory.at else content | {"since": _plain(since)}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Scope():
            return {name: text for name in Scope.__slots__ if (text := getattr(value, name))}
        case Anchor():
            told = {name: getattr(value, name) for name in Anchor.__slots__}
            return {"path": str(value.path)} | {
                name: one for name, one in told.items() if one and name != "path"
            }
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def _line(content: dict[str, Any]) -> str:
    return spelt_out(json.dumps(content, ensure_ascii=False, sort_keys=True))
