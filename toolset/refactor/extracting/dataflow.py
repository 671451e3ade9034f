"""What the order of reads and writes says about some selected statements of a function.

Which names they need from before, which of those they bind are read afterwards (in the next round
of a loop too), and which may not be bound at all. `flow` has the order itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from toolset.errors import RefactoringRefused
from toolset.refactor.extracting.event_graph import Event
from toolset.refactor.extracting.flow import Flow


def live(events: list[Event], *, within: bool = False) -> list[set[str]]:
    """Return for each event the names whose present value may be read from it on.

    With `within`, only what the selection itself reads counts.
    """
    found: list[set[str]] = [set() for _ in events]
    changed = True
    while changed:
        changed = False
        for at in range(len(events) - 1, -1, -1):
            event = events[at]
            if within and not event.selected:
                continue
            names = set().union(*(found[one] for one in event.then))
            if event.kind in ("write", "unbind"):
                names.discard(event.name)
            names |= set().union(*(found[one] for one in event.raises))
            if event.kind == "read":
                names.add(event.name)
            if names != found[at]:
                found[at], changed = names, True
    return found


def bound(events: list[Event], at_start: Collection[str], tracked: set[str]) -> list[set[str]]:
    """Return for each event the names that are certainly bound when it begins."""
    before: list[set[str] | None] = [None for _ in events]
    before[0] = set(at_start) & tracked
    waiting = [0]
    while waiting:
        at = waiting.pop()
        now = before[at] or set()
        event = events[at]
        after = now - {event.name} if event.kind == "unbind" else now
        after = after | {event.name} if event.kind == "write" else after
        for to, names in [
            *((one, after) for one in event.then),
            *((one, now) for one in event.raises),
        ]:
            old = before[to]
            new = set(names) if old is None else old & names
            if new != old:
                before[to] = new
                waiting.append(to)
    return [set(tracked) if one is None else one for one in before]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What goes into the selected statements and what comes out: names, each in order of use.

    `ends` says that they are left only to the function's own end, `falls_through` that a statement
    behind them may follow.
    """

    needed: tuple[str, ...]
    wanted: tuple[str, ...]
    ends: bool
    falls_through: bool


def exchange(
    flow: Flow, at_start: Collection[str], tracked: set[str], extra: Collection[str] = ()
) -> Exchange:
    """Return what the selection takes and gives. `extra` are names that are wanted in any case.

    Raises RefactoringRefused where a name may be unbound on the way in or out, and where an
    exception would show a name half-way.
    """
    events = flow.events
    chosen = {at for at, event in enumerate(events) if event.selected}
    entries = {to for at, one in enumerate(events) if at not in chosen for to in one.then & chosen}
    exits = {to for at in chosen for to in events[at].then - chosen}
    caught = {to for at in chosen for to in events[at].raises - chosen}
    order = list(dict.fromkeys(events[at].name for at in sorted(chosen) if events[at].name))
    written = {events[at].name for at in chosen if events[at].kind in ("write", "unbind")}
    lives = live(events)
    wanted = {name for at in exits for name in lives[at]} & written | (set(extra) & written)
    if seen := sorted({name for at in caught for name in lives[at]} & written):
        raise RefactoringRefused(
            f"{seen[0]} is assigned in these lines and read where an exception of theirs is "
            "caught. Choose lines that hold the whole try, or none of it."
        )
    needed = {name for at in entries for name in live(events, within=True)[at]}
    known = bound(events, at_start, tracked)
    inside = _bound_inside(events, chosen, entries, needed, tracked)
    for name in wanted:
        if not all(name in inside[at] for at in exits):
            needed.add(name)  # handed in, so that it can be handed back as it was
    if open_names := sorted(name for name in needed for at in entries if name not in known[at]):
        raise RefactoringRefused(
            f"{open_names[0]} may have no value yet where these lines begin, or where they end. "
            "Give it one first, or choose other lines."
        )
    return Exchange(
        tuple(name for name in order if name in needed),
        tuple(name for name in order if name in wanted),
        ends=exits <= {1},
        falls_through=bool(exits),
    )


def _bound_inside(
    events: list[Event],
    chosen: set[int],
    entries: set[int],
    needed: set[str],
    tracked: set[str],
) -> list[set[str]]:
    """Return for each event what is bound then, if the selection is entered with `needed` alone."""
    copies = [
        Event(one.kind, one.name, one.selected, set(one.then), set(one.raises))
        if at in chosen
        else Event("mark", "", selected=False)
        for at, one in enumerate(events)
    ]
    copies[0].then = set(entries)
    return bound(copies, needed, tracked)
