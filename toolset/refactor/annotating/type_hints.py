"""Add type hints, only where the code itself shows the type.

A return type is written where two readings of the function agree on it. A parameter's default shows
one type that is meant, not that there is no other: such a hint is told as a place to look at.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from types import CodeType

from toolset.checks import parse
from toolset.draft import Draft
from toolset.refactor.annotating.returned import (
    Function,
    compiled_functions,
    is_stub,
    returned_by_bytecode,
    returned_by_syntax,
)
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.files_in import files_in, unread_in
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.requests import AddTypeHints
from toolset.workspace import SourceFile

_SHOWN = 120  # characters of a line
_QUIET = frozenset({
    "cache", "cached_property", "classmethod", "deleter", "final", "fixture", "getter", "lru_cache",
    "override", "property", "setter", "staticmethod", "wraps",
})  # fmt: skip
_NEVER = frozenset({"overload", "abstractmethod", "abstractproperty", "no_type_check"})
_DATA_MODEL = {
    "__bool__": "bool",
    "__bytes__": "bytes",
    "__format__": "str",
    "__hash__": "int",
    "__index__": "int",
    "__len__": "int",
    "__repr__": "str",
    "__str__": "str",
}
_EQUALS = re.compile(r"[ \t]*=[ \t]*")


def add_type_hints(draft: Draft, request: AddTypeHints) -> Refactoring:
    """Add return types that are certain, and types of parameters from `bool` defaults.

    Functions that have the hint, a type comment or a stub file keep what they have. Raises
    RefactoringRefused for paths that name no Python file.
    """
    sources = files_in(draft, request.paths)
    told = Evidence(leftovers=unread_in(draft, request.paths))
    methods = _methods(files_in(draft, ()))
    for source in sources:
        stub = source.path.with_suffix(".pyi")
        if source.path.suffix == ".pyi" or draft.state_of(stub) is not None:
            continue
        file = _Hints(source, methods)
        try:
            file.read()
        except (SyntaxError, ValueError, RecursionError, tokenize.TokenError):
            file = _Hints(source, methods)
            file.left.append(Leftover(Place(source.path, 1, 0), "file that does not compile", ""))
        if file.new:
            draft.write(source.path, replaced(source.text, file.new))
        told += Evidence(file.changed, tuple(sorted(file.left)))
    number = len(told.changed)
    title = f"Add {number} type hint{'s' * (number > 1)}" if number else "No type hint to add"
    return Refactoring(title, draft.changes(), told)


@dataclass
class _Hints:
    """The hints of one file: what is written where, by whose word, and what is left."""

    source: SourceFile
    methods: Mapping[str, set[str]]
    new: list[Replacement] = field(default_factory=list)
    changed: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    left: list[Leftover] = field(default_factory=list)

    def read(self) -> None:
        """Find the hints. Raises SyntaxError, ValueError, RecursionError, TokenError."""
        text = self.source.text
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]
        tree = parse(self.source.path, self.source.state)
        self._taken = set(_bound(tree))
        heads, codes = dict(_heads(text, self._starts)), compiled_functions(text)
        # Of two definitions of one name, each would have to promise what the other does.
        names = Counter(_bound(tree))
        overloaded = {one.name for one, _ in _functions(tree) if "overload" in _decorators(one)}
        for function, is_method in _functions(tree):
            is_twice = not is_method and names[function.name] > 1
            if is_twice or function.name in overloaded or _NEVER & _decorators(function):
                continue
            head = heads.get(function.lineno)
            if head is None or self._has_comment(function):
                continue
            self._returns(function, head, codes, is_method=is_method)
            self._parameters(function)

    def _returns(
        self,
        function: Function,
        at: int,
        codes: Mapping[tuple[str, int], CodeType],
        *,
        is_method: bool,
    ) -> None:
        found = None if function.returns else self._returned(function, codes, is_method=is_method)
        if found is None or found[0] in self._taken:
            return
        hint, witnesses = found
        if _decorators(function) - _QUIET:
            self._leave(at, "function with a decorator that may read type hints")
        elif hint == "None" or "*" not in self._taken:
            self._write(Replacement(at, at, f" -> {hint}"), witnesses)

    def _returned(
        self, function: Function, codes: Mapping[tuple[str, int], CodeType], *, is_method: bool
    ) -> tuple[str, tuple[str, ...]] | None:
        hint = returned_by_syntax(function)
        if is_method and function.name in _DATA_MODEL:
            # Python itself raises TypeError where these return anything else.
            meant = _DATA_MODEL[function.name]
            if is_stub(function) or hint not in (None, meant) or not _returns_always(function):
                return None
            if hint is None:
                return meant, ("data model",)
        # A hint is a promise for overriding methods too.
        is_open = is_method and not function.name.startswith("__init")
        if is_open and (is_stub(function) or self.methods.get(function.name) != {hint}):
            return None
        first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
        code = codes.get((function.name, first))
        if hint is None or code is None or returned_by_bytecode(code) != hint:
            return None
        return hint, ("ast", "bytecode")

    def _parameters(self, function: Function) -> None:
        """Write types of parameters by their defaults, but for decorators that may read them."""
        if _decorators(function) - _QUIET or "*" in self._taken or is_stub(function):
            return
        for argument, default in _defaults(function.args):
            # In annotated code, half of the parameters with a `str` default take more than `str`,
            # but one in ten with a `bool`.
            if argument.annotation or not _is_bool(default) or "bool" in self._taken:
                continue
            start, end = self._offset(argument, ends=True), self._offset(default, ends=False)
            if _EQUALS.fullmatch(self.source.text[start:end]):
                self._write(Replacement(start, end, ": bool = "), ("default",))
                self._leave(start, "parameter annotated from its default")

    def _write(self, new: Replacement, witnesses: tuple[str, ...]) -> None:
        self.new.append(new)
        self.changed[self._place(new.start)] = witnesses

    def _leave(self, at: int, kind: str) -> None:
        place = self._place(at)
        line = self._lines[place.line - 1].strip()
        self.left.append(Leftover(place, kind, line[:_SHOWN]))

    def _place(self, at: int) -> Place:
        line = self.source.text.count("\n", 0, at) + 1
        return Place(self.source.path, line, at - self._starts[line - 1])

    def _offset(self, node: ast.expr | ast.arg, *, ends: bool) -> int:
        """Return where a node begins or ends, in characters; ast counts a line's bytes."""
        line = (node.end_lineno or node.lineno) if ends else node.lineno
        column = (node.end_col_offset or 0) if ends else node.col_offset
        before = self._lines[line - 1].encode()[:column]
        return self._starts[line - 1] + len(before.decode())

    def _has_comment(self, function: Function) -> bool:
        """Say whether a comment between `def` and the end of the first statement gives types."""
        last = function.body[0].end_lineno or function.lineno
        return any(
            re.search(r"#\s*type:(?!\s*ignore)", line)
            for line in self._lines[function.lineno - 1 : last]
        )


def _methods(sources: Iterable[SourceFile]) -> dict[str, set[str]]:
    """Return, for the name of each method, what all of that name return; `?` if unknown."""
    found: dict[str, set[str]] = {}
    for source in sources:
        for function, is_method in _functions(parse(source.path, source.state)):
            if is_method:
                shown = ast.unparse(function.returns) if function.returns else None
                hint = shown or returned_by_syntax(function) or "?"
                found.setdefault(function.name, set()).add(hint)
    return found


def _functions(node: ast.AST, *, in_class: bool = False) -> Iterator[tuple[Function, bool]]:
    """Yield each function, and whether it stands right in a class."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child, in_class
        inner = isinstance(child, ast.ClassDef) or (in_class and not isinstance(child, Function))
        yield from _functions(child, in_class=inner)


def _decorators(function: Function) -> set[str]:
    """Return the last names of the decorators; `?` for one that has none."""
    names = set()
    for one in function.decorator_list:
        match one.func if isinstance(one, ast.Call) else one:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                names.add(name)
            case _:
                names.add("?")
    return names


def _heads(text: str, starts: list[int]) -> Iterator[tuple[int, int]]:
    """Yield, for each function without a return type, its line and where its parameters end."""
    tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
    line, depth, end = 0, 0, (0, 0)
    for token in tokens:
        if token.type == tokenize.NAME and token.string == "def":
            line, depth = token.start[0], 0
        elif line and token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ")" and not depth:
                end = token.end
            elif token.string in (":", "->") and not depth:
                if token.string == ":":
                    yield line, starts[end[0] - 1] + end[1]
                line = 0


def _defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    if arguments.defaults:
        named = positional[-len(arguments.defaults) :]
        yield from zip(named, arguments.defaults, strict=True)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield argument, default


def _is_bool(default: ast.expr) -> bool:
    return isinstance(default, ast.Constant) and isinstance(default.value, bool)


def _returns_always(function: Function) -> bool:
    """Say whether the last statement returns a value; a `return` without one has no place here."""
    return isinstance(function.body[-1], ast.Return) and function.body[-1].value is not None


def _bound(tree: ast.AST) -> Iterator[str]:
    """Yield every name that the file binds anywhere; `*` for a star import."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                yield name
