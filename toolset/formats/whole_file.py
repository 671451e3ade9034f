"""Whole files: a name on a line of its own, and the text in a fence below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from toolset.encoding import has_lone_return
from toolset.errors import MalformedEdit
from toolset.formats.names import path_in, path_in_fence, path_in_sentence
from toolset.formats.operations import Operation, WriteFile

EXAMPLE = """\
app.py
```python
print("the whole new text of app.py")
```"""
_MARKUP = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*(.*)")


def parse_whole_files(text: str) -> tuple[Operation, ...]:
    """Read every named fence; fences without a name are only talk. Raises MalformedEdit."""
    text = text.replace("\r\n", "\n")
    if has_lone_return(text) or "\0" in text:  # Markdown would change both
        return ()
    lines = text.split("\n")
    fences = [
        (token, path)
        for token in MarkdownIt("commonmark").parse(text)
        if token.type == "fence" and (path := _path_of(token, lines))
    ]
    starts = [token.map[0] if token.map else 0 for token, _ in fences]
    for (token, path), following in zip(fences, [*starts[1:], len(lines)], strict=False):
        _require_whole(token, lines[:following], path)
    return tuple(WriteFile(path, token.content) for token, path in fences)


def _path_of(token: Token, lines: Sequence[str]) -> str | None:
    first = token.map[0] if token.map else 0
    above = [line for line in lines[max(0, first - 2) : first] if line.strip()]
    named = (path_in(above[-1]) or path_in_sentence(above[-1])) if above else None
    return path_in_fence(token.info) or named


def _require_whole(token: Token, lines: Sequence[str], path: str) -> None:
    """Raise if the fence may end before its text does: at a fence of the text's own.

    `lines` are those before the next file's fence.
    """
    first, end = token.map or (0, 0)
    if not lines[end - 1].strip().startswith(token.markup) or end - 1 == first:
        raise MalformedEdit(f"the text of {path} breaks off", line=first + 1, example=EXAMPLE)
    is_open = True
    for number in range(first + 1, len(lines)):
        match = _MARKUP.fullmatch(lines[number])
        if not match or match[1][0] != token.markup[0] or len(match[1]) < len(token.markup):
            continue
        if is_open == bool(match[2]):
            why = f"the text of {path} has fences of its own; put it between longer ones"
            raise MalformedEdit(why, line=first + 1, example=EXAMPLE)
        is_open = not is_open
    if is_open:
        raise MalformedEdit(f"a fence after {path} breaks off", line=first + 1, example=EXAMPLE)
