"""Python's outline by `ast`: some hundred times faster than the full reading of `structure`.

Both say the same of names, kinds, lines and parameters; a test holds them to it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from toolset.checks import parse
from toolset.encoding import has_lone_return, line_count
from toolset.errors import DoesNotParse
from toolset.outline.values import FileOutline, OutlinedSymbol, Unread
from toolset.workspace import SourceFile

LANGUAGE = "python"
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SPLIT_HEADER = re.compile(r"\b(?:def|class|async)[ \t\f]*\\\r?\n")

# Only statements hold definitions, and of these only those that hold statements.
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.FunctionDef: ("body",),
    ast.AsyncFunctionDef: ("body",),
    ast.ClassDef: ("body",),
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.TryStar: ("body", "handlers", "orelse", "finalbody"),
    ast.ExceptHandler: ("body",),
    ast.Match: ("cases",),
    ast.match_case: ("body",),
}


def outline_python(source: SourceFile) -> FileOutline:
    """Outline one Python file; what does not parse is told in `error`, at the true line."""
    import complexipy  # late: what is in the cache needs no engine

    lines = line_count(source.text)
    try:
        tree = parse(source.path, source.state)
        if has_lone_return(source.text):
            raise DoesNotParse(source.path, None, "it ends lines with CR alone", would=False)
    except DoesNotParse as error:
        unread = Unread(error.line, error.message)
        return FileOutline(source.path, LANGUAGE, lines, error=unread)
    try:
        measured = complexipy.code_complexity(source.text)
    except ValueError:  # code that Python takes and complexipy does not
        complexity, by_line = None, {}
    else:
        complexity = measured.complexity
        by_line = {one.line_start: one.complexity for one in measured.functions}
    symbols = tuple(_symbols(tree, _Text(source.text), by_line))
    return FileOutline(source.path, LANGUAGE, lines, symbols, complexity)


class _Text:
    """The text beside its tree, for the two things that the tree does not say."""

    def __init__(self, text: str) -> None:
        self._text = text

    def first_line(self, node: _Definition) -> int:
        """Return the line of the first decorator's `@`: the tree gives its expression's."""
        if not node.decorator_list:
            return node.lineno
        first = min(one.lineno for one in node.decorator_list)
        while first > 1 and not self._lines[first - 1].lstrip().startswith("@"):
            first -= 1
        return first

    def name_line(self, node: _Definition) -> int:
        """Return the name's line: not that of `def`, if a backslash stands between."""
        if not self._has_split_headers:
            return node.lineno
        line = node.lineno
        name = re.compile(rf"(?<!\w){re.escape(node.name)}(?!\w)")
        while line < len(self._lines) and _continued(self._lines[line - 1], name):
            line += 1
        return line

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.split("\n")

    @cached_property
    def _has_split_headers(self) -> bool:
        return "\\" in self._text and bool(_SPLIT_HEADER.search(self._text))


def _continued(line: str, name: re.Pattern[str]) -> bool:
    """Say whether a definition's line breaks off before its name."""
    return line.rstrip("\r").endswith("\\") and not name.search(line)


def _symbols(
    tree: ast.Module, text: _Text, complexities: dict[int, int]
) -> Iterator[OutlinedSymbol]:
    # A stack of its own: a chain of a thousand `elif` is as deep a tree.
    waiting: list[tuple[ast.AST, str, bool]] = [(one, "", False) for one in _held(tree.body)]
    while waiting:
        node, inside, in_class = waiting.pop()
        if isinstance(node, _Definition):
            symbol = _symbol(node, inside, text, complexities, in_class=in_class)
            yield symbol
            inside, in_class = f"{symbol.qualified_name}.", isinstance(node, ast.ClassDef)
        for block in reversed(_BLOCKS[type(node)]):
            waiting.extend((one, inside, in_class) for one in _held(getattr(node, block)))


def _held(block: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield what may hold definitions, the last first: the first is to be taken from the stack."""
    return (node for node in reversed(block) if type(node) in _BLOCKS)


def _symbol(
    node: _Definition,
    inside: str,
    text: _Text,
    complexities: dict[int, int],
    *,
    in_class: bool,
) -> OutlinedSymbol:
    start = text.first_line(node)
    is_class = isinstance(node, ast.ClassDef)
    return OutlinedSymbol(
        name=node.name,
        qualified_name=inside + node.name,
        kind="class" if is_class else "method" if in_class else "function",
        start_line=start,
        end_line=node.end_lineno or node.lineno,
        name_line=text.name_line(node),
        parameters=() if isinstance(node, ast.ClassDef) else _parameters(node.args),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        cognitive_complexity=None if is_class else complexities.get(start),
    )


def _parameters(arguments: ast.arguments) -> tuple[str, ...]:
    names = [one.arg for one in arguments.posonlyargs]
    names += [one.arg for one in arguments.args]
    if arguments.vararg:
        names.append(f"*{arguments.vararg.arg}")
    names += [one.arg for one in arguments.kwonlyargs]
    if arguments.kwarg:
        names.append(f"**{arguments.kwarg.arg}")
    return tuple(names)
