"""What a file defines, a line each with its numbers."""

from __future__ import annotations

from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.errors import ToolsetError
from toolset.outline.values import FileOutline
from toolset.structure import Structure, structure_of


def outline(structure: Structure) -> str:
    """Return a Python file's imports and symbols, indented by nesting."""
    lines = [f"{structure.path}: {structure.lines} lines"]
    for one in structure.imports:
        name = f" import {one.name}" if one.name else ""
        lines.append(f"{one.line}: {'from' if one.name else 'import'} {one.module}{name}")
    for symbol in structure.symbols:
        indent = "  " * symbol.qualified_name.count(".")
        head = "class" if symbol.kind == "class" else "def"
        arguments = ", ".join(symbol.bases if symbol.kind == "class" else symbol.parameters)
        lines.append(
            f"{symbol.start_line}-{symbol.end_line}: {indent}{head} {symbol.name}({arguments})"
        )
    return "\n".join(lines)


def outline_or_nothing(draft: Draft, path: PurePosixPath | None) -> str:
    """Return the outline of a Python file that can be read; empty if there is none."""
    if path is None or not is_python(path):
        return ""
    try:
        return outline(structure_of(draft.read(path)))
    except ToolsetError:
        return ""


def outline_in_any_language(one: FileOutline) -> str:
    """Return the symbols of a file in another language."""
    lines = [f"{one.path}: {one.lines} lines, {one.language}"]
    for symbol in one.symbols:
        indent = "  " * symbol.qualified_name.count(".")
        lines.append(
            f"{symbol.start_line}-{symbol.end_line}: {indent}{symbol.kind} {symbol.name}"
            + (f"({', '.join(symbol.parameters)})" if symbol.parameters else "")
        )
    if one.error:
        lines.append(f"(not wholly read: {one.error.message})")
    return "\n".join(lines)
