"""What another order of the same imports may change, told from two texts of one block.

ruff sorts; this room does not believe it: names, comments, and what a name means in the end must be
the same.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent

from toolset.refactor.tidying.import_removal import comments_of, is_pragma

Binding = tuple[str, str | None, str | None]  # module with its dots, name, alias


@dataclass(frozen=True)
class ImportBlock:
    """A text that holds import statements and comments only."""

    text: str

    @cached_property
    def statements(self) -> list[ast.Import | ast.ImportFrom]:
        """Return its statements. Raises SyntaxError, ValueError for any other text."""
        found = ast.parse(dedent(self.text)).body
        imports = [one for one in found if isinstance(one, ast.Import | ast.ImportFrom)]
        if len(imports) != len(found):
            raise ValueError("not imports alone")
        return imports

    @cached_property
    def bindings(self) -> list[Binding]:
        return [binding for one in self.statements for binding in _bindings(one)]

    @cached_property
    def comments(self) -> Counter[str]:
        return Counter(comment.rstrip() for _, comment in comments_of(dedent(self.text)))

    @property
    def pragmas(self) -> Counter[tuple[str, frozenset[Binding]]]:
        """The comments for tools, each with what the statement in its line imports."""
        lines = dedent(self.text).split("\n")
        found: Counter[tuple[str, frozenset[Binding]]] = Counter()
        for one in self.statements:
            for line in lines[one.lineno - 1 : one.end_lineno]:
                _, mark, comment = line.partition("#")
                if is_pragma(mark + comment):
                    found[(mark + comment).rstrip(), frozenset(_bindings(one))] += 1
        return found

    @property
    def meanings(self) -> dict[str, Binding]:
        """What each name means after the last statement."""
        return {_bound(one): _target(one) for one in self.bindings if one[1] != "*"}

    @property
    def before_stars(self) -> list[tuple[Binding, frozenset[Binding]]]:
        """What is imported before each `import *`, which may hide it or be hidden."""
        every = self.bindings
        return [(one, frozenset(every[:index])) for index, one in enumerate(every) if one[1] == "*"]

    def loaded(self, standard: frozenset[str]) -> list[str]:
        """Return the modules that it loads, in order, each once, but for the standard ones."""
        modules = dict.fromkeys(module for module, _, _ in self.bindings)
        return [one for one in modules if one.partition(".")[0] not in standard]


def difference(before: ImportBlock, after: ImportBlock) -> str | None:
    """Return in a few words why `after` may not stand for `before`; None if it may."""
    try:
        if Counter(before.bindings) != Counter(after.bindings):
            return "imports that would not be the same once sorted"
    except (SyntaxError, ValueError):
        return "imports among other code"
    if before.comments != after.comments or before.pragmas != after.pragmas:
        return "imports with a comment that would not stay with them"
    if before.meanings != after.meanings:
        return "imports that bind one name twice"
    if before.before_stars != after.before_stars:
        return "imports around an import *"
    return None


def _bindings(statement: ast.Import | ast.ImportFrom) -> Iterator[Binding]:
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            yield alias.name, None, alias.asname
        else:
            module = "." * statement.level + (statement.module or "")
            yield module, alias.name, alias.asname


def _bound(binding: Binding) -> str:
    module, name, alias = binding
    return alias or name or module.partition(".")[0]


def _target(binding: Binding) -> Binding:
    module, name, alias = binding
    return (module if name or alias else module.partition(".")[0]), name, None
