"""Try the fields of a new dataclass: is their `__init__` the old one, by Python's own word.

The second witness of the refactoring. Nothing of the project is executed: names are kept, and every
default and type is replaced by an object that means nothing.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any

_COLLECTIONS: dict[str, type] = {"list": list, "dict": dict, "set": set}


def behaves_the_same(before: ast.FunctionDef, after: ast.ClassDef, *, in_order: bool) -> bool:
    """Say whether the class's fields take and keep what the old `__init__` took and kept.

    `in_order` asks also that the attributes are set in the same order.
    """
    stored = list(_stored(before))
    try:
        made: Any = dataclasses.make_dataclass("Made", list(_fields(after)), eq=False)
    except (TypeError, ValueError):
        return False
    if _shape(inspect.signature(made)) != list(_expected(before.args)):
        return False
    values = {name: object() for name, _, _ in _expected(before.args)}
    by_name = vars(_called(made, before.args, values))
    kept = {name: value for name, value in by_name.items() if name in values}
    fresh = [name for name in by_name if name not in values]
    derived = [name for name in stored if name not in by_name]
    same = sorted(stored) == sorted([*by_name, *derived]) and kept == values
    return same and (not in_order or stored == [*by_name, *derived]) and _all_empty(by_name, fresh)


def _all_empty(values: dict[str, object], names: list[str]) -> bool:
    return all(values[name] in ([], {}, set()) for name in names)


def _stored(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the attributes that an `__init__` sets, in order."""
    for statement in function.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Attribute(attr=name)])
                | ast.AnnAssign(target=ast.Attribute(attr=name))
            ):
                yield name


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, Any, Any]]:
    for statement in node.body:
        match statement:
            case ast.AnnAssign(annotation=kind) if "ClassVar" in ast.unparse(kind):
                continue
            case ast.AnnAssign(target=ast.Name(id=name), value=None):
                yield name, object, dataclasses.field()
            case ast.AnnAssign(
                target=ast.Name(id=name),
                value=ast.Call(func=ast.Name(id="field"), keywords=keywords),
            ):
                yield name, object, dataclasses.field(**dict(map(_argument, keywords)))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, object, dataclasses.field(default=object())


def _argument(keyword: ast.keyword) -> tuple[str, Any]:
    match keyword:
        case ast.keyword(arg="default_factory", value=ast.Name(id=name)):
            return "default_factory", _COLLECTIONS[name]
        case ast.keyword(arg=("init" | "kw_only") as arg, value=ast.Constant(value=value)):
            return arg, value
    return "default", object()


def _shape(signature: inspect.Signature) -> list[tuple[str, str, bool]]:
    return [
        (one.name, one.kind.name, one.default is not one.empty)
        for one in signature.parameters.values()
    ]


def _expected(arguments: ast.arguments) -> Iterator[tuple[str, str, bool]]:
    positional = [*arguments.posonlyargs, *arguments.args][1:]
    without = len(positional) - len(arguments.defaults)
    for index, one in enumerate(positional):
        yield one.arg, "POSITIONAL_OR_KEYWORD", index >= without
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield one.arg, "KEYWORD_ONLY", default is not None


def _called(made: Any, arguments: ast.arguments, values: dict[str, object]) -> Any:
    by_name = {one.arg for one in arguments.kwonlyargs}
    positional = [value for name, value in values.items() if name not in by_name]
    return made(*positional, **{name: values[name] for name in by_name})
