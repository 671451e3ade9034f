"""How people ask for a new name, or a new place, of a symbol or a module."""

from __future__ import annotations

from pathlib import PurePosixPath

from alma_agent.proposer.phrases.grammar import Bound, Rule
from alma_agent.proposer.phrases.names import Name
from alma_agent.proposer.phrases.places import Symbol, can_own
from toolset.refactor.requests import (
    MoveModule,
    MoveSymbol,
    Rename,
    RenameModule,
    Request,
)

_RENAME_FR = (
    "(renomme|renommes|renommer|renommez|renommons|rebaptise|rebaptises|rebaptiser|rebaptisez)"
)
_MOVE = (
    "(move|relocate|transfer|deplace|deplaces|deplacer|deplacez|deplacons|bouge|bouger|bougez|"
    "transfere|transferer|transferez)"
)
_PUT = "(put|place|mets|mettre|mettez|met|place|placer|placez|range|ranger)"
_SHOULD = "(should|must|needs to|has to|ought to|shall)"
_DEVRAIT = "(devrait|doit|devra|devrais)"
_TO = "(to|as|into|en|par|comme)"
_CLASS_OR_FUNCTION = (
    "function",
    "class",
    "variable",
    "constant",
    "attribute",
    "parameter",
    "method",
)

_REFERENCES = (
    r"(, and|,|and|et|, et) (update|fix|adjust|adapt|change|mets a jour|mettre a jour|corrige|"
    r"adapte) "
    r"[@the|all|all the|its|all its|every|all of its|tous les|toutes les|ses|tous ses|toutes ses] "
    r"(references|reference|usages|usage|uses|use|callers|caller|call sites|calls|imports|"
    r"occurrences|call site|appels|utilisations|appelants) [accordingly|too|everywhere|partout]"
)
_DOCS = (
    r"[,|\(] [also|including|y compris|aussi|and|even|and also|as well as|et|et aussi|ainsi que] "
    r"[dans|in] [@the|its|all] <docs> [too|as well|aussi|egalement] [\)]"
)

FRAGMENTS = {"references": _REFERENCES, "docs": _DOCS, "to_new": _TO}


def _rename(bound: Bound) -> tuple[Request, ...] | None:
    symbol, new = bound["symbol"], bound["new"]
    owner, _, name = symbol.dotted.rpartition(".")
    new_owner, _, new_name = new.dotted.rpartition(".")
    if new_owner not in ("", owner):  # a move to another class
        return None
    file = bound.get("at", "")
    if file and (symbol.file or (symbol.name.is_kind_word and symbol.kind)):
        return None
    if name == new_name:
        return None
    dotted = symbol.dotted
    if within := bound.get("within"):  # "rename the parameter x to y in the function f"
        said = within.kind or within.name.called or symbol.kind not in ("", "symbol")
        if owner or symbol.name.is_kind_word or not (said and can_own(within, symbol.kind)):
            return None
        dotted = f"{within.dotted}.{name}"
        file = file or symbol.file
    target = f"{file}::{dotted}" if file else Symbol(dotted, file=symbol.file).target
    return (Rename(target, new_name, docs="docs" in bound),)


def _rename_too(bound: Bound) -> tuple[Request, ...] | None:
    """The verb stands before, so it cannot be the name: "rename a to b and rename to c"."""
    name: Name = bound["symbol"].name
    if name.is_plain_word and name.dotted.lower().startswith(("renam", "renomm")):
        return None
    return _rename(bound)


def _one_dot_less(name: str) -> str:
    return name.removesuffix(".pyi").removesuffix(".py")


def _rename_module(bound: Bound) -> tuple[Request, ...] | None:
    """Files and packages: `src/a.py` to `b.py`, to `src/b.py`, or to `b`."""
    target, new = bound["module"], bound["to"]
    if target.endswith((".py", ".pyi")):
        old_path, new_path = PurePosixPath(target), PurePosixPath(new)
        if new_path.suffix not in ("", old_path.suffix):
            return None
        if str(new_path.parent) not in (".", str(old_path.parent)):
            return None
        new = new_path.stem
    elif "/" in target:
        parent, _, new = new.rpartition("/")
        if parent not in ("", str(PurePosixPath(target).parent)):
            return None
    else:
        parent, _, new = _one_dot_less(new).rpartition(".")
        if parent not in ("", target.rpartition(".")[0]):
            return None
    old = PurePosixPath(target).stem if "/" in target or ".py" in target else target
    if not new.isidentifier() or new == old.rpartition(".")[2]:
        return None
    return (RenameModule(target, new),)


def _move_symbols(bound: Bound) -> tuple[Request, ...] | None:
    symbols: tuple[Symbol, ...] = bound["symbols"]
    files = {symbol.file for symbol in symbols[:-1]} - {""}
    if files or any(not symbol.is_a(*_CLASS_OR_FUNCTION) for symbol in symbols):
        return None
    to, file = bound["to"], symbols[-1].file
    if any(symbol.kind == "parameter" for symbol in symbols) or to == file:
        return None
    return tuple(
        MoveSymbol(f"{file}::{symbol.dotted}" if file else symbol.dotted, to) for symbol in symbols
    )


def _move_module(bound: Bound) -> tuple[Request, ...] | None:
    target, to = bound["module"], bound["to"]
    if to.endswith(".py"):  # the same file name in another folder
        if PurePosixPath(to).name != PurePosixPath(target).name or "/" not in to:
            return None
        to = str(PurePosixPath(to).parent)
    if str(PurePosixPath(target).parent) == to:
        return None
    return (MoveModule(target, to),)


_TAIL = "[<within:owner>] [<at>] [@everywhere] [@references|@docs]"

RULES = (
    Rule(
        "docs",
        (
            (
                "(comments|commentaires) (and|,|et|et dans) [@the|in] "
                "(docs|docstrings|documentation|documents|strings|doc)"
            ),
            (
                "(docs|docstrings|documentation|documents|strings|doc) (and|et|et dans) [@the|in] "
                "(comments|commentaires)"
            ),
            (
                "(comments|commentaires|docstrings|strings|docs|documentation) , [les|the|la] "
                "(comments|commentaires|docstrings|strings|docs|documentation|chaines) [,] "
                "(and|et) [les|the|la] "
                "(comments|commentaires|docstrings|strings|docs|documentation|chaines)"
            ),
        ),
        lambda _: True,
    ),
    Rule(
        "rename",
        (
            f"rename [from] <symbol> [@everywhere] (to|as|into) <new:new_name> {_TAIL}",
            (
                f"(change|update) (@the name|name|@the names) of <symbol> (to|into) <new:new_name> "
                f"{_TAIL}"
            ),
            f"change <symbol> 's name (to|into) <new:new_name> {_TAIL}",
            (
                f"change @the (function|class|method|variable|parameter|attribute) name "
                f"from <symbol> (to|into) <new:new_name> {_TAIL}"
            ),
            f"give <symbol> @the [new] name <new:new_name> {_TAIL}",
            f"<symbol> {_SHOULD} be (called|named) <new:spoken> {_TAIL}",
            f"<symbol> {_SHOULD} be renamed [to|as|into] <new:new_name> {_TAIL}",
            (
                f"(i want|i 'd like|i would like|we want|i need) <symbol> to be (called|named) "
                f"<new:spoken> {_TAIL}"
            ),
            (
                f"(i want|i 'd like|i would like|we want|i need) <symbol> (to be renamed|renamed) "
                f"[to|as|into] <new:new_name> {_TAIL}"
            ),
            f"{_RENAME_FR} <symbol> [@everywhere] (en|par|comme|a|to) <new:new_name> {_TAIL}",
            (
                f"(change|changer|changez|modifie|modifier|modifiez) (le nom|@the nom) @of "
                f"<symbol> "
                f"(en|par|pour|a) <new:new_name> {_TAIL}"
            ),
            (
                f"(donne|donner|donnez) (a|au|a la|a l') <symbol> le [nouveau] nom [de] "
                f"<new:new_name> {_TAIL}"
            ),
            "(donne|donner|donnez) le [nouveau] nom [de] <new:new_name> (a|au) <symbol>",
            f"<symbol> {_DEVRAIT} s' appeler <new:spoken> {_TAIL}",
            (
                f"<symbol> {_DEVRAIT} etre (renomme|renommee|rebaptise|rebaptisee) [en] "
                f"<new:new_name> {_TAIL}"
            ),
            (
                f"<symbol> {_DEVRAIT} (etre (nomme|nommee|appele|appelee)|se nommer) "
                f"<new:spoken> {_TAIL}"
            ),
            (
                f"(je veux|je voudrais|j' aimerais|je souhaite|il faut) (que|qu') <symbol> "
                f"(s' appelle|se nomme) <new:spoken> {_TAIL}"
            ),
            (
                f"(je veux|je voudrais|j' aimerais|je souhaite|il faut) (que|qu') <symbol> "
                f"soit (renomme|renommee|rebaptise|rebaptisee) [en] <new:new_name> {_TAIL}"
            ),
        ),
        _rename,
    ),
    # "rename a to b and c to d": what may follow a rename
    Rule("rename_too", (f"<symbol> (to|as|into|en) <new:new_name> {_TAIL}",), _rename_too),
    Rule(
        "module_name",
        (
            "[@the] (module|package|paquet|python module|python package) [@called] <name>",
            "[@the] <name> <before:module_word>",
        ),
        lambda bound: (
            None
            if bound["name"].file
            or bound["name"].is_kind_word
            or ("before" in bound and bound["name"].is_adjective)
            else bound["name"].dotted
        ),
    ),
    Rule("module_word", ("(module|package)",), lambda _: True),
    Rule(
        "module",
        (
            "[@the] [file|module|script|fichier|python file|fichier python] <path:file>",
            "@the (package|paquet|folder|directory|dossier|repertoire) <path:folder>",
            "(package|paquet) <path:folder>",
            "<path:module_name>",
        ),
        lambda bound: bound["path"],
    ),
    Rule(
        "module_to",
        ("<path:file>", "<path:folder>", "<name:new_name>"),
        lambda bound: bound.get("path") or bound["name"].dotted,
    ),
    Rule(
        "rename_module",
        (
            "rename <module> (to|as|into) <to:module_to> [@everywhere] [@references]",
            "(change|update) (@the name|name) of <module> to <to:module_to> [@everywhere]",
            f"<module> {_SHOULD} be (called|named|renamed|renamed to) <to:module_to>",
            (
                "(i want|i 'd like|i would like) <module> to be (called|named|renamed|renamed to) "
                "<to:module_to>"
            ),
            f"{_RENAME_FR} <module> (en|par|comme) <to:module_to> [@everywhere] [@references]",
            f"<module> {_DEVRAIT} (s' appeler|etre renomme|etre renomme en) <to:module_to>",
            (
                "(je veux|je voudrais|j' aimerais) que <module> (s' appelle|soit renomme en) "
                "<to:module_to>"
            ),
            "(change|changer|changez) le nom @of <module> (en|pour) <to:module_to>",
        ),
        _rename_module,
    ),
    Rule(
        "file_to",
        ("[@a] [new|nouveau] [file|module|fichier] <file>",),
        lambda bound: bound["file"] if bound["file"].endswith(".py") else None,
    ),
    Rule(
        "move_symbol",
        (
            (
                f"{_MOVE} <symbols> (to|into|in|over to|and into|vers|dans|a|sous) <to:file_to> "
                f"[@references]"
            ),
            f"{_PUT} <symbols> (in|into|dans) <to:file_to> [@references]",
            (
                f"<symbols> {_SHOULD} (be moved (to|into)|be in|live in|move to|go in|go into|go "
                f"to|"
                "be defined in) <to:file_to> [@references]"
            ),
            (
                f"<symbols> {_DEVRAIT} (etre deplace|etre deplacee|etre|aller|se trouver|vivre) "
                "(dans|vers) <to:file_to>"
            ),
            (
                "(i want|i 'd like|i would like) <symbols> (moved to|moved into|to be moved to|"
                "to be in|in|to live in) <to:file_to>"
            ),
            (
                "(je veux|je voudrais|j' aimerais) que <symbols> soit (dans|deplace dans|"
                "deplacee dans|"
                "deplace vers|deplacee vers) <to:file_to>"
            ),
        ),
        _move_symbols,
    ),
    Rule(
        "package_to",
        (
            "[@the] [package|folder|directory|paquet|dossier|repertoire] <path:folder>",
            "[@the] (package|folder|directory|paquet|dossier|repertoire) <path:bare_folder>",
            "[@the] <path:bare_folder> (package|folder|directory)",
        ),
        lambda bound: bound["path"],
    ),
    Rule(
        "move_module",
        (
            (
                f"{_MOVE} <module> (to|into|in|under|inside|vers|dans|sous) <to:package_to> "
                "[@references]"
            ),
            f"{_MOVE} <module> (to|into|vers|dans) <to:file> [@references]",
            (
                f"{_MOVE} [@the] (module|package|paquet) <module:file> (to|into|vers|dans) "
                "<to:bare_folder>"
            ),
            f"{_MOVE} <module:module_name> (to|into|under|vers|dans|sous) <to:bare_folder>",
            f"{_PUT} <module> (in|into|under|inside|dans|sous) <to:package_to>",
            f"<module> {_SHOULD} (be moved to|be moved into|be in|live in) <to:package_to>",
        ),
        _move_module,
    ),
)

REQUESTS = ("rename", "rename_module", "move_symbol", "move_module")
