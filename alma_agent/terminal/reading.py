"""The commands that read code: its outline, and where a symbol is defined, used and called.

Nothing is changed, and no model is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from typing_extensions import TypedDict

from alma_agent.terminal.consoles import err, manner, tell
from alma_agent.terminal.verbatim import Verbatim
from alma_agent.terminal.wording import counted
from toolset.draft import Draft
from toolset.outline.repository import outline
from toolset.outline.values import FileOutline, OutlinedSymbol, SymbolKind, Unread
from toolset.workspace import Workspace

_PIECE = 1_000  # lines


class OutlineResult(TypedDict):
    """`alma outline`: every file with its symbols."""

    files: Sequence[FileOutline]


class DefinitionDocument(TypedDict):
    """Where a symbol is defined; the line counts from 1, the column from 0."""

    address: str
    path: str
    line: int
    column: int
    text: str
    symbol: OutlinedSymbol | None


class ReferenceDocument(TypedDict):
    """A place where a symbol's name stands: `witnesses` say that it is the symbol."""

    path: str
    line: int
    column: int
    kind: str
    inside: str
    text: str
    witnesses: list[str]
    against: list[str]


class DefinitionsResult(TypedDict):
    """`alma refs --definition`: every place that may define the symbol."""

    definitions: list[DefinitionDocument]


class ReferencesResult(TypedDict):
    """`alma refs`: `references` are uses of the symbol, `perhaps` may be some."""

    definition: DefinitionDocument
    references: list[ReferenceDocument]
    perhaps: list[ReferenceDocument]


async def show_outline(path: Path | None, *, kinds: Collection[SymbolKind] = ()) -> int:
    """Tell what the project, or the file or folder at `path`, defines; of `kinds` only, if any.

    The exit code is 1 if nothing at all could be read of what was asked for.
    """
    workspace = Workspace.around(Path.cwd())
    inside = workspace.locate(path, base=Path.cwd()) if path is not None else None
    outlines = outline(workspace, inside)
    # Built only for who asks: on ten thousand symbols it takes longer than all else.
    result = {"files": [_told(one, kinds) for one in outlines]} if manner.json else {}
    _tell(result, [line for one in outlines for line in _lines(one, kinds)])
    complaints = [_complaint(one.path, one.error) for one in outlines if one.error]
    for one in complaints:
        err.print(one, soft_wrap=True)
    if not outlines:
        err.print("No source file is here in a language that alma outlines.")
    if not outlines or any(one.symbols or not one.error for one in outlines):
        return 0
    manner.reason = complaints[0]
    return 1


async def show_definition(target: str) -> int:
    """Tell every place that may define `target`; imports are followed."""
    from toolset.refactor.queries import definition

    found = definition(Draft(Workspace.around(Path.cwd())), target)
    _tell(
        {"definitions": [one.to_dict() for one in found]},
        [f"{one.place}: {one.text}" for one in found],
    )
    return 0


async def show_references(target: str, *, calls_only: bool = False) -> int:
    """Tell where `target` is defined and used, or only called, and what may be a use of it."""
    from toolset.refactor.queries import Reference, references, who_calls

    draft = Draft(Workspace.around(Path.cwd()))
    answer = (who_calls if calls_only else references)(draft, target)

    def line(one: Reference, doubt: str = "") -> str:
        inside = f"in {one.inside}: " if one.inside else ""
        return f"{one.place}: {inside}{one.text}{doubt}"

    lines = [
        line(one, f"  ({', '.join(one.against)} says: another symbol)" if one.against else "")
        for one in answer.references
    ]
    _tell(
        answer.to_dict(),
        lines + [line(one, f"  (perhaps: {one.kind})") for one in answer.perhaps],
    )
    what = "call" if calls_only else "place"
    count = counted(len(answer.references), what)
    also = f", and {len(answer.perhaps)} that may be" if answer.perhaps else ""
    err.print(f"{answer.definition.address}: {count}{also}.", soft_wrap=True)
    return 0


def _complaint(path: PurePosixPath, error: Unread) -> str:
    where = f"{path}:{error.line}" if error.line else f"{path}"
    return f"{where}: {error.message}"


def _told(one: FileOutline, kinds: Collection[SymbolKind]) -> dict[str, object]:
    told = one.to_dict()
    if kinds:
        told["symbols"] = [symbol for symbol in told["symbols"] if symbol["kind"] in kinds]
    return told


def _lines(one: FileOutline, kinds: Collection[SymbolKind]) -> Iterator[str]:
    symbols: Sequence[OutlinedSymbol] = [
        symbol for symbol in one.symbols if not kinds or symbol.kind in kinds
    ]
    if kinds and not symbols:
        return
    complexity = one.cognitive_complexity
    measured = "" if complexity is None else f", cognitive complexity {complexity}"
    yield f"{one.path}  ({one.language}, {counted(one.lines, 'line')}{measured})"
    for symbol in symbols:
        depth = 1 if kinds else symbol.qualified_name.count(".") + 1
        yield "  " * depth + _line(symbol, whole_name=bool(kinds))


def _line(symbol: OutlinedSymbol, *, whole_name: bool) -> str:
    name = symbol.qualified_name if whole_name else symbol.name
    takes = symbol.kind in ("function", "method", "macro")
    parameters = f"({', '.join(symbol.parameters)})" if takes else ""
    measured = symbol.cognitive_complexity
    complexity = "" if measured is None else f"  complexity {measured}"
    spoken = f"async {symbol.kind}" if symbol.is_async else symbol.kind
    lines = f"{symbol.start_line}-{symbol.end_line}"
    return f"{spoken} {name}{parameters}  {lines}{complexity}"


def _tell(result: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Tell lines in pieces, so that a reader who has gone is noticed before the last one."""
    pieces = (lines[at : at + _PIECE] for at in range(0, len(lines), _PIECE))
    tell(result, *(Verbatim("".join(f"{line}\n" for line in one)) for one in pieces))
