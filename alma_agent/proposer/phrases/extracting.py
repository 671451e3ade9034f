"""How people ask to extract a function, a method, a variable or a constant."""

from __future__ import annotations

from alma_agent.proposer.phrases.grammar import Bound, Rule
from alma_agent.proposer.phrases.reshaping import MAKE_FR, TURN, TURN_FR
from toolset.refactor.requests import (
    ExtractConstant,
    ExtractFunction,
    ExtractMethod,
    ExtractVariable,
    Request,
)

_EXTRACT = (
    "(extract|factor out|pull out|split out|"
    "extrais|extrait|extraire|extrayez|extrayons|sors|sortir)"
)
_EVERY = r"[,|\(] <every> [\)]"
_AS_NAME = (
    "((as|into|to|in|dans|en|comme|sous le nom) [@a] [new|nouvelle] [<unit:value_unit>] [@called] "
    "<name:new>)"
)


def _extract_lines(bound: Bound) -> tuple[Request, ...] | None:
    where, name = bound["where"], bound["name"]
    if bound.get("unit") == "method":
        return (ExtractMethod(where, name),)
    return (ExtractFunction(where, name),)


def _extract_expression(bound: Bound) -> tuple[Request, ...] | None:
    where, name, expression = bound["line"], bound["name"], bound["expression"]
    every = "every" in bound
    unit = bound.get("unit") or bound.get("noun")
    if unit is None and name.isupper():  # a constant, or a variable with a loud name
        return None
    if unit == "constant":
        return (ExtractConstant(where, expression, name, every),)
    return (ExtractVariable(where, expression, name, every),)


def _extract_literal(bound: Bound) -> tuple[Request, ...]:
    every = "every" in bound
    return (ExtractConstant(bound["line"], bound["literal"], bound["name"], every),)


def _where(bound: Bound) -> str | None:
    if spot := bound.get("spot"):
        return f"{spot[0]}:{spot[1]}" if spot[1].isdigit() else None
    symbol = bound.get("symbol")
    if symbol is not None:
        return f"{symbol.target}:{bound['number']}" if symbol.is_a("function", "method") else None
    return f"{bound.get('at', '')}:{bound['number']}"


RULES = (
    Rule(
        "unit",
        ("[helper|utility] function|fonction [utilitaire|auxiliaire]",),
        lambda _: "function",
    ),
    Rule("method_unit", ("[helper] method|methode",), lambda _: "method"),
    Rule(
        "value_unit",
        ("[local|temporary|temp] (variable|var) [locale|temporaire]", "<constant>"),
        lambda bound: bound.get("constant", "variable"),
    ),
    Rule(
        "constant",
        ("[module|module-level|global|named] (constant|constante|const) [globale|de module]",),
        lambda _: "constant",
    ),
    Rule(
        "every",
        (
            "everywhere",
            "partout",
            (
                "[and] (replace|replacing) (all|every|the|its) [the|its] [other] "
                "(occurrences|occurrence|uses)"
            ),
            "[and] everywhere else",
            "[et] (remplace|remplacer|remplacez) toutes (les|ses) [autres] occurrences",
            "for all occurrences",
            "at all occurrences",
            "pour toutes les occurrences",
        ),
        lambda _: True,
    ),
    Rule(
        "extract",
        tuple(
            phrase.replace(
                "UNIT", f"[@a] [new|nouvelle|separate|private|own] {unit} [@called] <name:new>"
            )
            for unit in ("<unit>", "<unit:method_unit>")
            for phrase in (
                f"{_EXTRACT} <where> (into|to|as|in|en|dans|vers) UNIT",
                f"{_EXTRACT} <where> (into|to|as|en|dans) <name:called_new>",
                (
                    f"{_EXTRACT} UNIT "
                    "(from|out of|with|of|de|depuis|a partir de|a partir des|avec) "
                    f"<where>"
                ),
                f"{TURN} <where> into UNIT",
                (
                    "(move|put|deplace|deplacer|mets|mettre|mettez|deplacez) <where> "
                    "(to|into|in|dans) UNIT"
                ),
                "(make|create) UNIT (from|out of|of|with) <where>",
                (
                    "(cree|creer|creez|fais|faire) UNIT (a partir de|a partir des|avec|de|depuis) "
                    "<where>"
                ),
                f"{TURN_FR} <where> en UNIT",
                f"{MAKE_FR} (de|des) <where> UNIT",
            )
        ),
        _extract_lines,
    ),
    Rule(
        "line",
        (
            "[,] [in|on|at|from|of|de|sur|a|dans] [@the] (line|ligne) <number> [<at>]",
            "[,] [in|on|at|from|of|de|sur|a|dans] [@the] (line|ligne) <number> @in <symbol>",
            "(in|at|on|from|dans|a|de) <spot>",
            "(in|of|from|dans|de) <at:file> [,] [on|at|in|a|a la|sur la] (line|ligne) <number>",
        ),
        _where,
    ),
    Rule(
        "extract_expression",
        (
            f"{_EXTRACT} [@the] [expression] <expression> <line> {_AS_NAME} [{_EVERY}]",
            f"{_EXTRACT} [@the] [expression] <expression> {_AS_NAME} <line> [{_EVERY}]",
            (
                f"{_EXTRACT} (all|every|toutes) [les|the] (occurrences|occurrence) (of|de) "
                f"<every:nothing_more> <expression> <line> {_AS_NAME}"
            ),
            (
                f"{_EXTRACT} [@a] [new] <unit:value_unit> [@called] <name:new> "
                f"(from|for|out of|de|depuis|a partir de|pour) [@the] [expression|l' expression] "
                f"<expression> <line> [{_EVERY}]"
            ),
            (
                "(introduce|create|add|define|introduis|introduire|cree|creer|ajoute) [@a] [new|"
                "nouvelle] "
                "<unit:value_unit> [@called] <name:new> (for|from|pour|a partir de) [@the] "
                "[expression] "
                f"<expression> <line> [{_EVERY}]"
            ),
            (
                "(assign|store|put|save|mets|mettre) [@the] [expression] <expression> <line> "
                "(to|in|into|dans) [@a] [new|nouvelle] <unit:value_unit> [@called] <name:new>"
            ),
            "(name|nomme|nommer) [@the] [expression] <expression> <line> <name:new>",
        ),
        _extract_expression,
    ),
    Rule(
        "noun",
        (
            (
                "[magic] (literal|number|string|value|constant|litteral|nombre|chaine|valeur|"
                "constante) "
                "[magique]"
            ),
            "nombre magique",
            "hard-coded (value|number|string)",
            "magic value",
        ),
        lambda _: "constant",
    ),
    Rule(
        "extract_literal",
        (
            (
                f"{_EXTRACT} [@the] [<noun>] <literal> <line> (into|as|to|in|en|dans|comme) [@a] "
                f"[new] "
                f"<unit:constant> [@called] <name:new> [{_EVERY}]"
            ),
            (
                f"{_EXTRACT} [@the] <noun> <literal> <line> (into|as|to|in|en|dans|comme|sous le "
                f"nom) "
                f"[@a] [new] [<unit:constant>] [@called] <name:new> [{_EVERY}]"
            ),
            (
                f"{_EXTRACT} [@the] [<noun>] <literal> (into|as|to|en|dans|comme) [@a] [new] "
                f"<unit:constant> [@called] <name:new> <line> [{_EVERY}]"
            ),
            (
                f"{_EXTRACT} [@a] [new] <unit:constant> [@called] <name:new> (from|for|de|pour|"
                f"depuis) "
                f"[@the] [<noun>] <literal> <line> [{_EVERY}]"
            ),
            (
                "(introduce|create|add|define|introduis|introduire|cree|creer|ajoute) [@a] [new|"
                "nouvelle] "
                f"<unit:constant> [@called] <name:new> (for|from|pour) [@the] [<noun>] <literal> "
                f"<line> "
                f"[{_EVERY}]"
            ),
            (
                "(replace|remplace|remplacer|remplacez) [@the] [<noun>] <literal> <line> (with|"
                "by|par) "
                f"[@a] [new] <unit:constant> [@called] <name:new> [{_EVERY}]"
            ),
        ),
        _extract_literal,
    ),
)

REQUESTS = ("extract", "extract_expression", "extract_literal")
