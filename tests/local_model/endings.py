"""How errands ended, one by one and all together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alma_agent.errors import LimitReached
from tests.local_model.errands import Errand


@dataclass(frozen=True, slots=True)
class Ending:
    """How an errand ended. `calls` are the tools called, in order; `said` all items of the run.

    `draft` says what became of a stopped run's draft, which was applied as it was.
    """

    errand: Errand
    how: str
    seconds: float
    requests: int
    tokens: int
    files: int
    calls: tuple[str, ...]
    said: tuple[dict[str, Any], ...]
    words: str
    draft: str = ""


def kind_of(error: Exception) -> str:
    """Name what stopped a run; of limits, which."""
    if type(error) is not LimitReached:
        return type(error).__name__
    found = re.search(r"limit of \S+ (turns|seconds|tokens)", str(error))
    return f"limit: {found[1] if found else '?'}"


def table(endings: Sequence[Ending], mended: Counter[str]) -> list[str]:
    """Return what a person wants to know of all the runs, as lines."""
    if not endings:
        return []
    hows = Counter(one.how for one in endings)
    seconds = sorted(one.seconds for one in endings)
    calls = Counter(name for one in endings for name in one.calls)
    requests, tokens = sum(one.requests for one in endings), sum(one.tokens for one in endings)
    changes = sum(bool(one.files) for one in endings)
    drafts = Counter(one.draft for one in endings if one.draft)
    return [
        *(f"{count:4}  {how}" for how, count in hows.most_common()),
        f"runs {len(endings)}, seconds {seconds[len(seconds) // 2]:g} median, {seconds[-1]:g} most",
        f"requests {requests}, tokens {tokens:,}, changes proposed {changes}",
        f"drafts of stopped runs, applied as they were: {_counts(drafts)}",
        f"calls of tools {calls.total()}: {_counts(calls)}",
        f"answers mended: {_counts(mended)}",
    ]


def _counts(of: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in of.most_common()) or "none"
