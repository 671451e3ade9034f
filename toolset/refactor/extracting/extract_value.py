"""Give an expression a name: in the line above it, or, for a literal, at the top of the module."""

from __future__ import annotations

import ast
import copy

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.bytecode import same_steps
from toolset.refactor.analysis.constants import constant_uses, constants_place, is_literal
from toolset.refactor.analysis.evaluation import (
    DISPLAYS,
    EFFECTS,
    changeable,
    require_same_order,
    why_conditional,
)
from toolset.refactor.analysis.layout import Function, Layout, blocks, shape
from toolset.refactor.analysis.name_readers import module_name_readers, require_names_unread
from toolset.refactor.analysis.nesting import refusing_depth
from toolset.refactor.analysis.scopes import NESTED, bound_by, own_nodes
from toolset.refactor.analysis.selection import find_expression, parse_where
from toolset.refactor.analysis.substitution import Substitute, require_tree, substituted, written
from toolset.refactor.clashes import taken_as_global, taken_locally
from toolset.refactor.evidence import Evidence, Leftover, Refactoring
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.rename import require_new_name
from toolset.refactor.requests import ExtractConstant, ExtractVariable


@refusing_depth
def extract_variable(draft: Draft, request: ExtractVariable) -> Refactoring:
    """Stage a variable in the line above an expression. Raises RefactoringRefused, DoesNotParse."""
    layout, first = _found(draft, request)
    statement = layout.statement(first)
    _require_lifted(layout, first, statement)
    layout.code(first)
    require_names_unread(layout, statement, request.name)
    doubts = require_same_order(layout, first, first, statement)
    nodes = [first]
    if request.every:
        nodes = _same_in_block(layout, first, statement)
    _require_free(layout, request.name, statement)
    name = ast.Name(request.name, ast.Load())
    lines = _assignment(layout, first, request.name)
    if isinstance(statement, ast.Expr) and statement.value is first:
        return _named_statement(draft, layout, statement, request.name)
    indent = layout.indent(statement)
    at = layout.line_start(layout.start(statement))
    edits = written(layout, [Substitute(node, name, request.name) for node in nodes])
    above = Replacement(at, at, f"{indent}{lines}{layout.newline}")
    text = replaced(layout.text, [above, *edits])
    expected = substituted(layout.tree, dict.fromkeys(nodes, name))
    _insert(expected, statement, _assign(request.name, first))
    require_tree(text, expected)
    draft.write(layout.path, text)
    title = f"Extract the variable {request.name} from {layout.path}:{first.lineno}"
    vouch = ("evaluation", "bytecode")[: 1 + same_steps(layout.text, text, request.name)]
    changed = {layout.place(layout.start(node)): vouch for node in nodes}
    return Refactoring(title, draft.changes(), Evidence(changed, doubts=doubts))


@refusing_depth
def extract_constant(draft: Draft, request: ExtractConstant) -> Refactoring:
    """Stage a constant at the top of the module. Raises RefactoringRefused, DoesNotParse."""
    layout, first = _found(draft, request)
    if not is_literal(first):
        raise RefactoringRefused(
            f"{request.expression.strip()} is no literal that cannot change: a number, a string, "
            "bytes, or a tuple of these."
        )
    layout.code(first)
    nodes, left = constant_uses(layout, first, every=request.every)
    name = request.name
    if any(name in _names(node) for node in ast.walk(layout.tree)):
        raise RefactoringRefused(f"The name {name} is already in use in {layout.path}.")
    before, at, edge = constants_place(layout, nodes)
    line = _assignment(layout, first, name)
    used = ast.Name(name, ast.Load())
    edits = written(layout, [Substitute(node, used, name) for node in nodes])
    text = replaced(layout.text, [Replacement(at, at, edge.format(line)), *edits])
    expected = substituted(layout.tree, dict.fromkeys(nodes, used))
    if isinstance(expected, ast.Module):
        expected.body.insert(before, _assign(name, first))
    require_tree(text, expected)
    draft.write(layout.path, text)
    vouch: tuple[str, ...] = ("syntax", "scopes")
    changed = {layout.place(layout.start(node)): vouch for node in nodes}
    leftovers = tuple(
        Leftover(layout.place(layout.start(node)), why, ast.unparse(node)) for node, why in left
    )
    title = f"Extract the constant {name} from {layout.path}:{first.lineno}"
    doubts = tuple(
        f"{layout.path}:{line}: {reader} looks at the names of the module, {name} among them."
        for line, reader in module_name_readers(layout)
    )
    return Refactoring(title, draft.changes(), Evidence(changed, leftovers, doubts))


def _names(node: ast.AST) -> list[str]:
    """Return the names that a node binds, declares or reads."""
    declared = node.names if isinstance(node, ast.Global | ast.Nonlocal) else []
    read = [getattr(node, field, "") for field in ("id", "arg")]
    return [*bound_by(node), *declared, *read]


def _found(draft: Draft, request: ExtractVariable | ExtractConstant) -> tuple[Layout, ast.expr]:
    path, line, last = parse_where(draft, request.where)
    if last != line:
        raise RefactoringRefused("Name the one line that the expression begins on.")
    require_new_name("_", request.name)
    layout = Layout(draft.read(path))
    nodes = find_expression(layout, line, request.expression)
    if len(nodes) > 1 and not request.every:
        raise RefactoringRefused(
            f"{path}:{line}: {request.expression.strip()} begins there {len(nodes)} times. "
            "Ask for every one of them, or for a longer expression."
        )
    return layout, nodes[0]


def _require_lifted(layout: Layout, node: ast.expr, statement: ast.stmt) -> None:
    where = f"{layout.path}:{node.lineno}"
    if why := why_conditional(layout, node, statement):
        raise RefactoringRefused(f"{where}: it cannot be evaluated above, because {why}.")
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        raise RefactoringRefused(f"{where}: this is no value.")
    if any(isinstance(one, ast.NamedExpr | ast.Yield | ast.YieldFrom) for one in ast.walk(node)):
        raise RefactoringRefused(f"{where}: := and yield stay where they are.")
    alone = isinstance(statement, ast.Expr) and statement.value is node
    if alone and isinstance(node, ast.Constant):
        raise RefactoringRefused(f"{where}: this is a docstring, or a value that nobody uses.")
    if not layout.opens_line(statement):
        raise RefactoringRefused(
            f"{where}: its statement shares its line with code before it. "
            "Put it in a line of its own first."
        )
    home = next((one for one in layout.around(statement) if isinstance(one, NESTED)), None)
    if isinstance(home, ast.ClassDef):
        raise RefactoringRefused(f"{where}: the name would be an attribute of {home.name}.")


def _same_in_block(layout: Layout, first: ast.expr, statement: ast.stmt) -> list[ast.expr]:
    """Return the same expression in this statement and those after it in the block.

    Raises RefactoringRefused if it may have another value there.
    """
    block = layout.block(statement)
    following = block[block.index(statement) :]
    wanted = shape(first)
    same: list[ast.expr] = []
    for one in following:
        whole = ast.Module([one], [])
        if isinstance(one, Function | ast.ClassDef):
            continue
        nodes = list(own_nodes(whole))
        same += [n for n in nodes if isinstance(n, ast.expr) and shape(n) == wanted]
    same.sort(key=lambda node: (node.lineno, node.col_offset))
    if first not in same:
        raise RefactoringRefused("It stands in a function or comprehension of its own.")
    last = layout.statement(same[-1])
    span = [one for one in following if one.lineno <= last.lineno]
    if len(same) > 1:
        _require_kept(layout, first, span)
    return same


def _require_kept(layout: Layout, first: ast.expr, span: list[ast.stmt]) -> None:
    where = f"{layout.path}:{first.lineno}"
    parts = list(ast.walk(first))
    if any(isinstance(one, (*EFFECTS, *DISPLAYS)) for one in parts):
        raise RefactoringRefused(f"{where}: it may have another value each time. Extract only one.")
    names = {one.id for one in parts if isinstance(one, ast.Name)}
    inside = [one for statement in span for one in ast.walk(statement)]
    if again := [one for one in inside if names & set(bound_by(one))]:
        raise RefactoringRefused(
            f"{where}: {min(names & set(bound_by(again[0])))} is assigned again in line "
            f"{getattr(again[0], 'lineno', 0)}. Extract only one."
        )
    exprs = [one for one in parts if isinstance(one, ast.expr)]
    loose = changeable(layout, exprs)
    acts = (*EFFECTS, ast.Delete, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.AugAssign)
    stored = (ast.Attribute, ast.Subscript)
    if loose and any(
        isinstance(one, acts) or (isinstance(one, stored) and not isinstance(one.ctx, ast.Load))
        for one in inside
    ):
        raise RefactoringRefused(
            f"{where}: {ast.unparse(loose[0])} may change between the first and the last. "
            "Extract only one."
        )


def _require_free(layout: Layout, name: str, statement: ast.stmt) -> None:
    inside = any(isinstance(one, NESTED) for one in layout.around(statement))
    taken = (
        taken_locally(layout.tree, name, statement.lineno)
        if inside
        else taken_as_global(layout.tree, name, [statement.lineno])
    )
    if taken:
        raise RefactoringRefused(
            f"The name {name} is already in use there. Choose another name; it stands at:",
            candidates=[f"{layout.path}:{line}" for line in taken],
        )


def _assignment(layout: Layout, node: ast.expr, name: str) -> str:
    """Return `name = expression` as the expression is written, in brackets if it needs them."""
    code = layout.code(node)
    wanted = ast.dump(ast.Module([_assign(name, node)], []))
    for text in (f"{name} = {code}", f"{name} = ({code})"):
        try:
            if ast.dump(ast.Module(ast.parse(text).body, [])) == wanted:
                return text
        except (SyntaxError, ValueError):
            continue
    raise RefactoringRefused(f"{code} cannot be written in a line of its own.")


def _named_statement(draft: Draft, layout: Layout, statement: ast.Expr, name: str) -> Refactoring:
    """Give the value of a statement that is only an expression a name, where it stands."""
    at = layout.start(statement)
    text = replaced(layout.text, [Replacement(at, at, f"{name} = ")])
    expected = substituted(layout.tree, {statement: _assign(name, statement.value)})
    require_tree(text, expected)
    draft.write(layout.path, text)
    vouch = ("evaluation", "bytecode")[: 1 + same_steps(layout.text, text, name)]
    title = f"Extract the variable {name} from {layout.path}:{statement.lineno}"
    return Refactoring(title, draft.changes(), Evidence({layout.place(at): vouch}))


def _assign(name: str, node: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], copy.deepcopy(node), lineno=1)


def _insert(tree: ast.AST, statement: ast.stmt, new: ast.stmt) -> None:
    """Put a statement before the copy of another one."""
    for node in ast.walk(tree):
        for block in blocks(node):
            for index, one in enumerate(block):
                if (one.lineno, one.col_offset) == (statement.lineno, statement.col_offset):
                    block.insert(index, new)
                    return
