"""Tools that stage edits by hand. Whether a path may be edited is asked before the draft is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from alma_agent.proposer.tools.desk import Desk
from alma_agent.proposer.tools.reading import Path, lines_of
from alma_agent.proposer.tools.showing import numbered
from toolset.checks import parse
from toolset.elision import refuse_elision
from toolset.encoding import is_python, newline_of
from toolset.errors import DoesNotParse, NotText
from toolset.formats.operations import names
from toolset.formats.reading import parse as operations_of
from toolset.replacing import with_line_ends_of

_AROUND, _MOST_SHOWN = 1, 12


def replace_text(
    desk: Desk,
    path: Path,
    old: Annotated[str, Field(description="The passage as it stands, without line numbers.")],
    new: Annotated[str, Field(description="What to put in its place; empty to delete it.")],
) -> str:
    """Replace one passage of a file. `old` must stand in the file exactly once."""
    located = desk.locate(path)
    desk.require_hand_edit(located)
    before = desk.state
    line = desk.draft.replace(located, old, new)
    shown = _shown(desk, located, line, new.count("\n") + 1)
    return _staged(desk, before, f"{located}, line {line}.\n{shown}", [located])


def apply_patch(
    desk: Desk,
    patch: Annotated[
        str,
        Field(
            description="A V4A patch (`*** Begin Patch`), a unified diff, or search/replace blocks."
        ),
    ],
) -> str:
    """Stage edits of several places or files at once: all of them, or none."""
    operations = operations_of(patch)
    # As the draft does it: a name looked at in another way might be another file.
    touched = [desk.draft.workspace.locate(name) for name in names(operations)]
    only = desk.task.file if any(one.path is None for one in operations) else None
    desk.require_hand_edit(*touched, *([only] if only else ()))
    before = desk.state
    staged = desk.draft.patch(patch, only=only)
    return _staged(desk, before, f"{', '.join(str(path) for path in staged)}.", staged)


def write_file(
    desk: Desk,
    path: Path,
    content: Annotated[str, Field(description="The whole new text.")],
) -> str:
    """Replace the whole text of a file that exists. Prefer replace_text for small changes."""
    located = desk.locate(path)
    desk.require_hand_edit(located)
    before = desk.state
    was = desk.draft.read(located).text
    refuse_elision(located, was, was, content)
    desk.draft.write(located, with_line_ends_of(was, content, newline_of(was)))
    return _staged(desk, before, f"{located}, {len(content.splitlines())} lines.", [located])


def create_file(
    desk: Desk,
    path: Annotated[str, Field(description="From the project's root; it must not exist yet.")],
    content: Annotated[str, Field(description="Its whole text.")],
) -> str:
    """Create a new file."""
    located = desk.locate(path)
    desk.require_hand_edit(located)
    before = desk.state
    desk.draft.create(located, content)
    return _staged(desk, before, f"new file {located}.", [located])


def delete_file(desk: Desk, path: Path) -> str:
    """Delete a file."""
    located = desk.locate(path)
    desk.require_hand_edit(located)
    before = desk.state
    desk.draft.delete(located)
    return _staged(desk, before, f"{located} deleted.", [])


def move_file(
    desk: Desk,
    path: Path,
    to: Annotated[str, Field(description="Its new path; nothing may be there yet.")],
) -> str:
    """Move or rename a file, text unchanged. For a Python module with importers use refactor."""
    old, new = desk.locate(path), desk.locate(to)
    desk.require_hand_edit(old, new)
    before = desk.state
    desk.draft.move(old, new)
    return _staged(desk, before, f"{old} is now {new}.", [])


def _staged(desk: Desk, before: int, what: str, touched: Sequence[PurePosixPath]) -> str:
    desk.edited_by_hand = True
    told = f"Staged: {what}"
    if desk.state == before:
        told += "\nThis changed nothing: the text was already so."
    for path in touched:
        told += _broken(desk, path)
    return told


def _broken(desk: Desk, path: PurePosixPath) -> str:
    """Return a warning if a file is no valid Python any more; the run goes on, to mend it."""
    state = desk.draft.state_of(path)
    if state is None or not is_python(path):
        return ""
    try:
        parse(path, state)
    except DoesNotParse as error:
        where = f", line {error.line}" if error.line else ""
        return f"\n{path} does not parse now{where}: {error.message}. Mend it."
    except NotText as error:
        return f"\n{error}"
    return ""


def _shown(desk: Desk, path: PurePosixPath, line: int, count: int) -> str:
    """Return the lines of an edit as they are now, and one on each side."""
    lines = lines_of(desk.draft, path)
    first = max(1, line - _AROUND)
    last = min(len(lines), line + count - 1 + _AROUND)
    if last - first >= _MOST_SHOWN or first > last:
        return ""
    return numbered(lines[:last], first, last).rpartition("\n(")[0]
