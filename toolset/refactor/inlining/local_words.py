"""A function's own variable whose name is a frequent word: found by Python's scopes alone.

The engines are asked about every occurrence of a word, which takes a minute for some hundred. Who
else may use a local variable is certain without them.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.refactor.analysis.scopes import Scope
from toolset.refactor.evidence import Leftover
from toolset.refactor.references import can_be_edited
from toolset.refactor.target import definitions
from toolset.refactor.words import Word, find_words

_FEW = 200  # occurrences that the engines judge in a few seconds
_SHOWN = 120  # characters of a line
_SETTLED = ("name", "attribute", "keyword", "pattern")  # what the syntax alone tells apart


def frequent_local(draft: Draft, name: str, path: PurePosixPath | None) -> Word | None:
    """Return the word that defines a function's own variable, if its name is a frequent word.

    None if the engines can be asked, or must be: for a name of a module or a class, or of several.
    """
    word = name.rpartition(".")[2]
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    texts = [one for one in draft.texts() if word in one.text]
    if sum(len(pattern.findall(one.text)) for one in texts) <= _FEW:
        return None
    here = [one for one in texts if path in (None, one.path) and can_be_edited(one)]
    found = definitions(find_words(here, word), name)
    if len(found) != 1 or not found[0].scope or found[0].is_member or found[0].is_parameter:
        return None
    return found[0]


def spoken_of(target: Word, scope: Scope) -> tuple[Leftover, ...]:
    """Return the comments and strings of a function that may speak of its variable."""
    word = target.source.text[target.start : target.end]
    first, last = getattr(scope, "lineno", 1), getattr(scope, "end_lineno", 0)
    return tuple(
        Leftover(one.place, one.kind, one.line_text[:_SHOWN])
        for one in find_words([target.source], word)
        if first <= one.place.line <= last and one.kind not in _SETTLED
    )
