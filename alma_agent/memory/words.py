"""Text as the words by which it is found, and as the passages whose meaning is compared. Pure.

What an index holds and what a question asks for are spelt here, so that both are spelt alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from alma_agent.remembered import Memory

NEIGHBOURS = 2  # how many memories before, and how many after, make the context of one

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
# Words that shape a question and say nothing of what it is about. BM25 makes much of them in a
# small collection, where by chance few memories hold them.
_SHAPING = frozenset(
    re.findall(
        r"\w+",
        """
        a an the of to in on at for from by with about into and or but if as is are was were be
        been being am do does did doing done has have had having will would can could should may
        might shall it its this that these those i you he she they we me him her them us my your
        his their our what which who whom whose when where why how not no s t d m re ve ll
        """,
    )
)


class Fields(NamedTuple):
    """The words of one memory, parted by blanks: its own, its neighbours', what it is about."""

    text: str
    context: str
    about: str


class FieldWeights(NamedTuple):
    """How much a word counts in each field, for BM25."""

    text: float
    context: float
    about: float


ALL_FIELDS = FieldWeights(1.0, 0.7, 1.5)
TEXT_ALONE = FieldWeights(1.0, 0.0, 0.0)


class Said(Protocol):
    """Something that was said, and by whom; a memory, say."""

    @property
    def text(self) -> str: ...

    @property
    def by(self) -> str: ...


def fields_of(memory: Memory, beside: Iterable[Said] = ()) -> Fields:
    """Return what a word index holds of a memory.

    `beside` are its neighbours in the session: up to `NEIGHBOURS` before it, and as many after it.
    """
    about = (
        day_of(memory.event_at or memory.at) if memory.session else "",
        memory.by,
        *memory.tags,
        *memory.topics,
        *memory.entities,
        *(f"{anchor.path} {anchor.symbol}" for anchor in memory.anchors),
    )
    return Fields(
        _spelt(f"{memory.text} {memory.reasoning}"),
        context_of(beside),
        _spelt(" ".join(about)),
    )


def context_of(beside: Iterable[Said]) -> str:
    """Return the words of a memory's neighbours."""
    return _spelt(" ".join(one.text for one in beside))


def exchange_of(memory: Said, before: Said | None) -> str:
    """Return the passage for a memory's second vector: it and what was said before, with who spoke.

    An answer often makes sense only with its question. The first vector is that of the text alone.
    """
    return "\n".join(_said(one) for one in (before, memory) if one)


def asked(question: str) -> tuple[str, ...]:
    """Return the words to look for, each once: those that only shape the question are left out.

    A question of nothing else is asked for as it stands.
    """
    words = dict.fromkeys(split(question))
    return tuple(word for word in words if word not in _SHAPING) or tuple(words)


def match(words: Iterable[str]) -> str:
    """Return an FTS5 query: any of the words."""
    return " OR ".join('"' + word.replace('"', '""') + '"' for word in words)


def split(text: str) -> Iterator[str]:
    """Yield words whole, and the parts of identifiers: `read_csv` also as `read` and `csv`."""
    for word in re.findall(r"\w+", text):
        yield word.lower()
        parts = parts_of(word)
        if len(parts) > 1:
            yield from parts


def parts_of(word: str) -> list[str]:
    """Return what an identifier is made of: `readCSVFile` is `read`, `csv`, `file`."""
    return [part.lower() for part in _PARTS.findall(word)]


def day_of(at: datetime) -> str:
    """Return a date as people ask for it: `8 May 2023`."""
    return f"{at.day} {at:%B %Y}"


def _spelt(text: str) -> str:
    return " ".join(split(text))


def _said(memory: Said) -> str:
    return f"{memory.by}: {memory.text}" if memory.by else memory.text
