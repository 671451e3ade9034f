"""Make a property of an attribute: the class keeps the value under a private name.

Uses outside the class stay as they are. The class's own `self.name` become `self._name`, so that
its methods do what they did before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolset.checks import parse
from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.refactor.clashes import taken_in_family
from toolset.refactor.classes.class_syntax import (
    Names,
    Trees,
    ancestors,
    bound_in,
    find_class,
    may_have,
    methods_of,
    project_trees,
    read_in,
    refuse,
    scopes_around,
    subclasses,
)
from toolset.refactor.classes.self_uses import declared_type, own_uses
from toolset.refactor.evidence import Evidence, Place, Refactoring
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.references import References, can_be_edited, find_references
from toolset.refactor.requests import EncapsulateAttribute
from toolset.refactor.target import find_definition
from toolset.refactor.words import Word
from toolset.workspace import SourceFile

_HOOKS = {"__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__slots__"}
_BY_NAME = re.compile(r"\b(?:__dict__|__[gs]etstate__|vars\(|pickle|deepcopy|copy\.copy|asdict)")
_SHOWN = 5  # places in a sentence


@dataclass(frozen=True, slots=True)
class _Attribute:
    """The attribute `name` of a class, and where the class's own methods use it."""

    source: SourceFile
    names: Names
    node: ast.ClassDef
    class_name: str
    name: str
    own: frozenset[int]  # offsets of the name in `self.name`

    @property
    def private(self) -> str:
        return f"_{self.name}"

    @property
    def address(self) -> str:
        return f"{self.class_name}.{self.name}"


def encapsulate_attribute(draft: Draft, request: EncapsulateAttribute) -> Refactoring:
    """Stage a property over `_name`, with a setter if anything but the class itself may write it.

    Raises RefactoringRefused where the attribute is not one that methods set on `self`, where
    either name is taken in the class's family, and where a class hides how it keeps attributes.
    """
    attribute = _find(draft, request.target)
    trees = project_trees(draft)
    _require_plain(attribute)
    _require_free(trees, attribute)
    references = find_references(draft, attribute.address, path=attribute.source.path)
    written = _is_written(draft, trees, references, attribute)
    by_name = _read_by_name(draft)
    draft.write(attribute.source.path, _rewritten(attribute, with_setter=written))
    doubts = (
        [] if written else [f"Code outside this project can no longer set {attribute.address}."]
    )
    if by_name:
        doubts.append(f"Attributes may be kept or read by their names: {', '.join(by_name)}.")
    return Refactoring(
        f"Make {attribute.address} a property over {attribute.private}",
        draft.changes(),
        Evidence(_witnesses(references, attribute), doubts=tuple(doubts)),
    )


def _find(draft: Draft, target: str) -> _Attribute:
    owner, _, name = target.strip().rpartition(".")
    if not owner or not name.isidentifier() or owner.endswith("::"):
        raise refuse(f"{target!r} names no attribute. Write path/file.py::Class.name.")
    defined = find_definition(draft, owner)
    source = defined.source
    node = find_class(parse(source.path, source.state), defined.name)
    names = Names(source.text)
    own = frozenset(own_uses(names, node, defined.name, name))
    return _Attribute(source, names, node, defined.name, name, own)


def _require_plain(attribute: _Attribute) -> None:
    """Refuse what is not a plain attribute that the class sets on its objects."""
    node, name = attribute.node, attribute.name
    if name.startswith("_"):
        raise refuse(f"{name} is private already.")
    if name in bound_in(node):
        raise refuse(
            f"{name} is bound in the body of {node.name}: it is a class attribute, a field, a "
            "method or a property."
        )
    if not any(_is_store(one, name) for method in methods_of(node) for one in ast.walk(method)):
        raise refuse(f"No method of {node.name} sets self.{name}.")
    if not attribute.own:
        raise refuse(f"{node.name} sets {name}, but not on its methods' own first parameter.")
    decorators = [ast.unparse(one) for one in (*node.decorator_list, *node.keywords)]
    if strange := [one for one in decorators if one not in ("dataclass", "dataclasses.dataclass")]:
        raise refuse(f"What {', '.join(strange)} does with the attributes is not known.")
    if name in read_in(node):
        raise refuse(f"The body of {node.name} reads another {name}, which a property would hide.")
    tree = parse(attribute.source.path, attribute.source.state)
    if any("property" in bound_in(scope) for scope in (*scopes_around(tree, node), node)):
        raise refuse(f"In {attribute.source.path}, property is not Python's own.")


def _is_store(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)


def _require_free(trees: Trees, attribute: _Attribute) -> None:
    """Refuse where a class of the family has either name, or keeps attributes in its own way."""
    below = [node for _, node in subclasses(trees, attribute.node.name)]
    above: list[ast.ClassDef] = []
    for node in (attribute.node, *below):
        known, foreign = ancestors(trees, node)
        above += [one for one in known if one.name != attribute.node.name and one not in below]
        if strange := [one for one in foreign if may_have(one, attribute.name)]:
            raise refuse(
                f"{node.name} inherits from {', '.join(strange)}, which this project does not "
                f"define: it may know {attribute.name}."
            )
    for node in (attribute.node, *below, *above):
        if hooks := sorted(bound_in(node) & _HOOKS):
            raise refuse(f"{node.name} keeps its attributes in its own way: {', '.join(hooks)}.")
        if node is not attribute.node and attribute.name in bound_in(node):
            raise refuse(f"{node.name} binds {attribute.name} in its body.")
    for node in above:
        if any(
            isinstance(one, ast.Attribute) and one.attr == attribute.name for one in ast.walk(node)
        ):
            raise refuse(f"{node.name}, a base class, has a {attribute.name} too.")
    if "__dict__" in ast.unparse(attribute.node):
        raise refuse(f"{attribute.node.name} uses its own __dict__.")
    homes = {attribute.node.name, *(node.name for node in below)}
    if taken := taken_in_family(trees, homes, attribute.private):
        raise refuse(
            f"{attribute.private} is taken in the family of {attribute.node.name}.",
            [f"{path}:{line}" for path, line in taken],
        )


def _is_written(draft: Draft, trees: Trees, references: References, attribute: _Attribute) -> bool:
    """Say whether anything but the class's own `self.name = ...` may set the attribute.

    Raises RefactoringRefused where it may be deleted: a property would need a deleter.
    """
    family = [(attribute.source.path, attribute.node), *subclasses(trees, attribute.node.name)]
    others = references.votes.other - references.votes.disputed
    written = False
    for word in references.words:
        own = word.source.path == attribute.source.path and word.start in attribute.own
        related = any(
            path == word.place.path and node.lineno <= word.place.line <= (node.end_lineno or 0)
            for path, node in family
        )
        if own or word.kind != "attribute" or (word.place in others and not related):
            continue
        if (how := _written_on(word)) is ast.Del:
            raise refuse(f"{word.place} deletes it; a property cannot be deleted.")
        written = written or how is ast.Store
    return written or any(
        _sets_by_name(node, attribute.name)
        for source in draft.texts()
        if "setattr" in source.text and can_be_edited(source)
        for node in ast.walk(parse(source.path, source.state))
    )


def _written_on(word: Word) -> type[ast.expr_context]:
    """Return whether the line of a word stores, deletes or loads an attribute of that name."""
    if not can_be_edited(word.source):
        return ast.Load
    name = word.source.text[word.start : word.end]
    how: type[ast.expr_context] = ast.Load
    for node in ast.walk(parse(word.source.path, word.source.state)):
        match node:
            case ast.Attribute(attr=attr, ctx=ast.Store() | ast.Del() as context, end_lineno=line):
                if attr == name and line == word.place.line:
                    how = type(context)
    return how


def _sets_by_name(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=value), *_]):
            return bool(value == name)
        case ast.Call(func=ast.Name(id="setattr") | ast.Attribute(attr="setattr")):
            return True  # of a name that is made up as the program runs, or monkeypatch's
        case ast.Attribute(attr="__setattr__"):
            return True
    return False


def _read_by_name(draft: Draft) -> list[str]:
    """Return the first places that may see attributes by their names."""
    found = [
        f"{source.path}:{number}"
        for source in draft.texts()
        if is_python(source.path) and _BY_NAME.search(source.text)
        for number, line in enumerate(source.text.split("\n"), 1)
        if _BY_NAME.search(line)
    ]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return found[:_SHOWN] + more


def _witnesses(references: References, attribute: _Attribute) -> dict[Place, tuple[str, ...]]:
    """Return who says of each changed place that it is this attribute: its scope, and engines."""
    named = references.votes.same
    return {
        word.place: ("scopes", *(references.engines(word.place) if word.place in named else ()))
        for word in references.words
        if word.place.path == attribute.source.path and word.start in attribute.own
    }


def _rewritten(attribute: _Attribute, *, with_setter: bool) -> str:
    text = attribute.source.text
    edits = [Replacement(start, start, "_") for start in attribute.own]
    at, before, after, indent = _room(attribute)
    unit, newline = attribute.names.source.unit, attribute.names.source.newline_at(at)
    lines = _property(attribute, unit, with_setter=with_setter)
    new = newline.join(indent + line if line else "" for line in lines)
    edits.append(Replacement(at, at, newline * before + new + newline * after))
    return replaced(text, edits)


def _room(attribute: _Attribute) -> tuple[int, int, int, str]:
    """Return where the property goes, the line ends before and after it, and its indentation."""
    source = attribute.names.source
    methods = [method.name for method in methods_of(attribute.node)]
    if "__init__" in methods:
        found = source.find(f"{attribute.class_name}.__init__")
        return found.end, 1 + found.gap, 0, found.indent
    found = source.find(f"{attribute.class_name}.{methods[0]}")
    return source.top_of(found.node), 0, 1 + found.gap, found.indent


def _property(attribute: _Attribute, unit: str, *, with_setter: bool) -> Iterator[str]:
    name, private = attribute.name, attribute.private
    kind = declared_type(attribute.source, attribute.node, name)
    yield "@property"
    yield f"def {name}(self){f' -> {kind}' if kind else ''}:"
    yield f"{unit}return self.{private}"
    if with_setter:
        yield ""
        yield f"@{name}.setter"
        yield f"def {name}(self, value{f': {kind}' if kind else ''}){' -> None' if kind else ''}:"
        yield f"{unit}self.{private} = value"
