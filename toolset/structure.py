"""What a Python file consists of, by libcst: exact line ranges, scopes, complexity.

The full reading (positions and scopes) costs about a second per thousand lines, so it is for the
file in hand, and cached by the digest of its bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

import complexipy
import libcst as cst
from libcst.metadata import (
    ClassScope,
    ComprehensionScope,
    FunctionScope,
    GlobalScope,
    MetadataWrapper,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from toolset.checks import parse
from toolset.edits import Digest
from toolset.encoding import has_lone_return, line_count
from toolset.errors import DoesNotParse
from toolset.workspace import SourceFile

SymbolKind = Literal["class", "function", "method"]
ScopeKind = Literal["module", "class", "function", "comprehension"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A class, function or method.

    Lines count from 1, both ends included; `start_line` is that of the first decorator,
    `name_line` that of the name. `complexity` is cognitive complexity; None for a class, and for a
    function inside a function, whose complexity counts towards the outer one.
    """

    name: str
    qualified_name: str
    kind: SymbolKind
    start_line: int
    end_line: int
    name_line: int
    decorators: tuple[str, ...]
    parameters: tuple[str, ...]
    bases: tuple[str, ...]
    docstring: str | None
    is_async: bool
    complexity: int | None


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `module` as written (dots too), `name` None for a plain `import`."""

    module: str
    name: str | None
    alias: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """A name bound by assignment in a module or class body."""

    target: str
    annotation: str | None
    line: int


@dataclass(frozen=True, slots=True)
class ScopeInfo:
    """A namespace and the names bound in it. `qualified_name` is empty for the module."""

    kind: ScopeKind
    qualified_name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """One Python file. `complexity_score` is its cognitive complexity (complexipy)."""

    path: PurePosixPath
    docstring: str | None
    lines: int
    symbols: tuple[Symbol, ...]
    imports: tuple[Import, ...]
    assignments: tuple[Assignment, ...]
    scopes: tuple[ScopeInfo, ...]
    complexity_score: int

    @property
    def classes(self) -> tuple[Symbol, ...]:
        return tuple(symbol for symbol in self.symbols if symbol.kind == "class")

    @property
    def functions(self) -> tuple[Symbol, ...]:
        return tuple(symbol for symbol in self.symbols if symbol.kind != "class")

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists, ready for JSON."""
        return {
            **asdict(self),
            "path": str(self.path),
            "classes": [symbol.qualified_name for symbol in self.classes],
            "functions": [symbol.qualified_name for symbol in self.functions],
        }


_cache: OrderedDict[tuple[PurePosixPath, Digest], Structure] = OrderedDict()
_CACHED_FILES = 64


def structure_of(source: SourceFile) -> Structure:
    """Read one file. Raises DoesNotParse at the true line.

    Files that Python takes but libcst does not (CR-only line ends, thousands of chained operators)
    are DoesNotParse too; they are only looked at here, so nothing is harmed.
    """
    key = (source.path, source.digest)
    if key in _cache:
        _cache.move_to_end(key)
        return _cache[key]
    structure = _read(source)
    _cache[key] = structure
    if len(_cache) > _CACHED_FILES:
        _cache.popitem(last=False)
    return structure


def _read(source: SourceFile) -> Structure:
    parse(source.path, source.state)  # its messages are better than libcst's
    if has_lone_return(source.text):
        raise DoesNotParse(source.path, None, "it ends lines with CR alone", would=False)
    try:
        wrapper = MetadataWrapper(cst.parse_module(source.text), unsafe_skip_copy=True)
        reader = _Reader(_complexities(source.text))
        wrapper.visit(reader)
        scopes = set(wrapper.resolve(ScopeProvider).values()) - {None}
        complexity = complexipy.code_complexity(source.text).complexity
    except (cst.ParserSyntaxError, RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        why = (
            "it is nested too deeply" if deep else f"libcst or complexipy cannot read it ({error})"
        )
        raise DoesNotParse(source.path, None, why, would=False) from error
    return Structure(
        path=source.path,
        docstring=wrapper.module.get_docstring(),
        lines=line_count(source.text),
        symbols=tuple(reader.symbols),
        imports=tuple(reader.imports),
        assignments=tuple(reader.assignments),
        scopes=_scope_infos(scope for scope in scopes if scope is not None),
        complexity_score=complexity,
    )


def _complexities(text: str) -> dict[int, int]:
    """Return each outer function's cognitive complexity by its first line, decorators included."""
    functions = complexipy.code_complexity(text).functions
    return {function.line_start: function.complexity for function in functions}


class _Reader(cst.CSTVisitor):
    """Collect symbols, imports and assignments with their positions, in source order."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, complexities: dict[int, int]) -> None:
        super().__init__()
        self.symbols: list[Symbol] = []
        self.imports: list[Import] = []
        self.assignments: list[Assignment] = []
        self._complexities = complexities
        self._inside: list[cst.ClassDef | cst.FunctionDef] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._add(node, "class")

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:  # noqa: ARG002
        self._inside.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        in_class = bool(self._inside) and isinstance(self._inside[-1], cst.ClassDef)
        self._add(node, "method" if in_class else "function")

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:  # noqa: ARG002
        self._inside.pop()

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            self._add_import(alias, module=_code(alias.name), name=None)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = "." * len(node.relative) + (_code(node.module) if node.module else "")
        if isinstance(node.names, cst.ImportStar):
            self.imports.append(Import(module, "*", None, self._line(node)))
            return
        for alias in node.names:
            self._add_import(alias, module=module, name=_code(alias.name))

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._add_assignment(target.target, None)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._add_assignment(node.target, _code(node.annotation.annotation))

    def _add(self, node: cst.ClassDef | cst.FunctionDef, kind: SymbolKind) -> None:
        first, end = self._lines(node)
        start = min([first, *(self._line(one) for one in node.decorators)])
        self._inside.append(node)
        function = node if isinstance(node, cst.FunctionDef) else None
        self.symbols.append(
            Symbol(
                name=node.name.value,
                qualified_name=".".join(outer.name.value for outer in self._inside),
                kind=kind,
                start_line=start,
                end_line=end,
                name_line=self._line(node.name),
                decorators=tuple(_code(one.decorator) for one in node.decorators),
                parameters=_parameters(function.params) if function else (),
                bases=tuple(_code(one.value) for one in _arguments(node)),
                docstring=node.get_docstring(),
                is_async=bool(function and function.asynchronous),
                complexity=self._complexities.get(start) if function else None,
            )
        )

    def _add_import(self, alias: cst.ImportAlias, *, module: str, name: str | None) -> None:
        known_as = _code(alias.asname.name) if alias.asname else None
        self.imports.append(Import(module, name, known_as, self._line(alias)))

    def _add_assignment(self, target: cst.BaseExpression, annotation: str | None) -> None:
        in_body = not self._inside or isinstance(self._inside[-1], cst.ClassDef)
        if in_body and isinstance(target, cst.Name):
            name = ".".join([*(outer.name.value for outer in self._inside), target.value])
            self.assignments.append(Assignment(name, annotation, self._line(target)))

    def _line(self, node: cst.CSTNode) -> int:
        return self._lines(node)[0]

    def _lines(self, node: cst.CSTNode) -> tuple[int, int]:
        where = self.get_metadata(PositionProvider, node)
        return where.start.line, where.end.line


def _arguments(node: cst.ClassDef | cst.FunctionDef) -> Sequence[cst.Arg]:
    return node.bases if isinstance(node, cst.ClassDef) else ()


def _parameters(parameters: cst.Parameters) -> tuple[str, ...]:
    """Return the names in order, `*` and `**` before those that take many."""
    positional = [one.name.value for one in (*parameters.posonly_params, *parameters.params)]
    star = parameters.star_arg
    many = [f"*{star.name.value}"] if isinstance(star, cst.Param) else []
    keyword_only = [one.name.value for one in parameters.kwonly_params]
    double = [f"**{parameters.star_kwarg.name.value}"] if parameters.star_kwarg else []
    return (*positional, *many, *keyword_only, *double)


def _scope_infos(scopes: Iterable[Scope]) -> tuple[ScopeInfo, ...]:
    infos = [
        ScopeInfo(kind, _scope_name(scope), tuple(sorted({a.name for a in scope.assignments})))
        for scope in scopes
        if (kind := _scope_kind(scope))
    ]
    return tuple(sorted(infos, key=lambda info: (info.qualified_name, info.kind)))


def _scope_kind(scope: Scope) -> ScopeKind | None:
    match scope:
        case GlobalScope():
            return "module"
        case ClassScope():
            return "class"
        case ComprehensionScope():
            return "comprehension"
        case FunctionScope():
            return "function"
    return None  # built-ins and annotations


def _scope_name(scope: Scope) -> str:
    """Return the dotted name, the way `Symbol.qualified_name` spells it."""
    names: list[str] = []
    current = scope
    while isinstance(current, FunctionScope | ClassScope | ComprehensionScope):
        anonymous = "<lambda>" if isinstance(current, FunctionScope) else "<comprehension>"
        names.append(current.name or anonymous)
        current = current.parent
    return ".".join(reversed([name for name in names if name]))


_module = cst.Module([])


def _code(node: cst.CSTNode) -> str:
    return _module.code_for_node(node)
