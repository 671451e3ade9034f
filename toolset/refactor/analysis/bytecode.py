"""What Python compiles two texts to: the steps that can be seen from outside, in their order.

A second opinion on the order of evaluation, from the compiler instead of the syntax tree.
"""

from __future__ import annotations

import dis
import warnings
from collections.abc import Iterator
from types import CodeType

_SILENT = frozenset(
    {
        *("CACHE", "COPY", "COPY_FREE_VARS", "EXTENDED_ARG", "MAKE_CELL", "NOP", "NOT_TAKEN"),
        *("POP_TOP", "PRECALL", "PUSH_NULL", "RESUME", "SWAP"),
    }
)
_LOADS = ("LOAD_CONST", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_SMALL_INT")
_SAME = {"LOAD_METHOD": "LOAD_ATTR"}


def same_steps(before: str, after: str, name: str) -> bool:
    """Say whether two texts do the same in the same order, but for loading and storing `name`.

    Loads of names and constants do not count: they do nothing by themselves.
    """
    try:
        return list(_steps(_compiled(before), name)) == list(_steps(_compiled(after), name))
    except (SyntaxError, ValueError, RecursionError):
        return False


def _compiled(text: str) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(text, "<text>", "exec", dont_inherit=True, optimize=0)


def _steps(code: CodeType, name: str) -> Iterator[tuple[str, str]]:
    for step in dis.get_instructions(code):
        if step.opname in _SILENT or step.opname.startswith(_LOADS):
            continue
        if step.opname.startswith("STORE_") and step.argval == name:
            continue
        jump = step.opcode in dis.hasjrel or step.opcode in dis.hasjabs
        told = "" if jump or isinstance(step.argval, CodeType) else repr(step.argval)
        yield _SAME.get(step.opname, step.opname), told
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield "CODE", constant.co_name
            yield from _steps(constant, name)
