"""Which methods and functions may change sides: what would mean something else outside, or inside.

In a class, names with two underscores are mangled, `super()` knows its class, and types and
defaults see the class's names; bases, subclasses and protocols may rely on a method's name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy

from toolset.refactor.classes.class_syntax import (
    Trees,
    ancestors,
    base_name,
    bound_in,
    mangled_in,
    may_have,
    read_in,
    refuse,
    subclasses,
    words_in,
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
_KNOWN_DECORATORS = {"dataclass", "dataclasses.dataclass", "final", "typing.final"}
_STRUCTURAL = {"Protocol", "TypedDict", "NamedTuple"}


def require_ordinary(node: Function) -> None:
    """Refuse what belongs to Python, or means something else on the other side of a class."""
    name = node.name
    if name.startswith("__"):
        raise refuse(f"{name} is a name that Python treats in its own way inside a class.")
    if mangled := sorted(mangled_in(node)):
        raise refuse(f"{name} uses {', '.join(mangled)}, which Python mangles inside a class.")
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id in ("super", "__class__"):
            raise refuse(f"{name} uses {one.id} in line {one.lineno}.")


def is_static(node: Function) -> bool:
    """Say whether a method is static. Raises RefactoringRefused for every other decorator."""
    match [ast.unparse(one) for one in node.decorator_list]:
        case []:
            return False
        case ["staticmethod"]:
            return True
    raise refuse(f"{node.name} has decorators: what they do to a method is not known.")


def signature_words(node: Function) -> set[str]:
    """Return the names that are read when the function is defined, those in quotes too."""
    arguments = node.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    stars = [one for one in (arguments.vararg, arguments.kwarg) if one]
    kinds = [one.annotation for one in (*every, *stars)] + [node.returns]
    values = [*arguments.defaults, *arguments.kw_defaults]
    found = {word for one in kinds if one for word in words_in(one)}
    return found | {
        one.id for value in values if value for one in ast.walk(value) if isinstance(one, ast.Name)
    }


def require_same_in_class(tree: ast.Module, owner: ast.ClassDef, node: Function) -> None:
    """Refuse a function whose types, defaults or names do not mean the same inside the class."""
    node = deepcopy(node)
    first = (*node.args.posonlyargs, *node.args.args)[0]
    first.annotation = None  # goes with the move
    words = signature_words(node)
    if hidden := sorted(words & (bound_in(owner) | {node.name})):
        raise refuse(f"In {owner.name}, {', '.join(hidden)} is a member, not what is meant here.")
    later = bound_in(ast.Module(tree.body[tree.body.index(owner) :], []))
    if unready := sorted(_read_at_once(tree, node) & later):
        raise refuse(f"{', '.join(unready)} is not defined yet where {owner.name} is.")
    nested = [one for one in ast.walk(node) if isinstance(one, ast.arg) and one.arg == first.arg]
    if len(nested) > 1 or first.arg in _declared(node):
        raise refuse(f"{first.arg} is also a name of a scope inside {node.name}.")


def _read_at_once(tree: ast.Module, node: Function) -> set[str]:
    """Return the names that are evaluated when the function is defined."""
    is_lazy = any(
        isinstance(one, ast.ImportFrom)
        and one.module == "__future__"
        and any(name.name == "annotations" for name in one.names)
        for one in tree.body
    )
    kept = [*node.args.defaults, *(one for one in node.args.kw_defaults if one)]
    if not is_lazy:
        kept += [
            one.annotation
            for one in ast.walk(node.args)
            if isinstance(one, ast.arg) and one.annotation
        ]
        kept += [node.returns] if node.returns else []
    return {one.id for part in kept for one in ast.walk(part) if isinstance(one, ast.Name)}


def _declared(node: ast.AST) -> set[str]:
    """Return the names that scopes inside a function bind, or take from around them."""
    inner: list[ast.AST] = []
    names: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, Function | ast.ClassDef | ast.Lambda) and one is not node:
            inner.append(one)
        elif isinstance(one, ast.Nonlocal | ast.Global):
            names.update(one.names)
    return names.union(*map(bound_in, inner))


def names_in(node: ast.AST) -> set[str]:
    """Return the variables and parameters of a piece of code."""
    return {getattr(one, field, "") for one in ast.walk(node) for field in ("id", "arg", "name")}


def require_plain_owner(trees: Trees, owner: ast.ClassDef, name: str) -> None:
    """Refuse where the class's family, its decorators or a protocol may rely on the method."""
    decorators = {ast.unparse(one).partition("(")[0] for one in owner.decorator_list}
    if strange := sorted(decorators - _KNOWN_DECORATORS):
        raise refuse(f"What {', '.join(strange)} does with the methods of {owner.name} is unknown.")
    if owner.keywords:
        raise refuse(f"{owner.name} has a metaclass, or arguments for its base class.")
    known, foreign = ancestors(trees, owner)
    if strange := [one for one in foreign if may_have(one, name)]:
        raise refuse(
            f"{owner.name} inherits from {', '.join(strange)}, which this project does not define "
            f"and which may call {name}."
        )
    for one in (*known, *(node for _, node in subclasses(trees, owner.name))):
        if name in bound_in(one):
            raise refuse(f"{one.name}, of the same family, has a {name} too.")
    for other in _classes(trees):
        if _is_structural(other) and name in bound_in(other):
            raise refuse(f"{other.name} asks for a {name}: {owner.name} may be meant by it.")


def has_namesake(trees: Trees, owner: ast.ClassDef, name: str) -> bool:
    """Say whether another class of the project has a member of that name."""
    return any(name in bound_in(one) for one in _classes(trees) if one.name != owner.name)


def require_free_in_class(trees: Trees, owner: ast.ClassDef, name: str) -> None:
    """Refuse where a class, or one of its family, has or may have a member of this name."""
    bases = {base_name(one).rpartition(".")[2] for one in owner.bases}
    if owner.keywords or bases & _STRUCTURAL:
        raise refuse(
            f"{owner.name} is built in its own way: {', '.join(sorted(bases)) or 'metaclass'}."
        )
    if name in read_in(owner):
        raise refuse(f"The body of {owner.name} reads {name}, which the method would hide.")
    known, foreign = ancestors(trees, owner)
    family = [owner, *known]
    for _, below in subclasses(trees, owner.name):
        family += [below, *ancestors(trees, below)[0]]
        foreign += ancestors(trees, below)[1]
    if strange := sorted({one for one in foreign if may_have(one, name)}):
        raise refuse(
            f"{owner.name} or a subclass inherits from {', '.join(strange)}, which this project "
            f"does not define and which may have a {name}."
        )
    for one in family:
        if name in bound_in(one) or name in _set_on_objects(one):
            raise refuse(f"{one.name} has a {name} already.")
        if "__getattribute__" in bound_in(one):
            raise refuse(f"{one.name} answers for its members itself, in __getattribute__.")


def _set_on_objects(node: ast.ClassDef) -> set[str]:
    return {
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)
    }


def _classes(trees: Trees) -> Iterator[ast.ClassDef]:
    for tree in trees.values():
        yield from (one for one in ast.walk(tree) if isinstance(one, ast.ClassDef))


def _is_structural(node: ast.ClassDef) -> bool:
    return "Protocol" in {base_name(one).rpartition(".")[2] for one in node.bases}
