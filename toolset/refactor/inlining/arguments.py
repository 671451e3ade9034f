"""What each parameter of a function stands for in a call, and whether it may take its place."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.constants import is_literal
from toolset.refactor.analysis.evaluation import (
    EFFECTS,
    changeable,
    evaluated_before,
    is_steady,
    why_conditional,
)
from toolset.refactor.analysis.layout import Function, Layout
from toolset.refactor.analysis.scopes import NESTED, bound_by, parameters


@dataclass(frozen=True, slots=True)
class Argument:
    """What is passed for a parameter, with the file that it is written in."""

    name: str
    node: ast.expr
    layout: Layout

    @property
    def fixed(self) -> bool:
        """Say whether it is a constant, which is the same wherever and whenever it is read."""
        return is_literal(self.node) or isinstance(self.node, ast.Constant)

    @property
    def simple(self) -> bool:
        """Say whether it may be read several times, before or after something else."""
        return self.fixed or (isinstance(self.node, ast.Name) and is_steady(self.layout, self.node))

    @property
    def acts(self) -> bool:
        return any(isinstance(one, EFFECTS) for one in ast.walk(self.node))


def bound_arguments(
    function: Function, home: Layout, call: ast.Call, layout: Layout
) -> list[Argument]:
    """Return what each parameter stands for, in the order in which the call evaluates it.

    Raises RefactoringRefused for stars, and for defaults that are no constants.
    """
    where = f"{layout.path}:{call.lineno}"
    if any(isinstance(one, ast.Starred) for one in call.args) or any(
        one.arg is None for one in call.keywords
    ):
        raise RefactoringRefused(f"{where}: which arguments it passes is not written there.")
    listed = [*function.args.posonlyargs, *function.args.args]
    if len(call.args) > len(listed):
        raise RefactoringRefused(f"{where}: it passes too many arguments.")
    found = [Argument(one.arg, node, layout) for one, node in zip(listed, call.args, strict=False)]
    found += [Argument(one.arg, one.value, layout) for one in call.keywords if one.arg]
    names = [one.name for one in found]
    known = {one.arg for one in parameters(function.args)}
    if len(set(names)) != len(names) or not set(names) <= known:
        raise RefactoringRefused(f"{where}: its arguments do not fit {function.name}.")
    for name in sorted(known - set(names)):
        found.append(_default(function, name, home, where))
    if any(
        isinstance(inner, ast.NamedExpr | ast.Yield)
        for one in found
        for inner in ast.walk(one.node)
    ):
        raise RefactoringRefused(f"{where}: := and yield in its arguments stay there.")
    return found


def _default(function: Function, name: str, home: Layout, where: str) -> Argument:
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args]
    late = listed[len(listed) - len(arguments.defaults) :]
    pairs = [*zip(late, arguments.defaults, strict=True)]
    pairs += [
        (one, d) for one, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d
    ]
    default = next((value for one, value in pairs if one.arg == name), None)
    if default is None:
        raise RefactoringRefused(f"{where}: it passes nothing for {name}.")
    argument = Argument(name, default, home)
    if not argument.fixed:
        raise RefactoringRefused(f"{where}: the default of {name} is no constant.")
    return argument


def require_same_evaluation(
    home: Layout, body: ast.stmt, given: list[Argument], uses: dict[str, list[ast.Name]], where: str
) -> None:
    """Raise RefactoringRefused unless `body` evaluates the arguments as the call did.

    `body` is the function's one statement; `uses` are the places of each parameter in it.
    """
    parameters_read = {one for found in uses.values() for one in found}
    order: list[int] = []
    for argument in given:
        found = uses.get(argument.name, [])
        for use in found:
            _require_visible(home, body, argument, use, where)
        if argument.simple:
            continue
        if found:
            _require_once(home, body, argument, found, where)
            _require_nothing_before(home, body, argument, found[0], parameters_read, where=where)
            order.append(home.start(found[0]))
        elif argument.acts:
            raise RefactoringRefused(
                f"{where}: {ast.unparse(argument.node)} would no longer be evaluated."
            )
    if any(one.acts for one in given) and order != sorted(order):
        raise RefactoringRefused(f"{where}: its arguments would be evaluated in another order.")


def _require_once(
    home: Layout, body: ast.stmt, argument: Argument, uses: list[ast.Name], where: str
) -> None:
    text = ast.unparse(argument.node)
    if len(uses) > 1:
        raise RefactoringRefused(f"{where}: {text} would be evaluated {len(uses)} times.")
    if why := why_conditional(home, uses[0], body):
        raise RefactoringRefused(f"{where}: {text} could not stand there, because {why}.")


def _require_nothing_before(
    home: Layout,
    body: ast.stmt,
    argument: Argument,
    use: ast.Name,
    parameters_read: set[ast.Name],
    *,
    where: str,
) -> None:
    """Refuse what the body does before it evaluates an argument, which the call did first."""
    before = evaluated_before(home, use, body)
    text = ast.unparse(argument.node)
    if any(isinstance(one, EFFECTS) for one in before):
        raise RefactoringRefused(f"{where}: something is called before {text} is evaluated.")
    reads = [one for one in changeable(home, before) if one not in parameters_read]
    if argument.acts and reads:
        raise RefactoringRefused(f"{where}: {ast.unparse(reads[0])} is read before {text}.")


def _require_visible(
    home: Layout, body: ast.stmt, argument: Argument, use: ast.Name, where: str
) -> None:
    """Refuse an argument where its names mean something else, or where it is read later."""
    if argument.fixed:
        return
    names = {one.id for one in ast.walk(argument.node) if isinstance(one, ast.Name)}
    for node in home.around(use):
        if node is body:
            break
        if isinstance(node, ast.Lambda | ast.GeneratorExp):
            raise RefactoringRefused(f"{where}: {argument.name} may be read later.")
        if isinstance(node, NESTED) and names & {n for o in ast.walk(node) for n in bound_by(o)}:
            raise RefactoringRefused(f"{where}: {argument.name} would be taken for another name.")
