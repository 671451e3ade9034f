"""Does an error say that the talk is longer than the model's context? Each server has its words.

The sentences that this was written for stand in the tests' model server. Ollama, by default, says
nothing: it leaves out what stands first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from alma_agent.proposer.wire.chain import chain_of

_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error", "request_too_large"})
_NEVER = frozenset({401, 403, 404})
_TOO_LARGE = 413
_SAYS_SO = re.compile(
    r"""context_length_exceeded | ContextWindowExceeded
    | maximum\ (?:context|prompt|model)\ length
    | maximum\ input\ length\ is\ \d+
    | exceed\w*\ (?:the\ |its\ |max\w*\ |model'?s?\ |available\ |this\ )*context
    | context\ (?:size|length|window|limit)\ (?:has\ been\ )?exceed
    | (?:longer|greater)\ than\ the\ (?:model's\ )?context\ length
    | (?:prompt|input)\ is\ too\ long
    | prompt\ too\ long
    | reduce\ the\ length\ of\ (?:the|your)\ (?:messages|prompt|input)
    | tokens?\ exceeds?\ the\ configured\ limit
    | token\ count\b.*\bexceeds\ the\ (?:maximum|limit)
    | exceeded\ model\ token\ limit
    | `?inputs`?\ tokens\ \+\ `?max_new_tokens`?\ must\ be
    | max_tokens\ must\ be\ at\ least\ 1,\ got\ -
    | input\ or\ output\ tokens\ must\ be\ reduced
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_context_overflow(error: BaseException) -> bool:
    """Say whether the same talk, made shorter, might be answered."""
    for one in chain_of(error):
        status = getattr(one, "status_code", None)
        if status in _NEVER:
            return False
        if status == _TOO_LARGE or _CODES.intersection(_codes(one)):
            return True
        if _SAYS_SO.search(f"{one} {getattr(one, 'body', '') or ''}"):
            return True
    return False


def _codes(error: BaseException) -> Iterator[str]:
    body: Any = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, Mapping) else None
    for place in (error, body, inner):
        for name in ("code", "type"):
            said = place.get(name) if isinstance(place, Mapping) else getattr(place, name, None)
            if isinstance(said, str):
                yield said
