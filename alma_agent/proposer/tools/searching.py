"""Tools that find files and lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from alma_agent.proposer.tools.desk import Desk
from alma_agent.proposer.tools.patterns import Hit, search_lines
from alma_agent.proposer.tools.project_files import (
    files_named,
    is_glob,
    matching,
    project_files,
    texts,
)
from alma_agent.proposer.tools.showing import count, cut, listed, shortened

_MOST_FILES = 300
_MOST_LINES = 60
_LONGEST_LINE = 200
_SECONDS = 10.0
_MOST_NAMED = 10

Within = Annotated[str, Field(description="A file, folder or glob to search; empty for all.")]


def list_files(
    desk: Desk,
    pattern: Annotated[
        str, Field(description="Part of a path, or a glob such as `src/**/*.py`; empty for all.")
    ] = "",
) -> str:
    """List the project's files."""
    files = project_files(desk.draft)
    pattern = pattern.strip().removeprefix("./")
    named = matching(pattern, files) if is_glob(pattern) else ()
    found = [str(path) for path in named or files if named or pattern in str(path)]
    return (
        listed(found, _MOST_FILES, lambda left: f"({left} more files; ask with a longer pattern)")
        or "No file's path holds that."
    )


def search_text(
    desk: Desk,
    text: Annotated[str, Field(description="What to find; upper and lower case are different.")],
    path: Within = "",
    regex: Annotated[bool, Field(description="`text` is a regular expression (Python).")] = False,
) -> str:
    """Find the lines that hold a text, in all files or some; shown by file, with line numbers."""
    if not text:
        return "There is no text to find. Give one."
    sources = list(texts(desk.draft, files_named(desk, path)))
    bodies = [source.text.replace("\r\n", "\n") for source in sources]
    if regex:
        timeout_s = max(0.1, min(_SECONDS, desk.seconds_left()))
        hits = search_lines(text, bodies, timeout_s=timeout_s)
    else:
        hits = list(_literal(text.replace("\r\n", "\n"), bodies))
    return _shown(hits, [source.path for source in sources], bodies)


def find_code(
    desk: Desk,
    what: Annotated[str, Field(description="What it does, in a few words.")],
) -> str:
    """Find functions and classes by what they do, best first; for when you do not know the name."""
    if desk.find_code is None:
        return "Code is not indexed here. Use search_text, or list_files and outline_file."
    there = set(project_files(desk.draft))
    found = [one for one in desk.find_code(what) if one.path in there]
    lines = [f"{one.path}:{one.line}: {one.symbol}" for one in found]
    shown = "\n".join(line for line in lines if len(line) <= _LONGEST_LINE)
    return cut(shown, "ask more narrowly") or "Nothing like that was found. Use search_text."


def _literal(text: str, bodies: Sequence[str]) -> Iterator[Hit]:
    """Yield where a text begins, once for each line."""
    for number, body in enumerate(bodies):
        line, counted = 1, 0
        at = body.find(text)
        while at >= 0:
            line += body.count("\n", counted, at)
            counted = at
            yield Hit(number, line, at - body.rfind("\n", 0, at) - 1)
            end = body.find("\n", at)
            at = body.find(text, end + 1) if end >= 0 else -1


def _shown(hits: Sequence[Hit], paths: Sequence[PurePosixPath], bodies: Sequence[str]) -> str:
    if not hits:
        return "No line holds that text."
    shown: list[str] = []
    of_file, lines = -1, [""]
    for hit in hits[:_MOST_LINES]:
        if hit.text != of_file:
            of_file, lines = hit.text, bodies[hit.text].split("\n")
            shown.append(str(paths[of_file]))
        shown.append(f"  {hit.line}: {shortened(lines[hit.line - 1], hit.column, _LONGEST_LINE)}")
    left = hits[_MOST_LINES:]
    if left:
        counted = {paths[hit.text]: 0 for hit in left}
        for hit in left:
            counted[paths[hit.text]] += 1
        names = [f"{path} ({number})" for path, number in counted.items()]
        more = f" and {len(names) - _MOST_NAMED} other files" if len(names) > _MOST_NAMED else ""
        shown.append(
            f"({count(len(left), 'more line')}, in {', '.join(names[:_MOST_NAMED])}{more}; search "
            "with `path`, or for more of the line)"
        )
    return cut("\n".join(shown), "search with `path`, or for more of the line")
