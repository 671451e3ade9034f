"""A syntax tree written out as tokens, node by node.

A docstring counts by its lines, not by how far they are indented. Digests of the tokens are kept
for years, and must not change with the next Python: hence no `ast.dump`, and no field that only
some versions have.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

Part = str | ast.AST

_SAYS_NOTHING = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_PIECES = re.compile(r"[^\W\d]\w*|\d+|\s+|.", re.DOTALL)


def parts_of(node: ast.AST) -> list[Part]:
    """Return a node's kind and what it holds, each part behind its field's name."""
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            # a docstring, or a text that stands where a comment could
            return ["(Doc", *_words(_straightened(text)), ")"]
    parts: list[Part] = [f"({type(node).__name__}"]
    for name in node._fields:
        value = getattr(node, name, None)
        if value is None or name in _SAYS_NOTHING:
            continue
        for one in _held(node, value):
            parts.append(f".{name}")
            parts += _plain(one)
    parts.append(")")
    return parts


def _held(node: ast.AST, value: object) -> list[object]:
    if not isinstance(value, list):
        return [value]
    if isinstance(node, ast.Delete) and len(value) == 1 and isinstance(value[0], ast.Tuple):
        return list(value[0].elts)  # `del (a, b)` is what formatters write as `del a, b`
    if isinstance(node, ast.JoinedStr):  # versions of Python differ in whether they keep these
        return [one for one in value if not (isinstance(one, ast.Constant) and one.value == "")]
    return value


def _plain(value: object) -> list[Part]:
    if isinstance(value, ast.AST):
        return [value]
    if isinstance(value, str):
        return list(value.split("."))
    return [f"#{value}"]


def constant_tokens(value: object) -> list[str]:
    if isinstance(value, str):
        return ["(Str", *_words(value), ")"]
    shown = f"{value:x}" if isinstance(value, int) and not isinstance(value, bool) else ascii(value)
    return [f"#{type(value).__name__}:{shown}"]


def _words(text: str) -> Iterator[str]:
    """Cut a text: names in it follow their symbol when that is renamed."""
    return (piece if piece.isidentifier() else f"'{piece!a}" for piece in _PIECES.findall(text))


def _straightened(text: str) -> str:
    return "\n".join(line.rstrip() for line in inspect.cleandoc(text).split("\n")).strip()
