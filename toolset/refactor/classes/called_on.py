"""What a method is called on, as a call shows it: the class, an object of it, or not known."""

from __future__ import annotations

import ast

import libcst as cst

from toolset.refactor.classes.method_uses import Site
from toolset.refactor.engines import Jedi


def is_class(site: Site, owner: ast.ClassDef, jedi: Jedi) -> bool | None:
    """Say whether a method is called on the class, not on an object; None if neither is sure."""
    match site.on:
        case None | cst.Call(func=cst.Name(value="super")):
            return None
        case cst.Call(func=cst.Name(value=name)) if name == owner.name:
            return False
    place = site.place_of(site.on)
    kinds = jedi.kinds(place) if place else set()
    if not kinds and _is_own_object(site):
        return False
    return {frozenset({"class"}): True, frozenset({"instance"}): False}.get(frozenset(kinds))


def is_plain_object(site: Site, family: set[str]) -> bool:
    """Say whether a method is called on the class, a new object, or an object in its own method."""
    match site.on:
        case cst.Name(value=name) | cst.Call(func=cst.Name(value=name)) if name in family:
            return True
        case cst.Name():
            around = [one for one in site.names.around(site.on) if isinstance(one, cst.ClassDef)]
            return bool(around) and around[0].name.value in family and _is_own_object(site)
    return False


def _is_own_object(site: Site) -> bool:
    """Say whether a method is called on the first parameter of the method around the call."""
    if not isinstance(site.on, cst.Name):
        return False
    for around in site.names.around(site.on):
        if isinstance(around, cst.FunctionDef):
            first = (*around.params.posonly_params, *around.params.params)
            in_class = isinstance(site.names.parent(site.names.parent(around)), cst.ClassDef)
            is_first = bool(first) and first[0].name.value == site.on.value
            return in_class and is_first and not around.decorators
    return False
