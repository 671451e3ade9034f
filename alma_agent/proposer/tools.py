"""What the model can do: read the project as the draft has it, and stage edits on the draft.

Plain functions, wrapped for the SDK. Results are short text with line numbers; errors are the
toolset's own sentences. Nothing here writes a file.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import PurePosixPath
from typing import Any

from agents import FunctionTool, RunContextWrapper, function_tool

from toolset.checks import run_check
from toolset.draft import Draft
from toolset.encoding import is_python, newline_of
from toolset.errors import ToolsetError
from toolset.refactor.catalogue import KINDS, plan
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.requests import Rename
from toolset.refactor.spelling import about, read, usage
from toolset.replacing import with_line_ends_of
from toolset.structure import Structure, structure_of

_MAX_LINES = 400
_MAX_MATCHES = 60
_MAX_FILES = 300
_MAX_LINE_LENGTH = 300


@dataclass
class Desk:
    """What the tools of one run share: the draft, and what the task allows."""

    draft: Draft
    check: tuple[str, ...]
    check_timeout_s: float
    seconds_left: Callable[[], float] = lambda: math.inf
    evidence: Evidence | None = None
    edited_by_hand: bool = False


Context = RunContextWrapper[Desk]


def list_files(context: Context, pattern: str = "") -> str:
    """List the project's files.

    Args:
        pattern: Part of a path; empty for all files.
    """
    found = [str(path) for path in context.context.draft.files() if pattern in str(path)]
    return _listed(found, _MAX_FILES, "files") or "No file's path holds that."


def search_text(context: Context, text: str) -> str:
    """Find lines that hold a text, in all files. Upper and lower case are different.

    Args:
        text: The exact text, within one line.
    """
    draft = context.context.draft
    found = [
        f"{source.path}:{number}: {line.strip()[:_MAX_LINE_LENGTH]}"
        for source in draft.texts()
        if text in source.text
        for number, line in enumerate(source.text.split("\n"), 1)
        if text in line
    ]
    return _listed(found, _MAX_MATCHES, "lines") or "No line holds that text."


def outline_file(context: Context, path: str) -> str:
    """Show the classes, functions and imports of a Python file, with line numbers.

    Args:
        path: The file, from the project's root.
    """
    draft = context.context.draft
    return outline(structure_of(draft.read(_located(draft, path))))


def read_file(context: Context, path: str, first_line: int = 1, last_line: int = 0) -> str:
    """Show lines of a file, each with its number. At most 400 lines at once.

    Args:
        path: The file, from the project's root.
        first_line: The first line to show, counted from 1.
        last_line: The last line to show; 0 for the end of the file.
    """
    draft = context.context.draft
    lines = draft.read(_located(draft, path)).text.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    first = max(1, first_line)
    last = min(last_line or len(lines), len(lines), first + _MAX_LINES - 1)
    shown = "\n".join(f"{number}: {lines[number - 1]}" for number in range(first, last + 1))
    more = f"\n({len(lines)} lines in all)" if last < len(lines) else ""
    return (shown or "(no such lines)") + more


def replace_text(context: Context, path: str, old: str, new: str) -> str:
    """Replace one passage of a file. `old` must stand in the file exactly once.

    Args:
        path: The file, from the project's root.
        old: The passage as it stands, without line numbers.
        new: What to put in its place.
    """
    draft = context.context.draft
    line = draft.replace(_located(draft, path), old, new)
    context.context.edited_by_hand = True
    return f"Staged: {path}, line {line}."


def apply_patch(context: Context, patch: str) -> str:
    """Stage edits of several places or files at once: all of them, or none.

    Args:
        patch: A V4A patch (`*** Begin Patch`), a unified diff, or search/replace blocks.
    """
    touched = context.context.draft.patch(patch)
    context.context.edited_by_hand = True
    return f"Staged: {', '.join(str(path) for path in touched)}."


def write_file(context: Context, path: str, content: str) -> str:
    """Replace the whole text of a file that exists. Prefer replace_text for small changes.

    Args:
        path: The file, from the project's root.
        content: The whole new text.
    """
    draft = context.context.draft
    located = _located(draft, path)
    was = draft.read(located).text
    draft.write(located, with_line_ends_of(was, content, newline_of(was)))
    context.context.edited_by_hand = True
    return f"Staged: {path}, {len(content.splitlines())} lines."


def create_file(context: Context, path: str, content: str) -> str:
    """Create a new file.

    Args:
        path: The file, from the project's root; it must not exist yet.
        content: Its text.
    """
    draft = context.context.draft
    draft.create(_located(draft, path), content)
    context.context.edited_by_hand = True
    return f"Staged: new file {path}."


def delete_file(context: Context, path: str) -> str:
    """Delete a file.

    Args:
        path: The file, from the project's root.
    """
    draft = context.context.draft
    draft.delete(_located(draft, path))
    context.context.edited_by_hand = True
    return f"Staged: {path} deleted."


def rename_symbol(context: Context, old: str, new: str, path: str = "") -> str:
    """Rename a function, method, class, variable, parameter or attribute in the whole project.

    Exact: same-named symbols elsewhere stay. Says which occurrences were left, to look at.

    Args:
        old: The present name; `Class.method` for a member.
        new: The new name.
        path: The file that defines it, if several files define the name; else empty.
    """
    desk = context.context
    located = _located(desk.draft, path) if path else None
    return _staged(desk, plan(desk.draft, Rename(f"{located}::{old}" if located else old, new)))


def refactor(context: Context, name: str, arguments: list[str]) -> str:
    """Carry out an exact refactoring in the whole project, uses included.

    Prefer it to edits by hand. Says which places were left, to look at.

    Args:
        name: The refactoring, as list_refactorings names it, such as move-symbol.
        arguments: What it takes, in order, options last, such as ["a.py::load", "b.py"].
    """
    desk = context.context
    return _staged(desk, plan(desk.draft, read(name, arguments)))


def list_refactorings(context: Context) -> str:  # noqa: ARG001
    """List the exact refactorings and what each takes."""
    return "\n".join(f"{usage(kind)}: {about(kind)}" for kind in KINDS.values())


def show_diff(context: Context) -> str:
    """Show the change as it is staged now."""
    return context.context.draft.changes().diff() or "Nothing is staged."


def run_checks(context: Context) -> str:
    """Run the project's check command on a private copy that holds the draft."""
    desk = context.context
    if not desk.check:
        return "No check command is configured. Go on without."
    report = run_check(
        desk.draft.workspace,
        desk.draft.changes(),
        desk.check,
        timeout_s=max(0.1, min(desk.check_timeout_s, desk.seconds_left())),
    )
    verdict = "passed" if report.passed else f"failed (exit code {report.exit_code})"
    return f"{shlex.join(report.command)}: {verdict}\n{report.output_tail}"


_FUNCTIONS: tuple[Callable[..., str], ...] = (
    list_files,
    search_text,
    outline_file,
    read_file,
    rename_symbol,
    list_refactorings,
    refactor,
    replace_text,
    apply_patch,
    write_file,
    create_file,
    delete_file,
    show_diff,
    run_checks,
)


def tools() -> list[FunctionTool]:
    """Return the tools in the form that the SDK takes."""
    return [function_tool(_in_turn(function)) for function in _FUNCTIONS]


def parameters(tool_name: str) -> str:
    """Return what a tool takes, with types, as the model should send it."""
    schemas = {tool.name: tool.params_json_schema["properties"] for tool in tools()}
    taken = schemas[tool_name].items()
    return ", ".join(f"{name} ({about['type']})" for name, about in taken) or "nothing"


def _in_turn(function: Callable[..., str]) -> Callable[..., Awaitable[str]]:
    """Make a function a coroutine: the SDK would run a plain one in a thread of its own.

    Several calls in one answer are then carried out one after the other, in the model's order.
    """

    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> str:
        return function(*args, **kwargs)

    return call


def told_to_model(error: Exception) -> str:
    """Return a tool's error as the model reads it."""
    if isinstance(error, ToolsetError):
        return str(error)
    return f"The tool failed ({type(error).__name__}: {error}). Try another way."


def outline(structure: Structure) -> str:
    """Return a file's symbols, a line each, indented by nesting."""
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


def _staged(desk: Desk, done: Refactoring) -> str:
    """Stage a refactoring; tell how sure it is, and what is left."""
    desk.draft.stage(done.changes)
    desk.evidence = done.evidence if desk.evidence is None else desk.evidence + done.evidence
    left = [f"{one.place} ({one.kind}): {one.text}" for one in done.evidence.leftovers]
    told = f"Staged: {done.title}; {done.evidence.summary()}."
    doubts = "".join(f"\nDoubt: {doubt}" for doubt in done.evidence.doubts)
    listed = f"\nLeft as they are:\n{_listed(left, 20, 'places')}" if left else ""
    return told + doubts + listed


def _located(draft: Draft, path: str) -> PurePosixPath:
    # Models like to write "./app.py" and "a/app.py" (from a diff's header); only the first is safe.
    return draft.workspace.locate(re.sub(r"^\./", "", path.strip()))


def _listed(lines: list[str], limit: int, what: str) -> str:
    more = f"\n({len(lines) - limit} more {what}; ask more narrowly)" if len(lines) > limit else ""
    return "\n".join(lines[:limit]) + more
