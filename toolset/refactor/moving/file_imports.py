"""Every import of a file and every use of what it binds, to the character.

Read from the syntax tree alone. A chain like `pkg.io.load` is followed from the imports that bind
its first name in the scope that it belongs to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from toolset.checks import parse
from toolset.imports import Imported
from toolset.refactor.evidence import Place
from toolset.refactor.moving.name_bindings import Bindings, Scope
from toolset.workspace import SourceFile

_SPACE = r"(?:[ \t\f]|\\\r?\n)"
_FROM = re.compile(rf"from({_SPACE}*)((?:[.\w]|{_SPACE})+?){_SPACE}*\bimport\b")
_DOTTED = re.compile(rf"\w+(?:{_SPACE}*\.{_SPACE}*\w+)*")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One imported name where it stands; a star has the name `*`.

    `module` spans the module's name with its dots, `name` the imported name, `item` the name with
    its alias, `statement` all of it. For a plain import, `name` and `module` are the same. What is
    lazy is not run when the module is: it stands in a function, or is for type checkers.
    """

    imported: Imported
    node: ast.Import | ast.ImportFrom
    module: Span
    name: Span
    item: Span
    statement: Span
    index: int
    is_lazy: bool

    @property
    def is_alone(self) -> bool:
        return len(self.node.names) == 1


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A name with the attributes taken of it: `pkg.io.load`, with where each part stands.

    `imports` are those that bind the first name; `is_mixed` says that other code binds it too.
    """

    names: tuple[str, ...]
    spans: tuple[Span, ...]
    is_stored: bool
    imports: tuple[Standing, ...]
    is_mixed: bool


class FileImports:
    """The imports of one Python file that parses."""

    def __init__(self, source: SourceFile) -> None:
        self.source, self.text, self.path = source, source.text, source.path
        self.tree = parse(source.path, source.state)
        self._lines = source.text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def offset(self, line: int, column: int) -> int:
        """Return the character at a line, from 1, and a column, from 0, in UTF-8 bytes."""
        text = self._lines[line - 1]
        shift = column if text.isascii() else len(text.encode()[:column].decode())
        return self._starts[line - 1] + shift

    def span(self, node: ast.stmt | ast.expr | ast.alias) -> Span:
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return self.offset(node.lineno, node.col_offset), end

    def place(self, offset: int) -> Place:
        line = self.text.count("\n", 0, offset) + 1
        return Place(self.path, line, offset - self._starts[line - 1])

    def line(self, offset: int) -> str:
        return self._lines[self.text.count("\n", 0, offset)].strip()

    @cached_property
    def names(self) -> tuple[Standing, ...]:
        """Every imported name, in source order."""
        found = (one for node, lazy in _imports(self.tree) for one in self._standing(node, lazy))
        return tuple(sorted(found, key=lambda one: one.item))

    @cached_property
    def bindings(self) -> Bindings:
        return Bindings(self.tree)

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """Every name that an import binds, with its attributes, each at its full length."""
        by_alias = {
            id(alias): one
            for one in self.names
            for index, alias in enumerate(one.node.names)
            if index == one.index
        }
        found = (self._chain(*read, by_alias) for read in self.bindings.reads)
        return tuple(sorted((c for c in found if c), key=lambda chain: chain.spans))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name that is read or bound in the file, in any scope."""
        read = {root.id for _, root, _ in self.bindings.reads}
        bound = {name for one in self.bindings.scopes for name in (*one.imports, *one.others)}
        declared = {name for one in self.bindings.scopes for name in one.declared}
        return frozenset(read | bound | declared)

    @cached_property
    def exported(self) -> frozenset[str]:
        """The names that `__all__` lists, as far as they are written out."""
        nodes = [
            node
            for node in self.tree.body
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr)
            and any(isinstance(one, ast.Name) and one.id == "__all__" for one in ast.walk(node))
        ]
        return frozenset(
            one.value
            for node in nodes
            for one in ast.walk(node)
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )

    def scope_of(self, one: Standing) -> Scope:
        """Return the scope in which an import binds its name."""
        alias = one.node.names[one.index]
        return next(
            scope
            for scope in self.bindings.scopes
            if any(alias is found for found in scope.imports.get(one.imported.bound, ()))
        )

    def _standing(self, node: ast.Import | ast.ImportFrom, lazy: bool) -> Iterator[Standing]:
        statement = self.span(node)
        module, path = (0, 0), ""
        if isinstance(node, ast.ImportFrom):
            if match := _FROM.match(self.text, statement[0]):
                module = match.span(2)
            path = "." * node.level + (node.module or "")
        for index, alias in enumerate(node.names):
            item = self.span(alias)
            written = _DOTTED.match(self.text, item[0])
            name = written.span() if written else item
            plain = isinstance(node, ast.Import)
            dotted, taken = (alias.name, None) if plain else (path, alias.name)
            imported = Imported(dotted, taken, alias.asname)
            yield Standing(
                imported, node, name if plain else module, name, item, statement, index, lazy
            )

    def _chain(
        self,
        node: ast.Name | ast.Attribute,
        first: ast.Name,
        scope: Scope,
        by_alias: dict[int, Standing],
    ) -> Chain | None:
        home = scope.home(first.id)
        imports = tuple(by_alias[id(alias)] for alias in home.imports.get(first.id, ()))
        if not imports:
            return None
        names: list[str] = []
        spans: list[Span] = []
        one: ast.expr = node
        while isinstance(one, ast.Attribute):
            end = self.span(one)[1]
            names.append(one.attr)
            spans.append((end - len(one.attr), end))
            one = one.value
        return Chain(
            tuple(reversed([*names, first.id])),
            tuple(reversed([*spans, self.span(first)])),
            not isinstance(node.ctx, ast.Load),
            imports,
            bool(home.others.get(first.id)),
        )


def is_checking(test: ast.expr) -> bool:
    """Say whether a condition is `TYPE_CHECKING`."""
    return ast.unparse(test).rpartition(".")[2] == "TYPE_CHECKING"


def _imports(
    node: ast.AST, *, lazy: bool = False
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, lazy
        elif isinstance(child, ast.If) and is_checking(child.test):
            yield from _imports(ast.Module(child.body, []), lazy=True)
            yield from _imports(ast.Module(child.orelse, []), lazy=lazy)
        elif not isinstance(child, ast.expr):
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _imports(child, lazy=lazy or function)
