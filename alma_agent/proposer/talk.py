"""All that is said in a run: put into each call, recorded as it comes, cut down when it grows long.

The goal, which opens the run, is never cut. What was said long ago goes first: the results of tools
become short, then whole exchanges become a line each. Pure but for the record.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from alma_agent.proposer.history import Item, repaired

Record = Callable[[Sequence[Item]], Awaitable[None]]

ROOM_TOKENS = 96_000  # what most models of today take, with room for an answer
_CHARACTERS_PER_TOKEN = 4
_RECENT = 12  # items that stay as they are when old results are cut
_SHORT = 240  # characters that stay of an old result
_LAST = 4  # items that stay when the endpoint says that all is too long
_KEPT_WHOLE = ("decide", "remember")  # decisions are never cut
_TOLD = "You said: "
_WEIGHTY = (_TOLD, *(f"- {name} " for name in _KEPT_WHOLE))
_MOST_LINES, _MOST_SAID = 60, 2_000
_BRIEF = (
    "What was done before, in brief (data; the whole was too long). Your edits are staged: "
    "show_diff shows them.\n"
)


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
        self._is_opened = False  # the opening is recorded
        self._heard_now = 0  # items of the present stint that are recorded
        self._brief_lines = _MOST_LINES
        self._notice: Item | None = None
        self._notice_at: int | None = None
        self._room = room_tokens * _CHARACTERS_PER_TOKEN

    @property
    def items(self) -> list[Item]:
        """Return everything but the opening, as the next call will hear it."""
        return [*self._done, *self._present()]

    @property
    def past(self) -> list[Item]:
        """Return what was said before the stint that the SDK is in."""
        return list(self._done)

    @property
    def heard_now(self) -> int:
        """Return how many items of the present stint are recorded."""
        return self._heard_now

    def resume(self, items: Sequence[Item], *, heard_now: int = 0) -> None:
        """Begin with what was said, and recorded, before the run was paused."""
        self._done = repaired(list(items))
        self._is_opened, self._heard_now = True, heard_now

    def notice(self, text: str) -> None:
        """Say something behind what the next stint begins with: if it goes on, it holds items."""
        self._notice = {"role": "user", "content": text}

    async def heard(self, now: Sequence[Item]) -> list[Item]:
        """Take what the stint has come to; return the input of the next call."""
        await self._take(now)
        return [
            *self._earlier,
            self.opening,
            *self._memories,
            *self._done,
            *self._present(),
        ]

    async def end_stint(self, items: Sequence[Item] | None = None) -> None:
        """Make what the stint said a part of the past. None: as far as it was heard."""
        await self._take(self._now if items is None else items)
        self._done = repaired(self.items)
        self._now, self._heard_now = [], 0
        if self._notice_at is not None:
            self._notice = self._notice_at = None
        if _size(self._done) > self._room // 2:
            self._done = _shortened(self._done, _RECENT)

    async def say(self, text: str) -> None:
        """Add a message of alma to the model. Between stints."""
        said: Item = {"role": "user", "content": text}
        await self._keep([said])
        self._done.append(said)

    def _present(self) -> list[Item]:
        """Return the stint's items, with the notice where it was said."""
        if self._notice is None or self._notice_at is None:
            return self._now
        return [*self._now[: self._notice_at], self._notice, *self._now[self._notice_at :]]

    async def _take(self, now: Sequence[Item]) -> None:
        self._now = list(now)
        fresh = self._now[self._heard_now :]
        if self._notice is not None and self._notice_at is None:
            self._notice_at = len(self._now)
            fresh = [*fresh, self._notice]
        self._heard_now = len(self._now)
        await self._keep(fresh)

    async def _keep(self, items: Sequence[Item]) -> None:
        fresh = list(items) if self._is_opened else [self.opening, *items]
        self._is_opened = True
        if fresh:
            await self._record(fresh)

    def compact(self) -> bool:
        """Make the talk shorter for an endpoint that cannot take it. False: it cannot be shorter.

        Call it between stints.
        """
        before = self._whole
        for step in (self._forget_earlier, self._shorten_most, self._halve, self._open_shorter):
            done = self._done
            step()
            if self._whole < before:
                return True
            self._done = done
        return False

    def _forget_earlier(self) -> None:
        self._earlier = []

    def _shorten_most(self) -> None:
        self._done = _shortened(self._done, _LAST)

    def _halve(self) -> None:
        """Put the older half into brief lines; fewer and fewer of them, the oftener it happens."""
        whole = self._done
        while True:
            self._done = _without_older_half(whole, self._brief_lines)
            if _size(self._done) < _size(whole) or self._brief_lines <= 1:
                return
            self._brief_lines //= 2

    def _open_shorter(self) -> None:
        if self._shorter:
            self.opening, self._shorter = {"role": "user", "content": self._shorter}, ""

    @property
    def _whole(self) -> int:
        return _size([*self._earlier, self.opening, *self._done])


def _shortened(items: Sequence[Item], recent: int) -> list[Item]:
    """Return the items with their results cut, but for the most recent ones."""
    old = max(0, len(items) - recent)
    names = {one.get("call_id"): one.get("name") for one in items}
    kept = [
        one if names.get(one.get("call_id")) in _KEPT_WHOLE else _short(one) for one in items[:old]
    ]
    return [*kept, *items[old:]]


def in_brief(items: Sequence[Item], goal_of: Callable[[str], str]) -> list[Item]:
    """Return what former turns of a session said, as the next one needs it.

    What stood around their goals was true then, and old results can be had again. The same items
    give the same, however many follow: so prompt caches hit from turn to turn.
    """
    told: list[Item] = []
    for one in items:
        content = one.get("content")
        if one.get("role") == "user" and isinstance(content, str):
            told.append({**one, "content": goal_of(content)})
        else:
            told.append(_short(one))
    return told


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


def _without_older_half(items: list[Item], most_lines: int) -> list[Item]:
    """Return the newer half, behind one message that says what the older half was about."""
    cut = len(items) // 2
    if len(items) - cut < _LAST:
        cut = max(0, len(items) - _LAST)
    cut = _between_exchanges(items, cut)
    if not cut:
        return items
    return [_digest(items[:cut], most_lines), *items[cut:]]


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


def _digest(items: Sequence[Item], most_lines: int) -> Item:
    """Return what happened in these items, a line each: decisions and plans whole, else in brief.

    Of many lines the oldest go, but for those.
    """
    results = {one["call_id"]: one.get("output") for one in items if "output" in one}
    lines: list[str] = []
    for one in items:
        if one.get("type") == "function_call":
            lines.append(_call_line(one, results))
        elif one.get("role") == "user":
            text = str(one.get("content", ""))
            lines += text.removeprefix(_BRIEF).strip().split("\n")
        elif one.get("role") == "assistant" and (text := _said(one)):
            lines.append(f"{_TOLD}{text[:_MOST_SAID]}")
    weighty = [line.startswith(_WEIGHTY) for line in lines]
    drop = len(lines) - sum(weighty) - most_lines
    kept = []
    for line, stays in zip(lines, weighty, strict=True):
        if stays or drop <= 0:
            kept.append(line)
        else:
            drop -= 1
    return {"role": "user", "content": _BRIEF + "\n".join(kept)}


def _call_line(call: Item, results: Mapping[Any, Any]) -> str:
    told = str(call.get("arguments", ""))
    result = str(results.get(call.get("call_id"), "")).split("\n", 1)[0]
    whole = call.get("name") in _KEPT_WHOLE
    return f"- {call.get('name')} {told if whole else told[:80]} -> {result[:120]}"


def _said(item: Item) -> str:
    """Return the text of an answer, on one line."""
    content = item.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    texts = (one.get("text") for one in parts if isinstance(one, dict))
    return " ".join(" ".join(text for text in texts if isinstance(text, str)).split())
