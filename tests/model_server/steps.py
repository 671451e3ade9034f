"""What a test can let the model, or its endpoint, do: one step a request. Plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

AT_ONCE: Mapping[str, str] = {"Retry-After-Ms": "1"}  # whoever comes again need not wait


@dataclass(frozen=True)
class Say:
    """The model answers with text, and is done."""

    text: str


@dataclass(frozen=True)
class Call:
    """The model calls one tool. Arguments given as text are sent as they are.

    `id` None is an id of the server's own, new with each request; `no_id` leaves the field out.
    """

    tool: str
    arguments: dict[str, Any] | str = field(default_factory=dict)
    id: str | None = None
    no_id: bool = False


@dataclass(frozen=True)
class Answer:
    """All that an answer can be.

    `finish` is chat's word for how it ended ("length"); empty: the one that fits; None: none at
    all. Texts and arguments come in so many `pieces`, with a `pause` of seconds between events.
    `usage` is tokens in and out; None: the endpoint does not count.
    """

    text: str | None = None
    calls: Sequence[Call] = ()
    reasoning: str = ""
    finish: str | None = ""
    usage: tuple[int, int] | None = (100, 10)
    pieces: int = 1
    pause: float = 0.0


@dataclass(frozen=True)
class Fail:
    """The endpoint answers with an error. `body` replaces OpenAI's form of it."""

    status: int
    message: str = "no"
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: AT_ONCE)
    body: dict[str, Any] | str | None = None


@dataclass(frozen=True)
class Garble:
    """The endpoint says that all is well, and sends something that is no answer."""

    body: str
    content_type: str = "application/json"


@dataclass(frozen=True)
class Hangup:
    """The endpoint begins to answer, and then the line is dead."""


@dataclass(frozen=True)
class Cut:
    """Only the first `at` bytes of an answer come; negative: all but the last.

    `clean`: the connection ends as if that were all, else it breaks.
    """

    step: Answer | Say | Call
    at: int
    clean: bool = False


@dataclass(frozen=True)
class Stall:
    """The endpoint takes the request and does not answer for a while."""

    seconds: float


Step = Say | Call | Answer | Fail | Garble | Hangup | Cut | Stall


def answer_of(step: Say | Call | Answer) -> Answer:
    """Return a step in its full form."""
    match step:
        case Say(text):
            return Answer(text)
        case Call():
            return Answer(calls=(step,))
        case Answer():
            return step


def pieces_of(text: str, count: int) -> list[str]:
    """Cut a text into `count` parts of about the same length; none of them empty."""
    size = max(1, -(-len(text) // max(count, 1)))
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]
