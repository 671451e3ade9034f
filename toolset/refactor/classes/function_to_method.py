"""Make a method of a function whose first parameter is the object.

The method goes to the end of the class. Whether what is passed at a call is such an object, jedi
says; where it cannot, the call is listed for a person.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from toolset.checks import parse
from toolset.draft import Draft
from toolset.imports import remove_import
from toolset.refactor.classes.class_syntax import (
    Names,
    Trees,
    find_class,
    project_trees,
    refuse,
    subclasses,
)
from toolset.refactor.classes.method_rules import (
    Function,
    names_in,
    require_free_in_class,
    require_ordinary,
    require_same_in_class,
)
from toolset.refactor.classes.method_uses import (
    ATOMS,
    Site,
    Uses,
    asked,
    classes_of,
    is_droppable,
    read_uses,
    require_followed,
)
from toolset.refactor.classes.reindented import cut, reindented
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.references import References, find_references
from toolset.refactor.requests import FunctionToMethod
from toolset.refactor.target import find_definition
from toolset.workspace import SourceFile

_SHOWN = 120  # characters of a line


@dataclass(frozen=True, slots=True)
class _Function:
    source: SourceFile
    tree: ast.Module
    owner: ast.ClassDef
    node: Function

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def parameter(self) -> str:
        return next(_all_positional(self.node)).arg


def function_to_method(draft: Draft, request: FunctionToMethod) -> Refactoring:
    """Stage a method in place of a function of the same file, and calls of it in the project.

    Raises RefactoringRefused where the function would mean something else inside the class, where
    the class's family has that name, and where a use is no call with an object to begin with.
    """
    function = _find(draft, request)
    trees = project_trees(draft)
    require_free_in_class(trees, function.owner, function.name)
    references = find_references(draft, function.name, path=function.source.path)
    uses = read_uses(references)
    what = f"{function.source.path}::{function.name}"
    require_followed(references, uses, what, is_member=False)
    edits, unknown = _edits(draft, function, uses, _family(trees, function))
    doubts: list[str] = []
    for source in _files(references, function):
        sites = uses.in_file(source)
        text = replaced(source.text, [one for site in sites for one in edits[site.word.place]])
        if source.path == function.source.path:
            text = _moved(text, function)
        if any(one.place.path == source.path for one in uses.imports):
            text, loss = _without_import(text, source, function, uses)
            doubts += loss
        draft.write(source.path, text)
    done = (references.target, *(one.word for one in uses.sites), *uses.imports)
    return Refactoring(
        f"Make a method of {what}, in {function.owner.name}",
        draft.changes(),
        Evidence(
            {one.place: references.engines(one.place) for one in done},
            tuple(sorted([*references.leftovers(), *unknown])),
            tuple(doubts),
        ),
    )


def _find(draft: Draft, request: FunctionToMethod) -> _Function:
    defined = find_definition(draft, request.target)
    tree = parse(defined.source.path, defined.source.state)
    owner = find_class(tree, request.into)
    nodes = [
        one
        for one in tree.body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == defined.name
    ]
    if len(nodes) != 1 or "." in defined.name or owner not in tree.body:
        raise refuse(f"{defined.address} or {request.into} does not stand at the top of the file.")
    (node,) = nodes
    require_ordinary(node)
    first = (*node.args.posonlyargs, *node.args.args)
    if node.decorator_list or not first or len(node.args.defaults) >= len(first):
        raise refuse(f"{node.name} has decorators, or no first parameter that is always passed.")
    kind = ast.unparse(first[0].annotation).strip("'\"") if first[0].annotation else owner.name
    if kind.partition("[")[0] != owner.name:
        raise refuse(f"The first parameter of {node.name} is a {kind}, not a {owner.name}.")
    if node.args.kwarg or "self" in names_in(node) - {first[0].arg}:
        raise refuse(f"{node.name} takes **kwargs, or uses self for something else.")
    if owner.lineno == owner.body[0].lineno:
        raise refuse(f"The body of {owner.name} stands on one line.")
    function = _Function(defined.source, tree, owner, node)
    require_same_in_class(tree, owner, node)
    return function


def _family(trees: Trees, function: _Function) -> set[str]:
    below = subclasses(trees, function.owner.name)
    return {function.owner.name, *(node.name for _, node in below)}


def _files(references: References, function: _Function) -> list[SourceFile]:
    found = {one.place.path: one.source for one in references.found}
    return list((found | {function.source.path: function.source}).values())


def _edits(
    draft: Draft, function: _Function, uses: Uses, family: set[str]
) -> tuple[dict[Place, list[Replacement]], list[Leftover]]:
    """Return each call's ranges, and the calls whose object is not known for certain."""
    edits, unknown, wrong = {}, [], []
    is_said = bool(next(_all_positional(function.node)).annotation)
    for site, jedi in asked(draft, uses.sites):
        edit = _edit(function, site)
        is_object = _is_object(draft, site, jedi, family) if edit else False
        if not edit or is_object is False:
            wrong.append(site.shown)
        else:
            edits[site.word.place] = edit
        if is_object is None:
            place, text = site.word.place, site.word.line_text[:_SHOWN]
            unknown.append(Leftover(place, f"may be called with no {function.owner.name}", text))
        is_said = is_said or is_object is True
    if wrong:
        raise refuse(f"These calls do not begin with a {function.owner.name}.", wrong)
    if not is_said:
        raise refuse(
            f"Nothing shows that {function.parameter} is a {function.owner.name}. "
            "Say so by its type first."
        )
    return edits, unknown


def _all_positional(node: Function) -> Iterator[ast.arg]:
    yield from (*node.args.posonlyargs, *node.args.args)


def _edit(function: _Function, site: Site) -> list[Replacement] | None:
    """Return the ranges that make a call of the method; None if that is not safe."""
    arguments = site.call.args
    if not arguments or (site.on is not None and not is_droppable(site.names, site.on)):
        return None
    first, value = arguments[0], arguments[0].value
    named = first.keyword.value if first.keyword else function.parameter
    others = {one.keyword.value for one in arguments[1:] if one.keyword}
    if first.star or named != function.parameter or "self" in others:
        return None
    start, end = site.names.start(value), site.names.end(value)
    rest = site.names.source.start(arguments[1]) if len(arguments) > 1 else site.close
    if site.has_comment(site.start, start) or site.has_comment(end, rest):
        return None
    text = site.names.source.text[start:end]
    plain = isinstance(value, ATOMS) and "\n" not in text
    opening, closing = ("", "") if plain or value.lpar else ("(", ")")
    space = site.space if len(arguments) > 1 else ""
    return [
        Replacement(site.start, start, opening),
        Replacement(end, rest, f"{closing}.{function.name}({space}"),
    ]


def _is_object(draft: Draft, site: Site, jedi: Jedi, family: set[str]) -> bool | None:
    """Say whether the first argument is an object of the family; None if jedi does not know."""
    value = site.call.args[0].value
    match value:
        case cst.Call(func=cst.Name(value=name)) if name in family:
            return True
        case cst.BaseNumber() | cst.BaseString() | cst.BaseComp() | cst.Tuple() | cst.Lambda():
            return False
        case cst.List() | cst.Dict() | cst.Set():
            return False
    names = classes_of(draft, site, value, jedi)
    if not names:
        return None
    return True if names <= family else None if names & family else False


def _moved(text: str, function: _Function) -> str:
    """Return the module with the function taken out, and put at the end of the class."""
    names = Names(text)
    source = names.source
    found, owner = source.find(function.name), source.find(function.owner.name)
    if not isinstance(found.node, cst.FunctionDef):
        raise refuse(f"{function.name} is no function.")
    member = source.start(owner.node.body.body[0])
    indent = source.text[source.line_start(member) : member]
    start = source.top_of(found.node)
    edits = [*reindented(names, found, indent), *_renamed(names, found.node)]
    shifted = (Replacement(one.start - start, one.end - start, one.new) for one in edits)
    code = replaced(text[start : found.end], shifted)
    newline = source.newline_at(owner.start)
    below = Replacement(owner.end, owner.end, newline * 2 + code)
    return replaced(text, [cut(names, found), below])


def _renamed(names: Names, node: cst.FunctionDef) -> Iterator[Replacement]:
    """Yield what calls the object `self`, and takes its type away: a method's is known."""
    first = (*node.params.posonly_params, *node.params.params)[0]
    old = first.name.value
    for offset, one in names.called(old, within=node).items():
        if old != "self" and (one is first.name or names.is_variable(one)):
            yield Replacement(offset, names.source.end(one), "self")
    if first.annotation:
        start, end = names.source.end(first.name), names.end(first.annotation.annotation)
        yield Replacement(start, end, "")


def _without_import(
    text: str, source: SourceFile, function: _Function, uses: Uses
) -> tuple[str, list[str]]:
    """Return the text without its imports of the function, and what that may take from others.

    Raises RefactoringRefused for an import that renames it.
    """
    doubts = []
    if not uses.in_file(source):
        doubts.append(f"{source.path} offers {function.name} to others, and will no longer.")
    lines = {one.place.line for one in uses.imports if one.place.path == source.path}
    for node in _imports(parse(source.path, source.state)):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name != function.name or alias.lineno not in lines:
                continue
            if alias.asname:
                where = f"{source.path}:{alias.lineno}"
                raise refuse(f"{where} imports {function.name} by another name.")
            text = remove_import(text, f"from {module} import {function.name}")
        if len(node.names) == 1 and not any(
            "." * one.level + (one.module or "") == module for one in _imports(ast.parse(text))
        ):
            doubts.append(f"{source.path} no longer imports {module}, which may do more.")
    return text, doubts


def _imports(tree: ast.Module) -> list[ast.ImportFrom]:
    return [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
