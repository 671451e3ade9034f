"""What must hold before a function's parameters may change, and what can only be said of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.signatures.call_sites import CallSites
from toolset.refactor.signatures.constructors import CONSTRUCTORS, is_constructor
from toolset.refactor.signatures.parameters import Argument, Parameter
from toolset.refactor.signatures.uses import Definition, bases_of

_PROPERTIES = ("property", "cached_property", "setter", "getter", "deleter", "abstractproperty")
# Decorators that hand every argument on, or look at none.
_TRANSPARENT = (
    "staticmethod",
    "classmethod",
    "abstractmethod",
    "override",
    "overload",
    "final",
    "no_type_check",
    "wraps",
    "cache",
    "lru_cache",
    "contextmanager",
    "asynccontextmanager",
    "deprecated",
)


_TYPES_IN_COMMENT = re.compile(r"#[ \t]*type:[ \t]*\([^\n]*\)[ \t]*->")


def require_function(sites: CallSites) -> None:
    """Refuse a property: nobody passes it arguments. And types in a comment: they count along."""
    for one in sites.definitions:
        if _TYPES_IN_COMMENT.search(one.node.get_code()):
            raise RefactoringRefused(
                f"{sites.address} has its types in a comment, which would no longer fit. "
                "Nothing was changed. Write them as annotations first."
            )
        if any(name.rpartition(".")[2] in _PROPERTIES for name in one.decorators):
            raise RefactoringRefused(
                f"{sites.address} is a property; what it takes is fixed by Python."
            )


def require_changeable_name(target: str) -> None:
    """Refuse methods that Python calls by itself, but for constructors."""
    name = re.split(r"[.:]", target.strip())[-1]
    if re.fullmatch(r"__\w+__", name) and name not in CONSTRUCTORS:
        raise RefactoringRefused(
            f"Python itself calls {name}, with parameters that cannot be changed."
        )


def require_own_to_change(sites: CallSites) -> None:
    """Refuse where calls or overrides do not fit the parameters, or cannot be told."""
    require_function(sites)
    target = sites.target
    if target.owner is not None and target.name in CONSTRUCTORS:
        names = {one.name.value for one in target.owner.iter_funcdefs()}
        if {"__init__", "__new__"} <= names:
            raise RefactoringRefused(
                f"{target.owner.name.value} has both __init__ and __new__, and every call of it "
                "goes through both. Change them by hand."
            )
    if sites.misfits:
        raise RefactoringRefused(
            f"It cannot be told what these calls pass to {sites.address}. "
            "Nothing was changed. Look at them first:",
            candidates=[f"{one.place}  {one.kind}: {one.text}" for one in sites.misfits],
        )
    _require_alike(sites)


def _require_alike(sites: CallSites) -> None:
    """Refuse overrides whose positional parameters have other names, or another order."""
    full = [one for one in sites.definitions if not one.is_overload and not passes_on(one)]
    longest = max((one.positional for one in full), key=len, default=())
    unlike = [one for one in full if one.positional != longest[: len(one.positional)]]
    if unlike:
        raise RefactoringRefused(
            f"The parameters of {sites.address} and its overrides are not alike. "
            "Nothing was changed. Make them alike first:",
            candidates=[
                f"{one.word.place}  {', '.join(one.positional) or '(none)'}"
                for one in dict.fromkeys((sites.target, *unlike))
            ],
        )


def passes_on(definition: Definition) -> bool:
    """Say whether an override takes anything and names nothing: `*args, **kwargs`."""
    return definition.parameters.passes_all and not definition.positional


def parameter_named(sites: CallSites, name: str) -> Parameter:
    """Return the target's parameter that callers fill. Raises RefactoringRefused."""
    target = sites.target
    found = target.parameters.named(name) if name else None
    if found is None:
        known = ", ".join(one.name for one in target.own if one.name) or "none"
        raise RefactoringRefused(f"{sites.address} has no parameter {name}. It has: {known}.")
    if found not in target.own:
        raise RefactoringRefused(
            f"{name} is the object or class that {sites.address} is called on; it must stay first."
        )
    if found.kind in ("*args", "**kwargs"):
        raise RefactoringRefused(
            f"{name} takes any number of arguments. Only parameters for one value can be changed."
        )
    return found


def doubts_about(sites: CallSites, *, others_call: bool) -> tuple[str, ...]:
    """Return what cannot be shown: who looks at the parameters, or calls out of sight.

    `others_call` says that code outside the project would notice.
    """
    doubts = [*_decorated(sites.definitions), *_protocols(sites.definitions)]
    if others_call:
        name = sites.target.name
        doubts += [
            f"{base}, a base class from outside the project, may call {name}."
            for base in sites.outer_bases
        ]
        if any(is_constructor(one) and _is_exception(one) for one in sites.definitions):
            doubts.append("Python copies and unpickles exceptions by passing their args again.")
    return tuple(dict.fromkeys(doubts))


def _protocols(definitions: Iterable[Definition]) -> Iterator[str]:
    for one in definitions:
        bases = bases_of(one.owner) if one.owner is not None else {}
        if any(base.partition("[")[0].rpartition(".")[2] == "Protocol" for base in bases):
            yield f"{one.owner.name.value} is a Protocol; what fits it is not looked for."


def _is_exception(definition: Definition) -> bool:
    return any(
        one.endswith(("Exception", "Error", "Warning")) for one in bases_of(definition.owner)
    )


def _decorated(definitions: Iterable[Definition]) -> Iterator[str]:
    for one in definitions:
        for name in one.decorators:
            if name.rpartition(".")[2] not in _TRANSPARENT:
                yield (
                    f"{one.name} at {one.word.place} is decorated with {name}, "
                    "which may look at its parameters or pass arguments to it."
                )


def defaults_are_silent(definitions: Iterable[Definition]) -> bool:
    """Say whether nobody could notice in which order the defaults are evaluated."""
    calling = (
        [one for one in definition.own if one.default and effect_of(one.default) == "unknown"]
        for definition in definitions
    )
    return all(len(one) <= 1 for one in calling)


def effect_of(expression: str) -> str:
    """Return what happens when an expression is evaluated; see `Argument.effect`."""
    return Argument("", 0, expression).effect


def docstring_mentions(definition: Definition, name: str) -> Iterator[Leftover]:
    """Yield where the docstring of a function, or of the class it constructs, names a parameter."""
    nodes = [definition.node]
    if definition.name in CONSTRUCTORS and definition.owner is not None:
        nodes.append(definition.owner)
    for node in nodes:
        doc = node.get_doc_node()
        if doc is None:
            continue
        line, column = doc.start_pos
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", doc.value):
            before = doc.value[: found.start()]
            at = line + before.count("\n")
            start = found.start() - (before.rfind("\n") + 1) + (column if at == line else 0)
            text = definition.word.source.text.split("\n")[at - 1].strip()
            yield Leftover(Place(definition.word.place.path, at, start), "docstring", text[:120])
