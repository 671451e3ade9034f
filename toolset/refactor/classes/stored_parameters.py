"""What an `__init__` keeps: its parameters under their own names, and what it makes itself.

Only assignments to `self.name` are read; whatever does more is refused, with its line.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from toolset.refactor.classes.class_syntax import Names, every_node, mangled_in, refuse
from toolset.symbols import Found

_FACTORIES = {"[]": "list", "{}": "dict", "list()": "list", "dict()": "dict", "set()": "set"}
_LATE = (ast.Lambda, ast.GeneratorExp, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
Init = ast.FunctionDef
_Assignment = ast.Assign | ast.AnnAssign


@dataclass(slots=True)
class Kept:
    """One `self.name = ...`, and the comments that belong to it or to its parameter.

    `annotation` and `default` are as they are written, empty if there is none; `factory` is the
    type of an empty collection that is made anew; `said` tells that only the assignment names the
    type, where Python does not evaluate it.
    """

    name: str
    statement: cst.SimpleStatementLine
    line: int
    annotation: str = ""
    said: ast.expr | None = None
    default: str = ""
    value: ast.expr | None = None  # the default
    keyword_only: bool = False
    factory: str = ""
    above: list[str] = field(default_factory=list)
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """An `__init__`, read: `kept` become fields, in order; `derived` are set after them."""

    node: cst.FunctionDef
    kept: tuple[Kept, ...]
    derived: tuple[Kept, ...]
    parameters: tuple[str, ...]
    docstring: cst.SimpleStatementLine | None
    in_order: bool
    end: int  # the offset behind the last statement and its comment


def read_stored(names: Names, found: Found, init: ast.stmt) -> Stored:
    """Read an `__init__`; `init` is the same in `ast`. Raises RefactoringRefused."""
    node = found.node
    if (
        not isinstance(node, cst.FunctionDef)
        or not isinstance(init, ast.FunctionDef)
        or not isinstance(node.body, cst.IndentedBlock)
    ):
        raise refuse("An __init__ that is async, or on one line, is not read.")
    if init.decorator_list or mangled_in(init) or node.type_parameters:
        raise refuse("The __init__ has a decorator, type parameters, or names that Python mangles.")
    parameters = _parameters(names, node, init)
    docstring, kept, derived = None, [], []
    for written, parsed in zip(node.body.body, init.body, strict=True):
        if not isinstance(written, cst.SimpleStatementLine) or len(written.body) != 1:
            raise _does_more(parsed)
        if parsed is init.body[0] and ast.get_docstring(init, clean=False) is not None:
            docstring = written
            continue
        one = _assigned(written, parsed, init.args.args or init.args.posonlyargs)
        if _is_kept(one, parsed, parameters):
            kept.append(one)
        else:
            _require_simple(one, parsed, init, parameters)
            derived.append(one)
    _require_each_once(kept, derived, parameters)
    _place_comments(node, (*kept, *derived))
    simple = [one for one in node.body.body if isinstance(one, cst.SimpleStatementLine)]
    end = names.source.line_end(names.source.end(simple[-1].body[0]))
    if names.source.text[end : found.end].strip():
        raise refuse("A comment at the end of the __init__ would be lost. Move it out.")
    order = [one.name for one in kept if not one.factory]
    in_order = order == list(parameters)
    if not in_order:
        kept.sort(key=lambda one: (bool(one.factory), [*parameters, one.name].index(one.name)))
    before = all(one.line < other.line for one in kept for other in derived)
    return Stored(
        node, tuple(kept), tuple(derived), tuple(parameters), docstring, in_order and before, end
    )


def _parameters(names: Names, node: cst.FunctionDef, init: Init) -> dict[str, Kept]:
    """Return what `__init__` takes after `self`, each as it would be kept."""
    arguments = init.args
    first, *positional = (*arguments.posonlyargs, *arguments.args) or (None,)
    if first is None or arguments.vararg or arguments.kwarg or len(arguments.posonlyargs) > 1:
        raise refuse("The __init__ takes *args, **kwargs or parameters that are positional only.")
    if not positional and not arguments.kwonlyargs:
        raise refuse("The __init__ takes no parameter.")
    written = [*node.params.posonly_params, *node.params.params][1:]
    without = len(positional) - len(arguments.defaults)
    values = [None] * without + list(arguments.defaults) + list(arguments.kw_defaults)
    if without < 0:
        raise refuse("The object has a default.")
    found = {}
    for one, value in zip((*written, *node.params.kwonly_params), values, strict=True):
        name = one.name.value
        found[name] = Kept(name, cst.SimpleStatementLine([]), names.source.line(names.start(one)))
        found[name].annotation = names.text(one.annotation.annotation) if one.annotation else ""
        found[name].default = names.text(one.default) if one.default else ""
        found[name].value = value
        found[name].keyword_only = len(found) > len(written)
        if "\n" in found[name].annotation + found[name].default:
            raise refuse(f"The default or the type of {name} takes several lines.")
    return found


def _assigned(
    written: cst.SimpleStatementLine, parsed: ast.stmt, owners: Sequence[ast.arg]
) -> Kept:
    """Read `self.name = value`, with or without a type."""
    match parsed:
        case (
            ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)])
            | ast.AnnAssign(
                target=ast.Attribute(value=ast.Name(id=owner), attr=name), value=ast.expr()
            )
        ) if owner == owners[0].arg:
            said = parsed.annotation if isinstance(parsed, ast.AnnAssign) else None
            return Kept(name, written, parsed.lineno, said=said)
    raise _does_more(parsed)


def _is_kept(one: Kept, parsed: ast.stmt, parameters: Mapping[str, Kept]) -> bool:
    """Say whether a value becomes a field, and tell `one` how."""
    value = parsed.value if isinstance(parsed, _Assignment) else None
    match value:
        case ast.Name(id=name) if name == one.name and name in parameters:
            parameter = parameters[name]
            one.annotation, one.default = parameter.annotation, parameter.default
            one.keyword_only, one.value = parameter.keyword_only, parameter.value
            return True
        case None:
            return False
    one.factory = _FACTORIES.get(ast.unparse(value), "")
    return bool(one.factory)


def _require_simple(
    one: Kept, parsed: ast.stmt, init: Init, parameters: Mapping[str, Kept]
) -> None:
    """Refuse a derived value that may be another one after all parameters are stored."""
    value = parsed.value if isinstance(parsed, _Assignment) else None
    owner = (init.args.posonlyargs or init.args.args)[0].arg
    if value is None or one.name in parameters:
        raise _does_more(parsed)
    read_as_attribute = set()
    for node in ast.walk(value):
        if isinstance(node, _LATE) or (isinstance(node, ast.Name) and node.id == "super"):
            raise _does_more(parsed)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            raise _does_more(parsed)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            read_as_attribute.add(node.value)
    called = {node.func for node in ast.walk(value) if isinstance(node, ast.Call)}
    for node in ast.walk(value):
        is_owner = isinstance(node, ast.Name) and node.id == owner
        on_owner = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if is_owner and node not in read_as_attribute:
            raise _does_more(parsed)  # the object itself is handed on
        if on_owner and node in called and ast.unparse(node).startswith(f"{owner}."):
            raise _does_more(parsed)  # a method may read or change what is stored by then


def _require_each_once(
    kept: Sequence[Kept], derived: Sequence[Kept], parameters: Mapping[str, Kept]
) -> None:
    every = [one.name for one in (*kept, *derived)]
    if missing := [name for name in parameters if name not in every]:
        raise refuse(f"The __init__ does not keep {', '.join(missing)} under that name.")
    if twice := sorted({name for name in every if every.count(name) > 1}):
        raise refuse(f"The __init__ sets {', '.join(twice)} twice.")
    for one in kept:
        if one.factory and one.name in parameters:
            raise refuse(f"The __init__ does not keep {one.name}, but sets it anew.")


def _does_more(statement: ast.stmt) -> Exception:
    return refuse(f"The __init__ does more than keep its parameters, in line {statement.lineno}.")


def _place_comments(node: cst.FunctionDef, statements: Sequence[Kept]) -> None:
    """Give each comment to what it stands above or behind. Refuse if one has no place."""
    placed = 0
    by_name = {one.name: one for one in statements}
    for name, above, behind in _beside_parameters(node):
        if name in by_name:
            by_name[name].above += above
            by_name[name].behind = behind
            placed += len(above) + bool(behind)
    for one in statements:
        lines = [line.comment.value for line in one.statement.leading_lines if line.comment]
        comment = one.statement.trailing_whitespace.comment
        placed += len(lines) + (comment is not None)
        one.above += lines
        if comment and one.behind:
            one.above.insert(0, one.behind)
        one.behind = comment.value if comment else one.behind
    standing = sum(isinstance(part, cst.Comment) for part in every_node(node))
    if standing - sum(line.comment is not None for line in node.leading_lines) != placed:
        raise refuse("A comment in the __init__ would be lost. Move it out, or above a line.")


def _beside_parameters(node: cst.FunctionDef) -> Iterator[tuple[str, list[str], str]]:
    """Yield each parameter with the comments above it, and the one behind it."""
    parameters = node.params
    star = [parameters.star_arg] if isinstance(parameters.star_arg, cst.ParamStar) else []
    above = _lines(node.whitespace_before_params)
    slash = [parameters.posonly_ind] if isinstance(parameters.posonly_ind, cst.ParamSlash) else []
    every: list[cst.Param | cst.ParamStar | cst.ParamSlash] = [
        *parameters.posonly_params,
        *slash,
        *parameters.params,
        *star,
        *parameters.kwonly_params,
    ]
    for one in every:
        spaces = [one.whitespace_after_param] if isinstance(one, cst.Param) else []
        if isinstance(one.comma, cst.Comma):
            spaces.append(one.comma.whitespace_after)
        behind = [line for space in spaces for line in _first(space)]
        name = one.name.value if isinstance(one, cst.Param) else ""
        yield name, above, behind[0] if behind else ""
        above = [line for space in spaces for line in _lines(space)]


def _lines(space: cst.BaseParenthesizableWhitespace) -> list[str]:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return []
    return [line.comment.value for line in space.empty_lines if line.comment]


def _first(space: cst.BaseParenthesizableWhitespace) -> list[str]:
    if not isinstance(space, cst.ParenthesizedWhitespace) or not space.first_line.comment:
        return []
    return [space.first_line.comment.value]
