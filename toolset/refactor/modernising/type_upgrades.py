"""Types as a version of Python writes them: ruff writes, in rounds; the types must be the same.

A round is needed for each level of nesting. What an older Python than the one named could not run
is never written, whether or not the file postpones its annotations: other code may evaluate them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from toolset.encoding import newline_of
from toolset.refactor.evidence import Evidence, Leftover, Place
from toolset.refactor.modernising.bindings import is_bound
from toolset.refactor.modernising.joined_types import can_join, unknown_parts
from toolset.refactor.modernising.type_forms import same_imports, same_types
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement
from toolset.refactor.rewriting import Rewriting
from toolset.refactor.tidying.import_removal import comments_in
from toolset.ruff import Diagnostic, check
from toolset.workspace import SourceFile

_RULES = ("UP006", "UP007", "UP035", "UP037", "UP045")
_UNIONS = ("UP007", "UP045")
_MAY_NOT_JOIN = "types joined by | at run time, of which one may be none"
_POSTPONED = 14  # the first minor version that evaluates no annotation by itself
_ROUNDS = 20
# Else ruff writes newer types where `from __future__ import annotations` stands.
_KEEP = ("--config", "lint.pyupgrade.keep-runtime-typing=true")


@dataclass
class Upgrade:
    """One file under way; all places are those of the text as it was at first.

    `left` is what was not changed; `doubtful` is what was, and may differ.
    """

    rewriting: Rewriting
    changed: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    left: dict[Place, Leftover] = field(default_factory=dict)
    doubtful: dict[Place, Leftover] = field(default_factory=dict)

    @property
    def evidence(self) -> Evidence:
        left = [one for place, one in self.left.items() if place not in self.changed]
        return Evidence(self.changed, tuple(sorted([*left, *self.doubtful.values()])))


def upgrade(sources: Sequence[SourceFile], minor: int, classes: AbstractSet[str]) -> list[Upgrade]:
    """Return each file with its types rewritten for Python 3.`minor`, as far as is sure.

    `classes` are names that are known to be classes.
    """
    upgrades = {source.path: Upgrade(Rewriting(source)) for source in sources}
    moving = set(upgrades)
    for _ in range(_ROUNDS):
        told: dict[PurePosixPath, list[Diagnostic]] = {path: [] for path in moving}
        texts = {path: upgrades[path].rewriting.text for path in sorted(moving)}
        for one in check(texts, _RULES, f"--target-version=py3{minor}", *_KEEP):
            if one.code in _RULES:
                told[one.path].append(one)
        moving = {
            path
            for path, found in told.items()
            if found and _round(upgrades[path], found, minor, classes)
        }
        if not moving:
            break
    return [_vouched(one) for one in upgrades.values()]


def _round(
    upgrade: Upgrade, told: Sequence[Diagnostic], minor: int, classes: AbstractSet[str]
) -> bool:
    """Make the changes of one round; say whether there were some."""
    rewriting = upgrade.rewriting
    text, tree = rewriting.text, ast.parse(rewriting.text)
    positions, newline = Positions(text), newline_of(text)
    ranges: list[Replacement] = []
    for one in told:
        at = positions.offset(one.line, one.column)
        if reason := _why_kept(one, text, tree, minor):
            upgrade.left.setdefault(rewriting.place(at), rewriting.leftover(at, reason))
            continue
        for start, end, new in one.fix.edits if one.fix else ():
            if ranges and start < ranges[-1].end:
                continue  # its turn comes in the next round
            place = rewriting.place(start)
            ranges.append(Replacement(start, end, re.sub("\r?\n", newline, new)))
            upgrade.changed[place] = ("ruff", "types")
            if one.code in _UNIONS and not _postpones(tree) and unknown_parts(tree, new, classes):
                upgrade.doubtful[place] = rewriting.leftover(start, _MAY_NOT_JOIN)
    rewriting.replace(ranges)
    return bool(ranges)


def _why_kept(one: Diagnostic, text: str, tree: ast.Module, minor: int) -> str | None:
    """Return why a finding is not acted on; None if it is."""
    if one.fix is None or len(one.fix.edits) != 1:
        # For an import, that follows from the names that are left in the code.
        return None if one.code == "UP035" else "type that ruff cannot rewrite"
    ((start, end, new),) = one.fix.edits
    if comments_in(text, start, end) != comments_in(f"({new})", 0, len(new) + 2):
        return "type with a comment"
    if one.code == "UP006" and is_bound(tree, new.partition(".")[0].partition("[")[0]):
        return f"type whose new name {new} is something else here"
    if one.code == "UP035" and not same_imports(text[start:end], new):
        return "import of what may be another thing there"
    return next(_own_reasons(one, tree, new, minor), None)


def _own_reasons(one: Diagnostic, tree: ast.Module, new: str, minor: int) -> Iterator[str]:
    if one.code == "UP035" and _is_tried(tree, one.line):
        yield "import that depends on the version of Python"
    if one.code == "UP037" and minor < _POSTPONED and not _postpones(tree):
        yield "type in quotes that Python would evaluate"
    if one.code in _UNIONS and not _postpones(tree) and not can_join(tree, new):
        yield "type that | cannot join"


def _postpones(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(name.name == "annotations" for name in node.names)
        for node in tree.body
    )


def _is_tried(tree: ast.Module, line: int) -> bool:
    """Say whether the statement in this line stands in a `try`, or in an `if` of the version."""
    return any(
        isinstance(node, ast.Try | ast.TryStar | ast.If)
        and node.lineno <= line <= (node.end_lineno or node.lineno)
        and (not isinstance(node, ast.If) or "version_info" in ast.unparse(node.test))
        for node in ast.walk(tree)
    )


def _vouched(one: Upgrade) -> Upgrade:
    """Return the upgrade if its types are the same as before; else one that changes nothing."""
    rewriting = one.rewriting
    if not rewriting.is_changed or same_types(rewriting.source.text, rewriting.text):
        return one
    kept = Upgrade(Rewriting(rewriting.source))
    for place in one.changed:
        at = Positions(rewriting.source.text).offset(place.line, place.column)
        kept.left[place] = kept.rewriting.leftover(at, "type that may not be the same afterwards")
    return kept
