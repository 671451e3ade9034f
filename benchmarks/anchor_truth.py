"""What a change did to each class and function, found without alma: `ast.dump`, and git's renames.

Formatting is what leaves `ast.dump` the same, once docstrings are dedented and stripped at line
ends. A renamed or moved symbol is one that has gone where another of the same dump has come; for
which several could stand, or which could stand for several, is `ambiguous` and not counted.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

Place = tuple[PurePosixPath, str]
Effect = Literal["untouched", "reformatted", "renamed", "moved", "edited", "gone", "ambiguous"]
PURE: tuple[Effect, ...] = ("reformatted", "renamed", "moved")
SEMANTIC: tuple[Effect, ...] = ("edited", "gone")

_PROSE = {".md", ".rst", ".txt"}
_BRACKETS = {".js", ".ts", ".jsx", ".tsx", ".css", ".scss", ".html", ".svg", ".c", ".go", ".rs"}
_BODIES = ("body", "handlers", "orelse", "finalbody", "cases")


@dataclass(frozen=True)
class Piece:
    """A class or function (all those of one qualified name), or a file: its dump and its text."""

    dumps: tuple[str, ...]
    text: tuple[bytes, ...]
    loose: tuple[str, ...] = ()  # the dumps with what a class asks of a function taken away
    in_class: bool = False


@dataclass(frozen=True)
class Fate:
    """What became of one symbol, and where it is now (None if nowhere)."""

    effect: Effect
    place: Place | None


def fates(
    before: Mapping[PurePosixPath, bytes],
    after: Mapping[PurePosixPath, bytes],
    renamed: Mapping[PurePosixPath, PurePosixPath],
) -> dict[Place, Fate]:
    """Return the fate of each symbol, and each file (""), of the changed files.

    `before` and `after` hold the changed files on each side, `renamed` the files that git found
    under a new name. Files that do not parse are left out.
    """
    old = {(path, name): one for path, data in before.items() for name, one in pieces(path, data)}
    new = {(path, name): one for path, data in after.items() for name, one in pieces(path, data)}
    readable = {path for path, _ in new} | (before.keys() - after.keys())
    kept = {place: (renamed.get(place[0], place[0]), place[1]) for place in old}
    kept = {place: there for place, there in kept.items() if there in new}
    appeared = [place for place in new.keys() - set(kept.values()) if place[1]]
    found: dict[Place, Fate] = {}
    matches: dict[Place, list[Place]] = {}
    for place, piece in old.items():
        if place in kept:
            found[place] = _of_kept(place, piece, kept[place], new[kept[place]])
        elif place[0] in before and renamed.get(place[0], place[0]) in readable:
            fits = [there for there in appeared if place[1] and _same(place, piece, there, new)]
            matches[place] = _nearest(place, fits)
    claims: dict[Place, int] = defaultdict(int)
    for fits in matches.values():
        for there in fits:
            claims[there] += 1
    for place, fits in matches.items():
        found[place] = _of_vanished(place, fits, claims)
    return found


@lru_cache(256)
def pieces(path: PurePosixPath, data: bytes) -> tuple[tuple[str, Piece], ...]:
    """Return the pieces of a file by qualified name; of one that is no Python, the file alone."""
    if path.suffix != ".py":
        said = _said(path, data)
        return () if said is None else (("", Piece((said,), (data,))),)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return ()
    lines = data.splitlines(keepends=True)
    _prepare(tree)
    found: dict[str, list[tuple[ast.stmt, bool]]] = defaultdict(list)
    _collect(tree, "", found, in_class=False)
    named = [(name, _piece(nodes, lines)) for name, nodes in found.items()]
    return (("", Piece((ast.dump(tree),), (data,))), *named)


def _of_kept(place: Place, old: Piece, there: Place, new: Piece) -> Fate:
    if old.dumps != new.dumps or old.in_class != new.in_class:
        return Fate("edited", there)
    if there != place:
        return Fate("moved", there)
    return Fate("untouched" if old.text == new.text else "reformatted", there)


def _of_vanished(place: Place, fits: list[Place], claims: Mapping[Place, int]) -> Fate:
    if not fits:
        return Fate("gone", None)
    if len(fits) > 1 or claims[fits[0]] > 1:
        return Fate("ambiguous", None)
    return Fate("moved" if _last(fits[0][1]) == _last(place[1]) else "renamed", fits[0])


def _nearest(place: Place, fits: list[Place]) -> list[Place]:
    """Return the namesakes, if there are any; of those, the ones in the same file."""
    for is_near in (lambda one: _last(one[1]) == _last(place[1]), lambda one: one[0] == place[0]):
        fits = [one for one in fits if is_near(one)] or fits
    return fits


def _same(place: Place, old: Piece, there: Place, pieces: Mapping[Place, Piece]) -> bool:
    new = pieces[there]
    was, now = place[1].split("."), there[1].split(".")
    crosses = old.in_class != new.in_class
    pairs = [(old.dumps, new.dumps)]
    if crosses:
        pairs += [(old.loose, new.dumps), (old.dumps, new.loose), (old.loose, new.loose)]
    return any(
        len(one) == len(other)
        and (
            _blind(one, was) == _blind(other, now)
            or _blind(one, was + now) == _blind(other, was + now)
            or one == other
        )
        for one, other in pairs
    )


def _blind(dumps: Iterable[str], names: list[str]) -> list[str]:
    words = "|".join(re.escape(name) for name in names)
    return [re.sub(rf"\b(?:{words})\b", "?", dump) for dump in dumps]


def _prepare(tree: ast.Module) -> None:
    """Take out of a tree what formatters may change."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str):
                lines = inspect.cleandoc(node.value.value).splitlines()
                node.value.value = " / ".join(line.rstrip() for line in lines).strip(" /")
        elif isinstance(node, ast.Delete) and isinstance(node.targets[0], ast.Tuple):
            node.targets = [*node.targets[0].elts, *node.targets[1:]]


def _collect(
    node: ast.AST, inside: str, found: dict[str, list[tuple[ast.stmt, bool]]], *, in_class: bool
) -> None:
    for block in _BODIES:
        for one in getattr(node, block, ()):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found[inside + one.name].append((one, in_class))
                is_class = isinstance(one, ast.ClassDef)
                _collect(one, f"{inside}{one.name}.", found, in_class=is_class)
            elif isinstance(one, ast.AST):
                _collect(one, inside, found, in_class=in_class)


def _piece(nodes: list[tuple[ast.stmt, bool]], lines: list[bytes]) -> Piece:
    texts = []
    for node, _ in nodes:
        marks = [mark.lineno for mark in getattr(node, "decorator_list", ())]
        first = min([node.lineno, *marks]) - 1
        texts.append(b"".join(lines[first : node.end_lineno]).rstrip(b"\r\n"))
    dumps, loose = [], []
    for node, _ in nodes:
        name, node.name = node.name, "?"  # type: ignore[attr-defined]
        dumps.append(ast.dump(node))
        loose.append(_loosened(node) if isinstance(node, ast.FunctionDef) else dumps[-1])
        node.name = name  # type: ignore[attr-defined]
    is_method = nodes[0][1] and not isinstance(nodes[0][0], ast.ClassDef)
    return Piece(tuple(dumps), tuple(texts), tuple(loose), is_method)


def _loosened(node: ast.FunctionDef) -> str:
    """Return the dump without `@staticmethod`, or without a first parameter that is not used."""
    marks, taken = node.decorator_list, node.args.args
    plain = [
        mark for mark in marks if not (isinstance(mark, ast.Name) and mark.id == "staticmethod")
    ]
    if plain != marks:
        node.decorator_list = plain
    elif taken and not node.args.posonlyargs and len(node.args.defaults) < len(taken):
        uses = [
            one for one in ast.walk(node) if isinstance(one, ast.Name) and one.id == taken[0].arg
        ]
        if not uses and taken[0].annotation is None:
            node.args.args = taken[1:]
    dump = ast.dump(node)
    node.decorator_list, node.args.args = marks, taken
    return dump


def _said(path: PurePosixPath, data: bytes) -> str | None:
    """Return what a file of another kind says, without its layout; None if it is no text."""
    try:
        text = data.decode("utf-8-sig")
        if path.suffix == ".json":
            return repr(json.loads(text, object_pairs_hook=list))
        if path.suffix == ".toml":
            return repr(tomllib.loads(text))
    except (UnicodeDecodeError, ValueError):
        return None
    if path.suffix in _PROSE | _BRACKETS:
        return (" " if path.suffix in _PROSE else "").join(text.split())
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def _last(name: str) -> str:
    return name.rpartition(".")[2]
