"""How people ask to change the parameters of a function."""

from __future__ import annotations

from alma_agent.proposer.phrases.grammar import Bound, Rule
from alma_agent.proposer.phrases.places import Symbol, names_of
from alma_agent.proposer.phrases.python_code import Parameter
from toolset.refactor.requests import (
    AddParameter,
    MakeKeywordOnly,
    RemoveParameter,
    ReorderParameters,
    Request,
)

_ADD = "(add|introduce|ajoute|ajouter|ajoutez|ajoutes|ajoutons|rajoute|rajouter|introduis)"
_REMOVE = (
    "(remove|drop|delete|get rid of|eliminate|supprime|supprimer|supprimez|supprimes|enleve|"
    "enlever|"
    "enlevez|retire|retirer|retirez|efface|effacer|vire|virer)"
)
_MAKE = "(make|turn|convert|change)"
_RENDS = "(rends|rend|rendre|rendez)"
_KEYWORD_ONLY = (
    "(keyword-only|keyword only|kw-only|kwonly|kw only|keywords-only|named-only|"
    "(uniquement|seulement|obligatoirement|exclusivement) (nomme|nommes|nommee|nommees|par mot-cle|"
    "par nom|par mots-cles)|(nomme|nommes|nommee|nommees|mot-cle|par mot-cle|mots-cles|"
    "par mots-cles|passable|utilisable|accessible) (uniquement|seulement|obligatoirement|"
    "obligatoire)"
    " [par mot-cle|par nom])"
)
_TO = "(to|in|on|for|of|a|au|dans|pour|de)"
_DEFAULT = (
    r"([,] (with|having) [@a] default [value] [of|is|=|equal to] <default>|"
    r"[,] (defaulting to|defaults to|that defaults to|which defaults to|default to) <default>|"
    r"[,] (whose default is|default is|default) [value] <default>|"
    r"\( (default|default is|defaults to|default =|par defaut) [:] <default> \)|"
    r"[,] (avec|ayant|de|a) [@a|pour] [valeur] (par defaut|defaut) [de|egale a|=|:|a] <default>|"
    r"[,] (avec|ayant) <default> (comme|pour) [@the] [valeur] (par defaut|defaut)|"
    r"[,] (valant|qui vaut|vaut|egal a|a|avec) <default> par defaut|"
    r"[,] par defaut [a|=] <default>|"
    r"[,] dont la valeur par defaut est <default>|"
    r"= <default>)"
)
_NEW_PARAMETER = (
    "[<before:keyword_only> [,]] [optional] @parameter [optionnel|supplementaire] "
    "[<before:keyword_only>] [@called|:] <parameter:described>"
)
_AFTER = r"[[,|as|\(] [as] [@a] <after:keyword_only> [@parameter] [\)]]"
_OLD = "[new|nouveau|extra|additional|second|third|autre]"

FRAGMENTS = {"default": _DEFAULT, "after": _AFTER, "new_parameter": _NEW_PARAMETER}


def _described(bound: Bound) -> Parameter | None:
    if "code" in bound:
        return bound["code"] if isinstance(bound["code"], Parameter) else None
    if bound["name"] == "a":  # "a parameter with default 3" has no name
        return None
    return Parameter(bound["name"], bound.get("annotation", ""), bound["default"])


def _is_function(symbol: Symbol) -> bool:
    return symbol.is_a("function", "method", "class") and not symbol.name.is_kind_word


def _add(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    parameter: Parameter = bound["parameter"]
    if not _is_function(symbol) or ("before" in bound and "after" in bound):
        return None
    keyword_only = "before" in bound or "after" in bound
    return (
        AddParameter(
            symbol.target, parameter.name, parameter.default, parameter.annotation, keyword_only
        ),
    )


def _remove(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    if "names" in bound:
        if not _is_function(symbol):
            return None
        return tuple(RemoveParameter(symbol.target, name) for name in bound["names"])
    if symbol.kind != "parameter" or not symbol.owner or symbol.name.called:
        return None
    return (RemoveParameter(symbol.owner, symbol.last),)


def _reorder(bound: Bound) -> tuple[Request, ...] | None:
    order: tuple[str, ...] = bound["names"]
    if len(order) == 1 or not _is_function(bound["symbol"]):
        return None
    return (ReorderParameters(bound["symbol"].target, order),)


def _keyword_only(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    if "names" not in bound:  # the symbol is the parameter, with its function
        if symbol.kind != "parameter" or not symbol.owner or symbol.name.called:
            return None
        return (MakeKeywordOnly(symbol.owner, (symbol.last,)),)
    return (MakeKeywordOnly(symbol.target, bound["names"]),) if _is_function(symbol) else None


_SHOULD = "(should|must|needs to|has to|ought to)"
_DEVRAIT = "(devrait|doit|devra)"
_FORCE = "(force|require|oblige|obliger|exige|exiger|forcer|forcez)"

RULES = (
    Rule("keyword_only", (_KEYWORD_ONLY,), lambda _: True),
    Rule(
        "described",
        (
            "<code:parameter>",
            "<name:new> @default",
            r"<name:new> [,] (of type|typed|typed as|de type|: |\( type) <annotation> @default",
            "<name:new> : <annotation> @default",
            "<name:new> @default [,] [and|et] (of type|de type|and type) <annotation>",
        ),
        _described,
    ),
    Rule(
        "add_parameter",
        (
            f"{_ADD} [@a] {_OLD} @new_parameter @after [,] {_TO} <symbol> @after",
            (
                f"{_ADD} [@a] {_OLD} <parameter:described> [<before:keyword_only>] @parameter "
                f"{_TO} <symbol>"
            ),
            f"{_ADD} [@a] {_OLD} [optional] [<before:keyword_only>] <name_first> {_TO} <symbol>",
            (
                f"{_ADD} <parameter:described> as [@a] {_OLD} [<before:keyword_only>] @parameter "
                f"{_TO} <symbol>"
            ),
            f"{_ADD} {_TO} <symbol> [@a] {_OLD} @new_parameter @after",
            (
                f"{_ADD} [@a] {_OLD} [optional] [<before:keyword_only>] @parameter "
                f"{_TO} <symbol> [,] (@called|:) <parameter:described> @after"
            ),
            f"(give|donne|donner|donnez) [a|au|a la] <symbol> @a {_OLD} @new_parameter @after",
            f"<symbol> {_SHOULD} (take|accept|have|get|receive) @a {_OLD} @new_parameter @after",
            (
                f"<symbol> {_DEVRAIT} (prendre|accepter|avoir|recevoir) @a {_OLD} @new_parameter "
                f"@after"
            ),
            "(make|let) <symbol> (take|accept) @a [new] @new_parameter @after",
        ),
        lambda bound: _add({**bound, "parameter": bound.get("parameter") or bound["name_first"]}),
    ),
    Rule(
        "name_first",  # "a timeout parameter with default 30"
        ("<name:new> @parameter @default", "<name:new> @parameter of type <annotation> @default"),
        _described,
    ),
    Rule(
        "remove_parameter",
        (
            f"{_REMOVE} [unused] <symbol>",
            f"{_REMOVE} [@the] unused @parameter [@called] <names:new_one> @in <symbol>",
            (
                f"{_REMOVE} [@the] @parameter [inutilise|inutile] [@called] <names:new_one> @in "
                f"<symbol>"
            ),
            (
                f"{_REMOVE} [@the] [unused] @parameters [inutilises|inutiles] [@called] <names> "
                "@in <symbol>"
            ),
            f"{_REMOVE} [@the] <names> @parameters @in <symbol>",
            f"{_REMOVE} <names> (from|of|in|de|dans|des) [@the] @parameters @of <symbol>",
            f"{_REMOVE} <names> @in <symbol> 's (parameters|signature|arguments)",
            f"{_REMOVE} <names> @in @the signature @of <symbol>",
        ),
        _remove,
    ),
    Rule("new_one", ("<first:new>",), names_of),
    Rule(
        "order",
        ("<names>", r"\( <names> \)", "[the order] <names>", "[l' ordre] <names>", ": <names>"),
        lambda bound: bound["names"],
    ),
    Rule(
        "reorder_parameters",
        (
            (
                "(reorder|rearrange|change @the order of|change order of) [@the] @parameters "
                "(of|in|for) <symbol> (to|as|into|so that they are|:) [be] <names:order>"
            ),
            "(reorder|rearrange) <symbol> 's @parameters (to|as|into|:) <names:order>",
            "(change|set) @the (parameter|argument) order of <symbol> (to|into) <names:order>",
            "(put|arrange) [@the] @parameters of <symbol> (in|into) [@the] order <names:order>",
            "(put|arrange) [@the] @parameters of <symbol> in this order : <names:order>",
            "@the @parameters of <symbol> should be [in @the order] <names:order>",
            (
                "(reordonne|reordonner|reordonnez|reorganise|reorganiser|reorganisez|reordonnes|"
                "ordonne|"
                "ordonner|trie) [@the] @parameters (de|d'|du|dans) <symbol> "
                "(en|comme|dans l' ordre|ainsi|selon|:|comme suit) [:] <names:order>"
            ),
            (
                "(mets|mettre|mettez|place|range|ranger) [@the] @parameters (de|d'|du) <symbol> "
                "(dans l' ordre|dans cet ordre) [:] <names:order>"
            ),
            (
                "(change|changer|changez|modifie|modifier) l' ordre (des|de) @parameters (de|d'|"
                "du) "
                "<symbol> (en|pour|a|vers|:) <names:order>"
            ),
        ),
        _reorder,
    ),
    Rule(
        "make_keyword_only",
        (
            f"{_MAKE} <symbol> [into|a] <keyword_only> [argument|parameter]",
            (
                f"{_MAKE} [@the] [@parameter|@parameters] <names> [into] [a] <keyword_only> "
                f"[argument|parameter|arguments|parameters] (in|for|of) <symbol>"
            ),
            f"{_MAKE} [@the] [@parameters] <names> (in|for|of) <symbol> <keyword_only>",
            f"{_MAKE} <symbol> 's [@parameter|@parameters] <names> <keyword_only>",
            f"{_MAKE} <symbol> 's <names> [@parameter|@parameters] <keyword_only>",
            f"<symbol> {_SHOULD} be <keyword_only>",
            (
                f"[@the] [@parameter|@parameters] <names> {_SHOULD} be <keyword_only> (in|for|of) "
                f"<symbol>"
            ),
            (
                f"{_FORCE} [@the] [@parameter|@parameters] <names> to be (<keyword_only>|passed "
                f"by keyword|"
                "passed by name|passed as (keywords|a keyword)) (in|for|of|to) <symbol>"
            ),
            (
                "(require|force) [the] callers [of <symbol>] to (pass|name|give) <names> (by|as a) "
                "(keyword|name)"
            ),
            "(require|force) [the] callers of <symbol> to name <names>",
            f"{_RENDS} <symbol> <keyword_only>",
            (
                f"{_RENDS} [@the] [@parameter|@parameters] <names> <keyword_only> "
                "(dans|de|pour|d') "
                f"<symbol>"
            ),
            f"{_RENDS} [@the] [@parameters] <names> (dans|de|d') <symbol> <keyword_only>",
            f"<symbol> {_DEVRAIT} etre <keyword_only>",
        ),
        lambda bound: _keyword_only(bound) if "symbol" in bound else None,
    ),
)

REQUESTS = ("add_parameter", "remove_parameter", "reorder_parameters", "make_keyword_only")
