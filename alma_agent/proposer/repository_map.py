"""A map of the repository for one goal: the files and symbols that matter, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from alma_agent.proposer.relevance import CodeFile, RankedFile, ranked
from toolset.draft import Draft
from toolset.errors import ToolsetError
from toolset.outline.repository import outline
from toolset.outline.values import FileOutline, OutlinedSymbol

_CHARACTERS_PER_TOKEN = 4
_MOST_READ = 400_000  # characters of one file
_LONGEST_LINES = 200  # on average; longer ones are data, or code that a program wrote
_LONGEST_PARAMETERS = 60
_LONGEST_NAME = 100
_MOST_MISSES = 50  # lines in a row that are tried where no more seem to fit
_SYMBOL = 0.5  # a file's best symbol, beside the file itself
_HEADS = {"class": "class", "function": "def", "method": "def"}


def repository_map(
    draft: Draft,
    goal: str,
    *,
    in_hand: Sequence[PurePosixPath] = (),
    likely: Sequence[PurePosixPath] = (),
    budget_tokens: int,
) -> str:
    """Return an indented outline with line numbers, as long as `tokens_of` allows; maybe empty.

    Files `in_hand` draw in what is near them and are not listed: whoever reads this has them.
    `likely` are files that somebody foresees. The same draft and goal give the same text.
    """
    files = list(code_files(draft))
    hand = frozenset(in_hand)
    best = ranked(files, goal, in_hand=hand, likely=frozenset(likely))
    return fitted((one for one in best if one.outline.path not in hand), budget_tokens)


def code_files(draft: Draft) -> Iterator[CodeFile]:
    """Yield the files to rank; those that no person wrote are left out."""
    for one in outline(draft):
        try:
            state = draft.state_of(one.path)
        except ToolsetError:  # it has just become something else
            continue
        if state and len(state.data) <= _LONGEST_LINES * max(one.lines, 1):
            yield CodeFile(one, state.data[:_MOST_READ].decode("utf-8", "replace"))


def file_outline(draft: Draft, path: PurePosixPath, goal: str, *, budget_tokens: int) -> str:
    """Return one file's outline in the form of the map; cut by the goal if it is too long.

    Empty for a file without symbols. Raises FileMissing, and PathRefused for a file of no language
    that is known.
    """
    files = [CodeFile(one, "") for one in outline(draft, path) if one.symbols]
    return fitted(ranked(files, goal), budget_tokens)


def tokens_of(text: str) -> int:
    """Estimate the tokens of an outline: most tokenizers make four characters one."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def fitted(files: Iterable[RankedFile], budget_tokens: int) -> str:
    """Return as much of the files, which come best first, as the budget holds.

    A file's symbols compete with other files: its second is worth half of its first, and so on.
    """
    files = list(files)
    room = budget_tokens * _CHARACTERS_PER_TOKEN + 1  # the last line has no end
    chosen: dict[PurePosixPath, set[OutlinedSymbol]] = {}
    misses = 0
    for file, symbol in _by_weight(files):
        if misses > _MOST_MISSES:
            break
        path = file.outline.path
        taken = chosen.get(path)
        added = set() if symbol is None else _with_holders(symbol, file.outline) - (taken or set())
        lines = [_symbol_line(one) for one in added]
        if taken is None:
            lines.append(_file_line(file.outline))
        cost = sum(len(line) + 1 for line in lines)
        if cost <= room:
            room -= cost
            chosen.setdefault(path, set()).update(added)
            misses = 0
        else:
            misses += 1
    return "\n".join(
        line
        for file in files
        if file.outline.path in chosen
        for line in _lines(file.outline, chosen[file.outline.path])
    )


def _by_weight(files: Sequence[RankedFile]) -> list[tuple[RankedFile, OutlinedSymbol | None]]:
    entries: list[tuple[float, int, int, RankedFile, OutlinedSymbol | None]] = []
    for place, file in enumerate(files):
        entries.append((-file.weight, place, 0, file, None))
        for number, symbol in enumerate(file.symbols, start=1):
            entries.append((-file.weight * _SYMBOL / number, place, number, file, symbol))
    entries.sort(key=lambda entry: entry[:3])
    return [(file, symbol) for *_, file, symbol in entries]


def _with_holders(symbol: OutlinedSymbol, file: FileOutline) -> set[OutlinedSymbol]:
    """Return a symbol and those that it stands in: a method says little without its class."""
    return {
        one
        for one in file.symbols
        if one == symbol
        or (
            symbol.qualified_name.startswith(f"{one.qualified_name}.")
            and one.start_line <= symbol.start_line <= one.end_line
        )
    }


def _lines(file: FileOutline, symbols: set[OutlinedSymbol]) -> Iterator[str]:
    yield _file_line(file)
    for one in file.symbols:
        if one in symbols:
            yield _symbol_line(one)


def _file_line(file: FileOutline) -> str:
    return f"{file.path} ({file.lines} lines)"


def _symbol_line(symbol: OutlinedSymbol) -> str:
    indent = "  " * (symbol.qualified_name.count(".") + 1)
    stands = (
        f"{symbol.start_line}-{symbol.end_line}"
        if symbol.end_line > symbol.start_line
        else str(symbol.start_line)
    )
    head = _HEADS.get(symbol.kind, symbol.kind)
    taken = ""
    if head == "def":
        taken = ", ".join(_plain(" ".join(one.split())) for one in symbol.parameters)
        if len(taken) > _LONGEST_PARAMETERS:
            taken = taken[:_LONGEST_PARAMETERS].rpartition(",")[0] + ", ..."
        taken = f"({taken})"
    return f"{indent}{stands} {head} {_plain(symbol.name)}{taken}"


def _plain(name: str) -> str:
    """Return a name on one line, without signs that nobody sees: in JavaScript it may be a text."""
    name = "".join(sign if sign.isprintable() else "?" for sign in name[: _LONGEST_NAME + 1])
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
