"""The functions and classes of a Python file that does not parse: those that parse alone.

The text is cut where a definition begins at the left margin; of a class that does not parse, the
methods are tried one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolset.normal_form import Symbol, Unparsable, symbols_of

_BEGINS = re.compile(rb"@|def\b|class\b|async[ \t]+def\b")
_DEFINES = re.compile(rb"def\b|class\b|async[ \t]+def\b")
_CLASS = re.compile(rb"class[ \t]+(\w+)")
_CLOSES = (b")", b"]", b"}", b"#")


def symbols_of_broken(data: bytes) -> dict[str, Symbol]:
    """Return what can be read of a file, by qualified name, at its true lines; "" is not in it."""
    lines = re.split(rb"\r\n|\r|\n", data)
    found: dict[str, Symbol] = {}
    for first, last in _blocks(lines, 0, len(lines), indent=0):
        symbols = _read(lines, first, last, before=b"")
        found |= symbols or _members(lines, first, last)
    return found


def _members(lines: list[bytes], first: int, last: int) -> dict[str, Symbol]:
    """Return what can be read of a class's body."""
    headers = (_CLASS.match(line) for line in lines[first:last])
    header = next((match for match in headers if match), None)
    bodies = [_indent(line) for line in lines[first:last] if line.strip() and _indent(line)]
    if header is None or not bodies:
        return {}
    found: dict[str, Symbol] = {}
    for start, end in _blocks(lines, first + 1, last, indent=min(bodies)):
        found |= _read(lines, start, end, before=b"class %s:" % header[1])
    name = header[1].decode()
    return {key: one for key, one in found.items() if key != name}


def _read(lines: list[bytes], first: int, last: int, *, before: bytes) -> dict[str, Symbol]:
    above = [b""] * first if not before else [*([b""] * (first - 1)), before]
    try:
        symbols = symbols_of(b"\n".join([*above, *lines[first:last]]))
    except Unparsable:
        return {}
    return {name: symbol for name, symbol in symbols.items() if name}


def _blocks(lines: list[bytes], first: int, last: int, *, indent: int) -> Iterator[tuple[int, int]]:
    """Yield from where to where each definition goes that begins at this depth."""
    start: int | None = None
    defined = False
    for number in range(first, last):
        line = lines[number]
        if not line.strip() or _indent(line) > indent:
            continue
        said = line.strip()
        if said.startswith(_CLOSES) and start is not None:
            continue
        if start is not None and defined:
            yield start, number
            start = None
        begins = _BEGINS.match(said) if _indent(line) == indent else None
        if start is None or not begins:
            start, defined = (number if begins else None), False
        defined = defined or bool(_DEFINES.match(said))
    if start is not None:
        yield start, last


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip())
