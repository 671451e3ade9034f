"""What a call of print() writes, as the arguments of a logger's method that writes the same.

A message without arguments is never interpolated by `logging`, so one value is passed on as it is;
several become a message of `%s`, with plain literals in it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Sequence

from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement
from toolset.refactor.tidying.import_removal import comments_in

_PLAIN = re.compile(r"(?P<quote>['\"])(?!['\"]{2})(?P<body>(?:[^\\\r\n]|\\[^\r\n])*)(?P=quote)")
_DROPPED = frozenset({"flush", "sep", "end", "file"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Unwritable(Exception):
    """A call of print() that no call of a logger can stand for; says why in a few words."""


def as_logging(positions: Positions, call: ast.Call, method: str) -> list[Replacement]:
    """Return the ranges that make of `print(...)` a call of `method`, such as `logger.info`.

    Raises Unwritable.
    """
    _require_writable(call)
    spans = _spans(positions, call)
    count = len(call.args)
    renamed = Replacement(positions.start(call.func), positions.end(call.func), method)
    if not call.keywords and count == 1:
        return [renamed]
    start, end = positions.end(call.func), positions.end(call)
    if comments_in(positions.text, start, end):
        raise Unwritable("print() with a comment inside")
    if "\n" not in positions.text[start:end]:
        codes = [positions.text[first:last] for first, last in spans[:count]]
        written = codes if count == 1 else _message(codes, _separator(positions, call, spans))
        first, last = spans[0][0], spans[-1][1]
        return [renamed, Replacement(first, last, ", ".join(written))]
    if call.keywords:
        raise Unwritable("print() with keywords over several lines")
    return [renamed, _inserted(positions, spans)]


def _require_writable(call: ast.Call) -> None:
    """Raise Unwritable for a call that is not one line of known values."""
    names = {one.arg: one.value for one in call.keywords}
    end = names.get("end", ast.Constant("\n"))
    flush = names.get("flush", ast.Constant(None))
    target = ast.unparse(names["file"]) if "file" in names else "sys.stdout"
    is_empty = len(call.args) == 1 and _is_constant(call.args[0], "")
    problems = {
        "print() of an empty line": not call.args or is_empty,
        "print() of a starred value": any(isinstance(one, ast.Starred) for one in call.args),
        "print() with keywords that are not known": not names.keys() <= _DROPPED,
        "print() that does not end its line": not _is_constant(end, "\n", None),
        "print() with a flush that is computed": not isinstance(flush, ast.Constant),
        "print() to a file": target not in ("sys.stdout", "sys.stderr", "stderr", "None"),
    }
    for problem, holds in problems.items():
        if holds:
            raise Unwritable(problem)


def _is_constant(node: ast.expr, *values: object) -> bool:
    return isinstance(node, ast.Constant) and node.value in values


def _spans(positions: Positions, call: ast.Call) -> list[tuple[int, int]]:
    """Return the range of each argument, with the parentheses around it. Raises Unwritable."""
    text, start = positions.text, positions.text.index("(", positions.end(call.func))
    inside = Positions(text[start : positions.end(call)])
    spans: list[tuple[int, int]] = []
    first: int | None = None
    depth = last = 0
    for token in tokenize.generate_tokens(io.StringIO(inside.text, newline="").readline):
        at = start + inside.offset(*token.start)
        closes = token.string in _CLOSING and token.type == tokenize.OP
        if (closes and depth == 1) or (token.string == "," and depth == 1):
            if first is not None:
                spans.append((first, last))
            first = None
        elif depth and token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE):
            first = at if first is None else first
            last = start + inside.offset(*token.end)
        depth += (token.type == tokenize.OP and token.string in _OPENING) - closes
        if not depth:
            break
    if len(spans) != len(call.args) + len(call.keywords):
        raise Unwritable("print() of a value with a comma of its own")
    return spans


def _separator(positions: Positions, call: ast.Call, spans: Sequence[tuple[int, int]]) -> str:
    """Return what stands between the values, as it is written in a literal."""
    for one, (_, end) in zip(call.keywords, spans[len(call.args) :], strict=True):
        if one.arg == "sep" and not _is_constant(one.value, None):
            plain = _PLAIN.fullmatch(positions.text[positions.start(one.value) : end])
            if plain is None or {"'", '"'} & set(plain["body"]):
                raise Unwritable("print() with a separator that is computed")
            return plain["body"].replace("%", "%%")
    return " "


def _message(codes: Sequence[str], separator: str) -> list[str]:
    """Return the arguments: a message with the plain literals in it, and the other values."""
    literals = [_PLAIN.fullmatch(code) for code in codes]
    quote = next((one["quote"] for one in literals if one), '"')
    parts, values = [], []
    for code, literal in zip(codes, literals, strict=True):
        if literal and literal["quote"] == quote and quote not in _unescaped(literal["body"]):
            parts.append(literal["body"].replace("%", "%%"))
        else:
            parts.append("%s")
            values.append(code)
    if not values:  # without a value, nothing is interpolated
        parts = [part.replace("%%", "%") for part in parts]
        separator = separator.replace("%%", "%")
    return [quote + separator.join(parts) + quote, *values]


def _unescaped(body: str) -> str:
    return re.sub(r"\\.", "", body)


def _inserted(positions: Positions, spans: Sequence[tuple[int, int]]) -> Replacement:
    """Return a message before the values, in a line of its own if they have theirs."""
    text, start = positions.text, spans[0][0]
    line_start = text.rfind("\n", 0, start) + 1
    indent = text[line_start:start]
    newline = "\r\n" if text[max(line_start - 2, 0) : line_start] == "\r\n" else "\n"
    after = f",{newline}{indent}" if not indent.strip() else ", "
    return Replacement(start, start, '"' + " ".join(["%s"] * len(spans)) + '"' + after)
