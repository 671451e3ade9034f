"""Replace a pattern by a template, in any language that ast-grep reads.

Every match is of the text as it was: what the template writes is not searched again. The outer one
of two matches goes first, and one inside what a variable stands for is replaced where it went.
A match that holds more than the pattern, that cannot be exchanged as a whole node, or only by
losing a comment, is left and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.files_in import files_in, unread_in
from toolset.refactor.patterns.grammar import parsed
from toolset.refactor.patterns.languages import is_written_in, language_named
from toolset.refactor.patterns.layout import Style, write
from toolset.refactor.patterns.nodes import Nodes, Placed
from toolset.refactor.patterns.strictness import clauses_moved, is_match, why_left, with_items
from toolset.refactor.patterns.template import Match, Template
from toolset.refactor.patterns.trial import Trial
from toolset.refactor.requests import ReplacePattern
from toolset.workspace import SourceFile

_SHOWN = 120  # characters of a line


def replace_pattern(draft: Draft, request: ReplacePattern) -> Refactoring:
    """Replace every match in the files named; with no match, nothing changes.

    Raises RefactoringRefused for a pattern or template that cannot be meant, a language that is not
    known, and paths that hold no file of it.
    """
    language = language_named(request.language)
    template = Template.read(request.pattern, request.template, language)
    is_python = language == "python"
    sources = [
        source
        for source in files_in(draft, request.paths, python=is_python)
        if is_written_in(source.path, language)
    ]
    if request.paths and not sources:
        raise RefactoringRefused(
            f"{', '.join(request.paths)}: no {language} file that can be edited. "
            "Name other paths, or another language."
        )
    unread = unread_in(draft, request.paths, python=is_python)
    told = Evidence(leftovers=tuple(o for o in unread if is_written_in(o.place.path, language)))
    for source in sources:
        one = _rewritten(source, template)
        if one.text != source.text:
            draft.write(source.path, one.text)
        told += Evidence(one.changed, tuple(sorted(one.left)), tuple(one.doubts))
    number = len(told.changed)
    if not number and not told.leftovers:
        template.require_whole()
    what = " ".join(template.pattern.split())
    title = f"replace {what} in {number} place{'s' * (number > 1)}"
    if not number:
        title = f"nothing to replace: {what} was found nowhere"
        if told.leftovers:
            title = f"nothing was replaced: {what} cannot be exchanged where it stands"
    told = Evidence(told.changed, told.leftovers, tuple(dict.fromkeys(told.doubts)))
    return Refactoring(title, draft.changes(), told)


@dataclass
class _Rewritten:
    """One file on its way: its text so far, what was changed by whose word, and what was left."""

    text: str
    changed: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    left: set[Leftover] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)


def _rewritten(source: SourceFile, template: Template) -> _Rewritten:
    file = _Rewritten(source.text)
    try:
        matches = _found(source, template)
        while matches:
            outer, inner = _outermost(matches)
            matches = _one_round(source, file, template, outer, inner)
    except UnicodeEncodeError:
        return _given_up(source, "file that holds no valid text")
    except RecursionError:
        return _given_up(source, "file that is nested too deeply")
    return file


def _given_up(source: SourceFile, why: str) -> _Rewritten:
    return _Rewritten(source.text, left={Leftover(Place(source.path, 1, 0), why, "")})


def _found(source: SourceFile, template: Template) -> list[Match]:
    def place_at(where: int) -> Place:
        line = source.text.count("\n", 0, where) + 1
        return Place(source.path, line, where - (source.text.rfind("\n", 0, where) + 1))

    return template.find(parsed(source.text, template.language), place_at)


def _outermost(matches: Iterable[Match]) -> tuple[list[Match], list[Match]]:
    """Part matches that are in no other one from the rest; both in order."""
    outer: list[Match] = []
    inner: list[Match] = []
    for one in sorted(matches, key=lambda match: (match.start, -match.end)):
        is_inside = outer and one.start < outer[-1].end
        (inner if is_inside else outer).append(one)
    return outer, inner


def _one_round(
    source: SourceFile,
    file: _Rewritten,
    template: Template,
    outer: list[Match],
    inner: list[Match],
) -> list[Match]:
    """Replace the outer matches in the file's text; return the inner ones where they went."""
    nodes = Nodes(file.text, template)
    trial = Trial(file.text, nodes, template)
    kept: list[Match] = []
    for found in outer:
        one = with_items(nodes.root, file.text, found)
        why = _why_left(trial, one)
        if why is None:
            kept.append(one)
        elif why:
            file.left.add(_left(source, one, why))
    choices = trial.settled(kept)
    witnesses = trial.witnesses(choices) if choices else ("none",)
    if not witnesses:
        choices = []
    done = {match.start for match, _ in choices}
    file.left |= {
        _left(source, one, "match that cannot be exchanged as a whole")
        for one in kept
        if one.start not in done
    }
    new, placed = trial.place(choices)
    file.changed |= {one.match.place: witnesses for one in placed}
    file.doubts += _repeated(file.text, template, placed)
    file.doubts += (why for one in placed for why in clauses_moved(template, one.match))
    file.text = new
    return list(_moved(outer, inner, placed))


def _why_left(trial: Trial, one: Match) -> str | None:
    """Return why a match is left, "" if it is none or is so already; None if it may be replaced."""
    root, text, template = trial.nodes.root, trial.text, trial.template
    if not is_match(root, text, template, one):
        return ""
    if why := why_left(root, text, template, one):
        return why
    if write(template, one, text, Style()).text == text[one.start : one.end]:
        return ""
    if trial.loses_comment(one, Style()) and trial.loses_comment(one, Style(afresh=True)):
        return "match with a comment that would be lost"
    return None


def _left(source: SourceFile, match: Match, kind: str) -> Leftover:
    line = source.text.split("\n")[match.place.line - 1].strip()
    return Leftover(match.place, kind, line[:_SHOWN])


def _moved(outer: list[Match], inner: list[Match], placed: list[Placed]) -> Iterator[Match]:
    """Yield the inner matches where the round has carried them; what it dropped is gone."""
    at = {one.match.start: one for one in placed}
    shift = 0
    for match in outer:
        within = [one for one in inner if match.start <= one.start and one.end <= match.end]
        if match.start not in at:
            yield from (one.moved(shift) for one in within)
            continue
        one = at[match.start]
        for capture, offset in one.written.carried:
            by = one.start + offset - capture.start
            yield from (
                o.moved(by) for o in within if capture.start <= o.start and o.end <= capture.end
            )
        shift = one.end - match.end


def _repeated(text: str, template: Template, placed: list[Placed]) -> Iterator[str]:
    """Yield a doubt for each variable whose code is now evaluated more often than it was."""
    for name in template.repeated:
        captures = (one for p in placed for one in p.match.captures if one.name == name)
        if any(not text[one.start : one.end].isidentifier() for one in captures):
            yield f"${name} stands several times in the template: its code runs as often."
