"""Make a function or a method of some statements, and call it where they stood.

The statements move as they are written, comments and all; only their indentation changes. What
goes in and comes out is computed in `dataflow`, and asked of rope and jedi.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Function, Layout, blocks
from toolset.refactor.analysis.nesting import refusing_depth
from toolset.refactor.analysis.scopes import bindings, bound_names, declared, free_names, parameters
from toolset.refactor.analysis.selection import Selection, parse_where, select_statements
from toolset.refactor.clashes import taken_as_global
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.extracting.captures import require_uncaptured
from toolset.refactor.extracting.dataflow import Exchange, exchange
from toolset.refactor.extracting.flow import Flow
from toolset.refactor.extracting.hints import hint_of, return_hint
from toolset.refactor.extracting.method_calls import require_called_on_own
from toolset.refactor.extracting.movable import require_movable, running, uses_super, waits
from toolset.refactor.extracting.placement import placed_after, placed_before
from toolset.refactor.extracting.receiver import Receiver, find_receiver, require_free_member
from toolset.refactor.extracting.witnesses import Exchanged, leaked_names, witnesses
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.rename import require_new_name
from toolset.refactor.requests import ExtractFunction, ExtractMethod
from toolset.snippet import parse_or_refuse


@dataclass(frozen=True, slots=True)
class _Plan:
    """The new function: what it takes and gives, and how it is called."""

    parameters: tuple[str, ...]
    results: tuple[str, ...]
    returns: bool
    is_async: bool
    local: frozenset[str]
    doubts: tuple[str, ...]


@refusing_depth
def extract_function(draft: Draft, request: ExtractFunction) -> Refactoring:
    """Stage a new function of the module. Raises RefactoringRefused, DoesNotParse."""
    selection = _selected(draft, request.where, request.name)
    layout, top = selection.layout, selection.outermost
    plan = _plan(selection, into_class=False)
    lines = [selection.statements[0].lineno]
    if taken := taken_as_global(layout.tree, request.name, lines):
        raise RefactoringRefused(
            f"The name {request.name} is already in use in {layout.path}. Choose another name; "
            "it stands at:",
            candidates=[f"{layout.path}:{line}" for line in taken],
        )
    code = _definition(selection, plan, request.name, "", None)
    # Python may call what is decorated, or stands in a class, before it reaches the next line.
    plain = isinstance(top, Function) and not top.decorator_list and selection.function is not None
    place = placed_after if plain else placed_before
    return _staged(draft, selection, plan, request.name, place(layout, top, code, 2))


@refusing_depth
def extract_method(draft: Draft, request: ExtractMethod) -> Refactoring:
    """Stage a new method of the class. Raises RefactoringRefused, DoesNotParse."""
    selection = _selected(draft, request.where, request.name)
    layout = selection.layout
    receiver = find_receiver(selection)
    require_called_on_own(draft, layout, receiver.home, receiver.method)
    require_free_member(draft, layout, receiver, request.name)
    plan = _plan(selection, into_class=True)
    indent = layout.indent(receiver.method)
    if receiver.name not in plan.parameters and not uses_super(selection.statements):
        receiver = receiver.unused()
    code = _definition(selection, plan, request.name, indent, receiver)
    inserted = placed_after(layout, receiver.method, code, 1)
    return _staged(draft, selection, plan, request.name, inserted, receiver=receiver)


def _selected(draft: Draft, where: str, name: str) -> Selection:
    path, first, last = parse_where(draft, where)
    require_new_name("_", name)
    return select_statements(Layout(draft.read(path)), first, last)


def _plan(selection: Selection, *, into_class: bool) -> _Plan:
    body = ast.Module(selection.statements, [])
    require_movable(selection, body, into_class=into_class)
    function = selection.function
    home = function or selection.layout.tree
    written = bound_names(body)
    if shared := sorted(written & declared(home)):
        raise RefactoringRefused(f"{shared[0]} is global or nonlocal, and assigned in these lines.")
    own = bound_names(home) if function else written
    tracked = own & (written | free_names(body))
    flow = Flow(home.body, tracked, selection.statements)
    outer = _outer_names(selection, home) & free_names(body)
    require_uncaptured(selection, flow, written, outer)
    begun = {one.arg for one in parameters(function.args)} if function else set()
    exchanged = exchange(flow, begun, tracked, _wanted_anyway(selection, flow, written))
    returns = any(isinstance(node, ast.Return) for node in running(body))
    _require_one_way_out(selection, exchanged, returns=returns)
    return _Plan(
        tuple(_in_order(selection, {*exchanged.needed, *outer})),
        exchanged.wanted,
        returns,
        waits(body),
        frozenset(own | outer) if function else frozenset(),
        _doubts(selection, exchanged),
    )


def _in_order(selection: Selection, names: set[str]) -> list[str]:
    """Sort as the function lists its parameters, then by where it first binds a name.

    `self` and `cls` come first, and names of functions further out last, by their first use.
    """
    function = selection.function
    bound: dict[str, tuple[int, int]] = {}
    for name, node in bindings(function or selection.layout.tree):
        at = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        bound[name] = min(at, bound.get(name, at))
    listed = [one.arg for one in parameters(function.args)] if function else []
    used: dict[str, tuple[int, int]] = {}
    for node in ast.walk(ast.Module(selection.statements, [])):
        if isinstance(node, ast.Name):
            at = (node.lineno, node.col_offset)
            used[node.id] = min(at, used.get(node.id, at))

    def place(name: str) -> tuple[int, int, int, str]:
        if name in ("self", "cls"):
            return (0, 0, 0, name)
        if name in listed:
            return (1, listed.index(name), 0, name)
        if name in bound:
            return (2, *bound[name], name)
        return (3, *used.get(name, (10**9, 0)), name)

    return sorted(names, key=place)


def _outer_names(selection: Selection, home: ast.AST) -> set[str]:
    """Return the names that functions around the innermost one bind."""
    scopes = [node for node in selection.enclosing if isinstance(node, Function | ast.Lambda)]
    names = {name for node in scopes if node is not home for name in bound_names(node)}
    own = bound_names(home) if isinstance(home, Function) else set()
    hidden = {n for node in ast.walk(home) if isinstance(node, ast.Global) for n in node.names}
    return names - own - hidden


def _wanted_anyway(selection: Selection, flow: Flow, written: set[str]) -> set[str]:
    """Return what others may read of a module; nothing if only a program runs these lines."""
    if selection.function is not None:
        return set()
    guards = (ast.unparse(one.test) for one in selection.enclosing if isinstance(one, ast.If))
    if any(guard == "__name__ == '__main__'" for guard in guards):
        return {name for name, _ in flow.captured}
    return written


def _require_one_way_out(selection: Selection, exchanged: Exchange, *, returns: bool) -> None:
    if not returns:
        return
    function = selection.function
    if not exchanged.ends:
        raise RefactoringRefused(
            "These lines return on some paths only, and the function goes on after others. "
            "Choose lines that end with the function, or that do not return."
        )
    if isinstance(function, ast.AsyncFunctionDef) and any(
        isinstance(node, ast.Yield) for node in running(function)
    ):
        raise RefactoringRefused("An async generator cannot return what another function returns.")


def _doubts(selection: Selection, exchanged: Exchange) -> tuple[str, ...]:
    if not exchanged.wanted:
        return ()
    return tuple(
        f"Should {ast.unparse(item.context_expr)} end an exception, names that these lines assign "
        "keep their old values."
        for node in selection.enclosing
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        if ast.unparse(item.context_expr).partition("(")[0] not in ("open", "io.open")
    )


def _definition(
    selection: Selection, plan: _Plan, name: str, indent: str, receiver: Receiver | None
) -> str:
    layout = selection.layout
    inner = indent + layout.unit
    names = [one for one in plan.parameters if receiver is None or one != receiver.name]
    hints = [hint_of(selection, one) for one in names]
    taken = [f"{one}: {hint}" if hint else one for one, hint in zip(names, hints, strict=True)]
    decorator = []
    if receiver:
        taken = [receiver.name, *taken] if receiver.name else taken
        decorator = [indent + receiver.decorator] if receiver.decorator else []
    keyword = "async def" if plan.is_async else "def"
    given = [f"{inner}return {', '.join(plan.results)}"] if plan.results else []
    back = return_hint(selection, plan.results, returns=plan.returns)
    arrow = f" -> {back}" if back else ""
    head = f"{indent}{keyword} {name}({', '.join(taken)}){arrow}:"
    return layout.newline.join([*decorator, head, selection.reindented(inner), *given])


def _staged(
    draft: Draft,
    selection: Selection,
    plan: _Plan,
    name: str,
    inserted: Replacement,
    *,
    receiver: Receiver | None = None,
) -> Refactoring:
    layout = selection.layout
    call = selection.indent + _call(plan, name, receiver)
    edits = [Replacement(selection.start, selection.end, call), inserted]
    text = replaced(layout.text, edits)
    _require_same(selection, text, name, call.strip())
    if leaked := leaked_names(text, name, plan.local):
        raise RefactoringRefused(f"{leaked[0]} would be a global name in {name}.")
    draft.write(layout.path, text)
    taken = frozenset(plan.parameters)
    ours = Exchanged(taken, frozenset(plan.results))
    agreed = witnesses(selection, name, ours)
    place = layout.place(layout.start(selection.statements[0]))
    evidence = Evidence({place: ("dataflow", *agreed)}, doubts=plan.doubts)
    what = "method" if receiver else "function"
    title = f"Extract the {what} {name} from {layout.path}:{place.line}"
    return Refactoring(title, draft.changes(), evidence)


def _call(plan: _Plan, name: str, receiver: Receiver | None) -> str:
    given = [one for one in plan.parameters if receiver is None or one != receiver.name]
    called = f"{receiver.called_on}.{name}" if receiver else name
    call = f"{'await ' if plan.is_async else ''}{called}({', '.join(given)})"
    if plan.returns:
        return f"return {call}"
    return f"{', '.join(plan.results)} = {call}" if plan.results else call


def _require_same(selection: Selection, text: str, name: str, call: str) -> None:
    """Raise RefactoringRefused unless putting the body back gives the old program."""
    tree = parse_or_refuse(text, "The result does not parse")
    written = ast.parse(f"async def f():\n  {call}").body[0]
    wanted = ast.dump(written.body[0]) if isinstance(written, Function) else ""
    put_back = 0
    for node in ast.walk(tree):
        for block in blocks(node):
            block[:] = [
                one for one in block if not (isinstance(one, Function) and one.name == name)
            ]
            at = [index for index, one in enumerate(block) if ast.dump(one) == wanted]
            put_back += len(at)
            if at:
                block[at[0] : at[0] + 1] = selection.statements
    if put_back != 1 or ast.dump(tree) != ast.dump(selection.layout.tree):
        raise RefactoringRefused("These lines could not be moved without changing what they say.")
