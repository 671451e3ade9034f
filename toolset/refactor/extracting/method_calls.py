"""Is a method only called on its own objects, so that its first parameter has its methods.

What a class body calls before there is a class, and `Class.method(other)`, hand it anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from toolset.checks import parse
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Function, Layout
from toolset.refactor.analysis.scopes import own_nodes
from toolset.refactor.references import can_be_edited
from toolset.workspace import SourceFile

_HOOKS = frozenset({"__getattribute__", "__getattr__", "__setattr__", "__delattr__"})


def require_called_on_own(
    draft: Draft, layout: Layout, home: ast.ClassDef, method: Function
) -> None:
    """Raise RefactoringRefused if a method may be called on something without the new method."""
    decorators = {ast.unparse(one) for one in method.decorator_list}
    for line in _used_in_body(home, method):
        raise RefactoringRefused(
            f"{layout.path}:{line}: the body of the class {home.name} uses {method.name}, without "
            "an object that has the new method. Use extract-function."
        )
    if "staticmethod" in decorators:
        return
    for hook in home.body:
        if not isinstance(hook, Function) or hook.name not in _HOOKS:
            continue
        if hook is method or hook.name == "__getattribute__":
            raise RefactoringRefused(
                f"{layout.path}:{hook.lineno}: {home.name}.{hook.name} decides what an attribute "
                "is, so it could be asked for the new method without end. Use extract-function."
            )
    if "classmethod" in decorators or method.name in ("__init_subclass__", "__class_getitem__"):
        return
    for path, node in _taken_from_class(draft, home.name, method.name):
        raise RefactoringRefused(
            f"{path}:{node.lineno}: {ast.unparse(node)} takes {method.name} from the class, so "
            "its first parameter may be any object. Use extract-function."
        )


def _used_in_body(home: ast.ClassDef, method: Function) -> Iterator[int]:
    """Yield the lines where the class body itself reads the method, but for what binds it again.

    `@value.setter`, `property(value)` and `__str__ = __repr__` make it a member, and call nothing.
    """
    harmless: set[ast.AST] = set()
    in_loop = any(isinstance(one, ast.For | ast.While) for one in own_nodes(home))
    for node in own_nodes(home):
        match node:
            case ast.Attribute(value=ast.Name() as name, attr="setter" | "getter" | "deleter"):
                harmless.add(name)
            case ast.Call(func=ast.Name(id="property"), args=args):
                harmless.update(args)
            case ast.Assign(targets=[ast.Name(id=alias)], value=ast.Name() as name):
                if alias not in _HOOKS:
                    harmless.add(name)
            case ast.Name(id=method.name, ctx=ast.Load(), lineno=line) if node not in harmless:
                if line > method.lineno or in_loop:  # above, the name is something else
                    yield line


def _taken_from_class(
    draft: Draft, home: str, method: str
) -> Iterator[tuple[PurePosixPath, ast.Attribute]]:
    """Yield each `Class.method` in the project, for the class, its subclasses and their aliases.

    Not the call `Class.method(self)` in a method of the class or of a subclass.
    """
    sources = [one for one in draft.texts() if can_be_edited(one)]
    family = _family(sources, home)
    for source in sources:
        if method not in source.text:
            continue
        tree = parse(source.path, source.state)
        own = set(_on_self(tree, family))
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=value, attr=found) if found == method:
                    if _last_name(value) in family and node not in own:
                        yield source.path, node
                case ast.Call(func=ast.Attribute(attr=found) as func) if found == method:
                    if _on_another(func.value, node.args):
                        yield source.path, func


def _family(sources: list[SourceFile], home: str) -> set[str]:
    """Return the bare names of a class, of its subclasses, and what else these are called."""
    family, new = {home}, {home}
    while new:
        found = {
            name
            for source in sources
            if any(one in source.text for one in new)
            for name, of in _namings(parse(source.path, source.state))
            if of in new
        }
        new = found - family
        family |= new
    return family


def _namings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names of subclasses and aliases, each with the name of what it is made from."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name, bases=bases):
                yield from ((name, _last_name(base)) for base in bases)
            case ast.alias(name=name, asname=str(other)):
                yield other, name.rpartition(".")[2]
            case ast.Assign(targets=[ast.Name(id=other)], value=value):
                yield other, _last_name(value)


def _on_another(of: ast.expr, arguments: list[ast.expr]) -> bool:
    """Say whether `type(x)` or `x.__class__` is asked, and what is handed on is not `x`."""
    match of:
        case ast.Call(func=ast.Name(id="type"), args=[own]):
            return ast.dump(own) != "".join(ast.dump(one) for one in arguments[:1])
        case ast.Attribute(value=own, attr="__class__"):
            return ast.dump(own) != "".join(ast.dump(one) for one in arguments[:1])
    return False


def _on_self(tree: ast.Module, family: set[str]) -> Iterator[ast.Attribute]:
    """Yield `Class.method` of the calls that hand on the object of the method they stand in."""
    for home in ast.walk(tree):
        if not isinstance(home, ast.ClassDef) or home.name not in family:
            continue
        for method in home.body:
            if not isinstance(method, Function):
                continue
            first = [one.arg for one in (*method.args.posonlyargs, *method.args.args)[:1]]
            for node in ast.walk(method):
                match node:
                    case ast.Call(func=ast.Attribute() as func, args=[ast.Name(id=given), *_]):
                        if [given] == first:
                            yield func


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
    return ""
