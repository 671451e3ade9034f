"""The commands that read code: its outline, and where a symbol is defined, used and called.

Nothing is changed, and no model is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from json import dumps
from pathlib import Path

from alma_agent.terminal.consoles import err, visible
from toolset.draft import Draft
from toolset.outline.repository import outline
from toolset.outline.values import FileOutline, OutlinedSymbol, SymbolKind
from toolset.workspace import Workspace

VERSION = 1  # of the JSON documents; goes up when a key changes


async def show_outline(
    path: Path | None, *, json: bool = False, kinds: Collection[SymbolKind] = ()
) -> int:
    """Print what the project, or the file or folder at `path`, defines; of `kinds` only, if any.

    The exit code is 1 if nothing at all could be read of what was asked for.
    """
    workspace = Workspace.around(Path.cwd())
    inside = workspace.locate(path, base=Path.cwd()) if path is not None else None
    outlines = outline(workspace, inside)
    if json:
        _print_json(files=[_told(one, kinds) for one in outlines])
    else:
        _print_outlines(outlines, kinds)
    unread = [one for one in outlines if one.error and not one.symbols]
    return 1 if unread and len(unread) == len(outlines) else 0


async def show_definition(target: str, *, json: bool = False) -> int:
    """Print every place that may define `target`; imports are followed."""
    from toolset.refactor.queries import definition

    found = definition(Draft(Workspace.around(Path.cwd())), target)
    if json:
        _print_json(definitions=[one.to_dict() for one in found])
    else:
        _print("\n".join(f"{one.place}: {one.text}" for one in found))
    return 0


async def show_references(target: str, *, calls_only: bool = False, json: bool = False) -> int:
    """Print where `target` is defined and used, or only called, and what may be a use of it."""
    from toolset.refactor.queries import Reference, references, who_calls

    draft = Draft(Workspace.around(Path.cwd()))
    answer = (who_calls if calls_only else references)(draft, target)
    if json:
        _print_json(**answer.to_dict())
        return 0

    def line(one: Reference, doubt: str = "") -> str:
        inside = f"in {one.inside}: " if one.inside else ""
        return f"{one.place}: {inside}{one.text}{doubt}"

    for one in answer.references:
        doubt = f"  ({', '.join(one.against)} says: another symbol)" if one.against else ""
        _print(line(one, doubt))
    for one in answer.perhaps:
        _print(line(one, f"  (perhaps: {one.kind})"))
    what = "call" if calls_only else "place"
    count = _count(len(answer.references), what)
    also = f", and {len(answer.perhaps)} that may be" if answer.perhaps else ""
    err.print(f"{answer.definition.address}: {count}{also}.", soft_wrap=True)
    return 0


def _print_outlines(outlines: Sequence[FileOutline], kinds: Collection[SymbolKind]) -> None:
    _print("\n".join(line for one in outlines for line in _lines(one, kinds)))
    for one in outlines:
        if one.error:
            where = f"{one.path}:{one.error.line}" if one.error.line else f"{one.path}"
            err.print(f"{where}: {one.error.message}", soft_wrap=True)
    if not outlines:
        err.print("No source file is here in a language that alma outlines.")


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
    yield f"{one.path}  ({one.language}, {_count(one.lines, 'line')}{measured})"
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


def _print(text: str) -> None:
    if text:  # by rich's console, ten thousand lines take longer than to outline them
        print(visible(text))


def _print_json(**content: object) -> None:
    # ASCII, and not by the console: a program reads it, and may be handed megabytes.
    print(dumps({"version": VERSION, **content}, indent=2))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
