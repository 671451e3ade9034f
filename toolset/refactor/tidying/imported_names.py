"""The names that the import statements of a file bind, and what in the file may use them.

The answer comes from Python's own symbol table and syntax tree, and errs towards "used": strings in
types, doctests, type comments, parameters that may be fixtures, and code made of strings count.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from toolset.errors import RefactoringRefused
from toolset.refactor.positions import last_name

Function = ast.FunctionDef | ast.AsyncFunctionDef
_TYPING = frozenset({"cast", "TypeVar", "ForwardRef", "NewType", "NamedTuple", "TypedDict"})
_BY_NAME = frozenset(
    {"eval", "exec", "globals", "locals", "vars", "getattr", "usefixtures", "modules", "__dict__"}
)
_COMPUTED = frozenset({"eval", "exec", "globals", "locals", "vars"})
_LITERALS = (ast.List, ast.Tuple, ast.Set, ast.Constant, ast.Load, ast.Store, ast.BinOp, ast.Add)


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that an import binds; `parents` enclose its statement, the outermost first."""

    statement: ast.Import | ast.ImportFrom
    alias: ast.alias
    block: Sequence[ast.stmt]
    parents: tuple[ast.AST, ...]

    @property
    def bound(self) -> str:
        name = self.alias.name
        is_plain = isinstance(self.statement, ast.Import)
        return self.alias.asname or (name.partition(".")[0] if is_plain else name)

    @property
    def module(self) -> str:
        """Return the dotted module that is loaded, with its leading dots."""
        if isinstance(self.statement, ast.Import):
            return self.alias.name
        return "." * self.statement.level + (self.statement.module or "")

    @property
    def function(self) -> Function | None:
        """Return the function whose local name it is; None in a module or a class body."""
        found = self.scope
        return found if isinstance(found, Function) else None

    @property
    def scope(self) -> ast.AST:
        scopes = (Function, ast.ClassDef, ast.Module)
        return next(one for one in reversed(self.parents) if isinstance(one, scopes))

    @property
    def around(self) -> tuple[ast.AST, ...]:
        """Return what encloses the statement within its own scope."""
        return self.parents[self.parents.index(self.scope) + 1 :]


def imported_names(tree: ast.Module) -> Iterator[ImportedName]:
    """Yield each name that an import of the file binds, in order; `import *` binds none here."""
    yield from _names_in(tree, ())


def _names_in(node: ast.AST, parents: tuple[ast.AST, ...]) -> Iterator[ImportedName]:
    parents = (*parents, node)
    for _, value in ast.iter_fields(node):
        if not isinstance(value, list):
            continue
        for child in value:
            if isinstance(child, ast.Import | ast.ImportFrom):
                for alias in child.names:
                    if alias.name != "*":
                        yield ImportedName(child, alias, value, parents)
            elif isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
                yield from _names_in(child, parents)


class NameUses:
    """What may use a name of one file."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        """Raise RefactoringRefused for a file that parses, but that Python cannot compile."""
        self.text, self.tree = text, tree
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._table = symtable.symtable(text, "<source>", "exec")
        except (SyntaxError, ValueError, RecursionError) as error:
            raise RefactoringRefused(f"Python cannot compile the file: {error}") from error

    @cached_property
    def computes_names(self) -> bool:
        """Say whether the file looks up names that only the running program knows."""
        return bool(_COMPUTED & self._named)

    def reason(self, name: ImportedName) -> str | None:
        """Return in a few words what may use the name in its file; None if nothing does."""
        bound = name.bound
        if self._referenced(bound, name.function) or bound in self._in_annotations:
            return "used, by the symbol table"
        if bound in self._globals:
            return "declared global"
        if bound in self._parameters:
            return "also a parameter, maybe a fixture"
        if name.function is None and bound in self._exported:
            return "exported in __all__"
        if self._computes_all and name.function is None:
            return "maybe exported: __all__ is computed"
        return self._mentioned(bound)

    def _mentioned(self, bound: str) -> str | None:
        if bound in self._in_types:
            return "named in a string that is a type"
        word = re.escape(bound)
        if re.search(rf"(?m)#\s*type:(?!\s*ignore).*\b{word}\b", self.text):
            return "named in a type comment"
        if re.search(rf"(?m)^\s*(?:>>>|\.\.\.)\s.*\b{word}\b", self.text):
            return "named in a doctest"
        if bound in self._in_strings and _BY_NAME & self._named:
            return "named in a string"
        return None

    def _referenced(self, bound: str, function: Function | None) -> bool:
        tables = [self._table]
        if function is not None:
            tables = [
                table
                for table in _below(self._table)
                if table.get_type() == "function"
                and (table.get_name(), table.get_lineno()) == (function.name, function.lineno)
            ]
        if len(tables) != 1:  # two functions of one name in one line: who knows
            return True
        top = tables[0]
        for table in _below(top):
            if bound in table.get_identifiers() and (symbol := table.lookup(bound)).is_referenced():
                # A class body reads the name outside where it does not bind it first.
                reaches_out = symbol.is_free() if function else symbol.is_global()
                if table is top or reaches_out or table.get_type() == "class":
                    return True
        return False

    @cached_property
    def _named(self) -> set[str]:
        """Every name that is read, and every attribute."""
        names = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        return names | {
            node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)
        }

    @cached_property
    def _globals(self) -> set[str]:
        found = (one for one in ast.walk(self.tree) if isinstance(one, ast.Global | ast.Nonlocal))
        return {name for one in found for name in one.names}

    @cached_property
    def _parameters(self) -> set[str]:
        return {node.arg for node in ast.walk(self.tree) if isinstance(node, ast.arg)}

    @cached_property
    def _in_annotations(self) -> set[str]:
        return {
            node.id
            for annotation in _annotations(self.tree)
            for node in ast.walk(annotation)
            if isinstance(node, ast.Name)
        }

    @cached_property
    def _in_types(self) -> set[str]:
        """The names in strings that a type checker, or `get_type_hints`, would read as types."""
        places: list[ast.AST] = list(_annotations(self.tree))
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Subscript):
                places.append(node.slice)
            elif isinstance(node, ast.Call) and last_name(node.func) in _TYPING:
                places += [*node.args, *(one.value for one in node.keywords)]
        return {name for place in places for name in _names_in_strings(place)}

    @cached_property
    def _in_strings(self) -> set[str]:
        return set(_names_in_strings(self.tree))

    @cached_property
    def _about_all(self) -> list[ast.stmt]:
        return [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr)
            and any(isinstance(n, ast.Name) and n.id == "__all__" for n in ast.walk(node))
        ]

    @cached_property
    def _exported(self) -> set[str]:
        return {
            node.value
            for statement in self._about_all
            for node in ast.walk(statement)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    @cached_property
    def _computes_all(self) -> bool:
        return any(
            not isinstance(node, _LITERALS)
            for statement in self._about_all
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign) and statement.value
            for node in ast.walk(statement.value)
        )


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _below(child)


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as found) | ast.AnnAssign(annotation=found):
                yield found
            case ast.FunctionDef(returns=ast.expr() as found):
                yield found
            case ast.AsyncFunctionDef(returns=ast.expr() as found):
                yield found


def _names_in_strings(node: ast.AST) -> Iterator[str]:
    """Yield the names in each string that reads as an expression."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    read = ast.parse(one.value.strip(), mode="eval")
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            yield from (name.id for name in ast.walk(read) if isinstance(name, ast.Name))
