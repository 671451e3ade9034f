"""Which format a reply is in, and what it asks for."""

from __future__ import annotations

from toolset.errors import MalformedEdit
from toolset.formats import search_replace, unified, v4a, whole_file
from toolset.formats.operations import Operation


def parse(reply: str) -> tuple[Operation, ...]:
    """Read the edits in a model's reply, in whichever format comes first in it.

    Raises MalformedEdit, which shows how the format is written; with an example of blocks if there
    is no edit in the reply at all.
    """
    lines = [line.removesuffix("\r") for line in reply.split("\n")]
    for at, line in enumerate(lines):
        if line.strip() == v4a.BEGIN:
            return v4a.parse_v4a(reply)
        if search_replace.begins_block(line):
            return search_replace.parse_blocks(reply)
        if unified.looks_unified(lines[at : at + 2]) == 0:
            return unified.parse_unified(reply)
    if next((line for line in lines if line.strip()), "").startswith("@@"):
        return v4a.parse_bare_hunks(reply)
    found = whole_file.parse_whole_files(reply)
    if not found:
        raise MalformedEdit("there is no edit in it", example=search_replace.EXAMPLE)
    return found
