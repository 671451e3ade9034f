"""Which `%` and `.format()` may become f-strings: ruff writes them, the pieces must be the same.

What differs although the pieces agree is told: `%s` takes a tuple apart and always means `str()`,
and an f-string formats each value before it reads the next.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.refactor.modernising.string_pieces import (
    Field,
    Pieces,
    Unreadable,
    arguments_of,
    fields_of,
    read_format,
    read_fstring,
    read_percent,
)
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.tidying.import_removal import comments_in
from toolset.ruff import Diagnostic, check
from toolset.workspace import SourceFile

Formatting = ast.Call | ast.BinOp
_OLDEST = "--target-version=py311"  # f-strings that need no newer Python
_TO_TEXT = frozenset({"str", "repr", "ascii", "format", "chr", "hex", "bin", "oct"})
_HARMLESS = _TO_TEXT | {"len", "int", "float", "abs", "min", "max", "sum", "round", "type", "id"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An f-string for a range of a text. `doubt` is what it may change, in a few words."""

    start: int
    end: int
    new: str
    doubt: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A place that stays as it is, with the reason."""

    at: int
    reason: str


def propose(sources: Sequence[SourceFile]) -> dict[PurePosixPath, list[Proposal | Kept]]:
    """Return what ruff would write as f-strings in these files, and what cannot be, by path."""
    texts = {source.path: source.text for source in sources if "%" in source.text}
    staged = _percent_as_format(texts)
    texts |= {one.path: one.text for one in sources if ".format" in one.text}
    between = {path: replaced(text, staged.get(path, {}).values()) for path, text in texts.items()}
    told: dict[PurePosixPath, list[Diagnostic]] = {path: [] for path in texts}
    for one in check(between, ["UP032"], _OLDEST):
        if one.code == "UP032":
            told[one.path].append(one)
    for one in check(texts, ["UP031"], _OLDEST):
        if one.code == "UP031":
            told[one.path].append(one)
    return {
        path: _judged(text, staged.get(path, {}), between[path], told[path])
        for path, text in texts.items()
    }


def _percent_as_format(
    texts: Mapping[PurePosixPath, str],
) -> dict[PurePosixPath, dict[int, Replacement]]:
    """Return ruff's first step, by path and offset: `%` as `.format()`; the outer of two nested."""
    found: dict[PurePosixPath, dict[int, Replacement]] = {}
    ends: dict[PurePosixPath, int] = {}
    for one in check(texts, ["UP031"], _OLDEST):
        if one.fix is None or len(one.fix.edits) != 1:
            continue
        ((start, end, new),) = one.fix.edits
        if start >= ends.get(one.path, 0):
            found.setdefault(one.path, {})[start] = Replacement(start, end, new)
            ends[one.path] = end
    return found


def _judged(
    text: str, staged: Mapping[int, Replacement], between: str, told: Sequence[Diagnostic]
) -> list[Proposal | Kept]:
    nodes = _formattings(text)
    positions, middle = Positions(text), Positions(between)
    results: list[Proposal | Kept] = []
    for one in told:
        if one.code == "UP032":
            results += _from_format(text, nodes, staged, one, middle.offset(one.line, one.column))
    taken = [(one.start, one.end) for one in results if isinstance(one, Proposal)]
    said = {one.at for one in results if isinstance(one, Kept)}
    for one in told:
        at = positions.offset(one.line, one.column)
        inside = any(start <= at < end for start, end in taken)
        if one.code == "UP031" and not inside and at not in said:
            results.append(Kept(at, "% that cannot be an f-string without more knowledge"))
    return _standing(text, _apart(results))


def _from_format(
    text: str,
    nodes: Mapping[tuple[int, int], Formatting],
    staged: Mapping[int, Replacement],
    one: Diagnostic,
    at: int,
) -> Iterator[Proposal | Kept]:
    """Yield what one UP032 of the text after the first step means for the text before it."""
    stage = sorted(staged.values())
    start = _origin(stage, at)
    if one.fix is None or len(one.fix.edits) != 1:
        yield Kept(start, ".format() that ruff cannot write as an f-string")
        return
    ((first, last, new),) = one.fix.edits
    start = _origin(stage, first)
    step = staged.get(start)
    end = step.end if step and first + len(step.new) == last else _origin(stage, last)
    node = nodes.get((start, end))
    if node is None:
        yield Kept(start, "formatting inside another")
    elif comments_in(text, start, end):
        yield Kept(start, "formatting with a comment")
    elif (pieces := _same_pieces(node, new)) is None or _reorders(node, pieces):
        yield Kept(start, "formatting that an f-string would change")
    else:
        yield Proposal(start, end, new, _doubt(node, pieces))


def _origin(stage: Sequence[Replacement], offset: int) -> int:
    shift = 0
    for one in stage:
        if offset <= one.start + shift:
            break
        shift += len(one.new) - (one.end - one.start)
    return offset - shift


def _formattings(text: str) -> dict[tuple[int, int], Formatting]:
    positions = Positions(text)
    found: dict[tuple[int, int], Formatting] = {}
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.BinOp(op=ast.Mod()) | ast.Call(func=ast.Attribute(attr="format")):
                found[positions.start(node), positions.end(node)] = node
    return found


def _same_pieces(node: Formatting, new: str) -> Pieces | None:
    """Return the pieces if the f-string has those of the original; None if not."""
    try:
        after = read_fstring(ast.parse(f"({new})", mode="eval").body)
        before = read_format(node) if isinstance(node, ast.Call) else read_percent(node)
    except (SyntaxError, ValueError, Unreadable):
        return None
    return before if before == after else None


def _reorders(node: Formatting, pieces: Pieces) -> bool:
    """Say whether an expression that may do something is read in another order, or not once."""
    given = [ast.dump(one) for one in arguments_of(node)]
    used = [one.code for one in fields_of(pieces)]
    return given != used and not all(_is_still(one) for one in arguments_of(node))


def _doubt(node: Formatting, pieces: Pieces) -> str | None:
    fields = list(fields_of(pieces))
    if isinstance(node, ast.BinOp):
        if not isinstance(node.right, ast.Tuple | ast.Dict) and not _is_text(node.right):
            return "% with a value that may be a tuple"
        if not all(_formats_alike(one) for one in fields):
            return "% with a value whose own format may differ"
    shown = False
    for one in fields:
        if shown and not _is_still(one.value):
            return "value that is now formatted before the next is read"
        shown = shown or not isinstance(one.value, ast.Constant)
    return None


def _formats_alike(one: Field) -> bool:
    """Say whether `%` and an f-string are known to write the value the same way."""
    is_number = isinstance(one.value, ast.Constant) and not isinstance(one.value.value, str)
    # A width or a precision means another thing to a number than to its text.
    return bool(one.conversion) or (_is_text(one.value) and not (is_number and one.format))


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.Constant(value=int()):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _TO_TEXT
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join" | "format")):
            return True
    return False


def _is_still(node: ast.expr) -> bool:
    """Say whether reading the expression changes nothing: names, attributes, items, literals."""
    return all(
        not isinstance(one, ast.Call | ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)
        or (
            isinstance(one, ast.Call)
            and isinstance(one.func, ast.Name)
            and one.func.id in _HARMLESS
        )
        for one in ast.walk(node)
    )


def _apart(results: Sequence[Proposal | Kept]) -> list[Proposal | Kept]:
    """Return the results without proposals inside others."""
    done = 0
    apart: list[Proposal | Kept] = []
    for one in sorted(results, key=lambda r: r.at if isinstance(r, Kept) else r.start):
        if isinstance(one, Proposal):
            if one.start < done:
                continue
            done = one.end
        apart.append(one)
    return apart


def _standing(text: str, results: list[Proposal | Kept]) -> list[Proposal | Kept]:
    """Return the results; a proposal that would not be one string where it stands is kept out."""
    proposals = [one for one in results if isinstance(one, Proposal)]
    while bad := _not_standing(text, proposals):
        proposals = [one for one in proposals if one not in bad]
    return [
        one
        if isinstance(one, Kept) or one in proposals
        else Kept(one.start, "formatting that needs more space around it")
        for one in results
    ]


def _not_standing(text: str, proposals: Sequence[Proposal]) -> list[Proposal]:
    if not proposals:
        return []
    after = replaced(text, (Replacement(one.start, one.end, one.new) for one in proposals))
    try:
        tree = ast.parse(after)
    except SyntaxError:
        alone = [one for one in proposals if len(proposals) > 1 and _not_standing(text, [one])]
        return alone or list(proposals)
    positions = Positions(after)
    strings = {
        (positions.start(node), positions.end(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
    }
    bad, shift = [], 0
    for one in proposals:
        start = one.start + shift
        opened = len(one.new) - len(one.new.lstrip("( \t\r\n"))
        closed = len(one.new.rstrip(") \t\r\n"))
        if (start + opened, start + closed) not in strings:
            bad.append(one)
        shift += len(one.new) - (one.end - one.start)
    return bad
