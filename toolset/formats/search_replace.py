"""Search/replace blocks: fenced or not, several a reply, several files, with line numbers or not.

    path/to/file.py
    <<<<<<< SEARCH
    :start_line:12
    -------
    old lines
    =======
    new lines
    >>>>>>> REPLACE

The name stands above the block or its fence; a block without one is for the file of the block
before. An empty search part makes a new file. A line of the text that looks like a marker is
written with a backslash in front.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolset.errors import MalformedEdit
from toolset.formats.names import (
    FENCE,
    path_in,
    path_in_fence,
    path_in_sentence,
    sources_in,
)
from toolset.formats.operations import AddFile, Block, Operation, Parsed, ReplaceIn

EXAMPLE = """\
app.py
<<<<<<< SEARCH
    return load(path)
=======
    return read_csv(path)
>>>>>>> REPLACE"""
_SEARCH = re.compile(r"<{5,9} ?SEARCH>?[ \t]*")
_DIVIDER = re.compile(r"={7}[ \t]*")
_REPLACE = re.compile(r">{5,9} ?REPLACE[ \t]*")
_ESCAPED = re.compile(r"\\(?=(?:<{5,9}|={5,9}|>{5,9}|-{7}))")
_START_LINE = re.compile(r":start_line:[ \t]*(\d{1,9})[ \t]*")
_END_LINE = re.compile(r":end_line:[ \t]*\d+[ \t]*")
_RULE = re.compile(r"-{7}[ \t]*")
_LOOKS_NUMBERED = re.compile(r"[ \t]*\d*[ \t]*\|(?: |$)")
_NUMBERED = re.compile(r"[ \t]*(\d{1,9}) ?\| ?(.*)")


def begins_block(line: str) -> bool:
    return bool(_SEARCH.fullmatch(line.removesuffix("\r")))


def parse_blocks(text: str) -> Parsed:
    """Read every block of a reply. Raises MalformedEdit."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    found: list[Operation] = []
    path: str | None = None
    between: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(lines):
        if not begins_block(lines[at]):
            if _REPLACE.fullmatch(lines[at]):
                raise MalformedEdit("a block ends that never began", line=at + 1, example=EXAMPLE)
            between.append(lines[at])
            at += 1
            continue
        path = _path_above(between, path, at)
        rest, between = rest + between, []
        block, at = _block(lines, at)
        _add(found, path, block, at)
    return Parsed(tuple(found), rest + between)


def _add(found: list[Operation], path: str | None, block: Block, at: int) -> None:
    if not block.old:
        if path is None:
            raise MalformedEdit("a new file has no name", line=at, example=EXAMPLE)
        found.append(AddFile(path, block.new))
    elif found and isinstance(last := found[-1], ReplaceIn) and last.path == path:
        found[-1] = ReplaceIn(path, (*last.blocks, block))
    else:
        found.append(ReplaceIn(path, (block,)))


def _path_above(between: Sequence[str], carried: str | None, at: int) -> str | None:
    """Return the file of a block: named right above it or its fence, or that of the block before.

    `between` are the lines since that one. Raises MalformedEdit if they name another file.
    """
    above = [line for line in between if line.strip()]
    fence = FENCE.fullmatch(above[-1]) if above else None
    if fence:
        above.pop()
    named = (path_in_fence(fence[1]) if fence else None) or (
        path_in(above[-1]) or path_in_sentence(above[-1]) if above else None
    )
    if named:
        return named
    others = {name for line in above if (name := path_in(line) or path_in_sentence(line))}
    if carried:
        mentioned = {name for line in above for name in sources_in(line)}
        others |= {name for name in mentioned if not f"/{carried}".endswith(f"/{name}")}
    if others - {carried}:
        why = f"it is not clear whether a block is for {' or '.join(sorted(others))}"
        raise MalformedEdit(f"{why}; name the file right above it", line=at + 1, example=EXAMPLE)
    return carried


def _block(lines: Sequence[str], at: int) -> tuple[Block, int]:
    """Read the block whose first marker is `lines[at]`; return it and the line after it."""
    end = next((n for n in range(at + 1, len(lines)) if _REPLACE.fullmatch(lines[n])), None)
    inner = next((n for n in range(at + 1, end or len(lines)) if begins_block(lines[n])), None)
    if end is None or inner is not None:
        raise MalformedEdit(
            "a block breaks off before '>>>>>>> REPLACE'", line=at + 1, example=EXAMPLE
        )
    dividers = [n for n in range(at + 1, end) if _DIVIDER.fullmatch(lines[n])]
    if len(dividers) != 1:
        why = "has no '=======' line" if not dividers else "has several '=======' lines"
        raise MalformedEdit(
            f"a block {why}; one that belongs to the text is written '\\======='",
            line=at + 1,
            example=EXAMPLE,
        )
    line, first = _line_number(lines, at + 1)
    old, new = lines[first : dividers[0]], lines[dividers[0] + 1 : end]
    return Block(_text(old), _text(new), line, _unnumbered(old, new)), end + 1


def _line_number(lines: Sequence[str], at: int) -> tuple[int | None, int]:
    match = _START_LINE.fullmatch(lines[at])
    if not match:
        return None, at
    at += 1
    at += bool(_END_LINE.fullmatch(lines[at]))
    at += bool(_RULE.fullmatch(lines[at]))
    return int(match[1]) or None, at


def _unnumbered(old: Sequence[str], new: Sequence[str]) -> tuple[str, str] | None:
    """Return both parts without `12 | ` in front of their lines, if the old part has that.

    Blank lines right below a marker are no part of a numbered text: they have no number.
    """
    bare_old = _without_numbers(old)
    if not bare_old:
        return None
    bare_new = _without_numbers(new)
    if bare_new is None:
        if any(_LOOKS_NUMBERED.match(line) for line in new):
            return None  # some lines are numbered and others not: no telling what is text
        first = next((n for n, line in enumerate(new) if line.strip()), len(new))
        bare_new = list(new[first:])
    return _text(bare_old), _text(bare_new)


def _without_numbers(lines: Sequence[str]) -> list[str] | None:
    matches = [_NUMBERED.fullmatch(line) for line in lines]
    numbered = [match for match in matches if match]
    numbers = [int(match[1]) for match in numbered]
    if (
        not lines
        or len(numbered) != len(lines)
        or numbers != list(range(numbers[0], numbers[0] + len(lines)))
    ):
        return None
    return [match[2] for match in numbered]


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{_ESCAPED.sub('', line, count=1)}\n" for line in lines)
