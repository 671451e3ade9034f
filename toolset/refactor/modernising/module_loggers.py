"""The logger of a module: the one that it has, or a new one after its imports."""

from __future__ import annotations

import ast
from itertools import takewhile

from toolset.encoding import newline_of
from toolset.errors import RefactoringRefused
from toolset.imports import add_import
from toolset.refactor.modernising.bindings import bindings, is_bound
from toolset.refactor.positions import Positions

NEW_LOGGER = "logger"
_STATEMENT = "logger = logging.getLogger(__name__)"
_PLAIN = ast.Import | ast.ImportFrom | ast.Assign | ast.Pass


def find_logger(tree: ast.Module) -> tuple[str, ast.Assign] | None:
    """Return the name that a module gives its logger, and the statement; None if it has none."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)):
                made = ast.unparse(func) in ("logging.getLogger", "getLogger")
                if made and not name.startswith("__") and len(bindings(tree, name)) == 1:
                    return name, node
    return None


def with_logger(text: str) -> str:
    """Return the text with `logger = logging.getLogger(__name__)` after its first imports.

    Raises RefactoringRefused if it uses the name logging for something else, or imports it late.
    """
    if any(binding != "import logging" for binding in bindings(ast.parse(text), "logging")):
        raise RefactoringRefused("the name logging means something else.")
    text = add_import(text, "import logging")
    first, newline = _first_imports(ast.parse(text)), newline_of(text)
    if not any(is_bound(one, "logging") for one in first):
        raise RefactoringRefused("it imports logging below other code.")
    last = Positions(text).end(first[-1])
    line_end = text.find("\n", last)
    end = len(text) if line_end < 0 else line_end - (text[line_end - 1] == "\r")
    if text[last:end].strip() and not text[last:end].lstrip().startswith("#"):
        raise RefactoringRefused("an import shares its line.")
    rest = text[end:]
    gap = newline if rest.strip() and not rest.startswith(newline * 2) else ""
    return f"{text[:end]}{newline * 2}{_STATEMENT}{gap}{rest}"


def _first_imports(tree: ast.Module) -> list[ast.stmt]:
    """Return the imports that the file begins with; `try` and `if` around some are among them."""
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    return list(takewhile(_only_imports, body))


def _only_imports(node: ast.stmt) -> bool:
    if isinstance(node, ast.Try | ast.If):
        handlers = node.handlers if isinstance(node, ast.Try) else []
        bodies = [*node.body, *node.orelse, *(line for one in handlers for line in one.body)]
        has_import = any(isinstance(one, ast.Import | ast.ImportFrom) for one in bodies)
        return has_import and all(isinstance(one, _PLAIN) for one in bodies)
    return isinstance(node, ast.Import | ast.ImportFrom)
