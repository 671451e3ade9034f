"""Changes made on purpose to the files of a project: which formatting, moves or edits, and of what.

Each `Change` holds the new bytes of the files that it touches, and for some symbols where they are
afterwards, or None if they are no longer what they were. The formatter is ruff with odd settings,
and `ast.unparse`; edits are made on the text, at the places of the syntax tree.
"""

from __future__ import annotations

import ast
import io
import random
import subprocess
import textwrap
import tokenize
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ruff.__main__ import find_ruff_bin

from benchmarks.anchor_edits import EDITS, spliced

Place = tuple[PurePosixPath, str]
Sources = Mapping[PurePosixPath, bytes]
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_ODD = {
    "ruff narrow, tabs": ["line-length=40", "indent-width=8", "format.indent-style='tab'"],
    "ruff wide, single quotes": ["line-length=300", "format.quote-style='single'"],
    "ruff no magic commas": ["line-length=60", "format.skip-magic-trailing-comma=true"],
}


@dataclass(frozen=True)
class Change:
    """`files`: new bytes, None for a file that goes. `now`: where symbols are, None if changed."""

    kind: str
    files: dict[PurePosixPath, bytes | None]
    now: dict[Place, Place | None]


@dataclass(frozen=True)
class _Symbol:
    """One symbol of a file, to be changed. `outer` is what it is in: "", class, function, block."""

    path: PurePosixPath
    text: str
    name: str
    node: _Definition
    outer: str
    named: Sequence[tuple[str, _Definition]]

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def place(self) -> Place:
        return self.path, self.name

    @property
    def is_alone(self) -> bool:
        """Whether no other definition has its name."""
        return sum(name == self.name for name, _ in self.named) == 1

    def cut(self) -> tuple[str, str]:
        """Return its lines, and the text without them."""
        lines = self.text.split("\n")
        first = min([self.node.lineno, *(one.lineno for one in self.node.decorator_list)]) - 1
        last = self.node.end_lineno or self.node.lineno
        return "\n".join(lines[first:last]), "\n".join([*lines[:first], *lines[last:]])


def changes(sources: Sources, chance: random.Random, *, each: int) -> Iterator[Change]:
    """Yield changes of every kind; up to `each` symbols of a file are moved, or edited."""
    for path, data in sources.items():
        tree = _parsed(data)
        if tree is None or b"\r" in data or data.startswith(b"\xef\xbb\xbf"):
            continue
        text = data.decode()
        found = list(_definitions(tree, ""))
        named = [(name, node) for name, node, _ in found]
        everything: dict[Place, Place | None] = {
            (path, name): (path, name) for name in ["", *(name for name, _ in named)]
        }
        yield from _reformatted(path, text, everything)
        yield from _renamed_file(path, text, everything)
        for name, node, outer in chance.sample(found, min(each, len(found))):
            one = _Symbol(path, text, name, node, outer, named)
            yield from _renamed(one)
            yield from _moved(one)
            yield from _removed(one)
            yield from _edited(one, chance)


def reformatted(text: str, settings: list[str]) -> str | None:
    """Return the text as ruff formats it; None if it does not."""
    options = [part for setting in settings for part in ("--config", setting)]
    command = [find_ruff_bin(), "format", "--isolated", *options, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _reformatted(
    path: PurePosixPath, text: str, now: dict[Place, Place | None]
) -> Iterator[Change]:
    variants = {kind: reformatted(text, settings) for kind, settings in _ODD.items()}
    variants["CRLF, BOM"] = "\ufeff" + text.replace("\n", "\r\n")
    variants["comments"] = _with_comments(text)
    unparsed = ast.unparse(ast.parse(text))
    if ast.dump(ast.parse(unparsed)) == ast.dump(ast.parse(text)):
        variants["ast.unparse"] = unparsed
    for kind, new in variants.items():
        if new is not None:
            yield Change(f"reformat: {kind}", {path: new.encode()}, now)


def _with_comments(text: str) -> str:
    """Return the text with a comment after each line that ends a statement."""
    lines = text.split("\n")
    ends = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.NEWLINE and "#" not in token.line
    }
    shown = (f"{line}  # noqa" if number in ends else line for number, line in enumerate(lines, 1))
    return "\n".join(shown)


def _renamed_file(
    path: PurePosixPath, text: str, now: dict[Place, Place | None]
) -> Iterator[Change]:
    for kind, new in {
        "rename a file": path.with_name(f"renamed_{path.name}"),
        "move a file": PurePosixPath("elsewhere", "deep", path.name),
    }.items():
        places: dict[Place, Place | None] = {(path, name): (new, name) for _, name in now}
        yield Change(kind, {path: None, new: text.encode()}, places)
        formatted = reformatted(text, _ODD["ruff narrow, tabs"])
        if formatted is not None:
            yield Change(f"{kind}, reformat it", {path: None, new: formatted.encode()}, places)


def _renamed(one: _Symbol) -> Iterator[Change]:
    """Rename every use of a symbol's word in its file, as a renaming tool would, or any editor."""
    old, new = one.last, f"new_{one.last.strip('_')}"
    if new in one.text or old.startswith("__"):
        return
    lines = one.text.split("\n")
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(one.text).readline))):
        if token.type == tokenize.NAME and token.string == old:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + new + line[column + len(old) :]
    now: dict[Place, Place | None] = {
        (one.path, name): (one.path, ".".join(_replaced(name.split("."), old, new)))
        for name, node in one.named
        # what is in it is the same code only if it does not speak of what was renamed
        if name == one.name or (name.startswith(f"{one.name}.") and not _speaks_of(node, old))
    }
    yield Change("rename a symbol", {one.path: "\n".join(lines).encode()}, now)


def _moved(one: _Symbol) -> Iterator[Change]:
    piece, rest = one.cut()
    if not one.is_alone or _holds_text_at_margin(one.node) or _parsed(rest.encode()) is None:
        return
    flush = textwrap.dedent(piece)
    inside = textwrap.indent(flush, "    ")
    if not one.outer:
        other = one.path.with_name(f"other_{one.path.name}")
        yield _move("move to a new module", one, other, f"import os\n\n\n{flush}", one.last)
    elif one.outer == "class":
        yield _move("move out of a class", one, one.path, flush, one.last)
        holder = f"class Holder:\n    size = 0\n\n{inside}"
        yield _move("move to another class", one, one.path, holder, f"Holder.{one.last}")
    if not one.outer and isinstance(one.node, ast.FunctionDef):
        static = f"class Holder:\n    @staticmethod\n{inside}"
        yield _move("move into a class, static", one, one.path, static, f"Holder.{one.last}")
        if not one.node.decorator_list and not _speaks_of(one.node, "self"):
            method = f"class Holder:\n    size = 0\n\n{inside.replace('(', '(self, ', 1)}"
            yield _move("move into a class", one, one.path, method, f"Holder.{one.last}")


def _move(kind: str, one: _Symbol, other: PurePosixPath, added: str, now: str) -> Change:
    rest = one.cut()[1]
    files: dict[PurePosixPath, bytes | None] = {one.path: rest.encode()}
    head = f"{rest.rstrip()}\n\n\n" if other == one.path else ""
    files[other] = f"{head}{added}\n".encode()
    return Change(kind, files, {one.place: (other, now)})


def _removed(one: _Symbol) -> Iterator[Change]:
    rest = one.cut()[1].encode()
    if one.is_alone and _parsed(rest) is not None:
        yield Change("edit: remove the symbol", {one.path: rest}, {one.place: None})


def _edited(one: _Symbol, chance: random.Random) -> Iterator[Change]:
    """Yield one edit of each kind inside a symbol, alone, and with a move or formatting."""
    outer = [name for name, _ in one.named if one.name.startswith(f"{name}.")]
    before = ast.dump(ast.parse(one.text))
    for kind, edits in EDITS.items():
        places = [(node, new) for node in ast.walk(one.node) for new in edits(node)]
        if not places:
            continue
        after = spliced(one.text, *chance.choice(places))
        tree = _parsed(after.encode())
        if tree is None or ast.dump(tree) == before:
            continue
        now: dict[Place, Place | None] = {(one.path, name): None for name in ("", one.name, *outer)}
        yield Change(f"edit: {kind}", {one.path: after.encode()}, now)
        if chance.random() < 0.1:
            formatted = reformatted(after, _ODD["ruff narrow, tabs"])
            if formatted is not None:
                yield Change("edit, and reformat", {one.path: formatted.encode()}, now)
            new_path = one.path.with_name(f"renamed_{one.path.name}")
            yield Change("edit, and move the file", {one.path: None, new_path: after.encode()}, now)


def _definitions(node: ast.AST, inside: str) -> Iterator[tuple[str, _Definition, str]]:
    """Yield each definition with its qualified name, and in what it is: "", class or function."""
    for one in ast.iter_child_nodes(node):
        if isinstance(one, _Definition):
            outer = {ast.Module: "", ast.ClassDef: "class"}.get(type(node), "function")
            yield inside + one.name, one, outer
            yield from _definitions(one, f"{inside}{one.name}.")
        elif isinstance(one, ast.stmt):
            yield from ((name, found, "block") for name, found, _ in _definitions(one, inside))


def _replaced(parts: list[str], old: str, new: str) -> list[str]:
    return [new if part == old else part for part in parts]


def _holds_text_at_margin(node: _Definition) -> bool:
    """Say whether moving the lines to another depth would change a string in them."""
    return any(
        isinstance(one, ast.Constant | ast.JoinedStr)
        and one.end_lineno != one.lineno
        and not _is_docstring(one, node)
        for one in ast.walk(node)
    )


def _is_docstring(one: ast.AST, node: _Definition) -> bool:
    return any(
        isinstance(inner, _Definition)
        and isinstance(inner.body[0], ast.Expr)
        and inner.body[0].value is one
        for inner in ast.walk(node)
    )


def _speaks_of(node: ast.AST, name: str) -> bool:
    return any(
        name in (getattr(one, "id", None), getattr(one, "attr", None), getattr(one, "arg", None))
        for one in ast.walk(node)
    )


def _parsed(data: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError):
        return None
