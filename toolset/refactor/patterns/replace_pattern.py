"""Replace a pattern by a template, in any language that ast-grep reads.

Every match is of the text as it was: what the template writes is not searched again. The outer one
of two matches goes first, and one inside what a variable stands for is replaced where it went.
A match that cannot be exchanged as a whole node, or only by losing a comment, is left and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.files_in import files_in, unread_in
from toolset.refactor.patterns.languages import is_written_in, language_named
from toolset.refactor.patterns.nodes import Node, Nodes, Placed, stands_whole
from toolset.refactor.patterns.template import Match, Style, Template, parsed
from toolset.refactor.patterns.trees import same_tree
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.requests import ReplacePattern
from toolset.workspace import SourceFile

_SHOWN = 120  # characters of a line
_Choice = tuple[Match, Style]


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

    found = template.find(parsed(source.text, template.language), place_at)
    return [
        one
        for one in found
        if template.write(one, source.text, Style()).text != source.text[one.start : one.end]
    ]


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
    kept = [one for one in outer if not _loses_comment(nodes.root, template, file.text, one)]
    trial = _Trial(file.text, nodes, template)
    choices = trial.settled(kept)
    witnesses = trial.witnesses(choices) if choices else ("none",)
    if not witnesses:
        choices = []
    done = {match.start for match, _ in choices}
    file.left |= {
        _left(source, one, "match that cannot be exchanged as a whole")
        if one in kept
        else _left(source, one, "match with a comment that would be lost")
        for one in outer
        if one.start not in done
    }
    new, placed = trial.place(choices)
    file.changed |= {one.match.place: witnesses for one in placed}
    file.doubts += _repeated(file.text, template, placed)
    file.text = new
    return list(_moved(outer, inner, placed))


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


@dataclass(frozen=True, slots=True)
class _Trial:
    """Tries replacements on one text, and looks at what comes out."""

    text: str
    nodes: Nodes
    template: Template

    def settled(self, matches: list[Match]) -> list[_Choice]:
        """Return the matches that can be replaced, each with the parentheses that it needs."""
        choices = [(match, Style()) for match in matches]
        if not matches or self.witnesses(choices):
            return choices
        if self.template.language == "python" and len(self.nodes.root.children) > 1:
            return list(self._settled_apart(matches))
        if len(matches) == 1:
            return self._in_parentheses(matches[0])
        middle = len(matches) // 2
        return self.settled(matches[:middle]) + self.settled(matches[middle:])

    def _settled_apart(self, matches: list[Match]) -> Iterator[_Choice]:
        """Settle each statement of a Python module by itself: there is less to read each time."""
        for node in self.nodes.root.children:
            within = [one for one in matches if node.covers(one.start, one.end)]
            if within:
                text = self.text[node.start : node.end]
                trial = _Trial(text, Nodes(text, self.template), self.template)
                for match, style in trial.settled([one.moved(-node.start) for one in within]):
                    yield match.moved(node.start), style

    def _in_parentheses(self, match: Match) -> list[_Choice]:
        names = frozenset(one.name for one in match.captures if not one.is_many)
        for whole, wrapped in ((True, frozenset[str]()), (False, names), (True, names)):
            if not self.witnesses([(match, Style(whole, wrapped))]):
                continue
            for name in sorted(wrapped):
                if self.witnesses([(match, Style(whole, wrapped - {name}))]):
                    wrapped -= {name}
            return [(match, Style(whole, wrapped))]
        return []

    def witnesses(self, choices: list[_Choice]) -> tuple[str, ...]:
        """Return who finds that the result is as it was asked for; none if one finds it is not."""
        new, placed = self.place(choices)
        if not stands_whole(self.nodes, Nodes(new, self.template), placed):
            return ()
        if self.template.language != "python":
            return ("ast-grep",)
        match same_tree(self.text, new, placed, self.template):
            case True:
                return ("ast-grep", "ast")
            case None:
                return ("ast-grep",)
        return ()

    def place(self, choices: list[_Choice]) -> tuple[str, list[Placed]]:
        """Return the text with the choices made, and where each one stands in it."""
        placed, shift = [], 0
        for match, style in sorted(choices, key=lambda one: one[0].start):
            written = self.template.write(match, self.text, style)
            placed.append(Placed(match, written, match.start + shift))
            shift += len(written.text) - (match.end - match.start)
        ranges = (Replacement(o.match.start, o.match.end, o.written.text) for o in placed)
        return replaced(self.text, ranges), placed


def _loses_comment(root: Node, template: Template, text: str, match: Match) -> bool:
    """Say whether a comment in the match is in nothing that the template carries on."""
    carried = [capture for capture, _ in template.write(match, text, Style()).carried]
    return any(
        not any(one.start <= comment.start and comment.end <= one.end for one in carried)
        for comment in _comments(root, match)
    )


def _comments(node: Node, match: Match) -> Iterator[Node]:
    if node.end <= match.start or match.end <= node.start:
        return
    if "comment" in node.kind and match.start <= node.start and node.end <= match.end:
        yield node
    for child in node.children:
        yield from _comments(child, match)


def _repeated(text: str, template: Template, placed: list[Placed]) -> Iterator[str]:
    """Yield a doubt for each variable whose code is now evaluated more often than it was."""
    for name in template.repeated:
        captures = (one for p in placed for one in p.match.captures if one.name == name)
        if any(not text[one.start : one.end].isidentifier() for one in captures):
            yield f"${name} stands several times in the template: its code runs as often."
