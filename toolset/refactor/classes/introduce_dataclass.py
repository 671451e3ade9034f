"""Make a dataclass of a class whose `__init__` only keeps its arguments.

The fields stand where `__init__` stood, so that their types and defaults are evaluated at the same
moment as before. Objects stay as equal as they were: `eq=False`, unless the class says otherwise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from toolset.checks import parse
from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.imports import add_import
from toolset.refactor.classes.class_syntax import (
    Names,
    bound_in,
    find_class,
    methods_of,
    project_trees,
    refuse,
)
from toolset.refactor.classes.dataclass_rules import (
    doubts,
    has_inherited_repr,
    require_meaning_kept,
    require_plain_class,
    require_plain_family,
    type_of,
)
from toolset.refactor.classes.dataclass_trial import behaves_the_same
from toolset.refactor.classes.stored_parameters import Kept, Stored, read_stored
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.requests import IntroduceDataclass
from toolset.refactor.target import Defined, find_definition
from toolset.symbols import Found, Source

_ASKS = re.compile(r"\b(?:is_dataclass|asdict|astuple)\b")
_SHOWN = 120  # characters of a line


def introduce_dataclass(draft: Draft, request: IntroduceDataclass) -> Refactoring:
    """Stage `@dataclass` with fields for a class's `__init__`.

    Raises RefactoringRefused where `__init__` does more than keep its parameters, where the class
    or its family would be built otherwise, and where a comment would be lost.
    """
    defined = find_definition(draft, request.target)
    source = defined.source
    tree = parse(source.path, source.state)
    node = find_class(tree, defined.name)
    inits = [one for one in methods_of(node) if one.name == "__init__"]
    if len(inits) != 1 or not isinstance(inits[0], ast.FunctionDef):
        raise refuse(f"{defined.name} has no single __init__ right in its body.")
    names = Names(source.text)
    init = names.source.find(f"{defined.name}.__init__")
    stored = read_stored(names, init, inits[0])
    trees = project_trees(draft)
    require_plain_class(node, stored)
    require_plain_family(trees, node, stored)
    require_meaning_kept(tree, node, stored, _names_needed(stored))
    arguments = "" if "__eq__" in bound_in(node) else "eq=False"
    if "__repr__" not in bound_in(node) and has_inherited_repr(trees, node):
        arguments = ", ".join(filter(None, [arguments, "repr=False"]))
    text = _rewritten(names, defined, stored, init, f"@dataclass({arguments})".removesuffix("()"))
    after = find_class(ast.parse(text), defined.name)
    if not behaves_the_same(inits[0], after, in_order=stored.in_order):
        raise refuse(f"As a dataclass, {defined.name} would not be built as it is.")
    draft.write(source.path, _with_imports(text, tree, stored))
    places = dict(_places(defined, node, stored))
    leftovers = (*_untyped(defined, stored, places), *_asking(draft))
    return Refactoring(
        f"Make a dataclass of {defined.address}",
        draft.changes(),
        Evidence(
            dict.fromkeys(places.values(), ("syntax", "trial")),
            leftovers,
            tuple(doubts(trees, node, stored)),
        ),
    )


def _names_needed(stored: Stored) -> set[str]:
    """Return the names that the new lines use and the old ones did not."""
    factories = {one.factory for one in stored.kept if one.factory}
    said = {name for one in stored.kept for name in re.findall(r"\w+", type_of(one))}
    return {"dataclass"} | _special(stored) | factories | (said & {"Any"})


def _special(stored: Stored) -> set[str]:
    return {"field"} if any(one.factory or one.keyword_only for one in stored.kept) else set()


def _rewritten(names: Names, defined: Defined, stored: Stored, init: Found, decorator: str) -> str:
    """Return the file with the decorator and the fields, and without the `__init__`."""
    source = names.source
    owner = source.find(defined.name)
    newline = source.newline_at(owner.start)
    lines = list(_fields(stored, init.indent))
    edits = [
        Replacement(owner.start, owner.start, f"{decorator}{newline}{owner.indent}"),
    ]
    docstring = _docstring(source, stored, init)
    if docstring and owner.node.body.body[0] is stored.node:
        lines = [docstring, "", *lines]
    elif docstring:
        raise refuse("The __init__ has a docstring. Move it to the class first.")
    if stored.derived:
        lines += ["", *_after(names, stored, init)]
    edits.append(Replacement(source.line_start(init.start), stored.end, newline.join(lines)))
    return replaced(source.text, edits)


def _docstring(source: Source, stored: Stored, init: Found) -> str:
    """Return the docstring of `__init__` with a class's indentation, on lines of its own."""
    if stored.docstring is None:
        return ""
    statement = stored.docstring
    start = source.line_start(source.start(statement))
    text = source.text[start : source.end(statement)]
    deeper = source.text[start : source.start(statement)]
    if "\\\n" in text or not all(
        line.startswith(deeper) or not line.strip() for line in text.split("\n")
    ):
        raise refuse("The docstring of __init__ cannot be moved as it is indented.")
    return "\n".join(
        init.indent + line[len(deeper) :] if line.strip() else line for line in text.split("\n")
    )


def _fields(stored: Stored, indent: str) -> Iterator[str]:
    for index, one in enumerate(stored.kept):
        if index and stored.in_order and _has_gap(one):
            yield ""
        yield from (indent + comment for comment in one.above)
        yield f"{indent}{one.name}: {type_of(one)}{_value(one)}{_behind(one)}"


def _has_gap(one: Kept) -> bool:
    return any(line.comment is None for line in one.statement.leading_lines)


def _behind(one: Kept) -> str:
    return f"  {one.behind}" if one.behind else ""


def _value(one: Kept) -> str:
    if one.factory:
        return f" = field(default_factory={one.factory}, init=False)"
    if one.keyword_only:
        default = f"default={one.default}, " if one.default else ""
        return f" = field({default}kw_only=True)"
    return f" = {one.default}" if one.default else ""


def _after(names: Names, stored: Stored, init: Found) -> Iterator[str]:
    """Yield a `__post_init__` with what is derived, each parameter read from its attribute."""
    source = names.source
    owner = (*stored.node.params.posonly_params, *stored.node.params.params)[0].name.value
    returns = names.text(stored.node.returns.annotation) if stored.node.returns else ""
    ending = f" -> {returns}:" if returns else ":"
    yield f"{init.indent}def __post_init__({owner}){ending}"
    for index, one in enumerate(stored.derived):
        start = source.start(one.statement)
        end = source.end(one.statement.body[0])
        indent = source.text[source.line_start(start) : start]
        edits = [
            Replacement(offset - start, offset - start, f"{owner}.")
            for parameter in stored.parameters
            for offset, name in names.called(parameter, within=one.statement.body[0]).items()
            if names.is_variable(name)
        ]
        if index and _has_gap(one):
            yield ""
        yield from (indent + comment for comment in one.above)
        yield f"{indent}{replaced(source.text[start:end], edits)}{_behind(one)}"


def _with_imports(text: str, tree: ast.Module, stored: Stored) -> str:
    for name in sorted({"dataclass"} | _special(stored)):
        text = add_import(text, f"from dataclasses import {name}")
    if any(type_of(one) == "Any" for one in stored.kept) and not _imports_any(tree):
        text = add_import(text, "from typing import Any")
    return text


def _imports_any(tree: ast.Module) -> bool:
    return any(
        isinstance(one, ast.ImportFrom)
        and one.module in ("typing", "typing_extensions")
        and any(name.name == "Any" and name.asname is None for name in one.names)
        for one in tree.body
    )


def _places(defined: Defined, node: ast.ClassDef, stored: Stored) -> Iterator[tuple[str, Place]]:
    """Yield where the class and each assignment stand."""
    path = defined.source.path
    yield "", Place(path, node.lineno, node.col_offset)
    for one in (*stored.kept, *stored.derived):
        yield one.name, Place(path, one.line, 0)


def _untyped(defined: Defined, stored: Stored, places: dict[str, Place]) -> Iterator[Leftover]:
    lines = defined.source.text.split("\n")
    for one in stored.kept:
        if type_of(one) == "Any" and not one.annotation and one.said is None:
            place = places[one.name]
            line = lines[place.line - 1].strip()
            yield Leftover(place, "its type is not said: Any", line[:_SHOWN])


def _asking(draft: Draft) -> Iterator[Leftover]:
    """Yield where the project treats dataclasses in another way than other objects."""
    for source in draft.texts():
        if not is_python(source.path) or not _ASKS.search(source.text):
            continue
        for number, line in enumerate(source.text.split("\n"), 1):
            if found := _ASKS.search(line):
                place = Place(source.path, number, found.start())
                yield Leftover(place, "asks for dataclasses", line.strip()[:_SHOWN])
