"""Write one symbol of one Python file, and leave every other byte as it was.

The text is only ever cut at the offsets that libcst gives, because libcst's own removals and
insertions take comments along. It answers for syntax, not for meaning: whoever uses the symbol
elsewhere is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

import libcst as cst

from toolset.checks import parse
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.snippet import Snippet
from toolset.symbols import Source


@dataclass(frozen=True, slots=True)
class Address:
    """One symbol of one file, as `pkg/mod.py::Class.method`; the path is not yet located."""

    path: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Address:
        path, _, name = text.partition("::")
        if not path or not all(part.isidentifier() for part in name.split(".")):
            raise RefactoringRefused(f"{text!r} names no symbol. Write path/file.py::Class.method.")
        return cls(path, name)


def edit_symbol(draft: Draft, address: str, edit: Callable[[str, str], str]) -> PurePosixPath:
    """Stage `edit(source, name)` for the symbol at `address`; return the file's path.

    `edit` is one of the functions below with its other arguments bound. Raises RefactoringRefused,
    DoesNotParse, NotText, PathRefused; then nothing is staged.
    """
    where = Address.parse(address)
    return edit_module(draft, where.path, lambda source: edit(source, where.name))


def edit_module(draft: Draft, path: str, edit: Callable[[str], str]) -> PurePosixPath:
    """Stage `edit(source)` for a whole file; return its path. Raises as `edit_symbol` does."""
    located = draft.workspace.locate(path)
    source = draft.read(located)
    parse(located, source.state)
    text = edit(source.text)
    parse(located, source.with_text(text), would=True)
    draft.write(located, text)
    return located


def replace_body(source: str, name: str, body: str) -> str:
    """Replace all statements of a function or class, its docstring and inner comments too.

    A body on the header's line moves below it. All functions of this module raise
    RefactoringRefused where the source, the new code or the result is no Python that could be
    edited exactly, and where `name` is not the name of just one symbol.
    """
    text = Source(source)
    found = text.find(name)
    newline = text.newline_at(found.start)
    new = text.render(body, found.indent + text.unit, newline)
    suite = found.node.body
    if isinstance(suite, cst.IndentedBlock):
        return text.with_range(text.end(suite.header), found.end, new)
    comment = text.comment_after(text.end(suite))
    kept = f"  {comment}" if comment else ""
    header_end = text.start(suite.body[0])
    if isinstance(suite, cst.SimpleStatementSuite):
        header_end = text.start(suite.leading_whitespace)
    return text.with_range(header_end, found.end, kept + newline + new)


def replace_symbol(source: str, name: str, code: str) -> str:
    """Replace a whole definition with its decorators. `code` has to bind the same name."""
    text = Source(source)
    found = text.find(name)
    if found.node.name.value not in Snippet.read(code).bound:
        raise RefactoringRefused(
            f"The new code does not define {found.node.name.value}. "
            "Give the whole definition, or replace the body alone."
        )
    new = text.render(code, found.indent, text.newline_at(found.start))
    return text.with_range(found.start, found.end, new.removeprefix(found.indent))


def insert_before(source: str, name: str, code: str) -> str:
    """Insert code above a definition, its decorators and the comments attached to it."""
    text = Source(source)
    found = text.find(name)
    newline = text.newline_at(found.start)
    new = text.render(code, found.indent, newline)
    at, gap = text.top_of(found.node), newline * (1 + found.gap)
    return text.with_range(at, at, new + gap)


def insert_after(source: str, name: str, code: str) -> str:
    """Insert code below a definition."""
    text = Source(source)
    found = text.find(name)
    newline = text.newline_at(found.start)
    new = text.render(code, found.indent, newline)
    return text.with_range(found.end, found.end, newline * (1 + found.gap) + new)


def delete(source: str, name: str) -> str:
    """Delete a definition with its decorators; the comments above it stay.

    Of the blank lines around it the larger gap stays. A block left empty gets `pass`.
    """
    text = Source(source)
    found = text.find(name)
    if isinstance(found.block, cst.IndentedBlock) and len(found.block.body) == 1:
        return text.with_range(found.start, found.end, "pass")
    return text.without_lines(found.start, found.end, found.node, found.block)


def wrap_in_decorator(source: str, name: str, decorator: str, *, innermost: bool = False) -> str:
    """Add one decorator (`cache` or `@cache`), above those that are there unless `innermost`."""
    text = Source(source)
    found = text.find(name)
    code = f"@{decorator.strip().removeprefix('@')}\nclass _: pass\n"
    match Snippet.read(code).module.body:
        case [cst.ClassDef(decorators=[_])]:
            pass
        case _:
            raise RefactoringRefused(f"{decorator!r} is not one decorator.")
    new = text.render(code, found.indent, text.newline_at(found.start))
    at = text.start(found.node) if innermost else found.start
    return text.with_range(at, at, new.removeprefix(found.indent).removesuffix("class _: pass"))
