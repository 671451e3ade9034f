"""Which scope binds each name that a file reads, by Python's own rules of scopes.

Read from the syntax tree: modules, classes, functions, lambdas and comprehensions, with `global`
and `nonlocal`. It says what may be bound where, not what is bound when.
"""

# ruff: noqa: N815 (the methods that ast calls)

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class Scope:
    """One scope: the imports that bind names in it, and the nodes that bind names otherwise."""

    parent: Scope | None
    is_class: bool = False
    is_comprehension: bool = False
    imports: dict[str, list[ast.alias]] = field(default_factory=lambda: defaultdict(list))
    others: dict[str, list[ast.AST]] = field(default_factory=lambda: defaultdict(list))
    declared: dict[str, bool] = field(default_factory=dict)  # True for global, False for nonlocal
    has_star: bool = False

    def binds(self, name: str) -> bool:
        return name in self.imports or name in self.others

    @property
    def module(self) -> Scope:
        return self if self.parent is None else self.parent.module

    def home(self, name: str) -> Scope:
        """Return the scope that a name read or written here belongs to; the module's if none."""
        if self.declared.get(name):
            return self.module
        if self.binds(name) and name not in self.declared:
            return self
        outer = self.parent
        while outer is not None and outer.parent is not None:
            if not outer.is_class and (outer.declared.get(name) or outer.binds(name)):
                return outer.home(name)
            outer = outer.parent
        return self.module


class Bindings(ast.NodeVisitor):
    """The scopes of one module, and each name with its attributes, its first part, its scope."""

    def __init__(self, tree: ast.Module) -> None:
        self.module = self._here = Scope(None)
        self.reads: list[tuple[ast.Name | ast.Attribute, ast.Name, Scope]] = []
        self.scopes: list[Scope] = [self.module]
        self.visit(tree)
        for scope in self.scopes:
            _settle(scope)

    def visit_Name(self, node: ast.Name) -> None:
        self.reads.append((node, node, self._here))
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        if isinstance(inner, ast.Name):
            self.reads.append((node, inner, self._here))
        else:
            self.visit(inner)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self._here.has_star = True
            else:
                plain = isinstance(node, ast.Import)
                name = alias.name.partition(".")[0] if plain else alias.name
                self._here.imports[alias.asname or name].append(alias)

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node: _Function) -> None:
        self._bind(node.name, node)
        arguments = node.args
        self._each([*node.decorator_list, *_defaults(arguments)])
        with_types = list(getattr(node, "type_params", []))
        outer = self._enter(Scope(self._here))
        for one in _parameters(arguments):
            self._bind(one.arg, one)
        self._each(with_types)
        self._each(node.body)
        inner, self._here = self._here, outer
        hints = [one.annotation for one in _parameters(arguments) if one.annotation]
        if with_types:
            self._here = inner
        self._each([*hints, *([node.returns] if node.returns else [])])
        self._here = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._each(_defaults(node.args))
        outer = self._enter(Scope(self._here))
        for one in _parameters(node.args):
            self._bind(one.arg, one)
        self.visit(node.body)
        self._here = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, node)
        self._each([*node.decorator_list, *node.bases, *node.keywords])
        outer = self._here
        if types := list(getattr(node, "type_params", [])):
            self._enter(Scope(outer))
            self._each(types)
        self._enter(Scope(self._here, is_class=True))
        self._each(node.body)
        self._here = outer

    def _comprehension(self, node: _Comprehension) -> None:
        self.visit(node.generators[0].iter)
        outer = self._enter(Scope(self._here, is_comprehension=True))
        for index, generator in enumerate(node.generators):
            self._each([generator.target, *([generator.iter] if index else []), *generator.ifs])
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._each(parts)
        self._here = outer

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        here = self._here
        while self._here.is_comprehension and self._here.parent:
            self._here = self._here.parent
        self.visit(node.target)
        self._here = here

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._named(node, node.name)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self._named(node, node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._named(node, node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._named(node, node.rest)

    def visit_Global(self, node: ast.Global) -> None:
        self._here.declared.update(dict.fromkeys(node.names, True))

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self._here.declared.update(dict.fromkeys(node.names, False))

    def generic_visit(self, node: ast.AST) -> None:
        if type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            self._bind(node.name, node)  # type: ignore[attr-defined]
        super().generic_visit(node)

    def _named(self, node: ast.AST, name: str | None) -> None:
        if name:
            self._bind(name, node)
        super().generic_visit(node)

    def _bind(self, name: str, node: ast.AST) -> None:
        self._here.others[name].append(node)

    def _enter(self, scope: Scope) -> Scope:
        outer, self._here = self._here, scope
        self.scopes.append(scope)
        return outer

    def _each(self, nodes: Sequence[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)


def _settle(scope: Scope) -> None:
    """Give what `global` and `nonlocal` names are bound to, to the scope that they belong to."""
    for name in scope.declared:
        home = scope.home(name)
        if home is not scope:
            home.others[name] += scope.others.pop(name, [])
            home.imports[name] += scope.imports.pop(name, [])


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (one for one in (arguments.vararg, arguments.kwarg) if one)


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(one for one in arguments.kw_defaults if one)]
