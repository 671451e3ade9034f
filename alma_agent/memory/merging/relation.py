"""What a new text says beside an old one: the same, less, more, the opposite. Pure.

Without a model, so only what the words themselves prove; where they do not, the answer is `other`,
and both texts are kept. `says less` loses the new text and `contradicts` hides the old one: a wrong
answer of these costs more than one that is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Literal

from alma_agent.memory.merging.opposites import (
    are_opposite,
    is_quality,
    is_single,
    plain_form,
    states,
)
from alma_agent.memory.merging.wording import (
    BENDING,
    CLAUSE,
    CONDITIONS,
    POINTING,
    PREPOSITIONS,
    PRONOUNS,
    REASONS,
    SCOPES,
    SENTENCE,
    STRESS,
    TOGETHER,
    UNITS,
    Word,
    is_question,
    words_of,
)

Relation = Literal["same", "says less", "says more", "contradicts", "other"]

_Words = Sequence[Word]
_ORDERS = frozenset(("over", "before", "after", "than", "instead_of", "above", "below"))
_DEPENDENT = SCOPES | CONDITIONS | BENDING | POINTING | REASONS


def relation(old: str, new: str) -> Relation:
    """Say what a new text is to an old one, both about the same people and of the same kind."""
    before, after = words_of(old), words_of(new)
    if not before or not after or is_question(old) != is_question(new):
        return "same" if old.split() == new.split() else "other"
    if _is_same(before, after):
        return "same"
    if _contains(before, after):
        return "says less"
    if _contains(after, before):
        return "says more"
    return "contradicts" if _contradict(_plain(before), _plain(after)) else "other"


def _plain(words: _Words) -> list[Word]:
    return [word for word in words if word.form not in STRESS or word.negated]


def _is_same(one: _Words, other: _Words) -> bool:
    if [word.said for word in one] == [word.said for word in other]:
        return True
    if Counter(_said(one)) != Counter(_said(other)):
        return False
    if any(word.form in POINTING for word in one):  # what `it` is depends on what stands before
        return False
    return any(
        Counter(_clauses(made(one))) == Counter(_clauses(made(other)))
        for made in (list[Word], _with_lists_sorted)
    )


_Phrase = tuple[tuple[str, bool], ...]


def _clauses(words: _Words) -> list[tuple[_Phrase, ...]]:
    """Return the clauses, each as its phrases in an order of their own.

    A phrase begins with a preposition. One that stands alone (`In tests, ...`) joins its neighbour.
    """
    clauses: list[list[_Phrase]] = []
    leading: list[_Phrase] = []
    for clause in _split(words, lambda word: bool(word.joint)):
        phrases = [_said(one) for one in _split(clause, lambda word: word.form in PREPOSITIONS)]
        if clause[0].form not in PREPOSITIONS:
            clauses.append([*leading, *phrases])
            leading = []
        elif clauses and clause[0].joint != SENTENCE:
            clauses[-1] += phrases
        else:
            leading += phrases
    return [tuple(sorted(clause)) for clause in (*clauses, leading) if clause]


def _split(words: _Words, begins: Callable[[Word], bool]) -> list[list[Word]]:
    parts: list[list[Word]] = []
    for word in words:
        if begins(word) or not parts:
            parts.append([])
        parts[-1].append(word)
    return parts


def _said(words: _Words) -> _Phrase:
    return tuple(word.said for word in words)


def _with_lists_sorted(words: _Words) -> list[Word]:
    """Return the words with those that are listed (`ruff, pytest and mypy`) sorted."""
    made: list[Word] = []
    for several in _split(words, lambda word: word.joint not in (CLAUSE, TOGETHER)):
        in_order = sorted(several, key=lambda word: word.said)
        made += [
            replace(word, joint=was.joint) for word, was in zip(in_order, several, strict=True)
        ]
    return made


def _contains(longer: _Words, shorter: _Words) -> bool:
    """Say whether all that the shorter text says is said in the longer, in the same sense."""
    if len(shorter) >= len(longer) or not set(_said(shorter)) <= set(_said(longer)):
        return False
    return all(
        what == "equal" or (what == "delete" and _goes(longer, start, end))
        for what, start, end, _, _ in _differences(longer, shorter)
    )


def _differences(one: _Words, other: _Words) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, _said(one), _said(other), autojunk=False).get_opcodes()


def _goes(words: _Words, start: int, end: int) -> bool:
    """Say whether what is left without these words still says what it said with them."""
    run, rest = words[start:end], words[end:]
    if all(word.form in STRESS and not word.negated for word in run):
        return True
    if any(word.form in PRONOUNS for word in rest):  # who it is stands in what would go
        return False
    before = run[0].joint if start else SENTENCE
    after = rest[0].joint if rest else SENTENCE
    if before == after == SENTENCE:
        return run[0].form not in _DEPENDENT and not run[0].negated
    if run[0].form in REASONS:
        return bool(after)
    return _is_listed(words, start, end, after)


def _is_listed(words: _Words, start: int, end: int, after: str) -> bool:
    """Say whether words are one of several that are said side by side, under no condition."""
    run = words[start:end]
    around = _sentence_around(words, start, end)
    if any(word.form in CONDITIONS or word.negated for word in around):
        return False
    if any(word.form in SCOPES | BENDING | CONDITIONS for word in run):
        return False
    if run[0].joint or start == 0:
        return bool(after) or (len(run) == 1 and start > 0 and _goes_on(words[end]))
    return len(run) == 1 and after == TOGETHER


def _goes_on(word: Word) -> bool:
    """Say whether a list is over before a word: `ruff and mypy in tests`, not `new mypy`."""
    return word.form in PREPOSITIONS or states(word.form)


def _sentence_around(words: _Words, start: int, end: int) -> list[Word]:
    """Return the words of the sentence besides those from `start` to `end`."""
    first = max((at for at in range(start + 1) if words[at].joint == SENTENCE), default=0)
    last = next((at for at in range(end, len(words)) if words[at].joint == SENTENCE), len(words))
    return [*words[first:start], *words[end:last]]


def _contradict(old: _Words, new: _Words) -> bool:
    slots = _slots(old, new) if len(old) == len(new) else []
    if not slots or _points_away(old):
        return False
    pairs = [(old[at], new[at]) for at in slots]
    if _changed_places(pairs):
        return _orders(old, *slots)
    if any(one.negated != other.negated for one, other in pairs):
        (one, other), *more = pairs
        return not more and plain_form(one.form) == plain_form(other.form)
    if all(one.is_number and other.is_number for one, other in pairs):
        return all(_is_value(old, at) for at in slots)
    return len(slots) == 1 and _is_other_value(old, new, slots[0])


def _changed_places(pairs: Sequence[tuple[Word, Word]]) -> bool:
    if len(pairs) != 2:  # noqa: PLR2004 - one for the other
        return False
    (one, other), (second_one, second_other) = pairs
    return (
        (one.form, second_one.form) == (second_other.form, other.form)
        and one.negated == other.negated
        and second_one.negated == second_other.negated
    )


def _orders(words: _Words, first: int, second: int) -> bool:
    """Say whether what stands between two words puts one of them before the other."""
    if words[first].negated != words[second].negated:
        return True
    between = words[first + 1 : second]
    return any(word.form in _ORDERS for word in between) and not any(
        word.joint for word in between[:-1]
    )


def _points_away(words: _Words) -> bool:
    """Say whether a text speaks of something that only its reader then knew."""
    followed = zip(words, [*words[1:], None], strict=True)
    return any(
        word.form in PRONOUNS
        or (word.form in POINTING and following is not None and following.form == "is")
        for word, following in followed
    )


def _slots(old: _Words, new: _Words) -> list[int]:
    """Return where two texts of as many words differ."""
    pairs = enumerate(zip(old, new, strict=True))
    return [at for at, (one, other) in pairs if one.said != other.said]


def _is_value(words: _Words, at: int) -> bool:
    """Say whether the number there is how something is, not which thing is meant.

    `takes 3 s`, `port is 8000`, `use Python 3.11`; but `step 3 is slow`, `works on Python 3.11`.
    """
    before, rest = words[:at], _split(words[at:], lambda word: bool(word.joint))[0]
    if not any(states(word.form) for word in before) or any(word.form == "is" for word in rest):
        return False
    phrase = _split(before, lambda word: word.form in PREPOSITIONS)[-1]
    follows_preposition = len(phrase) == 1
    is_label = phrase[0].form in PREPOSITIONS - {"to", "as"} and not follows_preposition
    return not is_label or phrase[-1].form == "port"


def _is_other_value(old: _Words, new: _Words, at: int) -> bool:
    one, other = old[at].form, new[at].form
    before = [word.form for word in old[:at]]
    stated = any(map(states, before))
    if are_opposite(one, other, stated=stated):
        return not old[at].is_code
    if {one, other} <= UNITS:
        return old[at - 1].is_number and _is_value(old, at - 1)
    if is_quality(one) or is_quality(other) or one in PREPOSITIONS or other in PREPOSITIONS:
        return False
    after = [word.form for word in old[at + 1 :]]
    if before and before[-1] == "is":
        return any(map(is_single, before))
    return bool(before) and states(before[-1]) and "as" in after[:1]
