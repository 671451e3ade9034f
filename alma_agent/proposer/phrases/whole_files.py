"""How people ask for what is done to whole files: imports, f-strings, typing, patterns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from alma_agent.proposer.phrases.grammar import Bound, Rule
from alma_agent.proposer.phrases.names import one_of
from toolset.refactor.requests import (
    AddDocstrings,
    AddTypeHints,
    InFiles,
    RemoveUnusedImports,
    ReplacePattern,
    Request,
    SortImports,
    UpgradeTyping,
    UseFStrings,
    UseLogging,
    UsePathlib,
)

_REMOVE = (
    "(remove|delete|drop|clean up|clean|cleanup|strip|strip out|prune|eliminate|get rid of|purge|"
    "tidy up|clear|clear out|"
    "supprime|supprimer|supprimez|supprimes|enleve|enlever|enlevez|retire|retirer|retirez|efface|"
    "effacer|effacez|nettoie|nettoyer|nettoyez|elimine|eliminer|eliminez|vire|virer|"
    "debarrasse-toi de)"
)
_SORT = (
    "(sort|organize|organise|order|reorder|arrange|trie|trier|triez|ordonne|ordonner|ordonnez|"
    "organiser|organisez|range|ranger|rangez|reordonne|reordonner|classe|classer|classez)"
)
_USE = "(use|utilise|utiliser|utilisez|utilises|emploie|employer|employez|adopt|prefer)"
_CONVERT = (
    "(convert|change|turn|rewrite|migrate|transform|switch|move|port|upgrade|modernize|modernise|"
    "refactor|convertis|convertit|convertir|convertissez|transforme|transformer|transformez|passe|"
    "passer|passez|migre|migrer|migrez|reecris|reecrire|change|changer|changez)"
)
_REPLACE = "(replace|substitute|remplace|remplacer|remplacez|remplaces)"
_INTO = "(to|into|a|aux|en|vers|with|by|par|with|dans|as)"
_BY = "(with|by|par|to|into|avec)"
_FSTRINGS = "[an|les|des|une|de|the] (f-strings|f-string|fstrings|fstring|f strings|f-chaines)"
_PERCENT = (
    "[@the] [all|all the|toutes les|tous les|old|old-style|old style] [string|str|chaines] "
    "(percent|%|%-|%-style|percent-style|printf-style|%-formatting|%s|%-format|%-based) "
    "[string|strings] [formatting|formats|format|format strings|formattage]|"
    "[@the] [string|str] (formatting|format|formatage|formattage) [des chaines] "
    "[(with|avec|par|using|en|a base de) (%|percent)] [%]|"
    "[@the] [all|all the|toutes les|tous les] [str] (.format|.format\\(\\)|str.format|"
    "str.format\\(\\)|"
    'format|format\\(\\)|"".format\\(\\)) [calls|call|appels|strings]|'
    "[@the] appels (a|de) (.format|.format\\(\\)|str.format|str.format\\(\\)|format|format\\(\\))|"
    "[@the] (format strings|old-style formatting|old-style string formatting|old style string "
    "formatting|old string formatting|formatted strings|"
    "string formatting calls|chaines formatees|string formats)"
)
_OS_PATH = (
    "[@the] [all|all the|tous les|tout] [usages of|uses of|calls to|appels a|calls of|"
    "utilisations de] "
    "[les|the] (os.path|os.path.*|os.path\\(\\)) [functions|calls|usage|usages|call|appels|"
    "fonctions] "
    "|[@the] appels (a|de|d') os.path"
)
_PRINT = (
    "[@the] [all|all the|tous les|every] (print|prints|print\\(\\)|print\\(...\\)) "
    "[statements|calls|statement|call|appels|instructions]|"
    "[@the] [all|all the|tous les] [calls to|appels (a|de)|instructions] (print|print\\(\\))"
)
_LOGGING = (
    "[@the|des|a|un|du] (logging|logger|logging calls|logs|log calls|logger calls|"
    "appels au logger|appels (a|de) logging|log statements|logging statements|the logging module|"
    "module logging|a logger|journalisation|appels de journalisation|logging module)"
)
_TYPING = (
    "[@the] [all] [old|old-style|outdated|legacy|anciennes] (type hints|type annotations|typing|"
    "annotations|"
    "type hint|typing syntax|type syntax|types|annotations de type|annotations de types|"
    "type annotation syntax|typing annotations|type hint syntax|indications de type|typages|typage)"
)
_UPGRADE = (
    "(modernise|modernize|upgrade|update|moderniser|modernisez|modernises|mets a jour|mettre a "
    "jour|mettez a jour|"
    "rafraichis|actualise|actualiser)"
)
_ADD = (
    "(add|insert|generate|write|put|"
    "ajoute|ajouter|ajoutez|ajoutes|ajoutons|genere|generer|mets|mettre)"
)
_ANYWHERE = "[<places>|<places_everywhere>]"

FRAGMENTS = {
    "fstrings": _FSTRINGS,
    "percent": _PERCENT,
    "os_path": _OS_PATH,
    "print": _PRINT,
    "logging": _LOGGING,
    "typing": _TYPING,
    "anywhere": _ANYWHERE,
}
_InFiles = TypeVar("_InFiles", bound=InFiles)


def _in_files(kind: type[_InFiles]) -> Callable[[Bound], tuple[Request, ...]]:
    return lambda bound: (kind(bound.get("places", ())),)


def _logging(bound: Bound) -> tuple[Request, ...]:
    return (UseLogging(bound.get("places", ()), bound.get("level", "info")),)


def _typing(bound: Bound) -> tuple[Request, ...]:
    return (UpgradeTyping(bound.get("places", ()), bound.get("version", "")),)


def _pattern(bound: Bound) -> tuple[Request, ...] | None:
    pattern, template = bound["pattern"], bound["template"]
    variables = set(re.findall(r"\$+[A-Z_]\w*", pattern))
    if not (variables or "said" in bound) or set(re.findall(r"\$+[A-Z_]\w*", template)) - variables:
        return None
    if pattern == template:
        return None
    return (
        ReplacePattern(pattern, template, bound.get("places", ()), bound.get("language", "python")),
    )


_AT_LEVEL = (
    "[,] [(at|with|using|au|avec le|avec|as|a) [@the|@a] (level|niveau|log level) [of] <level>|"
    "(at|au|with|using|a) [@the] <level> (level|log level)|"
    "(au niveau|avec le niveau|de niveau) <level>|level <level>|niveau <level>|"
    "(with|using|avec|via) <level:logger>]"
)
_UNUSED = (
    "[@the|all|all the|any|every|all of the|tous les|toutes les|all my|our|my|des] "
    "((unused|dead|unneeded|unnecessary|useless|superfluous|unreferenced) (imports|import|"
    "import statements|import lines)|"
    "(imports|import) (inutilises|inutiles|inutilise|inutile|superflus|morts|non utilises|"
    "pas utilises|that are not used|that are unused|that nothing uses|which are not used|"
    "that aren 't used|which are unused|qui ne servent a rien|qui ne sont pas utilises|"
    "qui ne sont plus utilises|qui ne servent pas|not used|not in use|that are never used))"
)
_IMPORTS = (
    "[@the|all|all the|tous les|my|our] "
    "(imports|import statements|import|import lines|import block)"
)
_HINTS = (
    "[@the|des|de|any|all|all the] [missing] "
    "(type hints|type annotations|annotations de type|annotations de types|type hint|typing hints|"
    "types hints|indications de type|indications de types|static types|type-hints) [manquantes|"
    "manquants]"
)
_DOCSTRINGS = (
    "[@the|des|de|any|all|all the|some] [missing] [placeholder|skeleton] (docstrings|doc strings|"
    "docstring skeletons|"
    "docstring stubs|squelettes de docstrings) [manquantes|manquants]"
)
_SAID = "[@the] [all [occurrences of]] [@the] <said>"
_WHERE_ADDED = "[<places:receivers>|<places>|<places_everywhere>]"

RULES = (
    Rule("said", ("(pattern|motif|code pattern|ast pattern)",), lambda _: True),
    Rule(
        "remove_unused_imports",
        (
            f"{_REMOVE} {_UNUSED} @anywhere",
            f"{_UNUSED} (should|must) be (removed|deleted|dropped) @anywhere",
            f"{_UNUSED} (doivent|devraient) etre (supprimes|enleves|retires) @anywhere",
            "(fais le menage|faire le menage) dans les imports (inutiles|inutilises) @anywhere",
        ),
        _in_files(RemoveUnusedImports),
    ),
    Rule(
        "sort_imports",
        (
            f"{_SORT} {_IMPORTS} @anywhere",
            f"{_IMPORTS} @anywhere (should|must) be (sorted|organized|organised)",
            f"{_IMPORTS} @anywhere (doivent|devraient) etre (tries|ordonnes|ranges|classes)",
            "(mets|mettre|mettez) les imports (en ordre|dans l' ordre) @anywhere",
            "put @the imports in order @anywhere",
        ),
        _in_files(SortImports),
    ),
    Rule(
        "use_f_strings",
        (
            (
                f"{_USE} @fstrings @anywhere [(instead of|in place of|rather than|over|au lieu de|"
                "au lieu du|plutot que|a la place de|a la place du|a la place des|au lieu des) "
                "(@percent)]"
            ),
            (
                f"{_USE} @fstrings (instead of|in place of|rather than|over|au lieu de|au lieu du|"
                "plutot que|a la place de|a la place du|a la place des|au lieu des) (@percent) "
                "@anywhere"
            ),
            (
                "(switch|move|upgrade|migrate|passe|passer|passez|convert|convertis) [over] "
                "(to|aux|a) @fstrings @anywhere"
            ),
            f"{_CONVERT} [from|du] (@percent) @anywhere {_INTO} @fstrings @anywhere",
            f"{_CONVERT} (files|the code|code|<paths>) {_INTO} @fstrings",
            f"{_CONVERT} {_INTO} @fstrings @anywhere",
            f"{_REPLACE} (@percent) @anywhere {_BY} @fstrings @anywhere",
            f"{_REPLACE} (@percent) @anywhere par des f-strings @anywhere",
        ),
        _in_files(UseFStrings),
    ),
    Rule(
        "use_pathlib",
        (
            (
                f"{_USE} pathlib @anywhere [(instead of|in place of|rather than|over|au lieu de|"
                f"au lieu d'|"
                "plutot que|plutot qu'|a la place de|a la place d') (@os_path)]"
            ),
            (
                f"{_USE} pathlib (instead of|in place of|rather than|over|au lieu de|au lieu d'|"
                f"plutot que|"
                "plutot qu'|a la place de|a la place d') (@os_path) @anywhere"
            ),
            f"{_REPLACE} (@os_path) @anywhere {_BY} pathlib @anywhere",
            (
                "(switch|move|migrate|port|upgrade|convert|passe|passer|passez|migre|migrer) "
                "[over] "
                "[from os.path] (to|a|vers) pathlib @anywhere"
            ),
            (
                "(switch|move|migrate|port|convert|passe|passer|passez|migre|migrer) <paths> "
                "[from os.path] (to|a|vers) pathlib"
            ),
            f"{_CONVERT} [from|d'|de] (@os_path) @anywhere (to|into|en|a|vers) pathlib @anywhere",
        ),
        _in_files(UsePathlib),
    ),
    Rule(
        "use_logging",
        (
            (
                f"{_USE} @logging (instead of|in place of|rather than|over|au lieu de|au lieu "
                f"des|plutot que|"
                f"a la place de|a la place des) (@print) @anywhere {_AT_LEVEL} @anywhere"
            ),
            (
                f"{_USE} @logging @anywhere (instead of|in place of|rather than|au lieu de|au "
                f"lieu des|"
                f"plutot que|a la place de|a la place des) (@print) {_AT_LEVEL}"
            ),
            f"{_REPLACE} (@print) @anywhere {_BY} @logging @anywhere {_AT_LEVEL} @anywhere",
            (
                f"{_REPLACE} (@print) @anywhere {_BY} [calls to|des appels a|appels a] "
                f"<level:logger> "
                "[calls] @anywhere"
            ),
            (
                f"{_REPLACE} (@print) @anywhere par des appels (a|au|de) (logging|logger) "
                f"@anywhere "
                f"{_AT_LEVEL}"
            ),
            (
                f"{_CONVERT} (@print) @anywhere (to|into|en|a|vers) @logging @anywhere {_AT_LEVEL} "
                f"@anywhere"
            ),
            (
                f"(switch|move|migrate|passe|passer|passez) from print [statements|calls] to "
                f"@logging "
                f"@anywhere {_AT_LEVEL}"
            ),
            f"(passe|passer|passez|migre|migrer) de print a logging @anywhere {_AT_LEVEL}",
        ),
        _logging,
    ),
    Rule(
        "upgrade_typing",
        (
            f"{_UPGRADE} @typing @anywhere [(to|for|pour|vers|a) <version> [syntax]] @anywhere",
            f"{_CONVERT} @typing @anywhere (to|for|pour|vers|a|en) <version> [syntax] @anywhere",
            (
                f"{_CONVERT} @typing @anywhere (to|into|vers|en) [@the] "
                "(modern|new|new-style|current) (syntax|style|typing|type hints) @anywhere"
            ),
            (
                "(use|utilise|utiliser|utilisez) [@the|des|une] (modern|new-style|modern python|"
                "moderne|up-to-date) "
                "(type hints|typing|type annotations|annotations|typing syntax|type hint syntax|"
                "annotations de type) @anywhere"
            ),
            (
                "(use|utilise|utiliser|utilisez) [@the|des] (type hints|type annotations|"
                "annotations de type|"
                "annotations) modernes @anywhere"
            ),
            (
                "(use|utilise|utiliser) <version> (type hints|typing|type annotations|typing "
                "syntax|"
                "type syntax|type hint syntax) @anywhere"
            ),
            (
                "(use|utilise) [the] (type hints|typing|type annotations|typing syntax|"
                "annotations de type) "
                "(of|de) <version> @anywhere"
            ),
        ),
        _typing,
    ),
    Rule(
        "add_type_hints",
        (
            f"{_ADD} {_HINTS} {_WHERE_ADDED}",
            (
                "(annotate|annote|annoter|annotez|type-hint) <places:paths> [with types|with "
                "type hints|"
                "avec des types]"
            ),
        ),
        _in_files(AddTypeHints),
    ),
    Rule("add_docstrings", (f"{_ADD} {_DOCSTRINGS} {_WHERE_ADDED}",), _in_files(AddDocstrings)),
    Rule(
        "replace_pattern",
        (
            (
                f"{_REPLACE} [{_SAID}] <pattern> @anywhere {_BY} [@the] [<said_again:said>|"
                f"template|modele] "
                "<template:pattern> [<language_part>] @anywhere"
            ),
            (
                "(rewrite|convert|change|transform|reecris|reecrire|transforme|transformer) "
                f"[{_SAID}] <pattern> (to|into|as|en) <template:pattern> [<language_part>] "
                f"@anywhere"
            ),
            (
                f"{_REPLACE} (all|every|each|any|toutes les|tous les|chaque) [call|calls|"
                f"occurrence|occurrences|appel|appels] "
                f"[of|de|to] <pattern> {_BY} <template:pattern> [<language_part>] @anywhere"
            ),
            (
                f"{_REPLACE} [the] <language_part> {_SAID} <pattern> {_BY} <template:pattern> "
                f"@anywhere"
            ),
        ),
        lambda bound: _pattern({**bound, "language": bound.get("language_part", "python")}),
    ),
    Rule(
        "language_part",
        (
            "(in|en|dans) [the|le|language|le langage] <language> [code|files|sources|fichiers]",
            "<language>",
        ),
        lambda bound: bound["language"],
    ),
)
TERMINALS = {
    "language": one_of({
        "python": "python", "javascript": "javascript", "js": "javascript",
        "typescript": "typescript", "ts": "typescript", "tsx": "tsx", "go": "go", "golang": "go",
        "rust": "rust", "java": "java", "c": "c", "c++": "cpp", "cpp": "cpp", "c#": "csharp",
        "csharp": "csharp", "ruby": "ruby", "php": "php", "kotlin": "kotlin", "swift": "swift",
        "html": "html", "css": "css", "json": "json", "yaml": "yaml", "bash": "bash", "lua": "lua",
        "scala": "scala",
    }),
}  # fmt: skip

REQUESTS = (
    "remove_unused_imports", "sort_imports", "use_f_strings", "use_pathlib", "use_logging",
    "upgrade_typing", "add_type_hints", "add_docstrings", "replace_pattern",
)  # fmt: skip
