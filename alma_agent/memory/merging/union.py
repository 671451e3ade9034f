"""Two memories that say the same, as one: what either says besides its text is kept. Pure."""

from __future__ import annotations

import json
from dataclasses import replace

from alma_agent.remembered import Memory


def with_labels_of(other: Memory, memory: Memory) -> Memory:
    """Return `memory` with what another says besides the text; it lasts as long as either would.

    Where both tell of one place, or give one name in their metadata, the newer one counts.
    """
    older, newer = sorted((other, memory), key=lambda one: one.at)
    anchors = {(one.path, one.symbol): one for one in (*older.anchors, *newer.anchors)}
    return replace(
        memory,
        anchors=tuple(anchors.values()),
        tags=tuple(sorted({*memory.tags, *other.tags})),
        topics=tuple(sorted({*memory.topics, *other.topics})),
        entities=tuple(sorted({*memory.entities, *other.entities})),
        importance=max(memory.importance, other.importance),
        pinned=memory.pinned or other.pinned,
        reasoning=_both_reasons(older.reasoning, newer.reasoning),
        expires=max(memory.expires, other.expires) if memory.expires and other.expires else None,
        metadata=_both_metadata(older.metadata, newer.metadata),
    )


def _both_reasons(old: str, new: str) -> str:
    if old in new:
        return new
    return old if new in old else f"{old} {new}"


def _both_metadata(old: str, new: str) -> str:
    if old == new:
        return new
    before, after = json.loads(old), json.loads(new)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return new  # from elsewhere, it may be any JSON
    return json.dumps({**before, **after}, ensure_ascii=False)
