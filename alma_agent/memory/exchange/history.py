"""All that a memory ever said, as a set that grows: two of them unite in any order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import NamedTuple

from alma_agent.remembered import Anchor, Memory
from alma_agent.secretless import secretless_memory

_NEXT = timedelta(microseconds=1)


class Version(NamedTuple):
    """What a memory says from a time on."""

    since: datetime
    memory: Memory


@dataclass(frozen=True, slots=True)
class History:
    """The versions of one memory, oldest first; the last one stands."""

    versions: tuple[Version, ...]

    @property
    def id(self) -> str:
        return self.current.id

    @property
    def current(self) -> Memory:
        return self.versions[-1].memory

    @property
    def former(self) -> list[tuple[datetime, Memory]]:
        """How it stood before each edit, and when that was: as the ledger keeps it."""
        pairs = zip(self.versions, self.versions[1:], strict=False)
        return [(after.since, before.memory) for before, after in pairs]

    def followed_by(self, memory: Memory, *made_from: History) -> History:
        """Return the history with one version more, the same whoever adds it.

        Its time is the first after all that it was made from: an edit that is later, by the clock,
        comes after it.
        """
        latest = max(one.versions[-1].since for one in (self, *made_from))
        return History((*self.versions, Version(latest + _NEXT, shareable(memory))))


def history_of(memory: Memory, former: Sequence[tuple[datetime, Memory]] = ()) -> History:
    """Return the history of a memory of the ledger.

    Each version is later than the one before, whatever the clocks said.
    """
    stages = [*(one for _, one in former), memory]
    since = stages[0].at.astimezone(UTC)
    versions = [Version(since, shareable(stages[0]))]
    for (edited_at, _), stage in zip(former, stages[1:], strict=True):
        since = max(edited_at.astimezone(UTC), since + _NEXT)
        versions.append(Version(since, shareable(stage)))
    return History(_without_repeats(versions))


def united(histories: Iterable[History]) -> History:
    """Return all versions of histories of one memory, in the order of their times."""
    versions = {version for one in histories for version in one.versions}
    ordered = sorted(versions, key=lambda one: (one.since, repr(one.memory)))
    return History(_without_repeats(ordered))


def shareable(memory: Memory) -> Memory:
    """Return a memory as it may leave this machine, in the one form that it has there.

    Without secrets, without the link to an interaction that others do not have, and without places
    outside the workspace.
    """
    clean = secretless_memory(memory)
    return replace(
        clean,
        at=memory.at.astimezone(UTC),
        expires=memory.expires and memory.expires.astimezone(UTC),
        event_at=memory.event_at and memory.event_at.astimezone(UTC),
        interaction="",
        anchors=_shareable_anchors(clean.anchors),
        tags=tuple(sorted(set(clean.tags))),
        topics=tuple(sorted(set(clean.topics))),
        entities=tuple(sorted(set(clean.entities))),
    )


def is_inside(path: PurePosixPath) -> bool:
    """Say whether a path can be one in a workspace."""
    return (
        not path.is_absolute()
        and path.parts != ()
        and ".." not in path.parts
        and str(path).isprintable()
    )


def _shareable_anchors(anchors: Sequence[Anchor]) -> tuple[Anchor, ...]:
    by_place = {(one.path, one.symbol): one for one in anchors if is_inside(one.path)}
    return tuple(replace(one, digest=one.digest or None) for _, one in sorted(by_place.items()))


def _without_repeats(versions: Sequence[Version]) -> tuple[Version, ...]:
    """Leave out what was said before by the version just before it."""
    kept: list[Version] = []
    for version in versions:
        if not kept or kept[-1].memory != version.memory:
            kept.append(version)
    return tuple(kept)
