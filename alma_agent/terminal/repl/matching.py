"""Which names fit a few typed letters, the likeliest first. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

_WORD_BEGINS = re.compile(r"(?:^|[/._:-])([^/._:-])")


def ranked(
    typed: str, names: Iterable[str], *, limit: int, of: Callable[[str], str] = str
) -> list[str]:
    """Return the names that hold the typed letters in their order, best first.

    A letter's case counts only if one is typed as a capital. The last part of a name (`render.py`
    of a path, `Meter.stop` of a symbol) counts more than what leads to it. `of` returns what is
    looked at in a name, if not all of it.
    """
    if not typed:
        return sorted(names, key=lambda name: (name.count("/"), name))[:limit]
    fitting = ((name, of(name)) for name in names)
    scored = [
        (*_badness(typed, looked_at), name)
        for name, looked_at in fitting
        if _stretch(typed, looked_at) is not None
    ]
    return [str(one[-1]) for one in sorted(scored)[:limit]]


def _stretch(typed: str, name: str) -> int | None:
    """Return over how many letters of a name the typed ones are spread; None if it lacks one.

    No regular expression: one with a gap after each letter takes hours on `aaaa...`.
    """
    if typed == typed.lower():
        name = name.lower()
    begin = name.find(typed[0])
    at = begin - 1
    for letter in typed:
        at = name.find(letter, at + 1)
        if at < 0:
            return None
    return at + 1 - begin


def _badness(typed: str, name: str) -> Sequence[float]:
    """Return how far a name is from what was typed: the less, the better, from the left."""
    last = re.split(r"[/:]", name)[-1]
    small = typed.lower()
    stretch = _stretch(typed, last)
    initials = "".join(_WORD_BEGINS.findall(last)).lower()
    return (
        not last.lower().startswith(small),
        small not in last.lower(),
        small not in name.lower(),
        not initials.startswith(small),
        stretch is None,
        len(name) if stretch is None else stretch,
        len(name),
    )
