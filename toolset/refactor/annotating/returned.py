"""What a function returns, where that follows from its own code: asked of ast, and of bytecode.

The two share nothing: one follows statements, the other reads what the compiler made of them.
Whoever needs a type to be certain takes it where both name the same one.
"""

from __future__ import annotations

import ast
import dis
import inspect
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import CodeType

Function = ast.FunctionDef | ast.AsyncFunctionDef
_TYPES = (bool, str, int, bytes, float)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_BOOL_STEPS = frozenset({"IS_OP", "CONTAINS_OP", "UNARY_NOT"})
_STR_STEPS = frozenset({"BUILD_STRING", "FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC"})


def returned_by_syntax(function: Function) -> str | None:
    """Return `None`, `bool`, `str`, `int`, `bytes` or `float`; None where the code shows none.

    A generator shows none, nor does what never returns, or is only there to be overridden.
    """
    own = list(own_nodes(function))
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own) or is_stub(function):
        return None
    if any(isinstance(node, ast.Raise) and _is_not_implemented(node.exc) for node in own):
        return None
    values = [node.value for node in own if isinstance(node, ast.Return)]
    may_end = not _ends(function.body)
    if all(value is None or _is_none(value) for value in values):
        return "None" if may_end or values else None
    kinds = {_kind(value) if value else None for value in values}
    return kinds.pop() if len(kinds) == 1 and not may_end else None


def returned_by_bytecode(code: CodeType) -> str | None:
    """Return the same, from the instructions before each return."""
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
        return None
    steps = [step for step in dis.get_instructions(code) if step.opname != "CACHE"]
    kinds = {
        _stepped(before, step)
        for before, step in pairwise(steps)
        if step.opname.startswith("RETURN_") and step.opname != "RETURN_GENERATOR"
    }
    return kinds.pop() if len(kinds) == 1 else None


def compiled_functions(text: str) -> dict[tuple[str, int], CodeType]:
    """Return each function's code by its name and its first line, which may be a decorator's.

    Raises SyntaxError, ValueError, RecursionError for what does not compile.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(text, "<source>", "exec", dont_inherit=True, optimize=0)
    return {(one.co_name, one.co_firstlineno): one for one in _codes(code)}


def is_stub(function: Function) -> bool:
    """Say whether the body is a docstring, `...` or `pass`, and nothing else."""
    return all(isinstance(one, ast.Pass) or _is_constant(one) for one in function.body)


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body, without those of scopes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _stepped(before: dis.Instruction, step: dis.Instruction) -> str | None:
    if step.opname == "RETURN_CONST":
        return _named(step.argval)
    if step.is_jump_target:
        return None
    if before.opname == "LOAD_CONST":
        return _named(before.argval)
    if before.opname in _BOOL_STEPS:
        return "bool"
    return "str" if before.opname in _STR_STEPS else None


def _named(value: object) -> str | None:
    if value is None:
        return "None"
    return type(value).__name__ if type(value) in _TYPES else None


def _kind(value: ast.expr) -> str | None:
    """Return the type of an expression that can have no other; `==` may give anything."""
    match value:
        case ast.Constant(value=constant):
            return _named(constant)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return type(-number).__name__
        case ast.JoinedStr():
            return "str"
        case (
            ast.UnaryOp(op=ast.Not())
            | ast.Compare(ops=[ast.Is() | ast.IsNot() | ast.In() | ast.NotIn()])
        ):
            return "bool"
        case ast.IfExp(body=one, orelse=other):
            return _kind(one) if _kind(one) == _kind(other) else None
    return None


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_not_implemented(raised: ast.expr | None) -> bool:
    name = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(name, ast.Name) and name.id == "NotImplementedError"


def _ends(body: Sequence[ast.stmt]) -> bool:
    """Say whether what follows the statements is certainly never reached."""
    return any(_leaves(one) for one in body)


def _leaves(statement: ast.stmt) -> bool:
    match statement:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=body, orelse=orelse):
            return _ends(body) and _ends(orelse)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            caught = all(_ends(one.body) for one in handlers)
            return _ends(final) or (caught and (_ends(body) or _ends(orelse)))
        case ast.While(test=ast.Constant(value=constant), body=body):
            return bool(constant) and not any(_breaks(one) for one in body)
    return False  # a `with` may swallow what is raised in it


def _breaks(node: ast.AST) -> bool:
    """Say whether there may be a `break` of this loop; one of an inner loop counts too."""
    return any(isinstance(one, ast.Break) for one in ast.walk(node))
