"""Whether a class may be made a dataclass, and what about that cannot be shown.

A dataclass looks at every annotated name of its body, at the defaults of its bases, and at its
bases' fields: whatever it would find there is refused.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from toolset.refactor.classes.class_syntax import (
    Trees,
    ancestors,
    base_name,
    bound_in,
    read_in,
    refuse,
    scopes_around,
    subclasses,
    words_in,
)
from toolset.refactor.classes.stored_parameters import Kept, Stored

_FORBIDDEN = {"__new__", "__post_init__", "__slots__", "__getattribute__", "__setattr__"}
_SPECIAL_TYPES = {"ClassVar", "InitVar", "KW_ONLY"}
_FRESH = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"}
_FIXED = {"frozenset", "tuple", "object"}


def require_plain_class(node: ast.ClassDef, stored: Stored) -> None:
    """Refuse a class that is decorated, or whose body would mean something else."""
    if node.decorator_list or node.keywords:
        raise refuse(f"{node.name} has a decorator, or a metaclass: what it does is not known.")
    if special := sorted(bound_in(node) & _FORBIDDEN):
        raise refuse(f"{node.name} is built in its own way: {', '.join(special)}.")
    fields = {one.name for one in stored.kept}
    if clash := sorted(bound_in(node) & fields):
        raise refuse(f"The body of {node.name} binds {', '.join(clash)} too.")
    annotated = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    if stray := [one for one in annotated if "ClassVar" not in words_in(one.annotation)]:
        raise refuse(f"{ast.unparse(stray[0])} in line {stray[0].lineno} would become a field.")
    valued = {one.name for one in stored.kept if one.default or one.factory or one.keyword_only}
    if hidden := sorted(valued & read_in(node)):
        raise refuse(f"The body of {node.name} reads another {', '.join(hidden)} than the field.")
    if "__init__" in read_in(node):
        raise refuse(f"The body of {node.name} uses its __init__.")
    for child in ast.walk(node):
        match child:
            case ast.Attribute(attr=attr, ctx=ast.Del()) if attr in fields:
                raise refuse(f"Line {child.lineno} deletes {attr}.")


def require_plain_family(trees: Trees, node: ast.ClassDef, stored: Stored) -> None:
    """Refuse where a base class would add to the fields, or a subclass would collect them."""
    known, foreign = ancestors(trees, node)
    if foreign:
        raise refuse(
            f"{node.name} inherits from {', '.join(foreign)}, which the project does not define."
        )
    fields = {one.name for one in stored.kept}
    for base in known:
        if clash := sorted(bound_in(base) & (fields | _FORBIDDEN | {"__init_subclass__"})):
            raise refuse(f"{base.name}, a base class, binds {', '.join(clash)}.")
        if base.decorator_list or base.keywords:
            raise refuse(f"{base.name}, a base class, has a decorator or a metaclass.")
    for path, below in subclasses(trees, node.name):
        if below.decorator_list or "__post_init__" in bound_in(below):
            raise refuse(
                f"{below.name}, a subclass, has a decorator or a __post_init__.",
                [f"{path}:{below.lineno}"],
            )


def require_meaning_kept(
    tree: ast.Module, node: ast.ClassDef, stored: Stored, needed: set[str]
) -> None:
    """Refuse defaults and types that would mean something else as fields.

    `needed` are the names that the result uses and the class does not yet.
    """
    lazy = any(
        isinstance(one, ast.ImportFrom)
        and one.module == "__future__"
        and any(name.name == "annotations" for name in one.names)
        for one in tree.body
    )
    for one in stored.kept:
        if is_mutable(one.value):
            raise refuse(f"All objects share the default of {one.name}; no dataclass allows that.")
        words = words_in(ast.parse(one.annotation, mode="eval").body) if one.annotation else set()
        if words & _SPECIAL_TYPES:
            raise refuse(f"The type of {one.name} means something special to dataclasses.")
        if one.said is None:
            continue
        same = one.annotation and ast.unparse(one.said) == ast.unparse(ast.parse(one.annotation))
        if one.annotation and not same:
            raise refuse(f"{one.name} and its parameter have different types.")
        if not same and not lazy and not _is_builtin(one.said):
            raise refuse(f"The type of {one.name} has never been evaluated, and may not be there.")
    valued = {one.name for one in stored.kept if one.default or one.factory or one.keyword_only}
    read = needed.union(*(words_in(one.said) for one in stored.kept if one.said))
    if hidden := sorted(valued & read):
        raise refuse(f"The field {', '.join(hidden)} would hide what the fields are made with.")
    for scope in (*scopes_around(tree, node), node):
        bound = bound_in(scope) - ({"Any", "dataclass", "field"} if scope is tree else set())
        if shadowed := sorted(bound & needed):
            raise refuse(f"{', '.join(shadowed)} means something else around {node.name}.")


def _is_builtin(kind: ast.expr) -> bool:
    return all(hasattr(builtins, one.id) for one in ast.walk(kind) if isinstance(one, ast.Name))


def is_mutable(value: ast.expr | None) -> bool:
    """Say whether a default is a collection that all objects would share."""
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call(func=func):
            return base_name(func).rpartition(".")[2] in _FRESH
    return False


def doubts(trees: Trees, node: ast.ClassDef, stored: Stored) -> Iterator[str]:
    """Yield what may be seen of the change from outside."""
    if not {"__repr__"} & bound_in(node) and not has_inherited_repr(trees, node):
        yield f"repr() of a {node.name} now shows its fields; so do str() and logs that print one."
    if defaults := [one.name for one in stored.kept if one.default]:
        yield f"{node.name} itself now has its defaults as attributes: {', '.join(defaults)}."
    if unknown := [one.name for one in stored.kept if not _is_hashable(one.value)]:
        yield f"These defaults must be hashable, or the class cannot be made: {', '.join(unknown)}."
    if not stored.in_order:
        yield "The attributes are set in another order: vars() and __dict__ list them otherwise."
    if stored.docstring:
        yield f"The docstring of __init__ is now that of {node.name}."
    elif ast.get_docstring(node) is None:
        yield f"{node.name}.__doc__, which was None, is now made of the fields."


def has_inherited_repr(trees: Trees, node: ast.ClassDef) -> bool:
    return any("__repr__" in bound_in(base) for base in ancestors(trees, node)[0])


def _is_hashable(value: ast.expr | None) -> bool:
    """Say whether a default is one of which every dataclass approves."""
    match value:
        case None | ast.Constant() | ast.Lambda() | ast.JoinedStr():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_hashable(operand)
        case ast.BinOp(left=left, right=right):
            return _is_hashable(left) and _is_hashable(right)
        case ast.Tuple(elts=elements):
            return all(map(_is_hashable, elements))
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            return name in _FIXED
    return False


def type_of(one: Kept) -> str:
    """Return the type that a field is declared with: what is said, else `Any` or the collection."""
    return one.annotation or (ast.unparse(one.said) if one.said else one.factory or "Any")
