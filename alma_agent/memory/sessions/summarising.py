"""A summary made of a text's own sentences, within a number of tokens. Pure, and always the same.

Nothing is put into other words, so that nothing is said that was not. A sentence weighs more if its
words are those of many others, if it decides or measures something, if it answers a question.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from alma_agent.memory.merging.wording import listed
from alma_agent.memory.ranking import tokens_of

_WORD = re.compile(r"\w+(?:[._/-]\w+)*")
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[`]?(?:[A-Z0-9]|\w+(?:_\w|\()))|\n+")
_MARKED = re.compile(r"^[-*>#\s]+")
_DECIDES = re.compile(
    r"""\b(?:decid\w+|decision|agreed?|must|should|shall|always|never|prefer\w*|instead|because|chose
    |choose|will|won't|don't|remember|important|fixed|failed|fails?|error|bug|todo|learn\w*|means?
    |requires?|needs?|default|deadline|plan\w*)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MEASURES = re.compile(r"\d|[\w/]+\.\w{1,4}\b|\w+_\w+|\w+\(\)|`")
_TALK = re.compile(
    r"(?:\w+: )?(?:hi|hello|hey|ok(?:ay)?|thanks?|sure|fine|great|yes|no|bye|good|cool|nice|wow)\b"
    r"[^.]{0,20}[.!]*",
    re.IGNORECASE,
)
_COMMON = listed(
    """the a an and or but of to in on at for with by from as is are was were be been it its this
    that these those i you he she we they me my your his her our their do does did not no so if then
    than there here have has had will would can could should what which who when how s t m re ve ll
    user assistant system
    """
)
_ALIKE = 0.7
_WORTH_A_PLACE = 0.2  # of the best one's weight: a short greeting fits everywhere


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence, where it stands, and the words that it is about.

    `exact` are its numbers and denials: what two sentences must share to say the same.
    """

    text: str
    at: int
    words: frozenset[str]
    exact: tuple[str, ...]
    weight: float = 0.0


def summary(texts: Sequence[str], *, budget_tokens: int) -> str:
    """Return the sentences that say most, a line each, in the order of the texts.

    The result is at most `budget_tokens` long, as `tokens_of` counts it; empty if none fits. What
    is nearly said again is left out. If everything fits, everything is there.
    """
    sentences = _distinct(_sentences(texts))
    if tokens_of(_written(sentences)) <= budget_tokens:
        return _written(sentences)
    best_first = sorted(_weighed(sentences), key=lambda one: (-one.weight, one.at))
    chosen: list[_Sentence] = []
    for one in best_first:
        if one.weight < _WORTH_A_PLACE * best_first[0].weight:
            break
        candidate = sorted([*chosen, one], key=lambda one: one.at)
        if tokens_of(_written(candidate)) <= budget_tokens:
            chosen = candidate
    return _written(chosen)


def sentences_of(text: str) -> list[str]:
    """Return the sentences and lines of a text, without the marks of lists and quotes."""
    pieces = (_MARKED.sub("", piece).strip() for piece in _END.split(text))
    return [piece for piece in pieces if _WORD.search(piece)]


def _sentences(texts: Iterable[str]) -> list[_Sentence]:
    found = [sentence for text in texts for sentence in sentences_of(text)]
    return [_Sentence(text, at, _content(text), _exact(text)) for at, text in enumerate(found)]


def _content(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text)) - _COMMON


def _distinct(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """Return the sentences without those that another one nearly repeats; the longer one stays."""
    told = Counter(word for one in sentences for word in one.words)
    kept: list[_Sentence] = []
    having: defaultdict[str, list[_Sentence]] = defaultdict(list)
    for one in sorted(sentences, key=lambda one: (-len(one.words), one.at)):
        rare = _telling(one, told)
        if any(_repeats(one, other) for word in rare for other in having[word]):
            continue
        kept.append(one)
        for word in rare:
            having[word].append(one)
    return sorted(kept, key=lambda one: one.at)


def _telling(one: _Sentence, told: Counter[str]) -> list[str]:
    """Return the rarest words, so many that sentences alike enough must share one of them."""
    words = sorted(one.words, key=lambda word: (told[word], word))
    return words[: len(words) - math.ceil(_ALIKE * len(words)) + 1] or [one.text.casefold()]


def _repeats(one: _Sentence, longer: _Sentence) -> bool:
    """Say whether a longer sentence has all words of this one, its numbers and its denials."""
    if not one.words:
        return one.text.casefold() == longer.text.casefold()
    is_within = one.words <= longer.words and one.exact == longer.exact
    return is_within and len(one.words) >= _ALIKE * len(longer.words)


def _exact(text: str) -> tuple[str, ...]:
    return tuple(sorted(re.findall(r"\d[\d.,]*|\b(?:not|no|never|without)\b|n't", text.lower())))


def _weighed(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    told = Counter(word for one in sentences for word in one.words)
    rarity = {word: math.log(1 + len(sentences) / count) for word, count in told.items()}
    last = max((one.at for one in sentences), default=0)
    weighed = []
    for before, one in zip((None, *sentences), sentences, strict=False):
        answers = before is not None and before.text.endswith("?") and before.at == one.at - 1
        weight = _centrality(one, told, rarity) * _manner(one, answers=answers)
        place = 1.0 + 0.1 * (one.at == 0) + 0.1 * one.at / max(last, 1)  # later is newer
        weighed.append(replace(one, weight=weight * place))
    return weighed


def _centrality(one: _Sentence, told: Counter[str], rarity: dict[str, float]) -> float:
    """Return how much the words of a sentence are those of others too, by their number.

    A word that is everywhere tells little and one that is only here connects nothing; long
    sentences win by what they say, not by their length.
    """
    shared = sum(rarity[word] * (1.0 if told[word] > 1 else 0.5) for word in one.words)
    return shared / math.sqrt(len(one.words) + 4)


def _manner(one: _Sentence, *, answers: bool) -> float:
    if _TALK.fullmatch(one.text):
        return 0.2
    factor = 1.0 + 0.5 * bool(_DECIDES.search(one.text)) + 0.4 * bool(_MEASURES.search(one.text))
    if one.text.endswith("?"):
        factor *= 0.5
    return factor * (1.3 if answers else 1.0)


def _written(sentences: Iterable[_Sentence]) -> str:
    return "\n".join(one.text for one in sentences)
