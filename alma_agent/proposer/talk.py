"""All that is said in a run: put into each call, recorded as it comes, cut down when it grows long.

The goal, which opens the run, is never cut. What was said long ago goes first: the results of tools
become short, then whole exchanges become a line each. Pure but for the record.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from alma_agent.proposer.history import Item, repaired

Record = Callable[[Sequence[Item]], Awaitable[None]]

ROOM_TOKENS = 96_000  # what most models of today take, with room for an answer
_CHARACTERS_PER_TOKEN = 4
_RECENT = 12  # items that stay as they are when old results are cut
_SHORT = 240  # characters that stay of an old result
_LAST = 4  # items that stay when the endpoint says that all is too long
_KEPT_WHOLE = frozenset(("decide", "remember"))  # decisions are never cut


async def _unrecorded(_: Sequence[Item]) -> None:
    return None


class Talk:
    """The items of one run, oldest first, in the SDK's form.

    `earlier` is what the session said before. `memories` stand behind the opening at every call,
    and are no part of the talk. `shorter` is an opening without what the model can look up.
    `record` keeps each item, as it was said.
    """

    def __init__(
        self,
        opening: str,
        *,
        earlier: Sequence[Item] = (),
        memories: Sequence[Item] = (),
        shorter: str = "",
        record: Record = _unrecorded,
        room_tokens: int = ROOM_TOKENS,
    ) -> None:
        self.opening: Item = {"role": "user", "content": opening}
        self._earlier = list(earlier)
        self._memories = list(memories)
        self._shorter = shorter
        self._done: list[Item] = []
        self._now: list[Item] = []  # of the stint that the SDK is in
        self._record = record
        self._recorded = -1  # of _done and _now together; the opening is not recorded yet
        self._room = room_tokens * _CHARACTERS_PER_TOKEN

    @property
    def items(self) -> list[Item]:
        """Return everything but the opening, as the next call will hear it."""
        return [*self._done, *self._now]

    async def heard(self, now: Sequence[Item]) -> list[Item]:
        """Take what the stint has come to; return the input of the next call."""
        self._now = list(now)
        await self._keep()
        return [*self._earlier, self.opening, *self._memories, *self._done, *self._now]

    async def end_stint(self, items: Sequence[Item] | None = None) -> None:
        """Make what the stint said a part of the past. None: as far as it was heard."""
        if items is not None:
            self._now = list(items)
        await self._keep()
        self._done = repaired(self.items)
        self._now = []
        self._recorded = len(self._done)
        if _size(self._done) > self._room // 2:
            self._shorten(_RECENT)

    async def say(self, text: str) -> None:
        """Add a message of alma to the model."""
        self._done.append({"role": "user", "content": text})
        await self._keep()

    @property
    def past(self) -> list[Item]:
        """Return what was said before the stint that the SDK is in."""
        return list(self._done)

    @property
    def heard_now(self) -> int:
        """Return how many items of the present stint are recorded."""
        return max(0, self._recorded - len(self._done))

    def resume(self, items: Sequence[Item], *, heard_now: int = 0) -> None:
        """Begin with what was said, and recorded, before the run was paused."""
        self._done = repaired(list(items))
        self._recorded = len(self._done) + heard_now

    def compact(self) -> bool:
        """Make the talk shorter for an endpoint that cannot take it. False: it cannot be shorter.

        Call it between stints.
        """
        before = self._whole
        if self._earlier:
            self._earlier = []
        elif not self._shorten(_LAST):
            self._done = _without_older_half(self._done)
        if self._whole >= before and self._shorter:
            self.opening, self._shorter = {"role": "user", "content": self._shorter}, ""
        self._recorded = len(self._done)
        return self._whole < before

    @property
    def _whole(self) -> int:
        return _size([*self._earlier, self.opening, *self._done])

    def _shorten(self, recent: int) -> bool:
        """Cut old results; say whether there were any."""
        old = max(0, len(self._done) - recent)
        names = {one.get("call_id"): one.get("name") for one in self._done}
        shortened = [
            one if names.get(one.get("call_id")) in _KEPT_WHOLE else _short(one)
            for one in self._done[:old]
        ]
        changed = shortened != self._done[:old]
        self._done[:old] = shortened
        return changed

    async def _keep(self) -> None:
        items = self.items
        new = items[max(0, self._recorded) :]
        if self._recorded < 0:
            new = [self.opening, *new]
        self._recorded = len(items)
        if new:
            await self._record(new)


def _size(items: Sequence[Item]) -> int:
    """Return about how many characters a call spends on these items."""
    return sum(len(text) for one in items for text in _texts(one))


def _texts(item: Item) -> list[str]:
    values = [item.get(name) for name in ("content", "arguments", "output", "name")]
    return [one if isinstance(one, str) else json.dumps(one) for one in values if one]


def _short(item: Item) -> Item:
    output = item.get("output")
    if item.get("type") != "function_call_output" or not isinstance(output, str):
        return item
    if len(output) <= _SHORT + 80:
        return item
    left_out = len(output) - _SHORT
    note = f"[... {left_out:,} characters left out; call the tool again if you need them]"
    return {**item, "output": f"{output[:_SHORT]}\n{note}"}


def _without_older_half(items: list[Item]) -> list[Item]:
    """Return the newer half, behind one message that says what the older half was about."""
    cut = len(items) // 2
    if len(items) - cut < _LAST:
        cut = max(0, len(items) - _LAST)
    cut = _between_exchanges(items, cut)
    if not cut:
        return items
    return [_digest(items[:cut]), *items[cut:]]


def _between_exchanges(items: list[Item], cut: int) -> int:
    """Return the nearest place at or after `cut` where no call is parted from its result."""
    open_calls: set[Any] = set()
    for place, item in enumerate(items):
        if place >= cut and not open_calls and _begins(item):
            return place
        call = item.get("call_id")
        if call and str(item.get("type")).endswith("_output"):
            open_calls.discard(call)
        elif call:
            open_calls.add(call)
    return 0


def _begins(item: Item) -> bool:
    return not str(item.get("type")).endswith("_output")


def _digest(items: Sequence[Item]) -> Item:
    """Return what happened in these items, a line each: decisions whole, the rest in brief."""
    results = {one["call_id"]: one.get("output") for one in items if "output" in one}
    lines = []
    for one in items:
        if one.get("type") == "function_call":
            told = str(one.get("arguments", ""))
            result = str(results.get(one.get("call_id"), "")).split("\n", 1)[0]
            whole = one.get("name") in _KEPT_WHOLE
            lines.append(f"- {one.get('name')} {told if whole else told[:80]} -> {result[:120]}")
        elif one.get("role") == "user":
            lines += str(one.get("content", "")).split("\n")[:40]
    text = "\n".join(lines)
    return {
        "role": "user",
        "content": "What was done before, in brief (data; the whole was too long). Your edits are "
        f"staged: show_diff shows them.\n{text}",
    }
