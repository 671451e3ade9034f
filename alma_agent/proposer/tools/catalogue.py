"""Which tools there are, by what they do."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from agents import FunctionTool

from alma_agent.proposer.tools.arguments import Parameters
from alma_agent.proposer.tools.calling import Function, as_tool
from alma_agent.proposer.tools.checking import finish, run_checks
from alma_agent.proposer.tools.editing import (
    apply_patch,
    create_file,
    delete_file,
    move_file,
    replace_text,
    write_file,
)
from alma_agent.proposer.tools.reading import outline_file, read_file, show_diff
from alma_agent.proposer.tools.refactoring import list_refactorings, refactor, rename_symbol
from alma_agent.proposer.tools.searching import find_code, list_files, search_text
from alma_agent.proposer.tools.symbols import find_references, read_symbol
from toolset.errors import ToolsetError

_READING: tuple[Function, ...] = (
    list_files,
    outline_file,
    read_file,
    read_symbol,
    search_text,
    find_references,
    find_code,
    show_diff,
    list_refactorings,
)
_EDITING: tuple[Function, ...] = (
    rename_symbol,
    refactor,
    replace_text,
    apply_patch,
    write_file,
    create_file,
    delete_file,
    move_file,
)
_CHECKING: tuple[Function, ...] = (run_checks,)
_FUNCTIONS = {one.__name__: one for one in (*_READING, *_EDITING, *_CHECKING, finish)}

READING = tuple(one.__name__ for one in _READING)
EDITING = tuple(one.__name__ for one in _EDITING)
CHECKING = tuple(one.__name__ for one in _CHECKING)
FINISH = finish.__name__


def tools(names: Collection[str] | None = None) -> list[FunctionTool]:
    """Return the tools in the form that the SDK takes: all, or those named; always in one order."""
    chosen = _FUNCTIONS if names is None else names
    return [_tool(name) for name in _FUNCTIONS if name in chosen]


def parameters(name: str) -> str:
    """Return what a tool takes, with types, as the model should send it. Raises KeyError."""
    return str(Parameters(_FUNCTIONS[name]))


def fits(name: str, arguments: str) -> bool:
    """Say whether a call can be carried out at all; of what is no tool of these, yes."""
    if name not in _FUNCTIONS:
        return True
    try:
        Parameters(_FUNCTIONS[name]).read(arguments)
    except ToolsetError:
        return False
    return True


@cache
def _tool(name: str) -> FunctionTool:
    return as_tool(_FUNCTIONS[name])
