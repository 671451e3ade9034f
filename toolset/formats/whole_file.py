"""Whole files: a name on a line of its own, and the text in a fence below it."""

from __future__ import annotations

from markdown_it import MarkdownIt

from toolset.errors import MalformedEdit
from toolset.formats.operations import Operation, WriteFile
from toolset.formats.search_replace import path_in

EXAMPLE = """\
app.py
```python
print("the whole new text of app.py")
```"""


def parse_whole_files(text: str) -> tuple[Operation, ...]:
    """Read every named fence; fences without a name are only talk. Raises MalformedEdit."""
    lines = text.replace("\r\n", "\n").split("\n")
    found: list[Operation] = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type != "fence" or token.map is None:
            continue
        first, end = token.map
        path = path_in(lines[first - 1]) if first else None
        if path is None:
            continue
        if not lines[end - 1].strip().startswith(token.markup) or end - 1 == first:
            raise MalformedEdit(f"the text of {path} breaks off", line=first + 1, example=EXAMPLE)
        found.append(WriteFile(path, token.content))
    return tuple(found)
