"""Lines searched by a regular expression that a model wrote, within a time limit.

`re` may take for ever on a few lines ("catastrophic backtracking") and cannot be stopped in a
thread; so it runs in a process of its own, which can. It is handed texts, and opens no file.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from toolset.errors import ToolsetError

_LONGEST_LINE = 20_000  # characters searched of one line
_MOST_HITS = 5_000
_SEARCH = f"""
import json, re, sys, warnings
warnings.simplefilter("ignore")
asked = json.load(sys.stdin)
find = re.compile(asked["pattern"]).search
hits = []
for number, text in enumerate(asked["texts"]):
    for line, content in enumerate(text.split("\\n"), 1):
        hit = find(content[:{_LONGEST_LINE}])
        if hit:
            hits.append((number, line, hit.start()))
    if len(hits) >= {_MOST_HITS}:
        break
json.dump(hits, sys.stdout)
"""


class BadPattern(ToolsetError):
    """A regular expression that is none, or takes too long."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One line that fits: which text, which line (from 1), where in it the match begins."""

    text: int
    line: int
    column: int


def search_lines(pattern: str, texts: Sequence[str], *, timeout_s: float) -> list[Hit]:
    """Return the lines that fit, in order; past 5,000 the rest of the texts is left out.

    Raises BadPattern.
    """
    require_pattern(pattern)
    asked = json.dumps({"pattern": pattern, "texts": texts})
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _SEARCH],
            input=asked.encode(),
            capture_output=True,
            timeout=timeout_s,
            env={},
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise BadPattern(
            f"The pattern took longer than {timeout_s:.0f} s. Write a simpler one, with no `*` or "
            "`+` inside another, or search fewer files by `path`."
        ) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise BadPattern("The pattern could not be searched for. Write a simpler one.") from error
    return [Hit(*one) for one in json.loads(done.stdout)]


def require_pattern(pattern: str) -> None:
    """Raise BadPattern for what is no regular expression of Python's `re`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may mean something else one day
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(
            f"{pattern!r:.200} is no regular expression of Python's `re`: {error}. Mend it, or "
            "leave `regex` out to search for the text as it stands."
        ) from error
