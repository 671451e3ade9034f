"""Change what a function takes: its definitions and all its calls, by ranges of their text alone.

rope would print the list of parameters anew: without annotations, and wrong behind a `*`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Leftover, Place, Refactoring
from toolset.refactor.ranges import Replacement
from toolset.refactor.requests import AddParameter, RemoveParameter
from toolset.refactor.signatures.body_names import Bodies
from toolset.refactor.signatures.bracketed import Listing
from toolset.refactor.signatures.call_sites import Call, CallSites, find_call_sites
from toolset.refactor.signatures.checks import (
    docstring_mentions,
    doubts_about,
    effect_of,
    parameter_named,
    passes_on,
    require_changeable_name,
    require_function,
    require_own_to_change,
)
from toolset.refactor.signatures.edits import Edits, done, guessed, left, refuse_calls
from toolset.refactor.signatures.new_parameter import NewParameter
from toolset.refactor.signatures.parameter_order import make_keyword_only, reorder_parameters
from toolset.refactor.signatures.uses import Definition
from toolset.refactor.words import Word

__all__ = ["add_parameter", "make_keyword_only", "remove_parameter", "reorder_parameters"]


def add_parameter(draft: Draft, request: AddParameter) -> Refactoring:
    """Stage a new parameter with a default, in overrides and overloads too; calls stay as they are.

    Behind `*args` it can only be keyword-only. Raises RefactoringRefused where the name is taken,
    where the default is no safe one or cannot be evaluated there, and what `find_call_sites` does.
    """
    new = NewParameter(request.name, request.default, request.annotation, request.keyword_only)
    new.require_sound()
    sites = find_call_sites(draft, request.target)
    require_function(sites)
    edits, leftovers, doubts = Edits(), [], list(doubts_about(sites, others_call=False))
    for one in sites.definitions:
        if one is not sites.target and passes_on(one):
            leftovers.append(left(one.word, "override that takes anything"))
            continue
        new.require_room(one)
        if not new.goes_alike(one, sites.target):
            leftovers.append(left(one.word, "override with other parameters"))
        edits.add(one.word, [new.added_to(one)], sites.witnesses[one.word.place])
        doubts += _sees_all_names(one)
    leftovers += _passing_already(sites, new.name)
    if effect_of(new.default) == "unknown":
        doubts.append(f"{new.default} is evaluated once, where the function is defined.")
    edits.stage(draft)
    introspected = [one for one in sites.values if one.kind != "used as a decorator"]
    bindings = [one for one in sites.unknown if one.kind == "file that cannot be read"]
    return done(
        draft,
        f"Add {new.name} to {sites.address}",
        edits,
        [*leftovers, *introspected, *bindings],
        doubts,
    )


def _passing_already(sites: CallSites, name: str) -> Iterator[Leftover]:
    """Yield calls that may pass the name into `**kwargs`. Raises RefactoringRefused if one does."""
    takers = [one for one in sites.definitions if one is sites.target or not passes_on(one)]
    if all(one.parameters.of_kind("**kwargs") is None for one in takers):
        return
    for call in sites.calls:
        if any(one.keyword == name for one in call.arguments):
            raise RefactoringRefused(
                f"{call.place}: this call passes {name} already, into the **kwargs. "
                "Choose another name."
            )
        if any(one.stars == 2 for one in call.arguments):  # noqa: PLR2004 - `**`
            yield left(call.word, "call that may pass it by **")
    yield from (*sites.unknown, *sites.misfits)


def _sees_all_names(definition: Definition) -> Iterator[str]:
    bodies = Bodies(definition.word.source.text)
    if found := bodies.reads_all(bodies.ordinal(definition)):
        yield f"{definition.name} at {definition.word.place} calls {found}, which sees every name."


def remove_parameter(draft: Draft, request: RemoveParameter) -> Refactoring:
    """Stage the removal of a parameter that no body uses, and of the arguments that fill it.

    Raises RefactoringRefused where a body uses it, where an argument may do something when it is
    evaluated, or may be passed by `*` or `**`, and what `find_call_sites` does.
    """
    require_changeable_name(request.target)
    sites = find_call_sites(draft, request.target)
    require_own_to_change(sites)
    name = request.name
    parameter_named(sites, name)
    _require_no_fixture(sites.target, name)
    edits, leftovers = Edits(), []
    doubts = list(doubts_about(sites, others_call=True))
    for one in sites.definitions:
        found = one.parameters.named(name)
        if found is None:
            if not one.is_overload:
                leftovers.append(left(one.word, f"override without {name}"))
            continue
        edits.add(one.word, _without(one, name), sites.witnesses[one.word.place])
        listing = one.parameters.listing
        leftovers += _comment_above(one.word, listing, one.parameters.index(name))
        leftovers += docstring_mentions(one, name)
        if found.default and effect_of(found.default) == "unknown":
            doubts.append(f"The default {found.default} is no longer evaluated.")
    _require_told(sites, name)
    for call in sites.calls:
        dropped = [i for i, filled in enumerate(call.fills) if filled == name]
        leftovers += _dropped_reads(call, dropped)
        edits.add(call.word, call.listing.without(dropped), call.witnesses)
    edits.stage(draft)
    _require_unused(draft, sites.definitions, name)
    leftovers += [*sites.values, *sites.unknown, *guessed(sites, edits)]
    return done(draft, f"Remove {name} from {sites.address}", edits, leftovers, doubts)


def _require_no_fixture(target: Definition, name: str) -> None:
    path = target.word.place.path
    is_test = target.name.startswith("test") and "test" in path.name
    if is_test or any(one.rpartition(".")[2] == "fixture" for one in target.decorators):
        raise RefactoringRefused(
            f"pytest fills {name} of {target.name} with a fixture, which may do something. "
            "Remove it by hand if it is not needed."
        )


def _without(definition: Definition, name: str) -> Iterator[Replacement]:
    """Take a parameter away, and a mark that would be left without one."""
    every = definition.parameters.all
    index = definition.parameters.index(name)
    gone = {index}
    kinds = [one.kind for i, one in enumerate(every) if i != index]
    if "*" in kinds and "keyword-only" not in kinds:
        gone.add(next(i for i, one in enumerate(every) if one.kind == "*"))
    if "/" in kinds and "positional-only" not in kinds:
        gone.add(next(i for i, one in enumerate(every) if one.kind == "/"))
    yield from definition.parameters.listing.without(gone)


def _require_told(sites: CallSites, name: str) -> None:
    """Refuse calls that may fill the parameter by `*` or `**`."""
    kind = parameter_named(sites, name).kind
    by_star = () if kind == "keyword-only" else (1,)
    by_stars = () if kind == "positional-only" else (2,)
    refuse_calls(
        (
            call
            for call in sites.calls
            if name not in call.fills
            and any(one.stars in (*by_star, *by_stars) for one in call.arguments)
        ),
        f"These calls may pass {name} by * or **.",
    )


def _dropped_reads(call: Call, dropped: Sequence[int]) -> Iterator[Leftover]:
    """Yield a call whose dropped argument reads an attribute. Refuse one that may do more."""
    for index in dropped:
        yield from _comment_above(call.word, call.listing, index)
        effect = call.arguments[index].effect
        if effect == "unknown":
            spelt = " ".join(call.arguments[index].value.split())
            raise RefactoringRefused(
                f"{call.place}: {spelt} would no longer be evaluated. "
                "Nothing was changed. Give it a name in the line above first."
            )
        if effect == "attribute":
            yield left(call.word, "attribute that is no longer read")


def _comment_above(word: Word, listing: Listing, index: int) -> Iterator[Leftover]:
    """Yield the comment on the line above an item that goes: it may speak of it."""
    at = listing.comment_above(index)
    if at is not None:
        line, text = listing.text.count("\n", 0, at) + 1, listing.text
        place = Place(word.place.path, line, at - (text.rfind("\n", 0, at) + 1))
        yield Leftover(place, "comment above what was removed", text[at:].splitlines()[0][:120])


def _require_unused(draft: Draft, definitions: Iterable[Definition], name: str) -> None:
    """Refuse if a body still speaks of the parameter, now that no call in it passes it on."""
    for one in definitions:
        path = one.word.place.path
        ordinal = Bodies(one.word.source.text).ordinal(one)
        bodies = Bodies(draft.read(path).text)
        if bodies.speaks_of(ordinal, name):
            raise RefactoringRefused(
                f"{one.word.place}: the body of {one.name} uses {name}. Nothing was changed."
            )
        if found := bodies.reads_all(ordinal):
            raise RefactoringRefused(
                f"{one.word.place}: {one.name} calls {found}, which may read {name}. "
                "Nothing was changed."
            )
