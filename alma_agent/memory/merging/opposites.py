"""Words that say the opposite of each other, and words that tell how something is. Pure.

English only; a word that is not here proves nothing.
"""

from __future__ import annotations

import re

from alma_agent.memory.merging.wording import listed

_ACTIONS = """
enable disable | allow forbid | allow deny | allow prohibit | permit forbid | accept reject
include exclude | add remove | like dislike | love hate | enjoy hate | like hate | love dislike
pass fail | succeed fail | increase decrease | require forbid | trust distrust | show hide
lock unlock | install uninstall | encrypt decrypt | start stop | keep drop | keep delete
merge split | raise lower | support reject
"""
_STATES = """
enabled disabled | allowed forbidden | included excluded | tabs spaces | true false | on off
yes no | sync async | synchronous asynchronous | public private | single double
uppercase lowercase | upper lower | slow fast | left right | ascending descending
minimum maximum | required optional | mandatory optional | mutable immutable | relative absolute
lf crlf | local remote | present absent | strict lenient | good bad | cheap expensive | easy hard
open closed | full empty | hot cold | big small | large small | long short | alive dead
happy unhappy | happy sad | early late | correct wrong | right wrong | manual automatic
deprecated supported | locked unlocked | light dark | wide narrow | high low | simple complex
frozen mutable | eager lazy | online offline
"""
_MOMENTS = "before after | above below | with without"

_STATING = listed(
    """== >= <= > <
    is equals equal must should stays remains default set use prefer indent keep limit wrap cap
    choose retry wait take need require expire lasts returns cost has have allow expect weigh
    measure contain truncate pad
    """
)
_SINGLE = listed(
    """default favourite favorite preferred primary official
    name surname nickname username hostname email address birthday timezone licence license
    """
)
_QUALITY = re.compile(
    r".+(?:able|ible|ive|ous|ful|less|ed|ing|ic|al|ent|ant)|slow|fast|big|small|broken|wrong|old|new"
    r"|good|bad|hard|easy|empty|missing|unclear|unknown|gone"
)
_OPPOSING_PREFIX = re.compile(r"(?:un|in|im|non-?|dis|not-)")


def _pairs(table: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair.split()) for pair in re.split(r"[|\n]", table) if pair.strip())


_ACTION_PAIRS, _STATE_PAIRS, _MOMENT_PAIRS = _pairs(_ACTIONS), _pairs(_STATES), _pairs(_MOMENTS)


def are_opposite(one: str, other: str, *, stated: bool) -> bool:
    """Say whether two words turn what is said around.

    `stated`: a verb that tells how something is stands before them. Without one, `slow` and `fast`
    may be what is spoken of: `slow tests`, `fast tests`.
    """
    actions = frozenset((plain_form(one), plain_form(other)))
    if actions in _ACTION_PAIRS or frozenset((one, other)) in _MOMENT_PAIRS:
        return True
    return stated and (
        frozenset((one, other)) in _STATE_PAIRS or _denies(one, other) or _denies(other, one)
    )


def states(form: str) -> bool:
    """Say whether a word is a verb that tells how something is or should be."""
    return form in _STATING or plain_form(form) in _STATING


def is_single(form: str) -> bool:
    """Say whether a word marks a thing of which there is one: `default`, `name`."""
    return form in _SINGLE


def is_quality(form: str) -> bool:
    """Say whether a word looks like one of several that may be true of a thing at once."""
    return _QUALITY.fullmatch(form) is not None


def _denies(one: str, other: str) -> bool:
    prefix = _OPPOSING_PREFIX.match(one)
    return prefix is not None and one[prefix.end() :] == other


def plain_form(verb: str) -> str:
    """Return a verb without its ending for he, she and it."""
    if verb.endswith(("sses", "xes", "shes", "ches")):
        return verb.removesuffix("es")
    if verb.endswith("ies"):
        return verb.removesuffix("ies") + "y"
    return verb if verb.endswith(("ss", "is", "us", "has")) else verb.removesuffix("s")
