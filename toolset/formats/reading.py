"""Which format a reply is in, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence

from toolset.errors import MalformedEdit
from toolset.formats import search_replace, unified, v4a, whole_file
from toolset.formats.operations import Operation, Parsed

_EXAMPLES = {"v4a": v4a.EXAMPLE, "blocks": search_replace.EXAMPLE, "unified": unified.EXAMPLE}


def parse(reply: str) -> tuple[Operation, ...]:
    """Read the edits in a model's reply, in whichever format it has.

    Raises MalformedEdit, which shows how the format is written; with an example of blocks if there
    is no edit in the reply at all. Also for two formats in one reply: nothing is left out unsaid.
    """
    lines = [line.removesuffix("\r") for line in reply.split("\n")]
    format_ = _format_of(lines)
    if format_ is not None:
        parsed = _parsed(format_, reply)
        if _format_of(parsed.rest) is not None:
            why = "edits of two formats are mixed; write all of them in one"
            raise MalformedEdit(why, example=_EXAMPLES[format_])
        return parsed.operations
    at = next((n for n, line in enumerate(lines) if line == "@@" or line.startswith("@@ ")), None)
    if at is not None:
        return v4a.parse_bare_hunks("\n".join(reply.split("\n")[at:]))
    found = whole_file.parse_whole_files(reply)
    if not found:
        raise MalformedEdit("there is no edit in it", example=search_replace.EXAMPLE)
    return found


def _parsed(format_: str, reply: str) -> Parsed:
    if format_ == "v4a":
        return v4a.parse_v4a(reply)
    return (
        search_replace.parse_blocks(reply) if format_ == "blocks" else unified.parse_unified(reply)
    )


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
