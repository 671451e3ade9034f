"""A request in words becomes known refactorings, in order, or "not mine". No model, no network.

A sentence counts only as a whole: one that is not understood to its last word is left to a model,
never half done; and so is one that can be understood in two ways.
"""

from __future__ import annotations

from functools import cache

from alma_agent.proposer.phrases import (
    extracting,
    line_numbers,
    names,
    places,
    politeness,
    python_code,
    renaming,
    reshaping,
    signatures,
    whole_files,
)
from alma_agent.proposer.phrases.grammar import Bound, Grammar, Rule
from alma_agent.proposer.phrases.tokens import read
from alma_agent.proposer.reading import Reading, in_place
from toolset.refactor.requests import Request

KNOWN_REQUESTS = (
    "rename load to read_csv in src/loader.py",
    "renomme la méthode Loader.load en read",
    "move the class Loader from app.py to loaders.py",
    "extract lines 10-20 of app.py into a function parse_row",
    "extract the expression `a + b` in line 12 of app.py as total",
    "inline the variable tmp in fetch",
    "add a parameter timeout=30 to fetch and then make retries keyword-only in fetch",
    "make Point a dataclass",
    "turn the method Loader.load into a function",
    "remove unused imports in src/ and sort imports in src/",
    "use f-strings in utils.py",
    "replace pattern `assertEquals($A, $B)` by `assertEqual($A, $B)` in tests/",
)

_LONGEST = 4_000
_MOST_TOKENS = 120
_ROOMS = (
    python_code,
    line_numbers,
    places,
    politeness,
    renaming,
    extracting,
    reshaping,
    signatures,
    whole_files,
)
_REQUEST = "request"


def understand(goal: str) -> tuple[Request, ...]:
    """Return the refactorings that the whole sentence asks for, in order; empty: not mine."""
    if len(goal) > _LONGEST:
        return ()
    sentence = read(goal)
    if not 0 < len(sentence.tokens) <= _MOST_TOKENS:
        return ()
    return Reading(_grammar()).requests(sentence)


@cache
def _grammar() -> Grammar:
    """Return the phrases of all refactorings; compiled as they are needed."""
    wanted = [name for room in _ROOMS for name in getattr(room, "REQUESTS", ())]
    rules = [rule for room in _ROOMS for rule in getattr(room, "RULES", ())]
    phrases = (
        *(f"<asked:{name}>" for name in wanted),
        *(f"<asked:{name}> <at>" for name in reshaping.PLACED),
    )
    rules.append(Rule(_REQUEST, phrases, _placed))
    fragments: dict[str, str] = {}
    terminals = dict(names.TERMINALS)
    for room in _ROOMS:
        fragments.update(getattr(room, "FRAGMENTS", {}))
        terminals.update(getattr(room, "TERMINALS", {}))
    return Grammar({rule.name: rule for rule in rules}, terminals, fragments)


def _placed(bound: Bound) -> tuple[Request, ...] | None:
    """Return the requests, in the file that follows them."""
    if "at" not in bound:
        return tuple(bound["asked"])
    placed = [in_place(request, (bound["at"],)) for request in bound["asked"]]
    done = tuple(request for request in placed if request is not None)
    return done if len(done) == len(placed) else None
