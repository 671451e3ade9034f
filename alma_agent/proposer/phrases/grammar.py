"""Phrases with slots, matched on the tokens of a sentence.

A phrase is written as it is said: `rename <symbol> to <new:name>`. `(a|b c)` is a choice, `[a]` may
be missing, `<key:rule>` is a slot (`<rule>` where the key is the same), `@x` stands for the
fragment x, and a backslash takes the meaning from a bracket. Words are compared without case and
accents; what is quoted is never a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from alma_agent.proposer.phrases.tokens import Sentence

Bound = dict[str, Any]
"""What was found for each slot. A slot of one key is filled once."""

Terminal = Callable[[Sentence, int], Iterable[tuple[int, Any]]]
"""Reads a value that begins at a token; returns each token that it may end before, with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Phrases of one meaning. `build` returns it, or None where they do not fit after all."""

    name: str
    phrases: tuple[str, ...]
    build: Callable[[Bound], Any]


@dataclass(frozen=True, slots=True)
class _Word:
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Slot:
    key: str
    rule: str


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    ways: tuple[_Node, ...]


_Node = _Word | _Slot | _Sequence | _Choice
_NOTHING = _Sequence(())
_SIGN = re.compile(r"[()\[\]|]|<[^>]+>|@\w+|(?:\\.|[^\s()\[\]|<>@\\])+")


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules that may use each other, and the terminals that they end in."""

    rules: Mapping[str, Rule]
    terminals: Mapping[str, Terminal]
    fragments: Mapping[str, str]
    _compiled: dict[str, list[tuple[frozenset[str] | None, _Node]]] = field(default_factory=dict)
    _parsed_fragments: dict[str, _Node] = field(default_factory=dict)

    def phrases(self, name: str) -> list[tuple[frozenset[str] | None, _Node]]:
        if name not in self._compiled:
            nodes = [self._parsed(phrase) for phrase in self.rules[name].phrases]
            self._compiled[name] = [(_first_words(node), node) for node in nodes]
        return self._compiled[name]

    def _parsed(self, phrase: str) -> _Node:
        signs = _SIGN.findall(phrase)[::-1]
        node = self._choice(signs)
        if signs:
            raise ValueError(f"a bracket too many in the phrase {phrase!r}")
        return node

    def _fragment(self, name: str) -> _Node:
        if name not in self._parsed_fragments:
            self._parsed_fragments[name] = self._parsed(self.fragments[name])
        return self._parsed_fragments[name]

    def _choice(self, signs: list[str]) -> _Node:
        """Read `a b|c` up to the bracket that closes it; `signs` is a stack."""
        ways: list[_Node] = [_NOTHING]
        while signs and signs[-1] not in (")", "]"):
            sign = signs.pop()
            if sign == "|":
                ways.append(_NOTHING)
            else:
                ways[-1] = _joined(ways[-1], self._one(sign, signs))
        return _either(ways)

    def _one(self, sign: str, signs: list[str]) -> _Node:
        if sign in ("(", "["):
            node = self._choice(signs)
            signs.pop()
            return node if sign == "(" else _Choice((node, _NOTHING))
        if sign[0] == "<":
            key, _, rule = sign[1:-1].partition(":")
            return _Slot(key, rule or key)
        if sign[0] == "@":
            return self._fragment(sign[1:])
        return _Word(frozenset({sign.replace("\\", "")}))


@dataclass(frozen=True, slots=True)
class Parse:
    """One sentence under a grammar. What a rule finds at a token is looked for once."""

    grammar: Grammar
    sentence: Sentence
    _found: dict[tuple[str, int], tuple[tuple[int, Any], ...]] = field(default_factory=dict)

    def meanings(self, rule: str, start: int = 0) -> list[Any]:
        """Return the different things that the sentence can mean from a token to its end."""
        end = len(self.sentence.tokens)
        return [value for stop, value in self.beginnings(rule, start) if stop == end]

    def beginnings(self, rule: str, start: int = 0) -> tuple[tuple[int, Any], ...]:
        """Return each token that the rule may end before, with what it then means."""
        key = (rule, start)
        if key not in self._found:
            found: list[tuple[int, Any]] = []
            for one in self._values(rule, start):
                if one not in found:
                    found.append(one)
            self._found[key] = tuple(found)
        return self._found[key]

    def _values(self, rule: str, at: int) -> Iterator[tuple[int, Any]]:
        tokens = self.sentence.tokens
        if terminal := self.grammar.terminals.get(rule):
            if at < len(tokens):
                yield from terminal(self.sentence, at)
            return
        first = tokens[at].word if at < len(tokens) else ""
        for starts, node in self.grammar.phrases(rule):
            if starts is not None and first not in starts:
                continue
            for stop, bound in self._match(node, at, {}):
                value = self.grammar.rules[rule].build(bound)
                if value is not None:
                    yield stop, value

    def _match(self, node: _Node, at: int, bound: Bound) -> Iterator[tuple[int, Bound]]:
        match node:
            case _Word(words):
                tokens = self.sentence.tokens
                if at < len(tokens) and tokens[at].word in words:
                    yield at + 1, bound
            case _Slot(key, rule):
                if key not in bound:
                    for stop, value in self.beginnings(rule, at):
                        yield stop, {**bound, key: value}
            case _Choice(ways):
                for way in ways:
                    yield from self._match(way, at, bound)
            case _Sequence(parts):
                yield from self._in_turn(parts, 0, at, bound)

    def _in_turn(
        self, parts: tuple[_Node, ...], done: int, at: int, bound: Bound
    ) -> Iterator[tuple[int, Bound]]:
        if done == len(parts):
            yield at, bound
            return
        for stop, more in self._match(parts[done], at, bound):
            yield from self._in_turn(parts, done + 1, stop, more)


def _joined(before: _Node, after: _Node) -> _Node:
    parts = before.parts if isinstance(before, _Sequence) else (before,)
    return after if not parts else _Sequence((*parts, after))


def _either(ways: list[_Node]) -> _Node:
    """Return the choice, its single words as one set."""
    words = frozenset(word for way in ways if isinstance(way, _Word) for word in way.words)
    others = tuple(way for way in ways if not isinstance(way, _Word))
    merged = (*((_Word(words),) if words else ()), *others)
    return merged[0] if len(merged) == 1 else _Choice(merged)


@cache
def _first_words(node: _Node) -> frozenset[str] | None:
    """Return the words that a phrase can begin with; None if it can begin with anything."""
    match node:
        case _Word(words):
            return words
        case _Choice(ways):
            return _union(_first_words(way) for way in ways)
        case _Sequence((first, *rest)):
            if _may_be_missing(first):
                return _union((_present(first), _first_words(_Sequence(tuple(rest)))))
            return _first_words(first)
    return None


def _may_be_missing(node: _Node) -> bool:
    return isinstance(node, _Choice) and _NOTHING in node.ways


def _present(node: _Node) -> frozenset[str] | None:
    ways = node.ways if isinstance(node, _Choice) else (node,)
    return _union(_first_words(way) for way in ways if way != _NOTHING)


def _union(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    united: frozenset[str] = frozenset()
    for one in sets:
        if one is None:
            return None
        united |= one
    return united
