"""Expressions of a file replaced by others, in brackets only where Python needs them.

What is written is read again: the tree must be the old one with just those nodes exchanged.
"""

from __future__ import annotations

import ast
import copy
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toolset.errors import RefactoringRefused
from toolset.refactor.analysis.layout import Layout, blocks
from toolset.refactor.ranges import Replacement, replaced
from toolset.snippet import parse_or_refuse

_OTHER_QUOTES = str.maketrans("'\"", "\"'")
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
    return _together(layout, list(substitutes))


def _together(layout: Layout, several: list[Substitute]) -> list[Replacement]:
    """Try the plainest spelling of all at once; only where it fails, of fewer and fewer."""
    if not several:
        return []
    if len(several) == 1:
        return [_one(layout, several[0])]
    for one in several:
        layout.code(one.node)
    replacements = [_spellings(layout, one)[0] for one in several]
    wanted = ast.dump(substituted(layout.tree, {one.node: one.new for one in several}))
    if _says(layout, replacements, wanted):
        return replacements
    half = len(several) // 2
    return [*_together(layout, several[:half]), *_together(layout, several[half:])]


def substituted(tree: ast.AST, by_node: Mapping[ast.AST, ast.AST]) -> ast.AST:
    """Return a copy of a tree with some of its nodes exchanged."""
    memo: dict[int, object] = {id(old): copy.deepcopy(new) for old, new in by_node.items()}
    copied: ast.AST = copy.deepcopy(tree, memo)
    return copied


def _one(layout: Layout, one: Substitute) -> Replacement:
    layout.code(one.node)
    wanted = ast.dump(substituted(layout.tree, {one.node: one.new}))
    for replacement in _spellings(layout, one):
        if _says(layout, [replacement], wanted):
            return replacement
    raise RefactoringRefused(
        f"{layout.path}:{one.node.lineno}: {one.code} cannot be written in this place"
        f"{_why_unwritable(layout, one.node)}. Nothing was changed."
    )


def _spellings(layout: Layout, one: Substitute) -> list[Replacement]:
    """Return how a substitute may be written, the plainest first."""
    start, end = layout.start(one.node), layout.end(one.node)
    wrapped = layout.text[start - 1 : start] == "(" and layout.text[end : end + 1] == ")"
    codes = [one.code, f"({one.code})"]
    if layout.in_fstring(one.node):
        others = [code.translate(_OTHER_QUOTES) for code in codes]
        clash = _quote(layout, one.node) in one.code  # which Python 3.12 and later would read
        codes = [*others, *codes] if clash else [*codes, *others]
    tries = [Replacement(start, end, code) for code in codes]
    if wrapped and isinstance(one.new, _ATOMS) and not isinstance(one.node, _ATOMS):
        tries.insert(0, Replacement(start - 1, end + 1, one.code))
    return tries


def _quote(layout: Layout, node: ast.expr) -> str:
    """Return the quote that the innermost f-string around a node begins with."""
    joined = next(one for one in layout.around(node) if isinstance(one, ast.JoinedStr))
    found = re.match(r"[A-Za-z]*(['\"])", layout.text[layout.start(joined) :])
    return found[1] if found else '"'


def _says(layout: Layout, replacements: list[Replacement], wanted: str) -> bool:
    """Say whether the text with these replacements reads as that tree."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(replaced(layout.text, replacements))) == wanted
    except (SyntaxError, ValueError, RecursionError):
        return False


def _why_unwritable(layout: Layout, node: ast.expr) -> str:
    if not layout.in_fstring(node):
        return ""
    if re.match(r"\s*=\s*[!:}]", layout.text[layout.end(node) :]):
        return ", because the = in the f-string shows the code itself"
    return ", because the quotes, backslashes or line breaks clash with those of the f-string"


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
