"""What a method is called on: the object, the class, or neither; and which names it has already."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from toolset.checks import parse
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Function, Layout
from toolset.refactor.analysis.scopes import bindings
from toolset.refactor.analysis.selection import Selection
from toolset.refactor.clashes import taken_as_member, taken_in_family
from toolset.refactor.references import can_be_edited

_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


@dataclass(frozen=True, slots=True)
class Receiver:
    """The first parameter of a method, empty if it has none; and what a call is written on."""

    method: Function
    home: ast.ClassDef
    name: str
    called_on: str
    decorator: str

    def unused(self) -> Receiver:
        """Return the receiver of a method that does not look at it."""
        return replace(self, name="", decorator="@staticmethod")


def find_receiver(selection: Selection) -> Receiver:
    """Return what the new method is called on. Raises RefactoringRefused outside of methods."""
    method = selection.function
    home = selection.layout.parents.get(method) if method else None
    if method is None or not isinstance(home, ast.ClassDef):
        raise RefactoringRefused("These lines are not in a method. Use extract-function.")
    if any(ast.unparse(one).partition("[")[0].endswith("Protocol") for one in home.bases):
        raise RefactoringRefused(f"{home.name} is a protocol: a method would change who fits it.")
    decorators = [ast.unparse(one) for one in method.decorator_list]
    positional = [*method.args.posonlyargs, *method.args.args]
    if "staticmethod" in decorators:
        if not isinstance(selection.layout.parents[home], ast.Module):
            raise RefactoringRefused(
                f"{home.name} is no class of the module. Use extract-function."
            )
        return Receiver(method, home, "", home.name, "@staticmethod")
    if not positional:
        raise RefactoringRefused(f"{method.name} has no first parameter. Use extract-function.")
    first = positional[0].arg
    if [name for name, _ in bindings(method)].count(first) != 1:
        raise RefactoringRefused(f"{first} is assigned in {method.name}. Nothing was changed.")
    if "classmethod" in decorators or method.name in _CLASS_METHODS:
        return Receiver(method, home, first, first, "@classmethod")
    if decorators and first != "self":
        raise RefactoringRefused(f"What {first} is depends on the decorators of {method.name}.")
    return Receiver(method, home, first, first, "")


def require_free_member(draft: Draft, layout: Layout, receiver: Receiver, name: str) -> None:
    """Raise RefactoringRefused if the class, a base class or a subclass has the name already."""
    taken = [
        (layout.path, line) for line in taken_as_member(layout.tree, name, [receiver.home.lineno])
    ]
    trees = {
        source.path: parse(source.path, source.state)
        for source in draft.texts()
        if "class" in source.text and name in source.text and can_be_edited(source)
    }
    bases = (
        {
            source.path: parse(source.path, source.state)
            for source in draft.texts()
            if "class" in source.text and can_be_edited(source)
        }
        if trees
        else {}
    )
    taken += taken_in_family(bases, {receiver.home.name}, name)
    if taken:
        raise RefactoringRefused(
            f"{receiver.home.name}, a base class or a subclass has a {name} already:",
            candidates=[f"{path}:{line}" for path, line in sorted(set(taken))],
        )
