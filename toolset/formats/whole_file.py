"""Whole files: a name on a line of its own, and the text in a fence below it.

A name within a sentence does not count: such a fence shows something of the file, or about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from toolset.encoding import has_lone_return
from toolset.errors import MalformedEdit
from toolset.formats import unified
from toolset.formats.names import path_in, path_in_fence
from toolset.formats.operations import Operation, WriteFile

EXAMPLE = """\
app.py
```python
print("the whole new text of app.py")
```"""
_BARE = frozenset({"Makefile", "Dockerfile", "LICENSE", "README", "CHANGELOG", "Procfile"})
_TITLE = re.compile(r"\s*#+ +[A-Z]\w*\.(?:js|NET|io)\W*")  # "### Node.js"
_MARKUP = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*(.*)")


def parse_whole_files(text: str) -> tuple[Operation, ...]:
    """Read every named fence; fences without a name are only talk. Raises MalformedEdit."""
    text = text.replace("\r\n", "\n")
    if has_lone_return(text) or "\0" in text:  # Markdown would change both
        return ()
    lines = text.split("\n")
    fences = _named_fences(text)
    if twice := _first_twice([path for _, path in fences]):
        why = f"there are several texts for {twice}; write one, or blocks that each replace a part"
        raise MalformedEdit(why, example=EXAMPLE)
    starts = [token.map[0] if token.map else 0 for token, _ in fences]
    for (token, path), following in zip(fences, [*starts[1:], len(lines)], strict=False):
        _require_whole(token, lines[:following], path)
    return tuple(WriteFile(path, token.content) for token, path in fences)


def names_whole_file(text: str) -> bool:
    """Say whether there is a named fence with something in it."""
    return any(token.content.strip() for token, _ in _named_fences(text.replace("\r\n", "\n")))


def _named_fences(text: str) -> list[tuple[Token, str]]:
    lines = text.split("\n")
    return [
        (token, path)
        for token in MarkdownIt("commonmark").parse(text)
        if token.type == "fence" and (path := _path_of(token, lines))
    ]


def _path_of(token: Token, lines: Sequence[str]) -> str | None:
    first = token.map[0] if token.map else 0
    above = [line for line in lines[max(0, first - 2) : first] if line.strip()]
    named = path_in_fence(token.info) or (path_in(above[-1]) if above else None)
    if named is None or (above and _TITLE.fullmatch(above[-1])):
        return None
    last = named.replace("\\", "/").rpartition("/")[2]
    return named if "." in last[1:] or last in _BARE else None  # "OUTPUT:" is a heading


def _first_twice(paths: Sequence[str]) -> str | None:
    return next((path for at, path in enumerate(paths) if path in paths[:at]), None)


def _require_whole(token: Token, lines: Sequence[str], path: str) -> None:
    """Raise if the fence is a diff, or may end before its text does: at a fence of the text's own.

    `lines` are those before the next file's fence.
    """
    first, end = token.map or (0, 0)
    if token.info.split()[:1] in (["diff"], ["patch"]) and not path.endswith((".diff", ".patch")):
        why = f"the diff of {path} has no '@@' line"
        raise MalformedEdit(why, line=first + 1, example=unified.EXAMPLE)
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
