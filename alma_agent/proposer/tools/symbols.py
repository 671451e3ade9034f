"""Tools that show one symbol, and who uses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import groupby
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from alma_agent.proposer.tools.desk import Desk
from alma_agent.proposer.tools.project_files import project_files
from alma_agent.proposer.tools.reading import lines_of
from alma_agent.proposer.tools.secret_files import holds_secrets
from alma_agent.proposer.tools.showing import count, listed, numbered, shortened
from toolset.errors import RefactoringRefused
from toolset.outline.repository import outline
from toolset.outline.values import OutlinedSymbol
from toolset.refactor.queries import Reference, references

_MOST_PLACES = 60
_LONGEST_LINE = 200
_MOST_CANDIDATES = 20

Symbol = Annotated[str, Field(description="Its name; `Class.method` for a member.")]
DefinedIn = Annotated[
    str, Field(description="The file that defines it, if several define the name.")
]
_Found = tuple[PurePosixPath, OutlinedSymbol]


def read_symbol(desk: Desk, symbol: Symbol, path: DefinedIn = "") -> str:
    """Show the source of a class, function or method, with line numbers."""
    name, place = _address(symbol, path)
    where = desk.readable(place) if place else None
    known = list(_symbols(desk, where))
    exact = [one for one in known if one[1].qualified_name == name]
    found = exact or [one for one in known if one[1].qualified_name.endswith(f".{name}")]
    if not found:
        raise RefactoringRefused(_unknown(name, where, known))
    # A property's setter, an overload: several definitions in one place are one symbol.
    if len({(at, one.qualified_name) for at, one in found}) > 1:
        shown = [f"{_name(one)}  line {one[1].start_line}" for one in found[:_MOST_CANDIDATES]]
        raise RefactoringRefused(
            f"{name} is {len(found)} symbols. Ask for one, with `path` or the whole name:",
            candidates=shown,
        )
    return "\n".join(_source(desk, one) for one in found[:_MOST_CANDIDATES])


def find_references(desk: Desk, symbol: Symbol, path: DefinedIn = "") -> str:
    """Show where a Python symbol is defined and used: what is sure, and what may be it."""
    name, place = _address(symbol, path)
    answer = references(desk.draft, f"{desk.locate(place)}::{name}" if place else name)
    sure = [one for one in answer.references if not holds_secrets(one.place.path)]
    perhaps = [one for one in answer.perhaps if not holds_secrets(one.place.path)]
    files = len({one.place.path for one in sure})
    head = f"{answer.definition.address}: {count(len(sure), 'place')} in {count(files, 'file')}"
    lines = [head, *_by_file(sure)]
    if perhaps:
        lines += [f"May be it, look ({len(perhaps)}):", *_by_file(perhaps)]
    return listed(
        lines,
        _MOST_PLACES,
        lambda left: f"({left} more lines; search_text with `path` shows those of one folder)",
    )


def _address(symbol: str, path: str) -> tuple[str, str]:
    """Return a name and a file; `a.py::Store.load` says both."""
    before, separator, name = symbol.strip().rpartition("::")
    return name.removesuffix("()"), path.strip() or (before if separator else "")


def _symbols(desk: Desk, where: PurePosixPath | None) -> Iterator[_Found]:
    if where is not None:
        desk.draft.read(where)  # says first if there is no such file
    there = None if where else set(project_files(desk.draft))
    for one in outline(desk.draft, where):
        if there is None or one.path in there:
            yield from ((one.path, symbol) for symbol in one.symbols)


def _name(found: _Found) -> str:
    path, symbol = found
    return f"{path}::{symbol.qualified_name}"


def _source(desk: Desk, found: _Found) -> str:
    path, symbol = found
    lines = lines_of(desk.draft, path)
    shown = numbered(
        lines,
        symbol.start_line,
        min(symbol.end_line, len(lines)),
        lambda line: f"read_file with first_line={line}",
    )
    return f"{_name(found)}\n{shown}"


def _unknown(name: str, where: PurePosixPath | None, known: Sequence[_Found]) -> str:
    names = {part for _, one in known for part in (one.name, one.qualified_name)}
    near = get_close_matches(name, sorted(names), n=3)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"No class, function or method {name} is defined in {where or 'the project'}.{meant} "
        "search_text finds variables, and all other text."
    )


def _by_file(places: Iterable[Reference]) -> Iterator[str]:
    for path, group in groupby(places, key=lambda one: one.place.path):
        yield str(path)
        for one in group:
            inside = f" in {one.inside}" if one.inside else ""
            doubt = f" ({', '.join(one.against)}: another symbol)" if one.against else ""
            text = shortened(one.text.strip(), longest=_LONGEST_LINE)
            yield f"  {one.place.line}: {one.kind}{inside}: {text}{doubt}"
