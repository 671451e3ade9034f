"""What a formatted string is made of, whichever of three ways it is written in.

`"%s" % x`, `"{}".format(x)` and an f-string are read, each by its own grammar, into the same
pieces: text, and fields with an expression, a conversion and a format. Equal pieces mean the same
expressions, formatted the same way, in the same order.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

_PERCENT = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[#0 +-]*)(?P<width>\d*)(?:\.(?P<precision>\d*))?"
    r"(?P<type>[sraxXoeEfFgG%])"
)
_FIELD = re.compile(r"(?P<first>\w*)(?P<rest>(?:\.\w+|\[[^\]]+\])*)")
_STEP = re.compile(r"\.(\w+)|\[([^\]]+)\]")


class Unreadable(Exception):
    """A template that this room does not read, or that Python would not format."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value in a string. Two fields are equal if they are made of the same code."""

    code: str  # the expression, as ast.dump writes it
    conversion: str  # r, s, a, or empty
    format: tuple[str | Field, ...]
    value: ast.expr = field(compare=False)


Pieces = tuple[str | Field, ...]


def read_fstring(node: ast.expr) -> Pieces:
    """Return the pieces of an f-string. Raises Unreadable for anything else."""
    if not isinstance(node, ast.JoinedStr):
        raise Unreadable
    pieces: list[str | Field] = []
    for one in node.values:
        match one:
            case ast.Constant(value=str(text)):
                pieces.append(text)
            case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                shown = chr(conversion) if conversion > 0 else ""
                pieces.append(_field(value, shown, read_fstring(spec) if spec else ()))
            case _:
                raise Unreadable
    return _joined(pieces)


def read_format(call: ast.Call) -> Pieces:
    """Return the pieces of `"...".format(...)`. Raises Unreadable."""
    match call.func:
        case ast.Attribute(value=ast.Constant(value=str(template)), attr="format"):
            names = {one.arg: one.value for one in call.keywords if one.arg}
            if len(names) < len(call.keywords) or any(
                isinstance(a, ast.Starred) for a in call.args
            ):
                raise Unreadable
            arguments = {str(index): one for index, one in enumerate(call.args)} | names
            return _joined(_fields(template, arguments, iter(range(len(call.args)))))
    raise Unreadable


def read_percent(node: ast.BinOp) -> Pieces:
    """Return the pieces of `"..." % values`. Raises Unreadable.

    A right side that is no tuple and no dictionary is taken for one value.
    """
    if not (isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)):
        raise Unreadable
    values = _values(node.right)
    pieces: list[str | Field] = []
    done = used = 0
    for found in _PERCENT.finditer(template := node.left.value):
        pieces.append(_plain(template[done : found.start()]))
        done = found.end()
        if found["type"] == "%":
            if found.group() != "%%":
                raise Unreadable
            pieces.append("%")
            continue
        key = found["key"] if found["key"] is not None else str(used)
        used += found["key"] is None
        if key not in values or (found["key"] is not None) != isinstance(node.right, ast.Dict):
            raise Unreadable
        pieces.append(_percent_field(found, values[key]))
    if used < len(values) and not isinstance(node.right, ast.Dict):
        raise Unreadable
    return _joined([*pieces, _plain(template[done:])])


def arguments_of(node: ast.Call | ast.BinOp) -> list[ast.expr]:
    """Return the values that a call of `format`, or a `%`, is given, in the order of evaluation."""
    if isinstance(node, ast.Call):
        return [*node.args, *(one.value for one in node.keywords)]
    return list(_values(node.right).values())


def fields_of(pieces: Pieces) -> Iterator[Field]:
    """Yield the fields in the order in which an f-string evaluates them."""
    for one in pieces:
        if isinstance(one, Field):
            yield one
            yield from fields_of(one.format)


def _values(node: ast.expr) -> Mapping[str, ast.expr]:
    match node:
        case ast.Tuple(elts=values):
            if any(isinstance(one, ast.Starred) for one in values):
                raise Unreadable
            return {str(index): one for index, one in enumerate(values)}
        case ast.Dict(keys=keys, values=values):
            names = [one.value for one in keys if isinstance(one, ast.Constant)]
            if len(names) < len(keys) or len(set(names)) < len(names):
                raise Unreadable
            return {str(name): one for name, one in zip(names, values, strict=True)}
    return {"0": node}


def _plain(text: str) -> str:
    if "%" in text:
        raise Unreadable
    return text


def _percent_field(found: re.Match[str], value: ast.expr) -> Field:
    kind, flags, width = found["type"], found["flags"], found["width"]
    is_text = kind in "sra"
    align = "<" if "-" in flags else ">" if is_text and width else ""
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if is_text and set(flags) - {"-"}:
        raise Unreadable
    zero = "0" if "0" in flags and "-" not in flags else ""
    precision = f".{found['precision'] or 0}" if found["precision"] is not None else ""
    number = "" if is_text else kind
    spec = f"{align if width else ''}{sign}{'#' * ('#' in flags)}{zero}{width}{precision}{number}"
    return _field(value, kind if kind in "ra" else "", (spec,) if spec else ())


def _fields(
    template: str, arguments: Mapping[str, ast.expr], automatic: Iterator[int]
) -> Iterator[str | Field]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise Unreadable from error
    for text, name, spec, conversion in parts:
        yield text
        if name is not None:
            value = _looked_up(name, arguments, automatic)
            inner = _joined(_fields(spec or "", arguments, automatic))
            yield _field(value, conversion or "", inner)


def _looked_up(name: str, arguments: Mapping[str, ast.expr], automatic: Iterator[int]) -> ast.expr:
    found = _FIELD.fullmatch(name)
    if found is None:
        raise Unreadable
    first = found["first"] or str(next(automatic, "none left"))
    if first not in arguments:
        raise Unreadable
    value = arguments[first]
    for attribute, key in _STEP.findall(found["rest"]):
        if attribute:
            value = ast.Attribute(value, attribute, ast.Load())
        else:
            index = ast.Constant(int(key) if key.isdecimal() else key)
            value = ast.Subscript(value, index, ast.Load())
    return value


def _field(value: ast.expr, conversion: str, spec: tuple[str | Field, ...]) -> Field:
    return Field(ast.dump(value), conversion, spec, value)


def _joined(pieces: Iterator[str | Field] | list[str | Field]) -> Pieces:
    """Return the pieces with neighbouring texts made one, and empty ones left out."""
    joined: list[str | Field] = []
    for one in pieces:
        last = joined[-1] if joined else None
        if isinstance(one, str) and isinstance(last, str):
            joined[-1] = last + one
        elif one != "":
            joined.append(one)
    return tuple(joined)
