"""Several requests in one sentence: where one ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alma_agent.proposer.phrases.tokens import Sentence

_MOST_JOINTS = 12
"""A sentence with more is prose: looking for every way to cut it would take too long."""

# The longest first. What follows may begin anew, or go on with the same verb ("and c to d").
_THEN = (
    ("and", "then"), ("and", "after", "that"), ("and", "afterwards"), ("after", "that"),
    ("and", "finally"), ("afterwards",), ("finally",), ("then",), ("next",), ("lastly",),
    ("et", "puis"), ("et", "ensuite"), ("puis", "ensuite"), ("et", "enfin"), ("apres", "cela"),
    ("et", "apres"), ("ensuite",), ("enfin",), ("puis",), ("apres", "ca"),
)  # fmt: skip
_AND = (
    ("and", "also"),
    ("and",),
    ("et", "aussi"),
    ("et",),
    ("as", "well", "as"),
    ("&",),
    ("plus",),
)
_MARKS = frozenset({",", ";", ".", "!"})


@dataclass(frozen=True, slots=True)
class Joint:
    """What stands between two requests, from token `start` up to `stop`.

    `in_turn` says that the second comes after the first, as "then" does; `apart`, that they are
    two sentences or lines. A bare "and" may join two halves that share more than that.
    """

    start: int
    stop: int
    in_turn: bool
    apart: bool = False
    comma_only: bool = False


def joints(sentence: Sentence) -> list[Joint]:
    """Return every place where one request may end, in order; none if there are too many."""
    found: list[Joint] = []
    at = 1
    while at < len(sentence.tokens) - 1:
        joint = _joint(sentence, at)
        if joint is not None:
            found.append(joint)
            at = max(joint.stop, at + 1)  # a new line alone is no token
        else:
            at += 1
    return found if len(found) <= _MOST_JOINTS else []


def _joint(sentence: Sentence, at: int) -> Joint | None:
    tokens = sentence.tokens
    stop = at
    while stop < len(tokens) and tokens[stop].word in _MARKS:
        stop += 1
    marks = {token.word for token in tokens[at:stop]}
    opens_line = any(token.opens_line for token in tokens[at : stop + 1])
    if opens_line:
        stop = _after_bullet(sentence, stop)
    apart = opens_line or bool(marks - {","})
    for phrases, in_turn in ((_THEN, True), (_AND, apart)):
        if length := _length(sentence, stop, phrases):
            end = stop + length
            if end < len(tokens) and tokens[end].word == ",":
                end += 1
            return Joint(at, end, in_turn or apart, apart)
    if opens_line or marks:
        return Joint(at, stop, apart, apart, comma_only=not apart)
    return None


def _length(sentence: Sentence, at: int, phrases: tuple[tuple[str, ...], ...]) -> int:
    words = tuple(token.word for token in sentence.tokens[at : at + 3])
    return next((len(phrase) for phrase in phrases if words[: len(phrase)] == phrase), 0)


def after_bullet(sentence: Sentence) -> Sentence:
    """Leave out a bullet or a number that opens a list."""
    return sentence.part(_after_bullet(sentence, 0), len(sentence.tokens))


def _after_bullet(sentence: Sentence, at: int) -> int:
    words = [token.word for token in sentence.tokens[at : at + 2]]
    if words[:1] in (["-"], ["*"], ["•"]):
        return at + 1
    if words and words[0].rstrip(")").isdigit():
        return at + 2 if words[1:] in (["."], [")"]) else at + words[0].endswith(")")
    return at


def ways_to_cut(sentence: Sentence) -> Iterator[tuple[Sentence, Joint, Sentence]]:
    """Yield each first request, what joins it to the rest, and the rest."""
    end = len(sentence.tokens)
    for joint in joints(sentence):
        if joint.stop < end:
            yield sentence.part(0, joint.start), joint, sentence.part(joint.stop, end)
