"""A variable that is assigned once, and whether its value may stand wherever it is read."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.constants import is_literal
from toolset.refactor.analysis.evaluation import (
    DISPLAYS,
    EFFECTS,
    changeable,
    evaluated_before,
    require_same_order,
    why_conditional,
)
from toolset.refactor.analysis.layout import Block, Layout
from toolset.refactor.analysis.scopes import (
    COMPREHENSIONS,
    Scope,
    bindings,
    bound_by,
    declared,
    uses_of,
)
from toolset.refactor.words import Word

_LOOPS = (ast.For, ast.AsyncFor, ast.While, *COMPREHENSIONS)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is assigned once: its assignment, and where it is read."""

    layout: Layout
    name: str
    scope: Scope
    assignment: ast.Assign | ast.AnnAssign
    target: ast.Name
    value: ast.expr
    uses: list[ast.Name]

    @property
    def where(self) -> str:
        return f"{self.layout.path}:{self.assignment.lineno}"

    @property
    def constant(self) -> bool:
        return is_literal(self.value) or isinstance(self.value, ast.Constant)


def read_variable(word: Word) -> Variable:
    """Return the variable that a word defines. Raises RefactoringRefused if it must stay."""
    layout = Layout(word.source)
    where = word.place
    target = next(
        (
            one
            for one in ast.walk(layout.tree)
            if isinstance(one, ast.Name) and layout.place(layout.start(one)) == where
        ),
        None,
    )
    assignment = layout.parents[target] if target else None
    name = target.id if target else ""
    match assignment:
        case ast.Assign(targets=[ast.Name()], value=value) if target:
            pass
        case ast.AnnAssign(value=ast.expr() as value) if target:
            pass
        case _:
            raise RefactoringRefused(f"{where}: this is no variable with one plain assignment.")
    scope = next(one for one in layout.around(target) if isinstance(one, Scope))
    if isinstance(scope, ast.ClassDef):
        raise RefactoringRefused(f"{where}: {name} is an attribute of the class {scope.name}.")
    again = [node for found, node in bindings(scope) if found == name and node is not target]
    shared = [
        one
        for one in ast.walk(layout.tree)
        if isinstance(one, ast.Global | ast.Nonlocal) and name in one.names
    ]
    if again or name in declared(scope):
        lines = sorted({getattr(one, "lineno", 0) for one in again})
        raise RefactoringRefused(
            f"{where}: {name} is bound more than once (lines {', '.join(map(str, lines))})."
        )
    if shared:
        raise RefactoringRefused(
            f"{where}: {name} is global or nonlocal in line {shared[0].lineno}."
        )
    if any(isinstance(one, ast.NamedExpr | ast.Yield | ast.YieldFrom) for one in ast.walk(value)):
        raise RefactoringRefused(f"{where}: a value with := or yield stays where it is.")
    uses = sorted(uses_of(scope, name), key=lambda one: (one.lineno, one.col_offset))
    if not uses:
        raise RefactoringRefused(f"{where}: {name} is never read.")
    return Variable(layout, name, scope, assignment, target, value, uses)


def value_doubts(variable: Variable) -> tuple[str, ...]:
    """Return what cannot be shown. Raises RefactoringRefused where a use may see another value."""
    layout, value = variable.layout, variable.value
    block = layout.block(variable.assignment)
    following = block[block.index(variable.assignment) + 1 :]
    holders = [_holder(variable, following, use) for use in variable.uses]
    public = isinstance(variable.scope, ast.Module) and not variable.name.startswith("_")
    doubts = [f"Code outside of this project may use {variable.name}."] if public else []
    if variable.constant:
        return tuple(doubts)
    for use in variable.uses:
        _require_seen(variable, use)
    if any(isinstance(one, EFFECTS) for one in ast.walk(value)):
        return (*doubts, *_once(variable, following, holders))
    span = following[: following.index(holders[-1]) + 1]
    _require_names_kept(variable, span, holders[-1])
    _require_value_kept(variable, span, holders[-1])
    if isinstance(value, ast.Name):
        return tuple(doubts)
    loops = any(_in_loop(variable, use, block) for use in variable.uses)
    if (loops or len(variable.uses) > 1) and any(isinstance(o, DISPLAYS) for o in ast.walk(value)):
        raise RefactoringRefused(
            f"{variable.where}: each use would make another object. Nothing was changed."
        )
    if loops or len(variable.uses) > 1:
        doubts.append(f"{ast.unparse(value)} is evaluated at each use now, not once.")
    elif holders[0] is not layout.statement(variable.uses[0]) or why_conditional(
        layout, variable.uses[0], holders[0]
    ):
        doubts.append(f"{ast.unparse(value)} is evaluated only where it is used now.")
    return tuple(doubts)


def _holder(variable: Variable, following: Block, use: ast.Name) -> ast.stmt:
    """Return the statement behind the assignment, in the same block, that holds a use."""
    around = [use, *variable.layout.around(use)]
    for one in following:
        if one in around:
            return one
    raise RefactoringRefused(
        f"{variable.where}: {variable.name} is read in line {use.lineno}, which may run without "
        "this assignment."
    )


def _require_seen(variable: Variable, use: ast.Name) -> None:
    """Refuse a use that is evaluated later, or where a name of the value means something else."""
    names = {one.id for one in ast.walk(variable.value) if isinstance(one, ast.Name)}
    where = f"{variable.layout.path}:{use.lineno}"
    for node in variable.layout.around(use):
        if node is variable.scope:
            break
        if isinstance(node, Scope | ast.GeneratorExp):
            raise RefactoringRefused(
                f"{where}: {variable.name} is read in a nested function, which may run later."
            )
        if isinstance(node, COMPREHENSIONS):
            hidden = {name for one in ast.walk(node) for name in bound_by(one)} & names
            if hidden:
                raise RefactoringRefused(f"{where}: {min(hidden)} means something else there.")


def _once(variable: Variable, following: Block, holders: list[ast.stmt]) -> tuple[str, ...]:
    """Let a value with effects move only into the next statement, in the same order."""
    layout, use = variable.layout, variable.uses[0]
    statement = layout.statement(use)
    if len(variable.uses) > 1:
        raise RefactoringRefused(
            f"{variable.where}: its value calls something, and is used {len(variable.uses)} times."
        )
    if holders[0] is not following[0] or statement is not holders[0]:
        raise RefactoringRefused(
            f"{variable.where}: its value calls something, and something else happens before it "
            f"is used in line {use.lineno}."
        )
    if why := why_conditional(layout, use, statement):
        raise RefactoringRefused(f"{variable.where}: its value calls something, and {why}.")
    return require_same_order(layout, variable.value, use, statement)


def _require_names_kept(variable: Variable, span: Block, last: ast.stmt) -> None:
    names = {one.id for one in ast.walk(variable.value) if isinstance(one, ast.Name)}
    value = last.value if isinstance(last, ast.Assign | ast.AnnAssign | ast.AugAssign) else None
    read_first = set(ast.walk(value)) if value else set()
    in_value = all(use in read_first for use in variable.uses if use in set(ast.walk(last)))
    checked = span[:-1] if in_value else span
    for statement in checked:
        for node in ast.walk(statement):
            if hit := names & set(bound_by(node)):
                raise RefactoringRefused(
                    f"{variable.where}: {min(hit)}, which its value reads, is bound again in line "
                    f"{getattr(node, 'lineno', statement.lineno)}."
                )
    if in_value and any(isinstance(one, ast.NamedExpr) for one in ast.walk(last)):
        raise RefactoringRefused(f"{variable.where}: := stands beside its use.")


def _require_value_kept(variable: Variable, span: Block, last: ast.stmt) -> None:
    """Refuse a value that something between the assignment and its last use may change."""
    layout = variable.layout
    parts = [one for one in ast.walk(variable.value) if isinstance(one, ast.expr)]
    loose = changeable(layout, parts)
    if not loose:
        return
    between = [node for statement in span[:-1] for node in ast.walk(statement)]
    inside = [use for use in variable.uses if use in set(ast.walk(last))]
    for use in inside:
        if layout.statement(use) is last and not isinstance(last, ast.While):
            between += evaluated_before(layout, use, last)
        else:
            between += list(ast.walk(last))
    if acting := [node for node in between if _acts(node)]:
        raise RefactoringRefused(
            f"{variable.where}: {ast.unparse(loose[0])} may change before it is used, in line "
            f"{getattr(acting[0], 'lineno', 0)}."
        )


def _acts(node: ast.AST) -> bool:
    stored = isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)
    return stored or isinstance(
        node, (*EFFECTS, ast.AugAssign, ast.Delete, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor)
    )


def _in_loop(variable: Variable, use: ast.Name, block: Block) -> bool:
    for node in variable.layout.around(use):
        if isinstance(node, _LOOPS):
            return True
        if isinstance(node, ast.stmt) and node in block:
            return False
    return False
