"""What a file defines, a line each with its numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from toolset.checks import parse
from toolset.encoding import is_python
from toolset.errors import PathRefused
from toolset.outline.repository import outline_of
from toolset.outline.values import OutlinedSymbol
from toolset.workspace import SourceFile

_SPOKEN = {"function": "def", "method": "def"}


def outline(source: SourceFile) -> str:
    """Return a file's imports (of Python) and symbols, indented by nesting.

    Raises DoesNotParse for invalid Python, PathRefused for what is in no known language.
    """
    found = outline_of(source)
    if found is None:
        raise PathRefused(source.path, "has no outline: it is in no language known here. Read it.")
    if not is_python(source.path):
        lines = [f"{source.path}: {found.lines} lines, {found.language}"]
        lines += (_line(one, one.kind, one.parameters) for one in found.symbols)
        unread = [f"(not wholly read: {found.error.message})"] if found.error else []
        return "\n".join([*lines, *unread])
    tree = parse(source.path, source.state)
    bases = _bases(tree)
    lines = [f"{source.path}: {found.lines} lines", *_imports(tree.body)]
    for one in found.symbols:
        inside = bases.get(one.name_line, []) if one.kind == "class" else one.parameters
        lines.append(_line(one, _SPOKEN.get(one.kind, one.kind), inside))
    return "\n".join(lines)


def _line(symbol: OutlinedSymbol, kind: str, inside: Sequence[str]) -> str:
    indent = "  " * symbol.qualified_name.count(".")
    takes = f"({', '.join(inside)})" if inside or kind == "def" else ""
    spoken = f"async {kind}" if symbol.is_async else kind
    return f"{symbol.start_line}-{symbol.end_line}: {indent}{spoken} {symbol.name}{takes}"


def _imports(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield f"{node.lineno}: {ast.unparse(node)}"
            case ast.Try():
                yield from _imports([*node.body, *(one for h in node.handlers for one in h.body)])
            case ast.If():
                yield from _imports([*node.body, *node.orelse])


def _bases(tree: ast.Module) -> dict[int, list[str]]:
    """Return what classes derive from, by the line of their name."""
    return {
        node.lineno: [ast.unparse(one) for one in (*node.bases, *node.keywords)]
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
