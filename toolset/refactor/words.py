"""Every place where a word stands, and what it is there: name, string, comment, plain text."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from parso.cache import parser_cache
from parso.grammar import load_grammar

from toolset.encoding import is_python
from toolset.refactor.evidence import Place
from toolset.refactor.spelt_names import places_of
from toolset.workspace import SourceFile

WordKind = Literal[
    "name",
    "attribute",
    "keyword",  # of a call
    "pattern",  # the same in `case C(name=...)`
    "__all__",
    "annotation",  # in a string or a type comment
    "dynamic use",  # getattr(x, "name") and the like
    "fixture",  # asked for by its name
    "string",
    "docstring",
    "comment",
    "document",
    "notebook",
    "configuration",
    "template",
    "text",
]
_FILE_KINDS: dict[str, WordKind] = {
    **dict.fromkeys((".md", ".rst", ".txt", ".adoc"), "document"),
    **dict.fromkeys((".toml", ".cfg", ".ini", ".yaml", ".yml", ".json"), "configuration"),
    **dict.fromkeys((".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".tmpl"), "template"),
    ".ipynb": "notebook",
}


LAMBDA = "<lambda>"


@dataclass(frozen=True, slots=True)
class Word:
    """One occurrence of a word.

    `start` and `end` are offsets into `source.text`. `scope` is the dotted name of what encloses
    it (empty at module level); `binds` says that the name is bound here, other than by an import;
    `is_member`, that it is bound in a class body or as `self.name`; `is_parameter`, that it is
    bound as a parameter.
    """

    source: SourceFile
    place: Place
    start: int
    end: int
    kind: WordKind
    scope: str = ""
    binds: bool = False
    imports: bool = False
    is_member: bool = False
    is_parameter: bool = False

    @property
    def is_code(self) -> bool:
        return self.kind in ("name", "attribute", "keyword")

    @property
    def line_text(self) -> str:
        return self.source.text.split("\n")[self.place.line - 1].strip()


def find_words(
    sources: Iterable[SourceFile], word: str, *, root: Path | None = None
) -> Iterator[Word]:
    """Yield each whole-word occurrence, file by file, in order.

    `root` is where the sources lie on the disk, if they are what is there.
    """
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    for source in sources:
        matches = list(pattern.finditer(source.text))
        if not matches:
            continue
        tree = _parsed(source.text, root and root / source.path) if is_python(source.path) else None
        spelt = places_of(source) if tree is not None else {}
        for match in matches:
            line = source.text.count("\n", 0, match.start()) + 1
            column = match.start() - (source.text.rfind("\n", 0, match.start()) + 1)
            place = Place(source.path, line, column)
            if tree is None:
                kind = _FILE_KINDS.get(source.path.suffix.lower(), "text")
                yield Word(source, place, *match.span(), kind=kind)
            elif match.start() in spelt:
                yield Word(source, place, *match.span(), kind=spelt[match.start()])
            else:
                yield _classified(source, place, match, tree)


def _parsed(text: str, path: Path | None) -> Any:
    """Parse as jedi will, at a `path` into the cache where it looks first: it need not again."""
    if path is None:
        return _parsed_nowhere(text)
    for cached in parser_cache.values():  # else a tree of other lines would be patched, not made
        if path in cached and "".join(cached[path].lines) != text:
            del cached[path]
    return _grammar().parse(text, path=path, diff_cache=True)


@lru_cache(maxsize=32)
def _parsed_nowhere(text: str) -> Any:
    return _grammar().parse(text)


def _grammar() -> Any:
    return load_grammar(version=f"{sys.version_info.major}.{sys.version_info.minor}")


def _classified(source: SourceFile, place: Place, match: re.Match[str], tree: Any) -> Word:
    position = (place.line, place.column + 1)  # at its first column, parso gives the leaf before
    leaf = tree.get_leaf_for_position(position, include_prefixes=True)
    if leaf is None or position <= leaf.start_pos:
        return Word(source, place, *match.span(), kind="comment")
    if leaf.type != "name":
        return Word(source, place, *match.span(), kind=_string_kind(leaf, match.group()))
    definition = leaf.get_definition(import_name_always=True)
    imports = definition is not None and definition.type in ("import_name", "import_from")
    return Word(
        source,
        place,
        *match.span(),
        kind=_code_kind(leaf),
        scope=_scope_of(leaf, definition),
        binds=definition is not None and not imports,
        imports=imports,
        is_member=_is_attribute(leaf) or _in_class_body(leaf, definition),
        is_parameter=definition is not None and definition.type == "param",
    )


def _string_kind(leaf: Any, word: str) -> WordKind:
    if leaf.type not in ("string", "fstring_string"):
        return "string"
    statement = leaf.parent
    if statement.type == "simple_stmt" and statement.children[0] is leaf:
        return "docstring"
    if leaf.value.strip("rbuRBU").strip("'\"") == word and _inside_dunder_all(leaf):
        return "__all__"
    return "string"


def _inside_dunder_all(leaf: Any) -> bool:
    node = leaf
    while node is not None and node.type not in ("expr_stmt", "funcdef", "classdef"):
        node = node.parent
    return bool(
        node is not None
        and node.type == "expr_stmt"
        and getattr(node.children[0], "value", "") == "__all__"
    )


def _code_kind(leaf: Any) -> WordKind:
    if leaf.parent.type == "argument" and leaf.parent.children[0] is leaf:
        return "keyword" if leaf.parent.children[1] == "=" else "name"
    return "attribute" if _is_attribute(leaf) else "name"


def _is_attribute(leaf: Any) -> bool:
    return bool(leaf.parent.type == "trailer" and leaf.parent.children[0] == ".")


def _in_class_body(leaf: Any, definition: Any) -> bool:
    """Say whether the name is bound right in a class body."""
    if definition is None or definition.type == "param":
        return False
    node = definition.parent
    while node is not None and node.type not in ("funcdef", "lambdef", "classdef"):
        node = node.parent
    return bool(node is not None and node.type == "classdef" and leaf.is_definition())


def _scope_of(leaf: Any, definition: Any) -> str:
    """Return the dotted name of the scope that the name belongs to; `self.x` is its class's."""
    node = leaf.parent
    if definition is not None and definition.type in ("funcdef", "classdef"):
        node = definition.parent
    names: list[str] = []
    skip_method = _is_attribute(leaf) and definition is not None
    while node is not None:
        if node.type in ("funcdef", "classdef") and _holds(node, leaf):
            if node.type == "funcdef" and skip_method and not names:
                skip_method = False
            else:
                names.append(node.name.value)
        elif node.type == "lambdef" and definition is not None:
            names.append(LAMBDA)
        node = node.parent
    return ".".join(reversed(names))


def _holds(scope: Any, leaf: Any) -> bool:
    """Say whether the leaf is inside the scope: not its own name, a default or a decorator."""
    return bool(scope.name is not leaf)
