"""Python that is written in a sentence: parameters, expressions, literals, types."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from alma_agent.proposer.phrases.names import is_word_of_prose
from alma_agent.proposer.phrases.tokens import Sentence


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as it is written in Python; `annotation` and `default` may be empty."""

    name: str
    annotation: str
    default: str


def parameter(sentence: Sentence, at: int) -> Iterator[tuple[int, Parameter]]:
    """`name=default` or `name: annotation = default`, over as many words as it takes."""
    token = sentence.tokens[at]
    if token.quote:
        if found := _parameter(token.text):
            yield at + 1, found
        return
    for stop in range(at + 1, min(at + 16, len(sentence.tokens)) + 1):
        if found := _parameter(sentence.written(at, stop)):
            yield stop, found


def _parameter(text: str) -> Parameter | None:
    if "=" not in text or len(text) > _LONGEST_CODE:
        return None
    parsed = _parsed(f"def f(*, {text}): pass", "exec")
    match getattr(parsed, "body", None):
        case [ast.FunctionDef(args=ast.arguments(kwonlyargs=[one], kw_defaults=[default]) as args)]:
            if default is None or args.kwarg or args.args or args.posonlyargs:
                return None
            annotation = ast.unparse(one.annotation) if one.annotation else ""
            written = text[text.index("=", len(one.arg)) + 1 :].strip() if not annotation else None
            return Parameter(one.arg, annotation, written or _source(text, default))
    return None


def _source(text: str, node: ast.expr) -> str:
    """Return a default as it was written; `node` stands in the one line of `_parameter`."""
    line = f"def f(*, {text}): pass".encode()
    return line[node.col_offset : node.end_col_offset].decode()


_LONGEST_CODE = 400


def _parsed(text: str, mode: str) -> Any:
    try:
        return ast.parse(text, mode=mode)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def is_expression(text: str) -> bool:
    return bool(text.strip()) and len(text) <= _LONGEST_CODE and _parsed(text, "eval") is not None


def is_literal(text: str) -> bool:
    """Whether it is a number, a text, True, None, or a container of these."""
    if not is_expression(text):
        return False
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def expression(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A quoted Python expression; in '...' or "..." one that is no plain word or number."""
    token = sentence.tokens[at]
    if token.quote and is_expression(token.text):
        if token.quote in "'\"" and (token.text.isidentifier() or is_literal(token.text)):
            return
        yield at + 1, token.text.strip()


def literal(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A literal as Python writes it: `3600`, "utf-8" or a bare number, True, None."""
    token = sentence.tokens[at]
    if token.quote and token.quote in "'\"":
        if not is_literal(token.text):  # "30" may be the text or the number
            yield at + 1, sentence.text[token.start : token.end]
    elif is_literal(token.text):
        yield at + 1, token.text.strip()


def default(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A default in words: a literal, or quoted Python, or what can only be Python."""
    yield from literal(sentence, at)
    token = sentence.tokens[at]
    is_code = token.quote in ("`", "«") or any(mark in token.text for mark in "._()[]")
    is_prose = bool(token.quote) and token.quote in "'\""
    if is_code and not is_prose and not is_literal(token.text) and is_expression(token.text):
        yield at + 1, token.text.strip()


def annotation(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A type, over as many words as it takes: `dict[str, int] | None`."""
    token = sentence.tokens[at]
    if token.quote:
        if token.quote == "`" and is_expression(token.text):
            yield at + 1, token.text.strip()
        return
    if is_word_of_prose(token.word):
        return
    for stop in range(at + 1, min(at + 6, len(sentence.tokens)) + 1):
        text = sentence.written(at, stop)
        if re.fullmatch(r"[\w.\[\], |]+", text) and is_expression(text) and not is_literal(text):
            yield stop, text


TERMINALS: dict[str, Callable[[Sentence, int], Iterator[tuple[int, Any]]]] = {
    "annotation": annotation,
    "default": default,
    "expression": expression,
    "literal": literal,
    "parameter": parameter,
}
