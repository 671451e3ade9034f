"""Which functions and classes a change to one file touched, by the lines that differ.

One parse of the new text; the old one is parsed only where lines have gone without others in their
place, or with a definition in them.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from toolset.normal_form import Unparsable, first_line, syntax_tree

_Range = tuple[int, int]
_DEFINES = re.compile(rb"\s*(?:async[ \t]+def|def|class)\b")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_SLOW_TO_COMPARE = 2_000  # lines


def touched_symbols(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return the qualified names whose lines changed, innermost only, in their order in the file.

    Names that are gone come last. "" stands for module-level code, and for the whole of a file that
    is no Python. Blank lines between definitions touch nothing.
    """
    old, new = _LINE_END.split(before), _LINE_END.split(after)
    changed = list(_changed(old, new))
    if not changed:
        return ()
    try:
        spans = list(_spans(syntax_tree(after)))
    except Unparsable:
        return ("",)
    order = list(dict.fromkeys(["", *(name for name, _ in spans)]))
    names = {
        definition_at(spans, line)
        for _, (start, end) in changed
        for line in range(start, end)
        if new[line].strip()
    }
    removed = [line for (first, last), _ in changed for line in range(first, last)]
    if any(start == end for _, (start, end) in changed) or any(
        _DEFINES.match(old[line]) for line in removed
    ):
        was = definitions_of(before)
        names |= {definition_at(was, line) for line in removed if old[line].strip()}
        order += dict.fromkeys(name for name, _ in was if name not in order)
        names |= {name for name, _ in was} - {name for name, _ in spans}
    return tuple(name for name in order if name in names)


def definitions_of(source: bytes) -> list[tuple[str, _Range]]:
    """Return each definition's qualified name and lines, from (0 the first) and to; outer first.

    Nothing if the text does not parse.
    """
    try:
        return list(_spans(syntax_tree(source)))
    except Unparsable:
        return []


def definition_at(definitions: Sequence[tuple[str, _Range]], line: int) -> str:
    """Return the innermost definition around a line, counted from 0; "" for module-level code."""
    around = [name for name, (start, end) in definitions if start <= line < end]
    return around[-1] if around else ""


def _changed(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[tuple[_Range, _Range]]:
    """Yield the lines that differ: from (0 the first) and to, before and after."""
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))))
    longest = min(len(old), len(new)) - same
    tails = zip(reversed(old), reversed(new), strict=False)
    tail = len(list(takewhile(lambda pair: pair[0] == pair[1], tails)))
    tail = min(tail, longest)
    middle, put = old[same : len(old) - tail], new[same : len(new) - tail]
    if len(middle) == len(put):  # renamed things leave the lines where they are
        for at, pair in enumerate(zip(middle, put, strict=True), same):
            if pair[0] != pair[1]:
                yield (at, at + 1), (at, at + 1)
        return
    # In long files, lines that stand everywhere are no landmarks: comparing them takes minutes.
    is_long = len(middle) + len(put) > _SLOW_TO_COMPARE
    matcher = difflib.SequenceMatcher(None, middle, put, autojunk=is_long)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag != "equal":
            yield (same + first, same + last), (same + start, same + end)


def _spans(tree: ast.Module) -> Iterator[tuple[str, _Range]]:
    """Yield each definition's name and lines, from (0 the first) and to; the outer ones first."""
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{inside}.{node.name}" if inside else node.name
            yield inside, (first_line(node) - 1, node.end_lineno or node.lineno)
        held = [one for one in ast.iter_child_nodes(node) if not isinstance(one, ast.expr)]
        waiting.extend((one, inside) for one in reversed(held))
