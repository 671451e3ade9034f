"""Make a module's function of a method: the object becomes its first argument.

The function goes right below the class, so that whatever sees the class sees it too.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from toolset.checks import parse
from toolset.draft import Draft
from toolset.imports import add_import
from toolset.refactor.classes.called_on import is_class, is_plain_object
from toolset.refactor.classes.class_syntax import (
    Names,
    Trees,
    bound_in,
    every_node,
    find_class,
    methods_of,
    project_trees,
    refuse,
    subclasses,
)
from toolset.refactor.classes.method_rules import (
    Function,
    has_namesake,
    is_static,
    require_ordinary,
    require_plain_owner,
    signature_words,
)
from toolset.refactor.classes.method_uses import (
    Site,
    Uses,
    asked,
    classes_of,
    is_droppable,
    read_uses,
    require_followed,
    require_free,
)
from toolset.refactor.classes.reindented import cut, reindented
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.moving.import_cycles import new_cycles
from toolset.refactor.moving.module_names import Layout, key_of
from toolset.refactor.moving.project_imports import Project
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.references import find_references
from toolset.refactor.requests import MethodToFunction
from toolset.refactor.target import find_definition
from toolset.workspace import SourceFile


@dataclass(frozen=True, slots=True)
class _Method:
    source: SourceFile
    tree: ast.Module
    owner: ast.ClassDef
    node: Function
    is_static: bool

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def dotted(self) -> str:
        return f"{self.owner.name}.{self.name}"


def method_to_function(draft: Draft, request: MethodToFunction) -> Refactoring:
    """Stage a function in place of a method, and calls of it in the whole project.

    Raises RefactoringRefused where the method is more than a function with an object, where its
    family may rely on it, where a use is no call of a known object, and where the name is taken.
    """
    method = _find(draft, request.target)
    trees = project_trees(draft)
    require_plain_owner(trees, method.owner, method.name)
    references = find_references(draft, method.dotted, path=method.source.path)
    uses = read_uses(references)
    require_followed(references, uses, method.dotted, is_member=True)
    edits = dict(_edits(draft, trees, method, uses))
    before, doubts = draft.copy(), []
    for source in _files(method, uses):
        sites = uses.in_file(source)
        require_free(source, method.name, sites)
        text = replaced(source.text, [one for site in sites for one in edits[site.word]])
        if source.path == method.source.path:
            text = _moved(text, method)
        else:
            statement, is_new = _import(draft, method, source)
            text = add_import(text, statement)
            if is_new:
                doubts.append(f"{source.path} imports {method.source.path} now; it did not before.")
        draft.write(source.path, text)
    if doubts and (circles := new_cycles(Project.read(before), Project.read(draft))):
        raise refuse("The calls would need imports in a circle.", circles)
    changed = {
        place: references.engines(place)
        for place in (references.target.place, *(one.word.place for one in uses.sites))
    }
    return Refactoring(
        f"Make a function of {method.source.path}::{method.dotted}",
        draft.changes(),
        Evidence(changed, references.leftovers(), tuple(doubts)),
    )


def _find(draft: Draft, target: str) -> _Method:
    defined = find_definition(draft, target)
    tree = parse(defined.source.path, defined.source.state)
    class_name, _, name = defined.name.rpartition(".")
    if not class_name:
        raise refuse(f"{defined.address} is no method.")
    owner = find_class(tree, class_name)
    nodes = [one for one in methods_of(owner) if one.name == name]
    if owner not in tree.body or len(nodes) != 1:
        raise refuse(f"{defined.address} is not the one method of a class at the top of its file.")
    (node,) = nodes
    require_ordinary(node)
    method = _Method(defined.source, tree, owner, node, is_static(node))
    words = signature_words(node)
    if seen := sorted(words & (bound_in(owner) | {"Self"})):
        raise refuse(f"The signature of {name} means {', '.join(seen)} of the class.")
    parameters = [getattr(one, "name", "") for one in getattr(owner, "type_params", ())]
    code = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} | words
    if seen := sorted(code & set(parameters)):
        raise refuse(f"{name} uses the type parameter {', '.join(seen)} of its class.")
    arguments = node.args
    first = (*arguments.posonlyargs, *arguments.args)
    if not method.is_static and (not first or len(arguments.defaults) >= len(first)):
        raise refuse(f"{name} has no first parameter that is always the object.")
    return method


def _files(method: _Method, uses: Uses) -> list[SourceFile]:
    found = {one.word.place.path: one.word.source for one in uses.sites}
    return list((found | {method.source.path: method.source}).values())


def _edits(
    draft: Draft, trees: Trees, method: _Method, uses: Uses
) -> Iterator[tuple[object, list[Replacement]]]:
    unclear = []
    family = {method.owner.name, *(one.name for _, one in subclasses(trees, method.owner.name))}
    # A method is found anew at each call; a function is not. Where objects of another class may
    # come by with a method of that name, only what is plainly an object of this one will do.
    is_alone = not has_namesake(trees, method.owner, method.name)
    for site, jedi in asked(draft, uses.sites):
        known = classes_of(draft, site, site.on, jedi) if site.on else set()
        plain = method.is_static or is_plain_object(site, family)
        is_ours = plain or (is_alone and known <= family)
        edit = _edit(method, site, jedi) if is_ours else None
        if edit is None:
            unclear.append(site.shown)
        else:
            yield site.word, edit
    if unclear:
        raise refuse(f"What {method.dotted} is called on here is not known, or cannot go.", unclear)


def _edit(method: _Method, site: Site, jedi: Jedi) -> list[Replacement] | None:
    """Return the ranges that make a call of the function; None if that is not safe."""
    first = (*method.node.args.posonlyargs, *method.node.args.args)
    if site.on is None or (not method.is_static and _names(site, first[0].arg)):
        return None
    on_class = is_class(site, method.owner, jedi)
    if method.is_static or on_class:
        if not is_droppable(site.names, site.on) or (not method.is_static and not _passes(site)):
            return None
        return [Replacement(site.start, site.end, method.name)]
    if on_class is None or site.has_comment(site.names.end(site.on), site.first_argument()):
        return None
    between = "" if not site.call.args else f",{site.space}" if site.space else ", "
    start = site.names.start(site.on)
    return [
        Replacement(start, start, f"{method.name}({site.space}"),
        Replacement(
            site.names.end(site.on),
            site.first_argument() if site.call.args else site.inside,
            between,
        ),
    ]


def _names(site: Site, parameter: str) -> bool:
    """Say whether a call passes an argument by the name that the object will have."""
    return any(one.keyword and one.keyword.value == parameter for one in site.call.args)


def _passes(site: Site) -> bool:
    """Say whether the object is the first argument of a call on the class."""
    first = site.call.args[0] if site.call.args else None
    return first is not None and not first.star and first.keyword is None


def _moved(text: str, method: _Method) -> str:
    """Return the module with the method taken out of the class, and put below it."""
    names = Names(text)
    source = names.source
    found = source.find(method.dotted)
    owner = source.find(method.owner.name)
    start = source.top_of(found.node)
    edits = list(reindented(names, found, owner.indent))
    if isinstance(found.node, cst.FunctionDef) and method.is_static:
        edits = [*_undecorated(names, found.node, edits)]
    elif isinstance(found.node, cst.FunctionDef):
        edits += _renamed(names, found.node, method)
    shifted = (Replacement(one.start - start, one.end - start, one.new) for one in edits)
    code = replaced(text[start : found.end], shifted)
    newline = source.newline_at(owner.start)
    below = Replacement(owner.end, owner.end, newline * (1 + owner.gap) + code)
    return replaced(text, [cut(names, found), below])


def _undecorated(
    names: Names, node: cst.FunctionDef, edits: list[Replacement]
) -> Iterator[Replacement]:
    """Yield the edits, with the line of `@staticmethod` taken out."""
    text = names.source.text
    start = names.source.line_start(names.source.start(node.decorators[0]))
    end = text.find("\n", start) + 1
    if "#" in text[start:end]:
        raise refuse("The comment behind @staticmethod would be lost.")
    yield from (one for one in edits if not start <= one.start < end)
    yield Replacement(start, end, "")


def _renamed(names: Names, node: cst.FunctionDef, method: _Method) -> Iterator[Replacement]:
    """Yield what calls the object by its class's name, and says its class, where that is sure."""
    first = (*node.params.posonly_params, *node.params.params)[0]
    old, new = first.name.value, _snake(method.owner.name)
    every = [one for one in every_node(node) if isinstance(one, cst.Name)]
    rebound = sum(isinstance(one, cst.Param) and one.name.value == old for one in every_node(node))
    words = set(re.findall(r"\w+", names.text(node)))
    taken = words | bound_in(method.tree) | set(dir(builtins)) | {method.name}
    is_free = new not in taken and not keyword.iskeyword(new) and not keyword.issoftkeyword(new)
    name = old
    if is_free and rebound == 1 and node.params.star_kwarg is None:
        name = new
        for one in every:
            if one.value == old and (one is first.name or names.is_variable(one)):
                yield Replacement(names.source.start(one), names.source.end(one), name)
    typed = node.returns is not None and first.annotation is None
    if typed and not method.owner.bases and not getattr(method.owner, "type_params", ()):
        at = names.source.end(first.name)
        yield Replacement(at, at, f": {method.owner.name}")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().strip("_")


def _import(draft: Draft, method: _Method, importer: SourceFile) -> tuple[str, bool]:
    """Return the import that a file needs, and whether it brings in a module that is new to it."""
    layout = Layout(draft.files())
    key = key_of(method.source.path)
    for node in parse(importer.path, importer.state).body:
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            hit = layout.resolve(module, importer.path)
            if hit and hit.key == key:
                return f"from {module} import {method.name}", False
    return f"from {layout.dotted(key)} import {method.name}", True
