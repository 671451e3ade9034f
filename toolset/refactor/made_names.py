"""Names that a program puts together as it runs: `getattr(self, "handle_" + kind)`.

No engine sees them. Only those are told of whose known part begins or ends the name in question.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from toolset.checks import parse, parses
from toolset.encoding import is_python
from toolset.refactor.evidence import Leftover
from toolset.refactor.positions import Positions, last_name
from toolset.refactor.spelt_names import BY_NAME
from toolset.workspace import SourceFile

_NAMESPACES = {"globals", "locals", "vars"}
_MAKES_NAMES = re.compile(r"__name__|__qualname__")
_SHORTEST = 2  # characters of the known part: one letter begins too many names


def made_of(sources: Iterable[SourceFile], name: str) -> Iterator[Leftover]:
    """Yield where a name is looked up that may come out as `name`."""
    piece = _piece_of(name)
    for source in sources:
        if not piece.search(source.text):
            continue
        if not is_python(source.path) or not parses(source.path, source.state):
            continue
        at = Positions(source.text)
        for made in _looked_up(parse(source.path, source.state)):
            if any(_fits(part, name) for part in _known_parts(made)):
                kind = "name that is put together as it runs"
                yield at.leftover(source.path, at.start(made), kind)


def _piece_of(name: str) -> re.Pattern[str]:
    """Match a string that begins or ends the name: most files hold none, and need no parsing."""
    cuts = range(_SHORTEST, len(name))
    begins = "|".join(re.escape(name[:cut]) for cut in cuts)
    ends = "|".join(re.escape(name[-cut:]) for cut in cuts)
    return re.compile(rf"""['"](?:{begins})['"{{%]|[s}}'"](?:{ends})['"]""")


def made_from(sources: Iterable[SourceFile], name: str) -> Iterator[Leftover]:
    """Yield the functions whose names are made from a class's, if names are put together at all.

    `visit_Num` is found by `getattr(self, "visit_" + type(node).__name__)`.
    """
    python = [one for one in sources if is_python(one.path)]
    if not any(_MAKES_NAMES.search(one.text) for one in python):
        return
    for source in python:
        at = Positions(source.text)
        old = re.escape(name)
        for found in re.finditer(rf"\bdef (\w+_{old}|{old}_\w+)\b", source.text):
            yield at.leftover(source.path, found.start(1), "name that is made from this one")


def _looked_up(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions that are looked up as a name, but for plain strings."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=called, args=args) if last_name(called) in BY_NAME:
                yield from (one for one in args if not isinstance(one, ast.Constant))
            case ast.Subscript(value=ast.Call(func=called), slice=key):
                if last_name(called) in _NAMESPACES and not isinstance(key, ast.Constant):
                    yield key
            case ast.Subscript(value=ast.Attribute(attr="__dict__"), slice=key):
                if not isinstance(key, ast.Constant):
                    yield key


def _known_parts(made: ast.expr) -> Iterator[str]:
    for node in ast.walk(made):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # "handle_%s" and "handle_{}" are known up to the sign.
            yield from node.value.replace("%s", "{").replace("}", "{").split("{")


def _fits(part: str, name: str) -> bool:
    known = len(part) >= _SHORTEST and part != name
    return known and (name.startswith(part) or name.endswith(part))
