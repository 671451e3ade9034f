"""The nouns of memory: what is kept, whose it is, which code it speaks of, what a search may see.

All frozen values. Times are aware, in UTC; paths are `PurePosixPath`s inside the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal

MemoryKind = Literal["interaction", "fact", "preference", "decision", "lesson", "summary"]
Stratum = Literal["somatic", "cognitive", "metaphysical"]
Verdict = Literal["fresh", "moved", "drifted", "orphaned"]

ANY = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose a memory is; empty is nobody's in particular.

    A search sees exactly one scope. `ANY` in a field asks for everybody's, and only a search may.
    """

    namespace: str = ""
    user: str = ""
    agent: str = ""


EVERYBODY = Scope(ANY, ANY, ANY)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The code that a memory speaks of, as it was then.

    `symbol` is a qualified name, empty for the whole file. `digest` is a `Mark` of its normal form
    as text, or the SHA-256 of the file's bytes; None where the memory left nothing. `head` is the
    commit that was checked out, empty without git. `source` is the code itself, without its
    indentation; empty if it is long.
    """

    path: PurePosixPath
    symbol: str = ""
    digest: str | None = None
    head: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of an anchor: where its code is now, and how it differs."""

    anchor: Anchor
    verdict: Verdict
    path: PurePosixPath
    symbol: str = ""
    difference: str = ""
    candidates: tuple[str, ...] = ()


def since_then(standing: Standing) -> str:
    """Return in a few words what has become of the code: `app.py::load moved to io.py::read`."""
    old, new = standing.anchor, standing
    was = place(old.path, old.symbol)
    now = place(new.path, new.symbol)
    return f"{was} {standing.verdict}" + (f" to {now}" if now != was else "")


def place(path: PurePosixPath, symbol: str) -> str:
    return f"{path}::{symbol}" if symbol else str(path)


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing worth knowing later.

    `interaction` is the id of what it was learnt from, `outcome` how that ended. `by` signs it: an
    agent, a user, a speaker. `reasoning` is why a decision was made. `importance` goes from 0 to 1.
    `supersedes` is the id of the memory that this one replaces. `metadata` is free, as JSON.
    """

    id: str
    at: datetime
    text: str
    interaction: str = ""
    outcome: str = ""
    anchors: tuple[Anchor, ...] = ()
    kind: MemoryKind = "interaction"
    stratum: Stratum = "somatic"
    scope: Scope = Scope()
    session: str = ""
    by: str = ""
    reasoning: str = ""
    importance: float = 0.5
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    pinned: bool = False
    expires: datetime | None = None
    event_at: datetime | None = None
    supersedes: str = ""
    metadata: str = "{}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which memories a search may return. A field left empty does not narrow it.

    All of `tags` must be there; one of `kinds`, `strata`, `topics`, `entities` is enough.
    `contains` is text, whatever its capitals; `mentions` is text, or the path of a file that a
    memory is bound to. Expired memories are never returned, superseded ones only if
    `superseded` says so.
    """

    scope: Scope = Scope()
    session: str = ""
    kinds: tuple[MemoryKind, ...] = ()
    strata: tuple[Stratum, ...] = ()
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    path: PurePosixPath | None = None
    least_importance: float = 0.0
    since: datetime | None = None
    until: datetime | None = None
    contains: str = ""
    mentions: str = ""
    pinned: bool | None = None
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory chosen for a question: its score, the score's parts, what became of its code.

    `superseded_by` is the id of the memory that replaced it; empty if it stands.
    """

    memory: Memory
    score: float = 0.0
    parts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    standings: tuple[Standing, ...] = ()
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is remembered for a task, best first, and about how many tokens it takes.

    `note` says what the search had to do without; empty if nothing.
    """

    memories: tuple[Recalled, ...] = ()
    tokens: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who remembers. `config` is free, as JSON."""

    id: str
    at: datetime
    name: str
    description: str = ""
    config: str = "{}"


@dataclass(frozen=True, slots=True)
class Session:
    """A stretch of work or talk. `metadata` is free, as JSON."""

    id: str
    at: datetime
    scope: Scope = Scope()
    metadata: str = "{}"
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionState:
    """The working memory of a session besides its messages. `data` is free, as JSON.

    `context` is the summary of what was said before the window. Gone after `expires`.
    """

    session: str
    context: str = ""
    data: str = "{}"
    expires: datetime | None = None
