"""What is looked through for code: each symbol as words and as two short texts. Pure.

Nothing in a text says where the symbol stands, so code that only moves keeps its vectors. Leading
blanks and empty lines are left out: they mean nothing to an embedder, and formatting changes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from alma_agent.memory.words import parts_of, split
from toolset.digest import Digest
from toolset.errors import ToolsetError
from toolset.outline.repository import outline, outline_of
from toolset.outline.values import FileOutline, OutlinedSymbol, SymbolKind
from toolset.workspace import SourceFile, Workspace

# What an embedder reads of a symbol. It takes time in proportion, and more than this finds little
# better; most functions are shorter.
_MAX_CHARACTERS = 400
_LONGEST_LINE = 400  # a longer one is data, or code that a program wrote: thousands of symbols
_CALLED = ("function", "method", "macro")
_RECEIVERS = ("self", "cls")


@dataclass(frozen=True)
class CodeDocument:
    """One symbol of one file. `line` is that of its name, from 1; `symbol` is its dotted name.

    `name`, `place`, `parameters` and `body` are words in lower case, those of the body each once;
    `heading` and `code` are what is embedded.
    """

    path: PurePosixPath
    symbol: str
    kind: SymbolKind
    line: int
    name: str
    place: str
    parameters: str
    body: str
    heading: str
    code: str

    @cached_property
    def digests(self) -> tuple[str, str]:
        """SHA-256 of `heading` and of `code`: what vectors are kept by."""
        return _digest(self.heading), _digest(self.code)


def project_documents(workspace: Workspace) -> Iterator[CodeDocument]:
    """Yield all symbols of a project, in every language that is outlined; ignored files are not.

    Outlines come from alma's cache. Files that cannot be read are passed over.
    """
    for outlined in outline(workspace):
        if outlined.symbols:
            try:
                source = workspace.read(outlined.path)
            except ToolsetError:  # it has just gone
                continue
            yield from documents_of(source, outlined)


def documents_of(source: SourceFile, outlined: FileOutline | None = None) -> list[CodeDocument]:
    """Return the symbols of one file in order. `outlined` saves making its outline again."""
    outlined = outlined or outline_of(source)
    if outlined is None:
        return []
    lines = source.text.split("\n")
    return [_document(source.path, one, outlined.symbols, lines) for one in outlined.symbols]


def words_of(text: str) -> list[str]:
    """Return words in lower case, whole and in parts: `read_csv` as `read_csv`, `read`, `csv`."""
    return list(split(text))


def _document(
    path: PurePosixPath,
    symbol: OutlinedSymbol,
    symbols: Sequence[OutlinedSymbol],
    lines: Sequence[str],
) -> CodeDocument:
    around = symbol.qualified_name.rpartition(".")[0]
    parameters = [one for one in symbol.parameters if one not in _RECEIVERS]
    text = _text(symbol, symbols, lines)
    return CodeDocument(
        path=path,
        symbol=symbol.qualified_name,
        kind=symbol.kind,
        line=symbol.name_line,
        name=_spelt(symbol.name),
        place=" ".join(words_of(f"{around} {path.with_suffix('')}")),
        parameters=" ".join(words_of(" ".join(parameters))),
        body=" ".join(dict.fromkeys(words_of(text))),
        heading=f"{' '.join(words_of(symbol.qualified_name))} ({', '.join(parameters)})",
        code=f"{_spelt(around.rpartition('.')[2], symbol.name)}\n{text}"[:_MAX_CHARACTERS],
    )


def _text(symbol: OutlinedSymbol, symbols: Sequence[OutlinedSymbol], lines: Sequence[str]) -> str:
    """Return a symbol's lines; of what holds other symbols (a class), only what is its own."""
    # The file may have become shorter since it was outlined.
    own = range(symbol.start_line, min(symbol.end_line, len(lines)) + 1)
    if symbol.kind not in _CALLED:
        held = [one for one in symbols if one is not symbol and one.start_line in own]
        # Their names stay: a class is known by its methods.
        taken = {n for one in held for n in range(one.start_line, one.end_line + 1)}
        own_lines = [lines[number - 1] for number in own if number not in taken]
        return _squeezed([*own_lines, *(one.name for one in held)])
    return _squeezed(lines[symbol.start_line - 1 : symbol.end_line])


def _squeezed(lines: Sequence[str]) -> str:
    return "\n".join(cut for line in lines if (cut := line[:_LONGEST_LINE].strip()))


def _spelt(*names: str) -> str:
    return " ".join(part for name in names for part in parts_of(name))


def _digest(text: str) -> str:
    return Digest.of(text.encode("utf-8", "replace")).hex
