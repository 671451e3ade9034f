"""Trial replacements: what each match needs so that the result is what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from toolset.refactor.patterns.grammar import Node
from toolset.refactor.patterns.layout import Style, write
from toolset.refactor.patterns.nodes import Nodes, Placed, stands_whole
from toolset.refactor.patterns.template import Match, Template
from toolset.refactor.patterns.trees import same_tree
from toolset.refactor.ranges import Replacement, replaced

Choice = tuple[Match, Style]


@dataclass(frozen=True, slots=True)
class Trial:
    """Tries replacements on one text, and looks at what comes out."""

    text: str
    nodes: Nodes
    template: Template

    def settled(self, matches: list[Match]) -> list[Choice]:
        """Return the matches that can be replaced, each in the style that it needs."""
        choices = [(match, Style()) for match in matches]
        if not matches or self._is_sound(choices):
            return choices
        if self.template.language == "python" and len(self.nodes.root.children) > 1:
            return list(self._settled_apart(matches))
        if len(matches) == 1:
            return self._in_another_style(matches[0])
        middle = len(matches) // 2
        return self.settled(matches[:middle]) + self.settled(matches[middle:])

    def _settled_apart(self, matches: list[Match]) -> Iterator[Choice]:
        """Settle each statement of a Python module by itself: there is less to read each time."""
        for node in self.nodes.root.children:
            within = [one for one in matches if node.covers(one.start, one.end)]
            if within:
                text = self.text[node.start : node.end]
                trial = Trial(text, Nodes(text, self.template), self.template)
                for match, style in trial.settled([one.moved(-node.start) for one in within]):
                    yield match.moved(node.start), style

    def _in_another_style(self, match: Match) -> list[Choice]:
        """Return the match with as few parentheses as will do, in its own layout if that will."""
        beside = write(self.template, match, self.text, Style())
        afresh = write(self.template, match, self.text, Style(afresh=True))
        names = frozenset(one.name for one, _ in beside.carried if not one.is_many)
        for style in _styles(names, twice=beside.text != afresh.text):
            if not self._is_sound([(match, style)]):
                continue
            wrapped = style.wrapped
            for name in sorted(style.wrapped):
                if self._is_sound([(match, replace(style, wrapped=wrapped - {name}))]):
                    wrapped -= {name}
            return [(match, replace(style, wrapped=wrapped))]
        return []

    def _is_sound(self, choices: list[Choice]) -> bool:
        return bool(self.witnesses(choices)) and not any(
            self.loses_comment(match, style) for match, style in choices
        )

    def witnesses(self, choices: list[Choice]) -> tuple[str, ...]:
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

    def place(self, choices: list[Choice]) -> tuple[str, list[Placed]]:
        """Return the text with the choices made, and where each one stands in it."""
        placed, shift = [], 0
        for match, style in sorted(choices, key=lambda one: one[0].start):
            written = write(self.template, match, self.text, style)
            placed.append(Placed(match, written, match.start + shift))
            shift += len(written.text) - (match.end - match.start)
        ranges = (Replacement(o.match.start, o.match.end, o.written.text) for o in placed)
        return replaced(self.text, ranges), placed

    def loses_comment(self, match: Match, style: Style) -> bool:
        """Say whether a comment in the match is in nothing that stays or is carried on."""
        written = write(self.template, match, self.text, style)
        stays = [*written.kept, *((one.start, one.end) for one, _ in written.carried)]
        return any(
            not any(start <= comment.start and comment.end <= end for start, end in stays)
            for comment in _comments(self.nodes.root, match)
        )


def _styles(names: frozenset[str], *, twice: bool) -> Iterator[Style]:
    """Yield the styles other than the first, in the order in which they are to be tried."""
    for afresh in (False, True) if twice else (False,):
        if afresh:
            yield Style(afresh=True)
        yield Style(True, afresh=afresh)
        if names:
            yield Style(False, names, afresh)
            yield Style(True, names, afresh)


def _comments(node: Node, match: Match) -> Iterator[Node]:
    if node.end <= match.start or match.end <= node.start:
        return
    if "comment" in node.kind and match.start <= node.start and node.end <= match.end:
        yield node
    for child in node.children:
        yield from _comments(child, match)
