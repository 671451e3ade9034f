"""Which format a reply is in, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolset.errors import MalformedEdit
from toolset.formats import search_replace, unified, v4a, whole_file
from toolset.formats.operations import Operation, Parsed
from toolset.formats.whole_file import names_whole_file

_OF_AN_EDIT = re.compile(
    r"@@(?: |$)|\s*(?:<{5,9}|>{5,9}) ?[A-Za-z]+\s*$"
    r"|\s*\*\*\* (?:(?:Add|Update|Delete) File:|Move to:|End Patch)"
)
_FORMATS = {  # how each is read, and an example of it
    "v4a": (v4a.parse_v4a, v4a.EXAMPLE),
    "blocks": (search_replace.parse_blocks, search_replace.EXAMPLE),
    "unified": (unified.parse_unified, unified.EXAMPLE),
}


def parse(reply: str) -> tuple[Operation, ...]:
    """Read the edits in a model's reply, in whichever format it has.

    Raises MalformedEdit, which shows how the format is written; with an example of blocks if there
    is no edit in the reply at all. Also for two formats in one reply: nothing is left out unsaid.
    """
    lines = [line.removesuffix("\r") for line in reply.split("\n")]
    format_ = _format_of(lines)
    if format_ is not None:
        read, example = _FORMATS[format_]
        parsed = read(reply)
        _require_nothing_left(parsed, example)
        return parsed.operations
    at = next((n for n, line in enumerate(lines) if line == "@@" or line.startswith("@@ ")), None)
    if at is not None:
        parsed = v4a.parse_bare_hunks("\n".join(reply.split("\n")[at:]))
        _require_nothing_left(Parsed(parsed.operations, [*lines[:at], *parsed.rest]), v4a.EXAMPLE)
        return parsed.operations
    found = whole_file.parse_whole_files(reply)
    if not found:
        raise MalformedEdit("there is no edit in it", example=search_replace.EXAMPLE)
    return found


def holds_edit(reply: str) -> bool:
    """Say whether a reply is meant to edit: it holds a block, a patch, a diff or a named file."""
    lines = [line.removesuffix("\r") for line in reply.split("\n")]
    return _format_of(lines) is not None or names_whole_file(reply)


def _require_nothing_left(parsed: Parsed, example: str) -> None:
    """Raise MalformedEdit if what was not read looks as if it were an edit, too."""
    rest = parsed.rest
    if _format_of(rest) is not None or names_whole_file("\n".join(rest)):
        why = "edits of two formats are mixed; write all of them in one"
        raise MalformedEdit(why, example=example)
    if apart := next((line.strip() for line in rest if _OF_AN_EDIT.match(line)), None):
        why = f"{apart!r} looks like a part of an edit, and stands apart from it"
        raise MalformedEdit(why, example=example)


def _format_of(lines: Sequence[str]) -> str | None:
    """Return the format whose first marker comes first."""
    for at, line in enumerate(lines):
        if line.strip() == v4a.BEGIN:
            return "v4a"
        if search_replace.begins_block(line):
            return "blocks"
        if unified.begins(lines, at):
            return "unified"
    return None
