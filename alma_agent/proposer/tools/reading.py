"""Tools that show a file, and the draft."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from alma_agent.proposer.tools.desk import Desk
from alma_agent.proposer.tools.outlines import outline
from alma_agent.proposer.tools.secret_files import holds_secrets
from alma_agent.proposer.tools.showing import cut, numbered
from toolset.draft import Draft
from toolset.edits import ChangeSet

Path = Annotated[str, Field(description="The file, from the project's root.")]


def outline_file(desk: Desk, path: Path) -> str:
    """Show a file's imports, classes and functions, with line numbers."""
    shown = outline(desk.draft.read(desk.readable(path)))
    return cut(shown, "read_symbol shows one class or function")


def read_file(
    desk: Desk,
    path: Path,
    first_line: Annotated[int, Field(description="Counted from 1.")] = 1,
    last_line: Annotated[int, Field(description="0 for the end of the file.")] = 0,
) -> str:
    """Show lines of a file, each with its number, as the draft has them. At most 400 at once."""
    located = desk.readable(path)
    lines = lines_of(desk.draft, located)
    if not lines:
        return f"{located} is empty."
    first = max(1, first_line)
    last = min(last_line, len(lines)) if last_line > 0 else len(lines)
    if first > last:
        return f"There are no such lines: {located} has {len(lines)}."
    return numbered(lines, first, last, lambda line: f"read_file with first_line={line}")


def show_diff(desk: Desk) -> str:
    """Show the change as it is staged now."""
    changes = desk.draft.changes()
    shown = tuple(edit for edit in changes if not holds_secrets(edit.path))
    # A name of a move that is not shown would not be found.
    there = {edit.path for edit in shown}
    moves = tuple(one for one in changes.moves if {one.old, one.new} <= there)
    names = ", ".join(str(edit.path) for edit in shown[:50])
    rest = f"changed are {names[:2000]}; read_file shows them as staged"
    told = cut(ChangeSet(shown, moves).diff(), rest)
    if hidden := [str(edit.path) for edit in changes if holds_secrets(edit.path)]:
        told += f"\n({', '.join(hidden)} changed too; the content is not shown)"
    return told or "Nothing is staged."


def lines_of(draft: Draft, path: PurePosixPath) -> list[str]:
    """Return a file's lines, without their ends. Raises FileMissing, NotAFile, NotText."""
    lines = draft.read(path).text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]
