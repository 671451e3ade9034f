"""Which names a function's body speaks of, and which it could: by Python's own symbol tables."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterator
from typing import Any

from toolset.errors import RefactoringRefused
from toolset.refactor.signatures.uses import Definition, imported_as, leaf_at
from toolset.refactor.words import Word, find_words

_NAMELESS = ("lambda", "genexpr", "listcomp", "dictcomp", "setcomp")
_READ_ALL = ("locals", "vars", "eval", "exec", "dir")


class Bodies:
    """The functions of a text, in order; an edit of their parameters does not change the order."""

    def __init__(self, text: str) -> None:
        """Raise RefactoringRefused for what Python cannot compile."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                table = symtable.symtable(text, "<source>", "exec")
        except (SyntaxError, ValueError, RecursionError) as error:
            raise RefactoringRefused(f"Python cannot compile the file: {error}") from error
        self._tables = list(_functions(table))

    def ordinal(self, definition: Definition) -> int:
        """Return which of the functions a definition of this text is."""
        line = definition.node.name.start_pos[0]
        for index, table in enumerate(self._tables):
            if (table.get_name(), table.get_lineno()) == (definition.name, line):
                return index
        raise RefactoringRefused(
            f"{definition.word.place}: the def of {definition.name} cannot be read. "
            "Write `def` and the name on one line, one function a line."
        )

    def speaks_of(self, ordinal: int, name: str) -> bool:
        """Say whether the body, or a function in it, reads or binds `name` as that of the body."""
        table = self._tables[ordinal]
        if name in table.get_identifiers():
            symbol = table.lookup(name)
            if not symbol.is_parameter() or symbol.is_referenced() or symbol.is_assigned():
                return True
        return any(_reads_outer(child, name) for child in table.get_children())

    def reads_all(self, ordinal: int) -> str | None:
        """Return what in the body sees every local name by itself, such as `locals`."""
        return next((name for name in _READ_ALL if self.speaks_of(ordinal, name)), None)


def _functions(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        if isinstance(child, symtable.Function) and child.get_name() not in _NAMELESS:
            yield child
        yield from _functions(child)


def _reads_outer(table: symtable.SymbolTable, name: str) -> bool:
    if name in table.get_identifiers():
        symbol = table.lookup(name)
        return symbol.is_free() or symbol.is_global() or isinstance(table, symtable.Class)
    return any(_reads_outer(child, name) for child in table.get_children())


def names_read(expression: str) -> list[str]:
    """Return the names that an expression reads and does not bind itself."""
    nodes = list(ast.walk(ast.parse(expression, mode="eval")))
    bound = {one.arg for one in nodes if isinstance(one, ast.arg)}
    bound |= {o.id for o in nodes if isinstance(o, ast.Name) and not isinstance(o.ctx, ast.Load)}
    read = {one.id for one in nodes if isinstance(one, ast.Name)}
    return sorted(read - bound)


def is_bound_before(definition: Definition, name: str, *, when_called: bool = False) -> bool:
    """Say whether `name` has a value where the function is defined; `when_called`, at any time."""
    here = definition.word
    line = definition.node.start_pos[0]
    return any(
        word.kind == "name"
        and (word.binds or (word.imports and not imported_as(word)))
        and (when_called or (word.place.line < line and not _is_for_types_only(word)))
        and _is_seen_from(here.scope, word.scope, definition)
        for word in find_words([here.source], name)
    )


def _is_seen_from(scope: str, bound_in: str, definition: Definition) -> bool:
    """Say whether a scope is the one that the `def` stands in, the module, or between them."""
    if bound_in in ("", scope):
        return True
    node: Any = definition.owner or definition.node
    inside_function = any(
        one.type == "funcdef" and one.name.value == bound_in.rpartition(".")[2]
        for one in _around(node)
    )
    return f"{scope}.".startswith(f"{bound_in}.") and inside_function


def _is_for_types_only(word: Word) -> bool:
    return any(
        node.type == "if_stmt"
        and node.children[1].get_code(include_prefix=False).endswith("TYPE_CHECKING")
        for node in _around(leaf_at(word))
    )


def _around(node: Any) -> Iterator[Any]:
    while (node := node.parent) is not None:
        yield node
