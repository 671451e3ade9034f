"""rope, with two of its faults mended from outside; whoever uses rope imports it from here.

Both stand in rope 1.15, and make it fail on code that is quite usual.
"""

from __future__ import annotations

import ast

from rope.base.fscommands import FileSystemCommands
from rope.base.project import Project
from rope.base.pyscopes import Scope
from rope.base.utils import saveit
from rope.base.worder import Worder
from rope.refactor.occurrences import create_finder
from rope.refactor.rename import Rename

__all__ = ["FileSystemCommands", "Project", "Rename", "create_finder"]


def _is_name_in_header(finder: Worder, offset: int) -> bool:
    code: str = finder.code_finder.code
    start, _ = finder.get_word_range(offset)
    before = code[code.rfind("\n", 0, start) + 1 : start].split()
    return before in (["def"], ["class"], ["async", "def"])


# rope takes only `def` and `class` for a header, and so resolves no method that is `async def`.
Worder.is_a_class_or_function_name_in_header = _is_name_in_header


@saveit  # type: ignore[untyped-decorator]
def _region(scope: Scope) -> tuple[int, int]:
    """Return where a function, class or comprehension begins and ends, in characters."""
    node, module = scope.pyobject.get_ast(), scope.pyobject.get_module()
    source: str = module.source_code

    def offset(line: int, column: int) -> int:
        start = module.lines.get_line_start(line)
        return int(start) + len(source[start : start + column].encode()[:column].decode())

    nodes: list[ast.expr | ast.stmt] = [node, *getattr(node, "decorator_list", ())]
    first = min(nodes, key=lambda one: one.lineno)
    start = offset(first.lineno, first.col_offset)
    if first is not node:
        start = source.rfind("@", 0, start)
    return start, offset(node.end_lineno, node.end_col_offset)


def _in_region(scope: Scope, offset: int) -> bool:
    start, end = _region(scope)
    return bool(start < offset < end)


# rope walks over every token of the module for this, and stumbles over strings that stand side by
# side; the positions that Python gives are as good, and come at once.
Scope.in_region = _in_region
