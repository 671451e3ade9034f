"""The outline of languages other than Python, by ast-grep's grammars.

They read what they can of a file and mark the rest; so a mistake is told, and the symbols beside
it are listed all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ast_grep_py import SgRoot

from toolset.encoding import line_count
from toolset.outline.grammars import (
    FUNCTION_VALUES,
    KEYWORDS,
    KINDS,
    MEMBERS,
    NAMED_VALUES,
    TYPES_IN_GO,
    WITH_BODY_ONLY,
)
from toolset.outline.values import FileOutline, OutlinedSymbol, SymbolKind, Unread
from toolset.workspace import SourceFile

_HOLDS_METHODS = frozenset({"class", "interface", "struct", "union", "enum", "trait", None})
_NAMES = frozenset({"identifier", "type_identifier", "simple_identifier"})
_PARAMETERS = frozenset({"parameters", "function_value_parameters", "preproc_params"})
_CPP = re.compile(r"^[ \t]*(?:class|namespace|template|using)\b", re.MULTILINE)


def outline_other(source: SourceFile, language: str) -> FileOutline:
    """Outline one file of a language in `grammars.LANGUAGES`."""
    if language == "c" and source.path.suffix == ".h" and _CPP.search(source.text):
        language = "cpp"
    lines = line_count(source.text)
    try:
        root = SgRoot(source.text, language).root()
    except UnicodeEncodeError:
        unread = Unread(None, "it holds bytes of several encodings")
        return FileOutline(source.path, language, lines, error=unread)
    symbols = tuple(_symbols(root, language))
    broken = root.find(kind="ERROR")
    error = Unread(broken.range().start.line + 1, "invalid syntax") if broken else None
    return FileOutline(source.path, language, lines, symbols, error=error)


@cache
def _rules(language: str) -> list[dict[str, Any]]:
    values = [{"kind": kind} for kind in FUNCTION_VALUES]
    return [
        *({"kind": kind} for kind in KINDS[language]),
        *(
            {"kind": kind, "has": {"field": value, "any": values}}
            for kind, (_, value) in NAMED_VALUES.get(language, {}).items()
        ),
    ]


def _symbols(root: Any, language: str) -> Iterator[OutlinedSymbol]:
    """Yield the symbols in order; what is open around one is on the stack, by where it ends."""
    open_around: list[tuple[int, str, SymbolKind | None]] = []
    for node in root.find_all(any=_rules(language)):
        found = _Found(node, language)
        if not found.name:
            continue
        while open_around and open_around[-1][0] <= found.range.start.index:
            open_around.pop()
        dotted = found.dotted
        if open_around:
            dotted = f"{open_around[-1][1]}.{dotted}"
        kind = found.kind
        if kind == "function" and open_around and open_around[-1][2] in _HOLDS_METHODS:
            kind = "method"
        open_around.append((found.range.end.index, dotted, kind))
        if kind is not None:
            yield found.symbol(dotted, kind)


class _Found:
    """One node of a kind that the outline lists. Ranges are dear: each is asked for once."""

    def __init__(self, node: Any, language: str) -> None:
        self._node = node
        self._language = language
        self._type: str = node.kind()
        named_value = NAMED_VALUES.get(language, {}).get(self._type)
        name_field, value_field = named_value or ("name", "")
        self._value = node.field(value_field) if value_field else node
        self._named = self._name_node(name_field)
        self.range = node.range()
        self.dotted = self._dotted()
        self.name = self.dotted.rpartition(".")[2]
        self.kind = self._kind()

    def symbol(self, qualified_name: str, kind: SymbolKind) -> OutlinedSymbol:
        where = self.range
        ends_before = where.end.column == 0 and where.end.line > where.start.line
        takes = kind in ("function", "method", "macro")
        return OutlinedSymbol(
            name=self.name,
            qualified_name=qualified_name,
            kind=kind,
            start_line=where.start.line + 1,
            end_line=where.end.line + (not ends_before),
            name_line=self._named.range().start.line + 1,
            parameters=tuple(self._parameters()) if takes else (),
            is_async=takes and bool(re.search(r"\basync\b", self._header())),
        )

    def _dotted(self) -> str:
        """Return the name as written, its parts joined by dots: `a::b` is `a.b`."""
        if self._named is None:
            return ""
        written = re.sub(r"<.*>|\s+", "", self._named.text(), flags=re.DOTALL)
        dotted = re.sub(r"::|:|->", ".", written).strip("\"'.")
        receiver = self._node.field("receiver") if self._language == "go" else None
        if receiver is not None and (owner := re.search(r"(\w+)\s*(?:\[.*)?\)$", receiver.text())):
            return f"{owner[1]}.{dotted}"
        return dotted

    def _kind(self) -> SymbolKind | None:
        if self._type in MEMBERS:
            return "method"
        kind = KINDS[self._language].get(self._type, "function")
        if kind not in ("class", "type") or self._named is None:
            return kind
        if self._language == "go":
            of = self._node.field("type")
            return TYPES_IN_GO.get(of.kind() if of is not None else "", kind)
        keywords = KEYWORDS.get(self._language, {})
        before = self._node.text().partition(self._named.text())[0] if keywords else ""
        return next((keywords[word] for word in before.split() if word in keywords), kind)

    def _name_node(self, field: str) -> Any:
        if self._type in WITH_BODY_ONLY and self._node.field("body") is None:
            return None  # a mention of the type, not its definition
        if self._type == "impl_item":
            return self._node.field("type")
        named = self._node.field(field) or self._declared() or self._child(_NAMES)
        return named if named is None or named.text() else None  # one that the grammar made up

    def _declared(self) -> Any:
        """Follow C's declarators (`*f(int a)`) to the name."""
        declared = self._node.field("declarator")
        while declared is not None:
            inner = declared.field("declarator") or next(
                (one for one in declared.children() if one.kind().endswith("_declarator")), None
            )
            if inner is None:
                return declared
            declared = inner
        return None

    def _child(self, kinds: frozenset[str]) -> Any:
        return next((one for one in self._node.children() if one.kind() in kinds), None)

    def _parameters(self) -> Iterator[str]:
        holder = self._value.field("parameters") or self._child(_PARAMETERS)
        if holder is None and self._language in ("c", "cpp"):
            declarator = self._node.find(kind="function_declarator")
            holder = declarator.field("parameters") if declarator else None
        # Swift has no node that holds them; Kotlin's holds their defaults too.
        nodes = (holder or self._node).children()
        only = "parameter" if holder is None or self._language == "kotlin" else None
        for one in nodes:
            kind = one.kind()
            if kind == only or (only is None and one.is_named() and "comment" not in kind):
                yield " ".join(one.text().split())

    def _header(self) -> str:
        """Return the text before the body, or before the first brace."""
        text: str = self._value.text()
        body = self._value.field("body")
        if body is not None and (written := body.text()):
            text = text.partition(written)[0]
        return text.partition("{")[0]
