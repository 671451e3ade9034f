"""Which of the places that ast-grep finds may be replaced: those that hold the pattern, no more.

Asked of the tokens, so that nothing goes that the pattern does not name; and a function that the
template calls is not made to call itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from toolset.refactor.patterns.grammar import Node
from toolset.refactor.patterns.template import Match, Template
from toolset.refactor.patterns.tokens import (
    Item,
    is_the_pattern,
    items_between,
    items_of_pattern,
    without_last_commas,
)

_DEFINES = re.compile(
    r"func|method|defin|declar|class|assign|item|binding|let_|spec|named_expression"
)
_NO_DEFINITION = re.compile(r"call|invocation|argument|type|parameter|default")
_HEADER_ENDS = ("{", "=", ":", ":=", "=>", "->")


def with_items(root: Node, text: str, match: Match) -> Match:
    """Return the match with its tokens and captures in order, but for commas that mean nothing."""
    spans = [(one.name, one.start, one.end) for one in match.captures]
    items = items_between(root, text, match.start, match.end, spans)
    return replace(match, items=tuple(without_last_commas(items)))


def is_match(root: Node, text: str, template: Template, match: Match) -> bool:
    """Say whether a variable that the pattern names twice stands for the same code both times."""
    captures = {one.name: one for one in match.captures}

    def code(name: str) -> list[str]:
        one = captures[name]
        return [item.text for item in items_between(root, text, one.start, one.end, ())]

    return all(code(name) == code(own) for name, own in template.twins)


def why_left(root: Node, text: str, template: Template, match: Match) -> str | None:
    """Return in a few words why a match is not touched; None if it may be. It has its items."""
    if not is_the_pattern(match.items, template.pattern_items):
        had, wanted = (
            sum(not one.name for one in items) for items in (match.items, template.pattern_items)
        )
        return f"match that holds {'less' if had < wanted else 'more'} than the pattern"
    written = {one.name for one in items_of_pattern(template.text, template.language)}
    if any(one.with_clause and one.name not in written for one in match.captures):
        return "match that holds more than the pattern"
    called = _called(items_of_pattern(template.text, template.language))
    called -= _called(template.pattern_items)
    if called and (name := next(_definitions(root, text, match, called), None)):
        return f"inside the definition of {name}"
    return None


def clauses_moved(template: Template, match: Match) -> Iterator[str]:
    """Yield a doubt for each variable that takes an else or the like under another statement."""
    first = items_of_pattern(template.text, template.language)[:1]
    if [one.text for one in first] != [one.text for one in template.pattern_items[:1]]:
        for one in match.captures:
            if one.with_clause:
                yield (
                    f"${one.name} holds a clause such as else, which the pattern does not name: "
                    "it went along, under another statement."
                )


def _called(items: Sequence[Item]) -> set[str]:
    """Return the words that stand before an opening parenthesis."""
    return {
        one.text for one, after in pairwise(items) if after.text == "(" and one.text.isidentifier()
    }


def _definitions(root: Node, text: str, match: Match, names: set[str]) -> Iterator[str]:
    """Yield the names whose definitions a match is in, the outermost first."""
    node: Node | None = root
    while node is not None:
        if _DEFINES.search(node.kind) and not _NO_DEFINITION.search(node.kind):
            yield from (one for one in _header(node, text, match.start) if one in names)
        within = (one for one in node.children if one.covers(match.start, match.end))
        node = next(within, None)


def _header(node: Node, text: str, end: int) -> Iterator[str]:
    """Yield the words that a definition begins with, up to its parameters, type or value."""
    has_name = False
    for leaf in _leaves(node):
        word = text[leaf.start : leaf.end]
        if leaf.start >= end or word in _HEADER_ENDS or (word == "(" and has_name):
            return
        if word.isidentifier() and leaf.kind != word:
            has_name = True
            yield word


def _leaves(node: Node) -> Iterator[Node]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _leaves(child)
