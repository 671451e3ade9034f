"""A short text as its words, each with what stands before it: a negation, a joint. Pure.

Capitals, articles and spelling of numbers fall away; names of code, numbers and negations never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

SENTENCE, CLAUSE, TOGETHER = ".", ",", "and"


def listed(words: str) -> frozenset[str]:
    """Return the words of a list that is written as one text."""
    return frozenset(words.split())


SCOPES = listed(
    """in for on at during within under inside outside per with against between among across via
    where except besides versus unlike
    """
)
CONDITIONS = listed(
    "if when whenever unless until till while once before after provided assuming only"
)
BENDING = listed(
    """or either generally maybe perhaps might may could can would will was were been had some few
    several sometimes usually often mostly almost nearly about around roughly least most up less
    more than rarely seldom hardly barely probably possibly likely unlikely nothing none nobody
    nowhere just even except former formerly previously used tried try planned proposed supposed
    said says thinks claims wants seems fails failed stop stopped
    """
)
STRESS = listed(
    "always very really extremely strongly definitely certainly absolutely clearly also too please"
)
PRONOUNS = listed("it they them he she former latter then")
POINTING = PRONOUNS | listed(
    "this that these those his her its their next finally afterwards otherwise same there here"
)
PREPOSITIONS = SCOPES | CONDITIONS | listed("to from into onto over by of as than because since")
REASONS = frozenset(("because", "since"))

_NUMBER_WORDS = {
    "zero": "0", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_UNITS = {
    "ms": "millisecond", "s": "second", "sec": "second", "secs": "second", "min": "minute",
    "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour", "d": "day", "kb": "kb", "mb": "mb",
    "gb": "gb", "tb": "tb", "percent": "%", "%": "%", "chars": "character",
    "milliseconds": "millisecond",
    "seconds": "second", "minutes": "minute", "hours": "hour", "days": "day", "weeks": "week",
    "months": "month", "years": "year",
}  # fmt: skip
UNITS = frozenset(_UNITS.values())
_RESPELT = {"are": "is", "am": "is", "be": "is", "=": "is", ":": "is", "cannot": "can not"}
_ARTICLES = listed("a an the")
_NEGATIONS = listed("not no never without neither nor")
_JOINTS = {"and": TOGETHER, "&": TOGETHER, "plus": TOGETHER, "but": CLAUSE, ",": CLAUSE}

_TOKEN = re.compile(
    r"""`(?P<code>[^`\n]+)`
    |(?P<number>(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?(?=%|(?:ms|[smhd]|[kmgt]b)?\b(?!\())
        (?![\w]*_))
    |(?P<word>(?:[./~]+(?=\w))?\w+(?:(?:[./:\\-]|::)+\w+|'\w+|\(\))*(?:/|\+\+|\#)?)
    |(?P<operator>[<>!=]=+|[-=]>|<-)
    |(?P<sign>[.!?;]+(?=\s|$|["')\]])|\n|,|[=:](?=\s)|=|&|[()\[\]\u2013\u2014]
        |(?:(?<=\s)|^)-+(?=\s))
    |(?P<quiet>[.,;:!?"'`{}\u2018\u2019\u201c\u201d\u2026\s])
    |(?P<symbol>.)""",
    re.VERBOSE | re.IGNORECASE,
)
_IS_CODE = re.compile(r"[_/\\]|\(\)|::|\w\.\w|[a-z][A-Z]|[A-Z].*\d|\d.*[A-Z]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word that says something. `joint` is what parts it from the word before.

    `is_code`: a name or a path, whose capitals count. `negated`: the text denies it.
    """

    form: str
    joint: str = ""
    negated: bool = False
    is_code: bool = False

    @property
    def is_number(self) -> bool:
        return self.form.lstrip("+-")[:1].isdigit() and not self.is_code

    @property
    def said(self) -> tuple[str, bool]:
        """What must agree for two words to say the same."""
        return self.form, self.negated


@lru_cache(maxsize=256)  # a new text is compared with many
def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text, in order."""
    words: list[Word] = []
    joint, negated = "", False
    for form, is_code in _forms(text):
        if not is_code and form in (SENTENCE, CLAUSE, *_JOINTS):
            joint = SENTENCE if SENTENCE in (form, joint) else _JOINTS.get(form, form)
        elif not is_code and form in _NEGATIONS:
            negated = not negated
            if form == "without":
                words.append(Word("with", joint, negated))
                joint, negated = "", False
        else:
            words.append(Word(form, joint if words else "", negated, is_code))
            joint, negated = "", False
    if negated and words:  # "..., it is not"
        words[-1] = replace(words[-1], negated=not words[-1].negated)
    return tuple(words)


def is_question(text: str) -> bool:
    return text.rstrip(" \n\"')").endswith("?")


def _forms(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the words of a text as they are compared, and whether each is a name of code."""
    found = [*_plain(text), (SENTENCE, False)]
    position = 0
    while position < len(found) - 1:
        form, is_code = found[position]
        following, _ = found[position + 1]
        position += 1
        if is_code:
            yield form, True
            continue
        taken, forms = _together(form, following)
        position += taken
        for one in forms:
            yield one, False


def _together(form: str, following: str) -> tuple[int, list[str]]:
    """Return how many of the following words belong to this one, and what they are together."""
    if form in _ARTICLES:
        alone = following in (SENTENCE, CLAUSE, "is", "or", *_JOINTS, *_NEGATIONS)
        return 0, [form] if alone else []  # `plan a or plan b`
    return _IDIOMS.get((form, following)) or (0, _ALONE.get(form, [form]))


_IDIOMS: dict[tuple[str, str], tuple[int, list[str]]] = {
    ("no", "longer"): (1, ["not"]),
    ("instead", "of"): (1, [CLAUSE, "instead_of"]),
    ("rather", "than"): (1, [CLAUSE, "instead_of"]),
    ("avoid", "using"): (1, ["not", "use"]),
    ("do", "not"): (0, []),
    ("does", "not"): (0, []),
    ("did", "not"): (0, []),
}
_ALONE: dict[str, list[str]] = {
    "avoid": ["not", "use"],
    "because": [CLAUSE, "because"],
    "since": [CLAUSE, "since"],
}


def _plain(text: str) -> Iterator[tuple[str, bool]]:
    """Yield words and joints; units are spelt out, but only behind a number."""
    begins, counts = True, False
    for found in _TOKEN.finditer(text.replace("\u2019", "'")):
        if found["quiet"]:
            continue
        if found["code"]:
            yield found["code"].strip().removesuffix("()"), True
        elif found["number"]:
            yield re.sub(r"(?<=\d),(?=\d{3}\b)", "", found["number"]), False
        elif found["operator"] or found["symbol"]:
            yield found[0], False
        elif found["sign"]:
            yield _joint(found["sign"]), False
        elif counts and found[0].lower() in _UNITS:
            yield _UNITS[found[0].lower()], False
        elif found[0] == "A" and not begins:  # `plan A`
            yield "A", True
        else:
            yield from _spelt(found[0])
        begins = found["sign"] is not None and _joint(found["sign"]) == SENTENCE
        counts = found["number"] is not None


def _joint(sign: str) -> str:
    if sign[0] in ".!?;\n":
        return SENTENCE
    return _RESPELT.get(sign, sign if sign == "&" else CLAUSE)


def _spelt(word: str) -> Iterator[tuple[str, bool]]:
    if _IS_CODE.search(word):
        yield word.removesuffix("()"), True
        return
    word = word.lower()
    contracted = re.fullmatch(r"(\w+?)n't", word)
    if contracted:
        stem = {"wo": "will", "ca": "can", "sha": "shall"}.get(contracted[1], contracted[1])
        yield _RESPELT.get(stem, stem), False
        yield "not", False
        return
    for one in _RESPELT.get(word, _NUMBER_WORDS.get(word, word)).split():
        yield one, False
