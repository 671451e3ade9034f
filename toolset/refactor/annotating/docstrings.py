"""Add docstring skeletons to public classes and functions that have none.

A docstring is seen at run time, as a command's help for one. Where a decorator may read it, and
where a method would hide what it inherits, none is written; the place is told.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import PurePosixPath

from toolset.checks import parse
from toolset.draft import Draft
from toolset.refactor.annotating.docstring_styles import (
    Definition,
    Style,
    facts_of,
    skeleton,
    usual_style,
)
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.files_in import files_in, unread_in
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.requests import AddDocstrings
from toolset.snippet import parse_or_refuse
from toolset.workspace import SourceFile

_SHOWN = 120  # characters of a line
_QUIET = frozenset({
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager",
    "asynccontextmanager", "dataclass", "final", "lru_cache", "property", "runtime_checkable",
    "staticmethod", "total_ordering", "unique",
})  # fmt: skip
_NEVER = frozenset({"deleter", "overload", "override", "setter", "wraps"})
_PLAIN_BASES = frozenset({"ABC", "Generic", "NamedTuple", "Protocol", "TypedDict", "object"})


def add_docstrings(draft: Draft, request: AddDocstrings) -> Refactoring:
    """Add skeletons in the style that the project's docstrings have; tests and stubs get none.

    Raises RefactoringRefused for paths that name no Python file.
    """
    sources = [one for one in files_in(draft, request.paths) if not _is_test_or_stub(one.path)]
    trees = [parse(one.path, one.state) for one in files_in(draft, ())]
    style = usual_style(text for tree in trees for text in _docstrings(tree))
    documented = _documented(trees)
    told = Evidence(leftovers=unread_in(draft, request.paths))
    for source in sources:
        file = _Skeletons(source, style, documented)
        try:
            file.read()
        except (tokenize.TokenError, RecursionError):
            file.give_up()
        if file.new:
            draft.write(source.path, replaced(source.text, file.new))
        told += Evidence(file.changed, tuple(sorted(file.left)))
    number = len(told.changed)
    title = f"Add {number} docstring{'s' * (number > 1)}" if number else "No docstring to add"
    return Refactoring(title, draft.changes(), told)


@dataclass
class _Skeletons:
    """The skeletons of one file, and the places that get none. `documented` is as `_documented`."""

    source: SourceFile
    style: Style
    documented: Mapping[str, frozenset[str]]
    new: list[Replacement] = field(default_factory=list)
    changed: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    left: list[Leftover] = field(default_factory=list)

    def read(self) -> None:
        """Find the places. Raises TokenError, RecursionError."""
        text = self.source.text
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]
        tree = parse(self.source.path, self.source.state)
        bodies = dict(_bodies(text))
        for node, owner in _public(tree):
            names = {_last_name(one) for one in node.decorator_list}
            if ast.get_docstring(node, clean=False) is not None or names & _NEVER:
                continue
            if names - _QUIET:
                self._leave(node, "decorator that may read the docstring")
            elif self._may_inherit(node, owner):
                self._leave(node, "may inherit its docstring")
            elif node.lineno not in bodies:
                self._leave(node, "body on the line of its header")
            else:
                self._write(node, bodies[node.lineno], is_method=owner is not None)
        if self.new and not _same_but_docstrings(text, replaced(text, self.new), len(self.new)):
            self.give_up()

    def give_up(self) -> None:
        """Write nothing in this file, and say so."""
        self.new, self.changed = [], {}
        self._lines = self.source.text.split("\n")
        self.left.append(
            Leftover(Place(self.source.path, 1, 0), "file that cannot be edited exactly", "")
        )

    def _may_inherit(self, node: Definition, owner: ast.ClassDef | None) -> bool:
        """Say whether a base may document it: one that is not known here, or does."""
        if isinstance(node, ast.ClassDef):
            return not _bases(node) <= self.documented.keys()
        if owner is None or not _bases(owner):
            return False
        return node.name in self.documented["*"] or not _bases(owner) <= self.documented.keys()

    def _write(self, node: Definition, after: int, *, is_method: bool) -> None:
        """Add a skeleton behind line `after`, the last one of the header."""
        first = self._lines[node.body[0].lineno - 1]
        indent = first[: len(first) - len(first.lstrip())]
        unit = "\t" if "\t" in indent else "    "
        header = self._lines[after - 1]
        newline = "\r\n" if header.endswith("\r") else "\n"
        lines = skeleton(facts_of(node, is_method=is_method), self.style)
        lines = [line.replace("    ", unit) if line.startswith(" ") else line for line in lines]
        ends = '"""' if len(lines) == 1 else f'{newline}{indent}"""'
        inner = newline.join([lines[0], *(indent + one if one else "" for one in lines[1:])])
        text = f'{indent}"""{inner}{ends}{newline}'
        if isinstance(node, ast.ClassDef) and self._lines[after].strip():
            text += newline
        at = self._starts[after]
        self.new.append(Replacement(at, at, text))
        self.changed[self._place(node)] = ("ast", "tokens")

    def _leave(self, node: Definition, kind: str) -> None:
        place = self._place(node)
        self.left.append(Leftover(place, kind, self._lines[place.line - 1].strip()[:_SHOWN]))

    def _place(self, node: Definition) -> Place:
        return Place(self.source.path, node.lineno, node.col_offset)


def _is_test_or_stub(path: PurePosixPath) -> bool:
    is_test = re.fullmatch(r"test_.*|.*_test|conftest|tests", path.stem) is not None
    return path.suffix == ".pyi" or is_test


def _public(
    node: ast.AST, owner: ast.ClassDef | None = None
) -> Iterator[tuple[Definition, ast.ClassDef | None]]:
    """Yield public classes and functions that stand in no function, each with its class."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            if not child.name.startswith("_"):
                yield child, owner
                yield from _public(child, child)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            if not child.name.startswith("_"):
                yield child, owner
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _public(child, owner)


def _docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            yield ast.get_docstring(node) or ""


def _bases(node: ast.ClassDef) -> frozenset[str]:
    """Return the names of the bases that may bring docstrings of their own."""
    names = {_last_name(base) for base in node.bases} - _PLAIN_BASES
    return frozenset(one for one in names if not one.endswith(("Enum", "Exception", "Error")))


def _documented(trees: list[ast.Module]) -> dict[str, frozenset[str]]:
    """Return the classes of which all bases are known here; under `*` the documented methods."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known = {one.name: _bases(one) for one in classes}
    while gone := {name for name, bases in known.items() if not bases <= known.keys()}:
        known = {name: bases for name, bases in known.items() if name not in gone}
    methods = (
        method.name
        for one in classes
        for method in one.body
        if isinstance(method, Definition) and ast.get_docstring(method) is not None
    )
    return known | {"*": frozenset(methods)}


def _bodies(text: str) -> Iterator[tuple[int, int]]:
    """Yield each `def` and `class` with a block by its line, and the last line of its header."""
    line, header = 0, (0, 0)
    for token in _tokens(text):
        if token.type == tokenize.INDENT and header[0]:
            yield header
        if token.type == tokenize.NEWLINE:
            header, line = (line, token.start[0]), 0
        elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            header = (0, 0)
            if token.string in ("def", "class") and not line:
                line = token.start[0]


def _same_but_docstrings(source: str, text: str, added: int) -> bool:
    """Say whether a text is the same code but for so many docstrings more, to ast and by tokens."""
    before = parse_or_refuse(source, "The file does not parse")
    after = parse_or_refuse(text, "The result does not parse")
    old, new = _without_docstrings(before), _without_docstrings(after)
    old_tokens, new_tokens = _without_strings(source), _without_strings(text)
    return (old[0], old[1] + added) == new and (old_tokens[0], old_tokens[1] + added) == new_tokens


def _without_strings(text: str) -> tuple[list[str], int]:
    """Return the tokens, comments too, without the strings that are statements; their number."""
    skipped = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    found = [one for one in _tokens(text) if one.type not in (*skipped, tokenize.COMMENT)]
    comments = [one.string for one in _tokens(text) if one.type == tokenize.COMMENT]
    kept, number = comments, 0
    for before, one, after in zip([None, *found], found, [*found[1:], None], strict=False):
        starts = before is None or before.type == tokenize.NEWLINE
        if starts and one.type == tokenize.STRING and after and after.type == tokenize.NEWLINE:
            number += 1
        elif one.type != tokenize.NEWLINE:
            kept.append(one.string)
    return kept, number


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text, newline="").readline)


def _without_docstrings(tree: ast.Module) -> tuple[str, int]:
    """Return a tree as text without the docstrings of classes and functions, and their number."""
    number = 0
    for node in ast.walk(tree):
        if isinstance(node, Definition) and ast.get_docstring(node, clean=False) is not None:
            number += 1
            del node.body[0]
    return ast.dump(tree), number


def _last_name(node: ast.expr) -> str:
    inner = node.func if isinstance(node, ast.Call) else node
    inner = inner.value if isinstance(inner, ast.Subscript) else inner
    match inner:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return "?"
