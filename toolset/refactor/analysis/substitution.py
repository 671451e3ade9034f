"""Expressions of a file replaced by others, in brackets only where Python needs them.

What is written is read again: the tree must be the old one with just those nodes exchanged.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Layout, blocks
from toolset.refactor.ranges import Replacement, replaced
from toolset.snippet import parse_or_refuse

_ATOMS = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Call,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.Constant,
    ast.JoinedStr,
)


@dataclass(frozen=True, slots=True)
class Substitute:
    """One expression of a file, and what comes in its place: a tree, and its text."""

    node: ast.expr
    new: ast.expr
    code: str


def written(layout: Layout, substitutes: Iterable[Substitute]) -> list[Replacement]:
    """Return the replacements that put each substitute in place.

    Raises RefactoringRefused where the text cannot say what the tree says.
    """
    return [_one(layout, one) for one in substitutes]


def substituted(tree: ast.AST, by_node: Mapping[ast.AST, ast.AST]) -> ast.AST:
    """Return a copy of a tree with some of its nodes exchanged."""
    memo: dict[int, object] = {id(old): copy.deepcopy(new) for old, new in by_node.items()}
    copied: ast.AST = copy.deepcopy(tree, memo)
    return copied


def _one(layout: Layout, one: Substitute) -> Replacement:
    layout.code(one.node)
    start, end = layout.start(one.node), layout.end(one.node)
    wanted = ast.dump(substituted(layout.tree, {one.node: one.new}))
    wrapped = layout.text[start - 1 : start] == "(" and layout.text[end : end + 1] == ")"
    tries = [Replacement(start, end, one.code), Replacement(start, end, f"({one.code})")]
    if wrapped and isinstance(one.new, _ATOMS) and not isinstance(one.node, _ATOMS):
        tries.insert(0, Replacement(start - 1, end + 1, one.code))
    for replacement in tries:
        try:
            if ast.dump(ast.parse(replaced(layout.text, [replacement]))) == wanted:
                return replacement
        except (SyntaxError, ValueError, RecursionError):
            continue
    raise RefactoringRefused(
        f"{layout.path}:{one.node.lineno}: {one.code} cannot be written in this place, as in an "
        "f-string with the same quotes. Nothing was changed."
    )


def require_tree(text: str, expected: ast.AST, *, without: ast.stmt | None = None) -> None:
    """Raise RefactoringRefused unless a text says what a tree does, but for one statement of it."""
    if without is not None:
        for node in ast.walk(expected):
            for block in blocks(node):
                block[:] = [
                    one
                    for one in block
                    if (one.lineno, one.col_offset) != (without.lineno, without.col_offset)
                ]
    if ast.dump(parse_or_refuse(text, "The result does not parse")) != ast.dump(expected):
        raise RefactoringRefused("It could not be written without changing something else.")
