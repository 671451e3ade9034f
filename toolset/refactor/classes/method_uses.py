"""The calls of a method or a function in a project, each with what it is called on or with.

Shared by both ways between methods and functions. A use that is no call is handed back too: no
call can be made of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import libcst as cst

from toolset.checks import parse
from toolset.copies import private_copy
from toolset.draft import Draft
from toolset.refactor.clashes import taken_as_global
from toolset.refactor.classes.class_syntax import Names, bound_in, refuse
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Place
from toolset.refactor.references import References
from toolset.refactor.words import Word
from toolset.workspace import SourceFile

_OPENING = re.compile(r"(?:\s|\\\r?\n)*\(")
_SAFE_TO_DROP = re.compile(r"\w+(?:\s*\.\s*\w+)*")
ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
_SHOWN = 120  # characters of a line


@dataclass(frozen=True, slots=True)
class Site:
    """A call of the function, as `on.name(...)` or `name(...)`; `on` is what stands before it.

    Offsets count characters: `start` and `end` are those of what is called, `inside` is behind the
    opening parenthesis, `close` before the closing one.
    """

    word: Word
    names: Names
    call: cst.Call
    on: cst.BaseExpression | None
    start: int
    end: int
    inside: int
    close: int

    @property
    def space(self) -> str:
        """Return the line end and indentation before the first argument; empty if on one line."""
        text = self.names.source.text
        first = self.names.start(self.call.args[0]) if self.call.args else self.close
        space = text[self.inside : first]
        return space if "\n" in space and not space.strip() else ""

    def first_argument(self) -> int:
        """Return the offset of the first argument, or of the closing parenthesis."""
        return self.names.start(self.call.args[0]) if self.call.args else self.close

    def has_comment(self, start: int, end: int) -> bool:
        return "#" in self.names.source.text[start:end]

    def place_of(self, node: cst.BaseExpression) -> Place | None:
        """Return where jedi is asked what an expression is; None if it cannot be asked.

        At its last name, or right behind its last bracket: at a bracket, parso gives the leaf
        before.
        """
        if not isinstance(node, ATOMS):
            return None
        source, at = self.names.source, self.names.source.end(node)
        if isinstance(node, cst.Name | cst.Attribute):
            at -= 1
        return Place(self.word.place.path, source.line(at), at - source.line_start(at))

    @property
    def shown(self) -> str:
        return f"{self.word.place}  {self.word.line_text[:_SHOWN]}"


@dataclass(frozen=True)
class Uses:
    """All calls by file, imports of the name, and the uses that are neither."""

    sites: tuple[Site, ...]
    imports: tuple[Word, ...]
    values: tuple[Word, ...]

    def in_file(self, source: SourceFile) -> list[Site]:
        """Return a file's calls, one that encloses another before it."""
        found = [one for one in self.sites if one.word.place.path == source.path]
        return sorted(found, key=lambda one: (one.start, -one.close))


def read_uses(references: References) -> Uses:
    """Sort the places that are the symbol, but for its definition."""
    sites, imports, values = [], [], []
    read: dict[object, Names] = {}
    for word in references.found:
        if word.place == references.target.place:
            continue
        if word.imports:
            imports.append(word)
            continue
        path = word.place.path
        if path not in read:
            read[path] = Names(word.source.text)
        site = _site(word, read[path])
        sites += [site] if site else []
        values += [] if site else [word]
    return Uses(tuple(sites), tuple(imports), tuple(values))


def _site(word: Word, names: Names) -> Site | None:
    node: cst.BaseExpression | None = names.at(word.start)
    if node is None or not word.is_code:
        return None
    on = None
    match names.parent(node):
        case cst.Attribute(value=value, attr=attr) as attribute if attr is node:
            node, on = attribute, value
    call = names.parent(node)
    if not isinstance(call, cst.Call) or call.func is not node:
        return None
    end = names.end(node)
    opening = _OPENING.match(names.source.text, end)
    if opening is None or names.start(node) != names.source.start(node):
        return None
    inside, close = opening.end(), names.source.end(call) - 1
    return Site(word, names, call, on, names.start(node), end, inside, close)


def is_droppable(names: Names, node: cst.BaseExpression) -> bool:
    """Say whether leaving an expression out changes nothing: it is a name, or names with dots."""
    return bool(_SAFE_TO_DROP.fullmatch(names.text(node)))


def require_followed(references: References, uses: Uses, what: str, *, is_member: bool) -> None:
    """Refuse uses that are no calls, and those of which no engine knows what they are.

    An attribute of an unknown object may be the symbol only if that is a member of a class.
    """
    if uses.values:
        raise refuse(
            f"{what} is not only called here.",
            [f"{word.place}  {word.line_text[:_SHOWN]}" for word in uses.values],
        )
    unknown = [
        f"{one.place}  {one.text}"
        for one in references.leftovers()
        if one.kind.startswith(("attribute", "the engines", "pattern") if is_member else "the eng")
    ]
    if unknown:
        raise refuse(f"These may be {what}, but no engine is sure.", unknown)


def require_free(source: SourceFile, name: str, sites: Sequence[Site]) -> None:
    """Refuse where the function's name means something else at a call, or in its module."""
    tree = parse(source.path, source.state)
    lines = [one.word.place.line for one in sites]
    taken = taken_as_global(tree, name, lines)
    inside = [
        one.lineno
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef) and name in bound_in(one)
        for site in sites
        if _runs_in_class_body(site, one.name)
    ]
    if taken or inside:
        raise refuse(
            f"The name {name} is taken where the function would be called.",
            [f"{source.path}:{line}" for line in sorted({*taken, *inside})],
        )


def _runs_in_class_body(site: Site, name: str) -> bool:
    for around in site.names.around(site.call):
        if isinstance(around, cst.FunctionDef | cst.Lambda):
            return False
        if isinstance(around, cst.ClassDef):
            return around.name.value == name
    return False


def asked(draft: Draft, sites: Sequence[Site]) -> Iterator[tuple[Site, Jedi]]:
    """Yield each call with a jedi that sees the draft."""
    files = {one.word.place.path: one.word.source for one in sites}
    staged = draft.changes()
    with private_copy(draft.workspace, staged) if staged else nullcontext(draft.workspace) as on:
        jedi = Jedi(on.root, files.values())
        for one in sites:
            yield one, jedi


def classes_of(draft: Draft, site: Site, node: cst.BaseExpression, jedi: Jedi) -> set[str]:
    """Return the names of the classes that an expression may be an object of.

    A class outside the project has an empty name; no name at all says that jedi does not know.
    """
    place = site.place_of(node)
    return {_name_at(draft, one) for one in jedi.classes(place)} if place else set()


def _name_at(draft: Draft, place: Place) -> str:
    if place.line == 0:
        return ""
    line = draft.read(place.path).text.split("\n")[place.line - 1]
    found = re.match(r"\w+", line[place.column :])
    return found[0] if found else ""
