"""Whether `X | Y` can be evaluated: only types, and None, can be joined so at run time.

`Optional["A"]`, `Optional[any]` and `Optional[threading.Lock]` are no errors; `"A" | None` is one,
and so are the others.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from toolset.refactor.modernising.bindings import imports_of, is_bound
from toolset.refactor.tidying.standard_modules import made_for_effects

_ONCE_FUNCTIONS = frozenset({"threading.Lock"})  # a class from Python 3.13 on
_KNOWN_FORMS = ("typing.", "typing_extensions.", "collections.abc.")


def can_join(tree: ast.Module, code: str) -> bool:
    """Say whether no part of the unions in `code` is known to be something else than a type."""
    return not any(_is_type(tree, part, frozenset()) is False for part in _parts(code))


def unknown_parts(tree: ast.Module, code: str, classes: AbstractSet[str]) -> bool:
    """Say whether a part may be something else; `classes` are known to be classes by their name."""
    return any(_is_type(tree, part, classes) is None for part in _parts(code))


def _parts(code: str) -> Iterator[ast.expr]:
    for node in ast.walk(ast.parse(f"({code})", mode="eval")):
        if isinstance(node, ast.BinOp):
            yield from (one for one in (node.left, node.right) if not isinstance(one, ast.BinOp))


def _is_type(tree: ast.Module, node: ast.expr, classes: AbstractSet[str]) -> bool | None:
    """Say whether an expression is a type; None if that cannot be known."""
    match node:
        case ast.Constant(value=value):
            return value is None
        case ast.Subscript(value=of):
            return _is_type(tree, of, classes)
    dotted = ast.unparse(node)
    if not dotted.replace(".", "").isidentifier():
        return None
    root, _, rest = dotted.partition(".")
    if root in (imported := imports_of(tree)):
        full = f"{imported[root]}.{rest}" if rest else imported[root]
        return True if full.rpartition(".")[2] in classes else _is_imported_type(full)
    if not is_bound(tree, root) and hasattr(builtins, dotted):
        return isinstance(getattr(builtins, dotted), type)
    return True if dotted in classes else None


def _is_imported_type(full: str) -> bool | None:
    """Ask Python itself what a name of the standard library is."""
    module, _, name = full.rpartition(".")
    if full.startswith(_KNOWN_FORMS):
        return True
    if full in _ONCE_FUNCTIONS:
        return False
    is_standard = module.partition(".")[0] in sys.stdlib_module_names
    if not is_standard or made_for_effects(module):
        return None
    try:
        return isinstance(getattr(importlib.import_module(module), name), type)
    except (ImportError, AttributeError):
        return None
