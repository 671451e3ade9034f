"""What a question asks for besides its words, and how much each clue counts for it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from alma_agent.memory.words import asked, split

_NEWEST = re.compile(r"\b(latest|newest|most recent(ly)?|last time)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a clue adds to a memory's score where it is fully there.

    `own_words`, `words` and `session`: BM25 in the memory's own text, in all its fields, and around
    it in the session, as a share of the question's best. `meaning`, `exchange`: cosine of the text,
    and of the text with the one before. `substance`, `asking`: what a turn of talk loses that says
    next to nothing, or only asks. The others are named after what they reward.

    Those for talk were learnt by regression on conversations, each left out in turn, and rounded:
    they hardly differ from one to the next, and sets for each kind of question were no better.
    """

    own_words: float = 0.4
    words: float = 1.0
    session: float = 0.4
    meaning: float = 0.8
    exchange: float = 1.4
    speaker: float = 0.4
    substance: float = 0.7
    asking: float = 0.7
    same_file: float = 1.0
    importance: float = 0.6
    pinned: float = 0.2
    recency: float = 0.15


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read once: the words to look for, every word in it, and the weights to use."""

    text: str = ""
    words: tuple[str, ...] = ()
    mentioned: frozenset[str] = frozenset()
    weights: Weights = Weights()

    def names(self, person: str) -> bool:
        """Say whether the question mentions somebody, by the first of their names at least."""
        return next(split(person), "") in self.mentioned


NO_QUESTION = Question()


def read(text: str) -> Question:
    """Read a question. One that asks for the newest gives recency as much weight as the words."""
    weights = Weights()
    if _NEWEST.search(text):
        weights = replace(weights, recency=weights.words)
    return Question(text, asked(text), frozenset(split(text)), weights)
