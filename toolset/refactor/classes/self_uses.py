"""Where the methods of a class use an attribute of their own object: `self.name`, and nothing else.

Only what the scopes alone show: the first parameter of a method is its object, unless the method
assigns it, or a function inside has a parameter of that name.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

import libcst as cst

from toolset.refactor.classes.class_syntax import Names, bound_in, methods_of
from toolset.workspace import SourceFile

_NO_OBJECT = {"staticmethod", "classmethod"}


def own_uses(names: Names, node: ast.ClassDef, class_name: str, name: str) -> Iterator[int]:
    """Yield the offsets of `self.name` in the class's methods, where `self` is theirs."""
    block = names.source.find(class_name).node.body.body
    written = [one for one in block if isinstance(one, cst.FunctionDef)]
    for method, parsed in zip(written, methods_of(node), strict=True):
        owner = object_of(parsed)
        if owner is None:
            continue
        for offset, found in names.called(name, within=method.body).items():
            match names.parent(found):
                case cst.Attribute(value=cst.Name(value=value), attr=attr) if (
                    attr is found and value == owner and not _hidden(names, found, owner, method)
                ):
                    yield offset


def object_of(method: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """Return the name of the object in a method; None if it has none, or gives it away."""
    decorators = {ast.unparse(one) for one in method.decorator_list}
    parameters = (*method.args.posonlyargs, *method.args.args)
    if decorators & _NO_OBJECT or method.name in ("__new__", "__init_subclass__") or not parameters:
        return None
    owner = parameters[0].arg
    rebound = any(
        isinstance(one, ast.Name) and one.id == owner and not isinstance(one.ctx, ast.Load)
        for one in ast.walk(method)
    )
    return None if rebound else owner


def _hidden(names: Names, node: cst.CSTNode, owner: str, method: cst.FunctionDef) -> bool:
    """Say whether a function or lambda between the node and the method has its own `owner`."""
    for around in names.around(node):
        if around is method:
            return False
        if isinstance(around, cst.FunctionDef | cst.Lambda) and any(
            isinstance(one, cst.Param) and one.name.value == owner
            for one in _parameters(around.params)
        ):
            return True
    return False


def _parameters(parameters: cst.Parameters) -> tuple[object, ...]:
    return (
        *parameters.posonly_params,
        *parameters.params,
        *parameters.kwonly_params,
        parameters.star_arg,
        parameters.star_kwarg,
    )


def declared_type(source: SourceFile, node: ast.ClassDef, name: str) -> str:
    """Return the type that `__init__` says an attribute has, by a parameter too; empty if none."""
    method = next((one for one in methods_of(node) if one.name == "__init__"), None)
    if method is None:
        return ""
    known = {one.arg: one.annotation for one in (*method.args.args, *method.args.kwonlyargs)}
    bound = bound_in(method)
    kind: ast.expr | None = None
    match [one for one in method.body if name in _stored(one)]:
        case [ast.Assign(value=ast.Name(id=parameter)), *_] if parameter not in bound:
            kind = known.get(parameter)
        case [ast.AnnAssign(annotation=declared), *_] if _is_evaluable(source, declared):
            kind = declared
    segment = ast.get_source_segment(source.text, kind) if kind else None
    return segment if segment and "\n" not in segment else ""


def _stored(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Assign(targets=[ast.Attribute(attr=name)]):
            return {name}
        case ast.AnnAssign(target=ast.Attribute(attr=name)):
            return {name}
    return set()


def _is_evaluable(source: SourceFile, kind: ast.expr) -> bool:
    """Say whether a type that was never evaluated can be, where the property is defined."""
    if "from __future__ import annotations" in source.text:
        return True
    return all(hasattr(builtins, one.id) for one in ast.walk(kind) if isinstance(one, ast.Name))
