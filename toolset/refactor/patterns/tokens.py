"""The tokens of code and of patterns, so that both can be compared token by token.

ast-grep's own match is lenient: it skips what the code holds and the pattern does not. What is
about to be overwritten is therefore read again here, down to the last sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from toolset.refactor.patterns.grammar import Node, broken_nodes, parsed

VARIABLE = re.compile(r"(\$+)([A-Z_][A-Z0-9_]*)(?![A-Za-z0-9_])")
_LITERAL = re.compile(r"string|content|fragment|text|char")
_LISTS = re.compile(
    r"(argument_list|arguments|value_arguments|parameters|parameter_list|formal_parameters"
    r"|list|array|array_expression|dictionary|set|object)"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One token, or with a name all that a variable stands for; `text` is what is compared."""

    text: str
    start: int
    end: int
    name: str = ""
    parent: str = ""

    def moved(self, by: int) -> Item:
        return replace(self, start=self.start + by, end=self.end + by)

    @property
    def key(self) -> tuple[bool, str]:
        return (True, self.name) if self.name else (False, self.text)


Spans = Sequence[tuple[str, int, int]]  # a variable's name, and where it stands


def items_between(root: Node, text: str, start: int, end: int, spans: Spans) -> tuple[Item, ...]:
    """Return the tokens in a range that are in none of the spans, and the spans, in order.

    Comments are no tokens, nor is the white space that is no part of a literal.
    """
    spans = [one for one in spans if one[1] < one[2]]
    tokens = [
        one
        for one in _tokens(root, text, start, end)
        if not any(a <= one.start and one.end <= b for _, a, b in spans)
    ]
    carried = [Item("", a, b, name) for name, a, b in spans]
    return tuple(sorted([*tokens, *carried], key=lambda one: one.start))


def _tokens(node: Node, text: str, start: int, end: int, parent: str = "") -> Iterator[Item]:
    if node.end <= start or end <= node.start or "comment" in node.kind:
        return
    if node.children and not _holds_own_text(node, text):
        for child in node.children:
            yield from _tokens(child, text, start, end, node.kind)
        return
    word = text[node.start : node.end].replace("\r\n", "\n")
    if not _LITERAL.search(node.kind):
        word = " ".join(word.split())
    if word not in ("", "\\"):
        yield Item(word, node.start, node.end, parent=parent)


def _holds_own_text(node: Node, text: str) -> bool:
    """Say whether a node has text that is in none of its children, such as a string's."""
    done = node.start
    for child in node.children:
        if re.sub(r"\\\r?\n", "", text[done : child.start]).strip():
            return True
        done = max(done, child.end)
    return bool(text[done : node.end].strip())


@lru_cache(maxsize=64)
def items_of_pattern(pattern: str, language: str) -> tuple[Item, ...]:
    """Return the tokens and the variables of a pattern or a template, at their offsets in it.

    A variable inside a longer token, as in a string, is a part of that token.
    """
    spans = [(found[2], *found.span()) for found in VARIABLE.finditer(pattern)]
    # A stand-in is as long as its variable; which kind of word may stand there, the grammar says.
    trials = [VARIABLE.sub(fill, pattern) for fill in (_as_name, _as_number, _as_text)]
    word = min(trials, key=lambda one: broken_nodes(parsed(one, language)))
    root = Node.of(parsed(word, language))
    items = items_between(root, word, 0, len(word), spans)
    longer = [
        (one, a, b)
        for one in items
        for _, a, b in spans
        if not one.name and one.start <= a and b <= one.end
    ]
    inside = {(a, b) for _, a, b in longer}
    literal = {one for one, _, _ in longer}
    return tuple(
        replace(one, text=pattern[one.start : one.end]) if one in literal else one
        for one in items
        if not (one.name and (one.start, one.end) in inside)
    )


def _as_name(variable: re.Match[str]) -> str:
    return variable[0].replace("$", "_")


def _as_number(variable: re.Match[str]) -> str:
    return "1" * len(variable[0])


def _as_text(variable: re.Match[str]) -> str:
    return '"' + "a" * (len(variable[0]) - 2) + '"'


def is_the_pattern(found: Sequence[Item], pattern: Sequence[Item]) -> bool:
    """Say whether code holds a pattern's tokens and nothing else, in its order.

    A comma before a closing bracket that the other one does not have is no difference, where it
    means nothing. A variable that stands for no code is in `pattern` only.
    """
    had = {one.name for one in found}
    wanted = [one for one in pattern if not one.name or one.name in had]
    return [one.key for one in without_last_commas(found)] == [
        one.key for one in without_last_commas(wanted)
    ]


def without_last_commas(items: Sequence[Item]) -> Iterator[Item]:
    """Yield the items but for commas before a closing bracket, where these mean nothing."""
    for one, after in zip(items, [*items[1:], None], strict=True):
        is_last = after and not after.name and after.text in (")", "]", "}")
        if not (one.key == (False, ",") and is_last and _LISTS.fullmatch(one.parent)):
            yield one
