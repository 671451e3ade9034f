"""How people ask to inline, and to change what a class or a function is."""

from __future__ import annotations

from alma_agent.proposer.phrases.grammar import Bound, Rule
from alma_agent.proposer.phrases.places import Symbol
from toolset.refactor.requests import (
    EncapsulateAttribute,
    FunctionToMethod,
    InlineFunction,
    InlineVariable,
    IntroduceDataclass,
    MethodToFunction,
    Request,
)

TURN = "(turn|convert|transform|refactor|change|make|rewrite)"
TURN_FR = (
    "(transforme|transformes|transformer|transformez|convertis|convertit|convertir|convertissez|"
    "change|changer|refactorise|refactoriser|passe|passer|reecris|reecrire)"
)
MAKE_FR = "(fais|fait|faire|faites)"
_INLINE = (
    "(inline|inliner|inlines|inlinez|integre|integrer|integrez|incorpore|incorporer|incorporez)"
)
_SHOULD = "(should|must|needs to|has to|ought to|could)"
_DEVRAIT = "(devrait|doit|devra|pourrait)"


def _inline_variable(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    if symbol.kind in ("variable", "constant") and not symbol.name.called:
        return (InlineVariable(symbol.target),)
    return None


def _inline_function(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    said = symbol.kind in ("function", "method") or (symbol.name.called and not symbol.kind)
    return (InlineFunction(symbol.target),) if said else None


def _dataclasses(bound: Bound) -> tuple[Request, ...] | None:
    symbols: tuple[Symbol, ...] = bound["symbols"]
    if any(not symbol.is_a("class") or not _can_be_class(symbol) for symbol in symbols):
        return None
    if len({symbol.file for symbol in symbols}) > 1:
        return None
    return tuple(IntroduceDataclass(symbol.target) for symbol in symbols)


def _can_be_class(symbol: Symbol) -> bool:
    """Say whether it is no article: "make Point and a dataclass"."""
    return not (symbol.name.called or symbol.name.is_adjective)


def _method_to_function(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    is_method = symbol.kind == "method" or (symbol.is_a() and symbol.owner)
    return (MethodToFunction(symbol.target),) if is_method else None


def _function_to_method(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    owner: Symbol = bound["into"]
    if not symbol.is_a("function") or not owner.is_a("class") or "." in symbol.dotted:
        return None
    if (owner.file and symbol.file) or owner.name.called or symbol.name.is_kind_word:
        return None
    if owner.name.is_kind_word:
        return None
    file = owner.file or symbol.file
    target = f"{file}::{symbol.dotted}" if file else symbol.dotted
    return (FunctionToMethod(target, owner.dotted),)


def _encapsulate(bound: Bound) -> tuple[Request, ...] | None:
    symbol: Symbol = bound["symbol"]
    if not symbol.is_a("attribute") or symbol.name.called:
        return None
    if not symbol.owner and ("must_be_owned" in bound or symbol.kind != "attribute"):
        return None
    return (EncapsulateAttribute(symbol.target),)


RULES = (
    Rule("nothing_more", ("",), lambda _: True),
    Rule(
        "inline_variable",
        (
            f"{_INLINE} <symbol>",
            "replace <symbol> (with|by) its value [everywhere]",
            "(remplace|remplacer|remplacez) <symbol> par sa valeur [partout]",
            f"<symbol> {_SHOULD} be inlined",
            f"<symbol> {_DEVRAIT} etre (inline|inlinee|integre|integree)",
        ),
        _inline_variable,
    ),
    Rule(
        "inline_function",
        (
            (
                f"{_INLINE} <symbol> [everywhere|partout|into its callers|into its caller|"
                "into its call sites|at its call sites|in its callers|where it is called|"
                "dans ses appelants]"
            ),
            "replace <symbol> (with|by) its body [everywhere]",
            "(remplace|remplacer|remplacez) <symbol> par son corps [partout]",
            f"<symbol> {_SHOULD} be inlined",
            f"<symbol> {_DEVRAIT} etre (inline|inlinee|integree)",
        ),
        _inline_function,
    ),
    Rule(
        "dataclass",
        (
            (
                f"{TURN} <symbols> [into|to] [a|as|as a] (dataclass|data class|\\@dataclass|"
                f"dataclasses)"
            ),
            f"<symbols> {_SHOULD} (be|become) [a] (dataclass|dataclasses|data class)",
            "use (a dataclass|\\@dataclass|dataclass) for <symbols>",
            "(make|create) a (dataclass|data class) (of|out of|from) <symbols>",
            "(i want|i 'd like|i would like) <symbols> to be a (dataclass|data class)",
            (
                f"{TURN_FR} <symbols> (en|comme) [une|un|des] "
                "(dataclass|dataclasses|classe de donnees|data class)"
            ),
            (
                f"{MAKE_FR} de <symbols> (une|des|un) "
                "(dataclass|dataclasses|classe de donnees|data "
                f"class)"
            ),
            f"{MAKE_FR} (une|un) (dataclass|classe de donnees) (de|avec|a partir de) <symbols>",
            f"<symbols> {_DEVRAIT} (etre|devenir) une (dataclass|classe de donnees)",
            "(utilise|utiliser|utilisez) (une dataclass|\\@dataclass) pour <symbols>",
        ),
        _dataclasses,
    ),
    Rule(
        "a_function",
        (
            (
                "[a|une|un|en] [module-level|module level|free|standalone|stand-alone|plain|"
                "top-level|"
                "toplevel|simple|regular|normal] (function|fonction) "
                "[de module|du module|libre|simple|independante|at module level]"
            ),
        ),
        lambda _: True,
    ),
    Rule(
        "method_to_function",
        (
            f"{TURN} <symbol> [into|to|as] <a_function>",
            f"<symbol> {_SHOULD} (be|become) <a_function>",
            f"{TURN_FR} <symbol> en <a_function>",
            f"{MAKE_FR} de <symbol> <a_function>",
            f"<symbol> {_DEVRAIT} (etre|devenir) <a_function>",
        ),
        _method_to_function,
    ),
    Rule(
        "function_to_method",
        (
            f"{TURN} <symbol> [into|to|as] (a|an) [instance] method (of|on|in) <into:symbol>",
            "(move|put) <symbol> (into|to|in|inside) <into:symbol> as a method",
            f"<symbol> {_SHOULD} (be|become) a [instance] method (of|on|in) <into:symbol>",
            f"{TURN_FR} <symbol> en [une] methode (de|d'|dans) <into:symbol>",
            f"{MAKE_FR} de <symbol> une methode (de|d'|dans) <into:symbol>",
            f"<symbol> {_DEVRAIT} (etre|devenir) une methode (de|d'|dans) <into:symbol>",
        ),
        _function_to_method,
    ),
    Rule(
        "encapsulate",
        (
            (
                "(encapsulate|encapsule|encapsuler|encapsulez) <symbol> "
                "[(in|with|behind|as|using) a property|(dans|avec|derriere) une propriete]"
            ),
            f"{TURN} <must_be_owned:nothing_more> <symbol> [into|to] a property",
            (
                "(wrap|put|hide) <must_be_owned:nothing_more> <symbol> (in|into|behind|with) a "
                "property"
            ),
            "use a property for <must_be_owned:nothing_more> <symbol>",
            f"<must_be_owned:nothing_more> <symbol> {_SHOULD} (be|become) a property",
            f"{TURN_FR} <must_be_owned:nothing_more> <symbol> en [une] (propriete|property)",
            f"{MAKE_FR} de <must_be_owned:nothing_more> <symbol> une (propriete|property)",
            (
                f"<must_be_owned:nothing_more> <symbol> {_DEVRAIT} (etre|devenir) une (propriete|"
                f"property)"
            ),
        ),
        _encapsulate,
    ),
)

PLACED = ("dataclass", "method_to_function", "function_to_method", "encapsulate")
"""Requests that a file may follow: "make Point a dataclass in app.py"."""

REQUESTS = (
    "inline_variable", "inline_function",
    "dataclass", "method_to_function", "function_to_method", "encapsulate",
)  # fmt: skip
