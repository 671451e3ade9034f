"""Where a field of a class is named as a keyword: in calls of the class, and in its patterns.

No engine follows `Point(x=1)` to the field `x` of a dataclass; but whether the call is one of
`Point` they know.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from toolset.checks import parse
from toolset.draft import Draft
from toolset.refactor.evidence import Place
from toolset.refactor.positions import Positions, last_name
from toolset.refactor.references import References, find_references
from toolset.refactor.words import Word
from toolset.workspace import SourceFile

_FIELD_BASES = {"NamedTuple", "TypedDict", "BaseModel"}
_FIELD_DECORATORS = {"dataclass", "define", "frozen", "mutable", "attrs", "s"}

_SURE = 2  # engines

Witnessed = dict[Word, tuple[str, ...]]


def keywords_of_fields(draft: Draft, references: References) -> Witnessed:
    """Return the keywords in calls and patterns that name the field, and who vouches for each.

    Only those that the two engines do not both know. Empty if what `references` are of is no field
    of a class that has its `__init__` made.
    """
    target = references.target
    words = {
        one.place: one
        for one in references.words
        if one.kind in ("keyword", "pattern") and len(references.engines(one.place)) < _SURE
    }
    if not target.is_member or not words or not is_field(target):
        return {}
    owner = find_references(draft, target.scope, path=target.place.path)
    sure = {one.place for one in owner.found if len(owner.engines(one.place)) >= _SURE}
    return {
        words[keyword]: (*references.engines(keyword), "its class", "its syntax")
        for source in {one.source.path: one.source for one in words.values()}.values()
        if source in owner.files
        for called, keyword in _keywords(source)
        if keyword in words and called in sure
    }


def is_field(target: Word) -> bool:
    """Say whether it is a field of a class that has its `__init__` made."""
    owner = owner_of(target)
    if owner is None or not _declares(owner, target):
        return False
    bases = {last_name(base) for base in owner.bases}
    called = (one.func if isinstance(one, ast.Call) else one for one in owner.decorator_list)
    decorators = {last_name(one) for one in called}
    own = any(isinstance(one, ast.FunctionDef) and one.name == "__init__" for one in owner.body)
    return not own and bool(bases & _FIELD_BASES or decorators & _FIELD_DECORATORS)


def owner_of(target: Word) -> ast.ClassDef | None:
    """Return the innermost class around a member's definition."""
    around = [
        node
        for node in ast.walk(parse(target.source.path, target.source.state))
        if isinstance(node, ast.ClassDef)
        and node.lineno <= target.place.line <= (node.end_lineno or node.lineno)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def _declares(node: ast.ClassDef, target: Word) -> bool:
    return any(
        isinstance(one, ast.AnnAssign) and one.lineno == target.place.line for one in node.body
    )


def _keywords(source: SourceFile) -> Iterator[tuple[Place, Place]]:
    """Yield for each keyword where the last name of what is called stands, and the keyword."""
    at = Positions(source.text)

    def name_of(called: ast.Name | ast.Attribute) -> Place:
        return at.place(source.path, at.end(called) - len(last_name(called)))

    for node in ast.walk(parse(source.path, source.state)):
        match node:
            case ast.Call(func=ast.Name() | ast.Attribute() as called, keywords=keywords):
                for one in keywords:
                    yield name_of(called), at.place(source.path, at.start(one))
            case ast.MatchClass(cls=ast.Name() | ast.Attribute() as called):
                for name, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
                    before = source.text[at.end(called) : at.start(pattern)]
                    if found := re.search(rf"(?<!\w){re.escape(name)}\s*=[\s(]*$", before):
                        start = at.end(called) + found.start()
                        yield name_of(called), at.place(source.path, start)
