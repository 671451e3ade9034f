"""Which symbol, file or lines a sentence speaks of: "the parameter nl of echo in app.py"."""

from __future__ import annotations

from dataclasses import dataclass

from alma_agent.proposer.phrases.grammar import Bound, Rule
from alma_agent.proposer.phrases.names import Name, one_of

FRAGMENTS = {
    "the": r"(the|le|la|l'|les)",
    "a": r"(a|an|une|un|the|le|la|l')",
    "of": r"(of|de|du|d'|des)",
    "in": r"(in|inside|within|of|from|on|dans|de|du|d'|depuis|sur|(located|defined|declared) in|"
    r"out of|(that|which) is in|(situe|situee|defini|definie) dans|qui est dans|hors de)",
    "called": r"(called|named|nomme|nommee|appele|appelee)",
    "file": r"(file|module|script|fichier)",
    "everywhere": r"(everywhere|throughout|project-wide|globally|partout|"
    r"(throughout|across|over|in) [all [of]] (the|this|my|our) [whole|entire|complete] "
    r"(project|code|codebase|repo|repository|code base)|(in|across) all files|in every file|"
    r"(dans|a travers|sur) (tout|l'|l' ensemble du|tout l') [ensemble du] (le projet|projet|"
    r"depot|le depot|code|le code)|(du|de tout le) (projet|depot|code)|of the [whole|entire] "
    r"project|dans (le projet|le depot|le code|tous les fichiers))",
    "parameter": r"(parameter|param|argument|arg|parametre)",
    "parameters": r"(parameters|params|arguments|args|parametres)",
    "function": r"(function|method|fonction|methode)",
}

KINDS = {
    "function": "function",
    "func": "function",
    "fn": "function",
    "async function": "function",
    "coroutine": "function",
    "helper function": "function",
    "helper": "function",
    "generator": "function",
    "fixture": "function",
    "fonction": "function",
    "decorator": "function",
    "test helper": "function",
    "test function": "function",
    "test": "function",
    "utility function": "function",
    "nested function": "function",
    "inner function": "function",
    "fonction utilitaire": "function",
    "fonction de test": "function",
    "test method": "method",
    "test class": "class",
    "helper class": "class",
    "helper method": "method",
    "inner class": "class",
    "classe de test": "class",
    "private function": "function",
    "module-level function": "function",
    "global function": "function",
    "decorateur": "function",
    "method": "method",
    "static method": "method",
    "class method": "method",
    "methode": "method",
    "async method": "method",
    "instance method": "method",
    "methode statique": "method",
    "methode de classe": "method",
    "private method": "method",
    "class": "class",
    "dataclass": "class",
    "base class": "class",
    "abstract class": "class",
    "exception": "class",
    "exception class": "class",
    "enum": "class",
    "classe": "class",
    "protocol": "class",
    "classe de base": "class",
    "variable": "variable",
    "var": "variable",
    "local variable": "variable",
    "local": "variable",
    "global variable": "variable",
    "module variable": "variable",
    "global": "variable",
    "temporary variable": "variable",
    "temp variable": "variable",
    "variable locale": "variable",
    "variable globale": "variable",
    "variable temporaire": "variable",
    "constant": "constant",
    "const": "constant",
    "constante": "constant",
    "parameter": "parameter",
    "param": "parameter",
    "argument": "parameter",
    "arg": "parameter",
    "keyword argument": "parameter",
    "kwarg": "parameter",
    "function parameter": "parameter",
    "unused parameter": "parameter",
    "unused argument": "parameter",
    "keyword parameter": "parameter",
    "function argument": "parameter",
    "method parameter": "parameter",
    "parametre": "parameter",
    "optional parameter": "parameter",
    "optional argument": "parameter",
    "attribute": "attribute",
    "attr": "attribute",
    "field": "attribute",
    "member": "attribute",
    "instance attribute": "attribute",
    "instance variable": "attribute",
    "class attribute": "attribute",
    "class variable": "attribute",
    "public attribute": "attribute",
    "data attribute": "attribute",
    "property": "attribute",
    "attribut": "attribute",
    "champ": "attribute",
    "propriete": "attribute",
    "attribut d' instance": "attribute",
    "attribut de classe": "attribute",
    "symbol": "symbol",
    "name": "symbol",
    "identifier": "symbol",
    "symbole": "symbol",
    "nom": "symbol",
    "identifiant": "symbol",
}
_WORDS_FOR_PARAMETERS = frozenset(
    {"parameter", "param", "argument", "arg", "parametre", "paramètre", "inutile", "inutilisé"}
)
_ENDINGS = "md rst txt toml cfg ini json yaml yml html css js ts sh csv lock ipynb xml sql env log"
_NOT_PYTHON = tuple(f".{ending}" for ending in _ENDINGS.split())
_INSIDE_FUNCTIONS = ("parameter", "variable")
_OF_A_CLASS = ("method", "attribute")
_MAY_BE_A_KIND_WORD = ("parameter", "variable", "attribute", "constant")


_NO_NAME = Name("")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol as it was spoken of: `kind` is empty where nobody said it, `file` too."""

    dotted: str
    kind: str = ""
    file: str = ""
    name: Name = _NO_NAME

    @property
    def target(self) -> str:
        return f"{self.file}::{self.dotted}" if self.file else self.dotted

    @property
    def owner(self) -> str:
        """The address of what it is in; empty if nobody said it."""
        dotted = self.dotted.rpartition(".")[0]
        return f"{self.file}::{dotted}" if self.file and dotted else dotted

    @property
    def last(self) -> str:
        return self.dotted.rpartition(".")[2]

    def is_a(self, *kinds: str) -> bool:
        """Whether it is one of these, as far as was said."""
        return self.kind in ("", "symbol", *kinds)


@dataclass(frozen=True, slots=True)
class _Owner:
    dotted: str
    kind: str
    name: Name


def _owner(bound: Bound) -> _Owner | None:
    name, kind, above = bound["name"], bound.get("kind", ""), bound.get("above")
    if kind not in ("", "function", "method", "class") or name.file or name.is_kind_word:
        return None
    if name.dotted.lower().endswith(_NOT_PYTHON):
        return None
    if above is None:
        return _Owner(name.dotted, kind, name)
    if "." in name.dotted or "." in above.dotted or kind not in ("method", "function"):
        return None
    return _Owner(f"{above.dotted}.{name.dotted}", kind, name)


def _symbol(bound: Bound) -> Symbol | None:
    name, owner = bound["old"], bound.get("owner")
    kind = bound.get("after") or bound.get("kind", "")
    if not _can_be_meant(name, bound) or (name.file and "at" in bound):
        return None
    file = name.file or bound.get("at", "")
    if owner is None:
        return Symbol(name.dotted, kind, file, name)
    if isinstance(owner, Name):  # "Loader's load"
        if owner.is_kind_word or owner.file:
            return None
        owner = _Owner(owner.dotted, "class", owner)
    if "." in name.dotted or name.file or not can_own(owner, kind):
        return None
    return Symbol(f"{owner.dotted}.{name.dotted}", kind, file, name)


def _can_be_meant(name: Name, bound: Bound) -> bool:
    """Say whether the word is a name: in "the function to call", `function` is none."""
    if name.is_kind_word:
        if "kind" in bound:
            return bound["kind"] in _MAY_BE_A_KIND_WORD
        return set(bound) == {"old"}
    if "kind" in bound:
        return not name.is_adjective_after
    return not (name.is_adjective and "after" in bound)


def can_own(owner: _Owner, kind: str) -> bool:
    """Say whether it can hold such a symbol; what has no kind may as well be a module."""
    if kind in ("class", "function", "symbol", "", "constant"):
        return owner.kind != "" or owner.name.called or owner.dotted[0].isupper()
    return kind in (*_INSIDE_FUNCTIONS, *_OF_A_CLASS)


def _paths(bound: Bound) -> tuple[str, ...]:
    return (bound["first"], *bound.get("more", ()))


def _where(bound: Bound) -> str | None:
    if spot := bound.get("spot"):
        return f"{spot[0]}:{spot[1]}"
    symbol = bound.get("symbol")
    if symbol is not None:
        if not symbol.is_a("function", "method", "class"):
            return None
        return f"{symbol.target}:{bound['lines']}"
    return f"{bound.get('at', '')}:{bound['lines']}"


def names_of(bound: Bound) -> tuple[str, ...] | None:
    more = bound.get("more", ())
    if bound["first"].lower() in _WORDS_FOR_PARAMETERS:  # "the parameter of f" has no name
        return None
    return None if bound["first"] in more else (bound["first"], *more)


def _symbols(bound: Bound) -> tuple[Symbol, ...]:
    return (bound["symbol"], *bound.get("more", ()))


AND = r"(and|et|,|, and|, et|&)"

RULES = (
    Rule(
        "owner",
        (
            "@in [@the] <kind> <name>",
            "@in [@the] <kind> <name> <above:owner>",
            "@in <name>",
            "@in <name> @function <above:owner>",
            "@in the <name> <kind>",
        ),
        _owner,
    ),
    Rule(
        "at",
        (
            "@in [[@the] @file] <file>",
            r"\( [in|dans] [[@the] @file] <file> \)",
            ", [in|dans] [[@the] @file] <file> ,",
        ),
        lambda bound: bound["file"],
    ),
    Rule(
        "symbol",
        (
            "<old:name> [<owner>] [<at>]",
            "[@the] <kind> [@called] <old:name> [<owner>] [<at>]",
            "@the <kind> <old:name> <at> <owner>",
            "[the] <old:name> <after:postfix_kind> [<owner>] [<at>]",
            "<owner:name> 's [<kind>] <old:name> [<at>]",
            "<owner:name> 's <old:name> <after:postfix_kind> [<at>]",
        ),
        _symbol,
    ),
    Rule(
        "symbols",
        (
            f"<symbol> [{AND} <more:symbols>]",
            (
                f"[@the] [two] (classes|functions|variables|constants|fonctions|constantes|"
                f"symbols) "
                f"<symbol> {AND} <more:symbols>"
            ),
        ),
        _symbols,
    ),
    Rule("names", (f"<first:new> [{AND} <more:names>]",), names_of),
    Rule(
        "path",
        (
            "<path:file>",
            "<path:folder>",
            "[@the] (file|module|script|fichier) <path:file>",
            "[@the] (folder|directory|package|dossier|repertoire|paquet) <path:bare_folder>",
            "[@the] <path:bare_folder> (folder|directory|package)",
            "[@the] (files|modules|scripts|fichiers) <path:file>",
        ),
        lambda bound: bound["path"],
    ),
    Rule("paths", (f"<first:path> [{AND} <more:paths>]",), _paths),
    Rule(
        "places",
        (
            (
                "(in|of|from|inside|within|across|throughout|under|on|dans|de|du|des|d'|sur|sous) "
                "[all [the|of the] files (in|of|under)|tous les fichiers (de|dans|du)] <paths>"
            ),
            r"\( [in|dans] <paths> \)",
        ),
        lambda bound: bound["paths"],
    ),
    Rule("places_everywhere", ("@everywhere",), lambda _: ()),
    Rule(
        "receivers",
        ("(to|for|a|au|pour|dans|in|all over|throughout) <paths>",),
        lambda b: b["paths"],
    ),
    Rule(
        "lines",
        (
            "[@the] (lines|line|lignes|ligne) <span>",
            "<span:marked_span>",
            "[@the] [lines|line|lignes] (from|de la|de|des) [line|lines|ligne|lignes] <span>",
            "[@the] [lines|line|lignes] from line <first:number> to [line] <last:number>",
            (
                "[@the] [lines|lignes|code] (between|entre) [lines|lignes|les lignes] "
                "<first:number> "
                "(and|et) <last:number>"
            ),
            "(de|from) la ligne <first:number> a la ligne <last:number>",
        ),
        lambda b: (
            b["span"]
            if "span" in b
            else (f"{b['first']}-{b['last']}" if int(b["first"]) <= int(b["last"]) else None)
        ),
    ),
    Rule(
        "where",
        (
            "<lines>",
            "<lines> <at>",
            "<lines> @in <symbol>",
            "[@in] [@the] [@file] <at:file> [,] [at|on|a|aux] <lines>",
            "[lines|code|the lines|the code|le code|les lignes] [@in|at] <spot>",
        ),
        _where,
    ),
)

TERMINALS = {
    "kind": one_of(KINDS),
    "postfix_kind": one_of({k: v for k, v in KINDS.items() if v != "symbol" and k != "local"}),
}
