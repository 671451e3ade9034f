"""A parameter of a method, and the same parameter of every method that overrides it.

Callers name it without knowing which of them they call.
"""

from __future__ import annotations

from collections import Counter

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Place
from toolset.refactor.references import References, find_references
from toolset.refactor.words import Word


def parameters_of_overrides(draft: Draft, references: References) -> dict[Word, tuple[str, ...]]:
    """Return the places of the same parameter in the other methods of the hierarchy.

    Empty if the symbol is no parameter of a method. Raises RefactoringRefused for overloads: their
    parameters are one to a caller, and several to the engines.
    """
    target = references.target
    if not target.is_parameter or "." not in target.scope:
        return {}
    name = references.name.rpartition(".")[2]
    parameters = [word for word in references.words if word.is_parameter]
    homes = Counter((word.place.path, word.scope) for word in parameters)
    if homes[target.place.path, target.scope] > 1:
        raise RefactoringRefused(
            f"{target.scope} is defined several times (overloads?), each with its own {name}. "
            "Nothing was changed. Rename it by hand, in all of them."
        )
    try:
        methods = find_references(draft, target.scope, path=target.place.path)
    except RefactoringRefused:
        return {}  # what overrides it is not known; parameters of that name are left, and listed
    found: dict[Word, tuple[str, ...]] = {}
    family = set(references.votes.same)
    disputed: set[Place] = set()
    for method in methods.found:
        scope = f"{method.scope}.{target.scope.rpartition('.')[2]}"
        home = (method.place.path, scope)
        if method.binds and homes[home] == 1 and home != (target.place.path, target.scope):
            address = f"{scope}.{name}"
            other = find_references(draft, address, path=method.place.path, may_disagree=True)
            found |= {word: other.engines(word.place) for word in other.found}
            family |= other.votes.jedi
            disputed |= other.votes.rope & other.votes.other
    # In `super().f(name=name)` one engine means the method, the other what it overrides: the same.
    if strays := sorted(disputed - family):
        raise RefactoringRefused(
            f"rope and jedi disagree on whether these are {name} of {target.scope}. "
            "Nothing was changed. Change them by hand first:",
            candidates=[str(place) for place in strays],
        )
    return found
