"""Questions about a symbol: where is it defined, who uses it, who calls it.

The answers come from `references`, with who vouches for each: what no engine could show is listed
apart, as what may be the symbol. Nothing is changed, so engines may disagree; it is said where.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from toolset.checks import parse
from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.errors import RefactoringRefused
from toolset.outline.repository import outline_of
from toolset.outline.values import FileOutline, OutlinedSymbol
from toolset.refactor.aliases import aliased
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.references import References, can_be_edited, find_references
from toolset.refactor.target import definitions, find_target, parse_target, unknown_name
from toolset.refactor.words import Word, find_words
from toolset.workspace import SourceFile

_CALLS = frozenset({"call", "decorator"})  # a decorator is called where it stands


@dataclass(frozen=True, slots=True)
class Reference:
    """One place where a symbol's name stands.

    `kind` is what it is there: "definition", "import", "call", "decorator", "base class",
    "annotation", "pattern", "parameter", "assignment", "deletion", "__all__", "attribute" or
    "name" for other uses; or, of what merely may be the symbol, a few words ("comment", "string").
    `inside` is the dotted name of the class or function around it, empty at module level. `text`
    is the line. `witnesses` vouch that it is the symbol, `against` say that it is another one.
    """

    place: Place
    kind: str
    inside: str
    text: str
    witnesses: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists, ready for JSON."""
        told = asdict(self)
        del told["place"]
        place = self.place
        return {"path": str(place.path), "line": place.line, "column": place.column, **told}


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a symbol is defined; `symbol` says more of a class or function."""

    address: str
    place: Place
    text: str
    symbol: OutlinedSymbol | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists, ready for JSON."""
        place = self.place
        return {
            "address": self.address,
            "path": str(place.path),
            "line": place.line,
            "column": place.column,
            "text": self.text,
            "symbol": asdict(self.symbol) if self.symbol else None,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a symbol's uses: `references` are it, `perhaps` may be it; by place."""

    definition: Definition
    references: tuple[Reference, ...]
    perhaps: tuple[Reference, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists, ready for JSON."""
        return {
            "definition": self.definition.to_dict(),
            "references": [one.to_dict() for one in self.references],
            "perhaps": [one.to_dict() for one in self.perhaps],
        }


def definition(draft: Draft, target: str) -> tuple[Definition, ...]:
    """Return every place that may define `target`, a name or `path::Class.name`; imports followed.

    Several, if several symbols have that name. Raises RefactoringRefused if there is none,
    DoesNotParse where the file named does not.
    """
    path, name = parse_target(draft, target)
    word = name.rpartition(".")[2]
    if path is not None:
        parse(path, draft.read(path).state)
    sources = [source for source in draft.texts() if word in source.text]
    words = tuple(find_words(sources, word))
    if not words:
        raise RefactoringRefused(unknown_name(word, draft.texts()))
    found = definitions([one for one in words if path is None or one.place.path == path], name)
    if not found:
        files = [source for source in sources if can_be_edited(source)]
        found = [find_target(words, name, path, Jedi(draft.workspace.root, files))]
    outlines = _Outlines()
    return tuple(_definition(one, outlines) for one in found)


def references(draft: Draft, target: str) -> Answer:
    """Return every place where `target`, a name or `path::Class.name`, stands or may stand.

    Under the name of an imported alias too, but not where it was assigned to another name.
    Raises RefactoringRefused if it is not found, AmbiguousTarget if it may be several.
    """
    path, name = parse_target(draft, target)
    found = find_references(draft, name, path=path, may_disagree=True)
    uses = {source.path: _uses(source) for source in found.files}
    outlines = _Outlines()
    certain = [_reference(word, found, uses, outlines) for word in found.found]
    for word in aliased(draft, found):
        uses.setdefault(word.place.path, {}).update(_uses(word.source))
        kind, inside = _kind(word, uses, outlines), outlines.inside(word)
        certain.append(Reference(word.place, kind, inside, word.line_text, ("jedi",)))
    left = {one.place: one for one in found.leftovers()}
    possible = [
        _possible(word, left.pop(word.place), uses, outlines)
        for word in found.words
        if word.place in left
    ]
    # What is left of them stands in files that are no text: there are no words to look at.
    possible += [Reference(one.place, one.kind, "", one.text) for one in left.values()]
    return Answer(
        _definition(found.target, outlines),
        tuple(sorted(certain, key=lambda one: one.place)),
        tuple(sorted(possible, key=lambda one: one.place)),
    )


def who_calls(draft: Draft, target: str) -> Answer:
    """Return where `target` is called, or may be; as a decorator too. Raises as `references`."""
    answer = references(draft, target)
    return Answer(
        answer.definition,
        tuple(one for one in answer.references if one.kind in _CALLS),
        tuple(one for one in answer.perhaps if one.kind in _CALLS),
    )


class _Outlines:
    """The outlines of the files that hold an answer, each made once."""

    def __init__(self) -> None:
        self._made: dict[PurePosixPath, FileOutline | None] = {}

    def of(self, source: SourceFile) -> FileOutline | None:
        if source.path not in self._made:
            self._made[source.path] = outline_of(source)
        return self._made[source.path]

    def symbol_at(self, word: Word) -> OutlinedSymbol | None:
        """Return the class or function whose name this very word is."""
        outline = self.of(word.source)
        name = word.source.text[word.start : word.end]
        named = (
            one
            for one in (outline.symbols if outline and word.binds else ())
            if one.name_line == word.place.line and one.name == name
        )
        return next(named, None)

    def inside(self, word: Word) -> str:
        """Return the dotted name of what is around the word; around it all, if it defines."""
        outline = self.of(word.source)
        own = self.symbol_at(word)
        if own is not None:
            return own.qualified_name.rpartition(".")[0]
        around = outline.enclosing(word.place.line) if outline else None
        return around.qualified_name if around else ""


def _definition(word: Word, outlines: _Outlines) -> Definition:
    name = word.source.text[word.start : word.end]
    dotted = f"{word.scope}.{name}" if word.scope else name
    address = f"{word.place.path}::{dotted}"
    return Definition(address, word.place, word.line_text, outlines.symbol_at(word))


_Uses = Mapping[PurePosixPath, Mapping[tuple[int, int], str]]


def _reference(word: Word, found: References, uses: _Uses, outlines: _Outlines) -> Reference:
    against = ("jedi",) if word.place in found.votes.other else ()
    return Reference(
        word.place,
        _kind(word, uses, outlines),
        outlines.inside(word),
        word.line_text,
        found.engines(word.place),
        against,
    )


def _possible(word: Word, left: Leftover, uses: _Uses, outlines: _Outlines) -> Reference:
    kind = _use(word, uses) if word.is_code else None
    return Reference(word.place, kind or left.kind, outlines.inside(word), word.line_text)


def _kind(word: Word, uses: _Uses, outlines: _Outlines) -> str:
    if word.imports:
        return "import"
    if word.is_parameter:
        return "parameter"
    if use := _use(word, uses):
        return use
    if word.binds:
        return "definition" if outlines.symbol_at(word) else "assignment"
    return word.kind


def _use(word: Word, uses: _Uses) -> str | None:
    """Return what is done with the name, if it is one of the things that `_uses` knows."""
    text = word.source.text
    line_start = text.rfind("\n", 0, word.end) + 1
    ends_at = len(text[line_start : word.end].encode())  # `ast` counts bytes
    return uses.get(word.place.path, {}).get((word.place.line, ends_at))


def _uses(source: SourceFile) -> dict[tuple[int, int], str]:
    """Return what is done with names, by where they end: line, and column in bytes."""
    if not is_python(source.path):
        return {}
    found: dict[tuple[int, int], str] = {}
    for node in ast.walk(parse(source.path, source.state)):
        for used, kind in _used_by(node):
            if isinstance(used, ast.Name | ast.Attribute):
                end = (used.end_lineno or 0, used.end_col_offset or 0)
                if kind == "call" or end not in found:  # a call in an annotation is a call
                    found[end] = kind
    return found


def _used_by(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    match node:
        case ast.Call():
            yield node.func, "call"
        case ast.Delete():
            yield from ((one, "deletion") for one in node.targets)
        case ast.MatchClass():
            yield node.cls, "pattern"
        case ast.ClassDef():
            yield from ((one, "base class") for one in node.bases)
        case ast.arg() | ast.AnnAssign():
            yield from _annotated(node.annotation)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _annotated(node.returns)
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield from ((one, "decorator") for one in node.decorator_list)


def _annotated(annotation: ast.expr | None) -> Iterable[tuple[ast.AST, str]]:
    if annotation is None:
        return ()
    return ((one, "annotation") for one in ast.walk(annotation))
