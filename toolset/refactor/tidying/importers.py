"""Who in the project takes a name out of a module that merely imports it itself.

Told by the text and the syntax of all other files, and errs towards "somebody does": it has no
model of the import path, so a module is known by the end of its dotted name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from toolset.checks import parse, parses
from toolset.encoding import is_python
from toolset.workspace import SourceFile

Dotted = tuple[str, ...]


class _Facts(NamedTuple):
    """What one Python file says about others: read once, asked often."""

    statements: list[ast.ImportFrom]
    aliases: list[tuple[str, str]]  # the last name of a module, and what it is called here
    attributes: set[tuple[str, str]]  # the name before a dot, and the one behind it
    strings: list[str]


class Importers:
    """The files of a project, as those who may import from one another."""

    def __init__(self, sources: Iterable[SourceFile]) -> None:
        self.sources = list(sources)
        self._facts: dict[PurePosixPath, _Facts | None] = {}

    def taken(self, path: PurePosixPath, names: set[str]) -> dict[str, PurePosixPath]:
        """Return which of `names` other files may take from the module at `path`, and one such."""
        found: dict[str, PurePosixPath] = {}
        for source in self.sources:
            if names and source.path != path and path.stem in source.text:
                for name in self._taken_by(source, path, names):
                    found.setdefault(name, source.path)
        return found

    def _taken_by(self, source: SourceFile, path: PurePosixPath, names: set[str]) -> Iterator[str]:
        # "pkg.module.name" and "pkg.module:name": what mock.patch and entry points say.
        mention = re.compile(rf"\b{re.escape(path.stem)}[.:](\w+)")
        facts = self._read(source)
        if facts is None:
            yield from names & set(mention.findall(source.text))
            return
        for statement in facts.statements:
            yield from _taken_by_statement(statement, source.path, path, names)
        known_as = {path.stem, *(alias for last, alias in facts.aliases if last == path.stem)}
        for name in names:
            if any((owner, name) in facts.attributes for owner in known_as):
                yield name
        for text in facts.strings:
            # A name alone may be for setattr, as in pytest's monkeypatch.
            if text in names:
                yield text
            if path.stem in text:
                yield from names & set(mention.findall(text))

    def _read(self, source: SourceFile) -> _Facts | None:
        """Return the facts; None for what is no Python, or does not parse."""
        if source.path not in self._facts:
            readable = is_python(source.path) and parses(source.path, source.state)
            tree = parse(source.path, source.state) if readable else None
            self._facts[source.path] = _facts(tree) if tree else None
        return self._facts[source.path]


def _facts(tree: ast.Module) -> _Facts:
    facts = _Facts([], [], set(), [])
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                facts.attributes.add((owner, name))
            case ast.Constant(value=str(text)):
                facts.strings.append(text)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                pairs = [(one.name.rpartition(".")[2], one.asname) for one in names]
                facts.aliases.extend((last, alias) for last, alias in pairs if alias)
        if isinstance(node, ast.ImportFrom):
            facts.statements.append(node)
    return facts


def _taken_by_statement(
    node: ast.ImportFrom, importer: PurePosixPath, path: PurePosixPath, names: set[str]
) -> Iterator[str]:
    if not _is_module(node, importer, _dotted(path)):
        return
    for one in node.names:
        if one.name == "*":
            yield from names
        elif one.name in names:
            yield one.name


def _is_module(node: ast.ImportFrom, importer: PurePosixPath, module: Dotted) -> bool:
    parts = tuple((node.module or "").split(".")) if node.module else ()
    if node.level:
        folder = importer.parts[:-1]
        return module == folder[: len(folder) - node.level + 1] + parts
    return module[-len(parts) :] == parts


def _dotted(path: PurePosixPath) -> Dotted:
    return path.parts[:-1] if path.stem == "__init__" else (*path.parts[:-1], path.stem)
