"""Where parameters stand: in another order, or behind a `*`; and the arguments of all calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Leftover, Refactoring
from toolset.refactor.ranges import Replacement
from toolset.refactor.requests import MakeKeywordOnly, ReorderParameters
from toolset.refactor.signatures.call_sites import Call, CallSites, find_call_sites
from toolset.refactor.signatures.checks import (
    defaults_are_silent,
    doubts_about,
    parameter_named,
    passes_on,
    require_changeable_name,
    require_own_to_change,
)
from toolset.refactor.signatures.edits import Edits, done, guessed, left, refuse_calls
from toolset.refactor.signatures.parameters import Argument
from toolset.refactor.signatures.uses import Definition

_NAMEABLE = {"plain", "keyword-only"}


def reorder_parameters(draft: Draft, request: ReorderParameters) -> Refactoring:
    """Stage another order of the positional parameters, and of the arguments in all calls.

    Arguments that may do something when they are evaluated keep their order, and get names instead.
    Raises RefactoringRefused where the order is no such list or breaks a default, where a call
    unpacks arguments by `*`, and what `find_call_sites` does.
    """
    require_changeable_name(request.target)
    sites = find_call_sites(draft, request.target)
    require_own_to_change(sites)
    order = request.order
    edits, doubts = Edits(), list(doubts_about(sites, others_call=True))
    for one in sites.definitions:
        if one is sites.target or not passes_on(one):
            ranges = _reordered(one, order, sites.address)
            edits.add(one.word, ranges, sites.witnesses[one.word.place])
    if not edits.changed:
        return done(draft, f"The order of {sites.address} is this one already", edits, [], [])
    refuse_calls(
        (call for call in sites.calls if any(one.stars == 1 for one in call.arguments)),
        f"These calls pass arguments to {sites.address} by *.",
    )
    for call in sites.calls:
        edits.add(call.word, _reordered_call(call, order, sites), call.witnesses)
    if not defaults_are_silent(sites.definitions):
        doubts.append("Defaults that call something are evaluated in another order.")
    edits.stage(draft)
    leftovers = [*sites.values, *sites.unknown, *_passing_on(sites), *guessed(sites, edits)]
    return done(draft, f"Reorder the parameters of {sites.address}", edits, leftovers, doubts)


def _passing_on(sites: CallSites) -> Iterator[Leftover]:
    for one in sites.definitions[1:]:
        if passes_on(one):
            yield left(one.word, "override that takes anything")


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many names at the beginning are the same."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _reordered(one: Definition, order: Sequence[str], address: str) -> Iterator[Replacement]:
    known = one.positional
    names = [name for name in order if name in known]
    if sorted(names) != sorted(known) or (not one.is_overload and len(names) != len(order)):
        raise RefactoringRefused(
            f"The order must name each positional parameter of {address} once, as they are at "
            f"{one.word.place}: {', '.join(known) or 'none'}."
        )
    parameters = [one.parameters.all[one.parameters.index(name)] for name in names]
    slots = [parameter.kind for parameter in one.own if parameter.is_positional]
    if [parameter.kind for parameter in parameters] != slots:
        raise RefactoringRefused(f"{one.word.place}: a parameter would move past the /.")
    required = [parameter.default is None for parameter in parameters]
    if sorted(required, reverse=True) != required:
        raise RefactoringRefused(
            f"{one.word.place}: a parameter without a default would come behind one with a default."
        )
    if names != list(known):
        indexes = [one.parameters.index(name) for name in names]
        yield from one.parameters.listing.in_order(indexes)


def _reordered_call(call: Call, order: Sequence[str], sites: CallSites) -> Iterator[Replacement]:
    """Put the arguments of a call in the new order, or give them names."""
    passed = [
        (i, filled)
        for i, (argument, filled) in enumerate(zip(call.arguments, call.fills, strict=True))
        if argument.is_positional and filled in order
    ]
    names = [filled or "" for _, filled in passed]
    wanted = list(order[: len(names)])
    if names == wanted:
        return
    arguments = [call.arguments[i] for i, _ in passed]
    if sorted(names) == sorted(wanted) and _may_change_places(arguments):
        indexes = [passed[names.index(name)][0] for name in wanted]
        yield from call.listing.in_order(indexes)
        return
    yield from _named(call, [i for i, filled in passed][_same(names, wanted) :], sites)


def _may_change_places(arguments: Sequence[Argument]) -> bool:
    """Say whether nobody could notice in which order the arguments are evaluated."""
    return all(one.effect == "none" for one in arguments)


def _named(call: Call, indexes: Sequence[int], sites: CallSites) -> Iterator[Replacement]:
    """Pass arguments by name: these, which stand at the end of those passed by position."""
    for index in indexes:
        name, argument, item = call.fills[index], call.arguments[index], call.listing.items[index]
        kinds = {
            found.kind
            for one in sites.definitions
            if not passes_on(one) and (found := one.parameters.named(name or ""))
        }
        positional = sum(one.is_positional for one in call.arguments)
        private = (name or "").startswith("__")  # in a class, Python would mangle it
        if not kinds or not kinds <= _NAMEABLE or private or indexes[-1] != positional - 1:
            raise RefactoringRefused(
                f"{call.place}: {' '.join(argument.value.split())} cannot be passed by name. "
                "Nothing was changed. Change this call first."
            )
        yield Replacement(item.start, item.start, f"{name}=")
        if argument.is_bare_generator:
            yield Replacement(item.start, item.start, "(")
            yield Replacement(item.end, item.end, ")")


def make_keyword_only(draft: Draft, request: MakeKeywordOnly) -> Refactoring:
    """Stage that parameters can only be passed by name, and that all calls do so.

    Raises RefactoringRefused for what is no plain parameter, beside `*args`, where a call may pass
    one by `*`, and what `find_call_sites` does.
    """
    require_changeable_name(request.target)
    sites = find_call_sites(draft, request.target)
    require_own_to_change(sites)
    names = set(request.names)
    if not names:
        raise RefactoringRefused("Name at least one parameter.")
    wanted = {name for name in names if parameter_named(sites, name).kind != "keyword-only"}
    edits, doubts = Edits(), list(doubts_about(sites, others_call=True))
    if not wanted:
        return done(draft, f"They are keyword-only in {sites.address} already", edits, [], [])
    for one in sites.definitions:
        if one is sites.target or not passes_on(one):
            edits.add(one.word, _starred(one, wanted), sites.witnesses[one.word.place])
    refuse_calls(
        (
            call
            for call in sites.calls
            if any(one.stars == 1 for one in call.arguments)
            and not wanted <= {a.keyword for a in call.arguments}
        ),
        f"These calls may pass {', '.join(sorted(wanted))} by *.",
    )
    for call in sites.calls:
        passed = [i for i, one in enumerate(call.arguments) if one.is_positional]
        first = next((n for n, i in enumerate(passed) if call.fills[i] in wanted), len(passed))
        edits.add(call.word, _named(call, passed[first:], sites), call.witnesses)
    if not defaults_are_silent(sites.definitions):
        doubts.append("Defaults that call something are evaluated in another order.")
    edits.stage(draft)
    leftovers = [*sites.values, *sites.unknown, *_passing_on(sites), *guessed(sites, edits)]
    by_place = [one.name for one in sites.target.own if one.is_positional]
    if set(by_place[-len(wanted) :]) != wanted:
        doubts.append(
            f"Code outside of this project that passes what stands behind "
            f"{', '.join(sorted(wanted))} by its place would fill another parameter."
        )
    title = f"Make {', '.join(sorted(wanted))} of {sites.address} keyword-only"
    return done(draft, title, edits, leftovers, doubts)


def _starred(one: Definition, wanted: set[str]) -> Iterator[Replacement]:
    """Put the wanted parameters behind a `*`."""
    known = [parameter for parameter in one.own if parameter.name in wanted]
    if one.parameters.of_kind("*args") is not None:
        raise RefactoringRefused(
            f"{one.word.place}: {one.name} has *args, which would take what is passed by position."
        )
    if any(parameter.kind == "positional-only" for parameter in known):
        raise RefactoringRefused(
            f"{one.word.place}: a parameter before / cannot be passed by name."
        )
    if len(known) < len(wanted) and not one.is_overload:
        raise RefactoringRefused(
            f"{one.word.place}: {one.name} has no {', '.join(wanted - {p.name for p in known})}."
        )
    plain = [parameter.name for parameter in known if parameter.kind == "plain"]
    if not plain:
        return
    listing, positional = one.parameters.listing, one.positional
    staying = [name for name in positional if name not in plain]
    order = [*staying, *plain]
    if order != list(positional):
        yield from listing.in_order([one.parameters.index(name) for name in order])
    star = one.parameters.of_kind("*")
    if star is not None:
        if listing.comment_behind(star):
            raise RefactoringRefused(f"{one.word.place}: the comment behind the * would be lost.")
        yield from listing.without({star})
    slot = one.parameters.index(positional[len(staying)])
    yield listing.with_item(slot, "*")
