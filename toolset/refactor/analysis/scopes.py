"""Which names each scope of a Python file binds, and which it takes from outside.

Python's own rules on the syntax tree: functions, lambdas, classes and comprehensions are scopes,
`global` and `nonlocal` move a name, `:=` in a comprehension binds outside of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Nested = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NESTED = (*_NESTED, *COMPREHENSIONS)


def evaluated_outside(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a nested scope that the scope around it evaluates."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            hints = [one.annotation for one in parameters(node.args)] + [node.returns]
            return [*node.decorator_list, *_defaults(node.args), *(one for one in hints if one)]
        case ast.Lambda():
            return _defaults(node.args)
        case ast.ClassDef():
            return [*node.decorator_list, *node.bases, *node.keywords]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return [node.generators[0].iter]
    return []


def evaluated_inside(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a scope that it evaluates itself."""
    match node:
        case ast.Lambda():
            return [node.body]
        case ast.DictComp():
            return [*_generators(node), node.key, node.value]
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return [*_generators(node), node.elt]
        case ast.Module() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return list(node.body)
    return [node]


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that a scope evaluates itself; of those nested in it, the node alone."""
    waiting = list(reversed(evaluated_inside(scope)))
    while waiting:
        node = waiting.pop()
        yield node
        inner = evaluated_outside(node) if isinstance(node, NESTED) else ast.iter_child_nodes(node)
        waiting.extend(reversed(list(inner)))


def bindings(scope: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield each name that a scope binds, deletes or declares, with the node that does it."""
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from ((one.arg, one) for one in parameters(scope.args))
    for node in own_nodes(scope):
        yield from ((name, node) for name in bound_by(node))
        if isinstance(node, COMPREHENSIONS):
            yield from _walrus_in(node)


def bound_by(node: ast.AST) -> list[str]:
    """Return the names that one node binds or deletes by itself."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [one.asname or one.name.partition(".")[0] for one in names]
    return []


def declared(scope: ast.AST) -> set[str]:
    """Return the names that a scope declares `global` or `nonlocal`."""
    return {
        name
        for node in own_nodes(scope)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }


def bound_names(scope: ast.AST) -> set[str]:
    """Return the names that are a scope's own."""
    return {name for name, _ in bindings(scope)} - declared(scope)


def free_names(scope: ast.AST) -> set[str]:
    """Return the names that a scope, and those nested in it, take from outside of it."""
    own: set[str] = set()
    nested: set[str] = set()
    for node in own_nodes(scope):
        if isinstance(node, ast.Name):
            own.add(node.id)
        elif isinstance(node, ast.Nonlocal):
            nested |= set(node.names)
        elif isinstance(node, NESTED):
            nested |= free_names(node)
    bound = bound_names(scope)
    if isinstance(scope, ast.ClassDef):  # a class's names are not seen by its functions
        return (own - bound) | nested | _read_first(scope, bound)
    return (own | nested) - bound


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return all parameters, in their order."""
    listed = [*arguments.posonlyargs, *arguments.args, arguments.vararg]
    return [one for one in (*listed, *arguments.kwonlyargs, arguments.kwarg) if one]


def _read_first(scope: ast.ClassDef, bound: set[str]) -> set[str]:
    """Return names that a class body binds and also reads: it may read them from outside."""
    return {
        node.id
        for node in own_nodes(scope)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in bound
    }


def _walrus_in(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for inner in own_nodes(node):
        if isinstance(inner, ast.NamedExpr):
            yield inner.target.id, inner.target
        if isinstance(inner, COMPREHENSIONS):
            yield from _walrus_in(inner)


def _generators(node: Comprehension) -> list[ast.AST]:
    first, *others = node.generators
    rest = ([one.iter, one.target, *one.ifs] for one in others)
    return [first.target, *first.ifs, *chain.from_iterable(rest)]


def _defaults(arguments: ast.arguments) -> list[ast.AST]:
    return [one for one in (*arguments.defaults, *arguments.kw_defaults) if one]


def uses_of(scope: ast.AST, name: str) -> Iterator[ast.Name]:
    """Yield where a name that a scope binds is read, in the scopes nested in it too."""
    for node in own_nodes(scope):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node
        elif isinstance(node, NESTED) and name in free_names(node):
            yield from uses_of(node, name)
