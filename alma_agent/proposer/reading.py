"""What a sentence asks for: its greeting left aside, its requests one by one, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from alma_agent.proposer.phrases.grammar import Grammar, Parse
from alma_agent.proposer.phrases.places import Symbol
from alma_agent.proposer.phrases.politeness import ENDINGS
from alma_agent.proposer.phrases.tokens import Sentence
from alma_agent.proposer.splitting import Joint, after_bullet, ways_to_cut
from toolset.refactor.requests import (
    Extract,
    InFiles,
    MoveSymbol,
    Rename,
    ReplacePattern,
    Request,
    Targeted,
)

Requests = tuple[Request, ...]
Place = tuple[str, ...] | Symbol


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a sentence: what it asks for. `elided` says that its verb stands before."""

    requests: Requests
    joint: Joint | None
    elided: bool


@dataclass(slots=True)
class Reading:
    """One reading of one sentence; keeps what it found for each piece."""

    grammar: Grammar
    _parses: dict[tuple[int, int], Parse] = field(default_factory=dict)
    _rest: dict[tuple[int, bool], tuple[_Part, ...]] = field(default_factory=dict)

    def requests(self, sentence: Sentence) -> Requests:
        """Return what the whole sentence asks for; empty if it is not wholly understood."""
        body, asks = _without_ending(after_bullet(sentence))
        if asks and not self._opens_as_question(body):
            return ()
        return self._joined(body) or self._with_leading_place(body)

    def _joined(self, sentence: Sentence) -> Requests:
        parts = self._parts(sentence, None, after_rename=False)
        if not _fit_together(parts):
            return ()
        return tuple(request for part in parts for request in part.requests)

    def _parts(
        self, sentence: Sentence, joint: Joint | None, *, after_rename: bool
    ) -> tuple[_Part, ...]:
        """Return the pieces of the sentence; none unless each is understood."""
        if not sentence.tokens:
            return ()
        key = (sentence.tokens[0].start, after_rename)
        if key not in self._rest:
            self._rest[key] = self._cut(sentence, after_rename=after_rename)
        first, *others = self._rest[key] or (None,)
        return (replace(first, joint=joint), *others) if first else ()

    def _cut(self, sentence: Sentence, *, after_rename: bool) -> tuple[_Part, ...]:
        if whole := self._one(sentence, after_rename=after_rename):
            return (whole,)
        for first, joint, rest in ways_to_cut(sentence):
            part = self._one(_without_ending(first)[0], after_rename=after_rename)
            if part is None:
                continue
            renames = isinstance(part.requests[-1], Rename)
            if others := self._parts(rest, joint, after_rename=renames):
                return (part, *others)
        return ()

    def _one(self, sentence: Sentence, *, after_rename: bool) -> _Part | None:
        if requests := self._understood("request", sentence):
            return _Part(requests, None, elided=False)
        if after_rename and (requests := self._understood("rename_too", sentence)):
            return _Part(requests, None, elided=True)
        return None

    def _understood(self, rule: str, sentence: Sentence) -> Requests:
        """Return what a single request means; nothing if it may mean two things."""
        if not sentence.tokens:
            return ()
        parse = self._parse(sentence)
        meanings: list[Requests] = []
        for start in (0, *(stop for stop, _ in parse.beginnings("opening"))):
            meanings += [one for one in parse.meanings(rule, start) if one not in meanings]
        return meanings[0] if len(meanings) == 1 else ()

    def _parse(self, sentence: Sentence) -> Parse:
        key = (sentence.tokens[0].start, sentence.tokens[-1].end)
        if key not in self._parses:
            self._parses[key] = Parse(self.grammar, sentence)
        return self._parses[key]

    def _opens_as_question(self, sentence: Sentence) -> bool:
        kinds = self._parse(sentence).beginnings("opening") if sentence.tokens else ()
        return any(kind == "question" for _, kind in kinds)

    def _with_leading_place(self, sentence: Sentence) -> Requests:
        """Understand "in app.py, ...", where the place holds for all that follows."""
        found: list[Requests] = []
        if not sentence.tokens:
            return ()
        for start, place in self._parse(sentence).beginnings("leading_place"):
            requests = self._joined(sentence.part(start, len(sentence.tokens)))
            placed = tuple(in_place(request, place) for request in requests)
            done = tuple(request for request in placed if request is not None)
            if done and len(done) == len(placed) and done not in found:
                found.append(done)
        return found[0] if len(found) == 1 else ()


def _without_ending(sentence: Sentence) -> tuple[Sentence, bool]:
    """Leave out thanks and marks at the end; say whether a question mark was among them."""
    stop, asks = len(sentence.tokens), False
    while stop:
        words = tuple(token.word for token in sentence.tokens[max(0, stop - 4) : stop])
        ending = next((one for one in ENDINGS if words[-len(one) :] == one), None)
        if ending is None:
            break
        asks |= ending == ("?",)
        stop -= len(ending)
    return sentence.part(0, stop), asks


def in_place(request: Request, place: Place) -> Request | None:
    """Return the request in the place; None if it has one of its own, or takes none."""
    if isinstance(place, Symbol):
        return _in_symbol(request, place)
    match request:
        case InFiles(()) | ReplacePattern(paths=()):
            return replace(request, paths=place)
        case Targeted(target) if "::" not in target and _is_one_file(place):
            return replace(request, target=f"{place[0]}::{target}")
        case Extract(where) if where.startswith(":") and _is_one_file(place):
            return replace(request, where=f"{place[0]}{where}")
    return None


def _in_symbol(request: Request, place: Symbol) -> Request | None:
    match request:
        case _ if place.kind not in ("function", "method", "class") and not place.name.called:
            return None
        case MoveSymbol():
            return None
        case Targeted(target) if "::" not in target and "." not in target:
            return replace(request, target=f"{place.target}.{target}")
        case Extract(where) if where.startswith(":"):
            return replace(request, where=f"{place.target}{where}")
    return None


def _is_one_file(place: tuple[str, ...]) -> bool:
    return len(place) == 1 and place[0].endswith((".py", ".pyi"))


def _fit_together(parts: Sequence[_Part]) -> bool:
    """Say whether each piece can be meant alone.

    In "remove unused imports and sort imports in src/" the folder may be meant for both; and
    "rename a to b, c to d" may be the beginning of a list.
    """
    elided = [part for part in parts if part.elided and part.joint]
    if any(part.joint.comma_only for part in elided if part.joint) and _ends_in_comma(elided):
        return False
    return all(
        _can_stand_apart(one, two, after)
        for before, after in pairwise(parts)
        for one in before.requests[-1:]
        for two in after.requests[:1]
    )


def _ends_in_comma(parts: Sequence[_Part]) -> bool:
    last = parts[-1].joint
    return last is not None and last.comma_only


def _can_stand_apart(one: Request, two: Request, after: _Part) -> bool:
    joint = after.joint
    if joint is None or joint.apart:
        return True
    placed = (_has_place(one), _has_place(two))
    match one, two:
        case (InFiles() | ReplacePattern(), InFiles() | ReplacePattern()):
            return placed[0] == placed[1]
        case (Targeted(old), Targeted(new)):
            if after.elided and ("." in old) != ("." in new) and not new[:1].isupper():
                return False
            return joint.in_turn or placed[0] == placed[1]
        case (Targeted(), InFiles() | ReplacePattern()):
            return joint.in_turn or placed != (True, False)
    return True


def _has_place(request: Request) -> bool:
    match request:
        case InFiles(paths) | ReplacePattern(paths=paths):
            return bool(paths)
        case Targeted(target):
            return "::" in target
    return True
