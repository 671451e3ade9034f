"""What is written for a match: only what differs from the pattern, in the layout that it had.

The template's tokens are laid beside those of the match. Where two follow each other in both, the
source's own white space, line breaks and comments between them stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from toolset.refactor.patterns.template import Capture, Match, Template
from toolset.refactor.patterns.tokens import VARIABLE, Item, items_of_pattern

_OPENING, _CLOSING = ("(", "[", ","), (")", "]", ",")
_BRACKETS = ("(", "[", "{", ")", "]", "}")


@dataclass(frozen=True, slots=True)
class Style:
    """Where parentheses go: round the whole, and round what some variables stand for.

    With `afresh` the template is written with its own layout.
    """

    whole: bool = False
    wrapped: frozenset[str] = frozenset()
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """The new text of one match, and where in it each capture's text stands.

    `kept` are the ranges between tokens of the old text that stay as they are.
    """

    text: str
    carried: tuple[tuple[Capture, int], ...]
    kept: tuple[tuple[int, int], ...] = ()


def write(template: Template, match: Match, text: str, style: Style) -> Written:
    """Return the new text for a match of `text`; its lines are indented as the match's is."""
    newline = "\r\n" if "\r\n" in text else "\n"
    line = text[text.rfind("\n", 0, match.start) + 1 : match.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    code = _without_empty(template.text, match.captures)
    items = items_of_pattern(code, template.language)
    if style.afresh or not match.items or not _is_all(items, code):
        return _afresh(code.replace("\n", newline + indent), match, text, style)
    return _Beside(match, text, code, items, newline + indent).written(style)


def _is_all(items: Sequence[Item], code: str) -> bool:
    """Say whether the items are all of a template: it has no comment, nor a variable in a word."""
    names = [found[2] for found in VARIABLE.finditer(code)]
    ends = zip(
        [0, *(one.end for one in items)], [*(one.start for one in items), len(code)], strict=True
    )
    return names == [one.name for one in items if one.name] and not any(
        code[end:start].strip() for end, start in ends
    )


def _without_empty(code: str, captures: Sequence[Capture]) -> str:
    """Return the template without the variables that stand for nothing, nor their commas."""
    for capture in captures:
        if capture.start == capture.end:
            spot = rf"\$+{capture.name}(?![A-Za-z0-9_])"
            code = re.sub(rf"{spot}\s*,\s*|,\s*{spot}|{spot}", "", code)
    return code


def _afresh(code: str, match: Match, text: str, style: Style) -> Written:
    captures = {one.name: one for one in match.captures}
    written, carried, done = "(" if style.whole else "", [], 0
    for found in VARIABLE.finditer(code):
        capture = captures[found[2]]
        if text[capture.start : capture.end].endswith(",") and re.match(
            r"\s*,", code[found.end() :]
        ):
            capture = replace(capture, end=capture.end - 1)
        is_wrapped = capture.name in style.wrapped
        written += code[done : found.start()] + ("(" if is_wrapped else "")
        carried.append((capture, len(written)))
        written += text[capture.start : capture.end] + (")" if is_wrapped else "")
        done = found.end()
    written += code[done:] + (")" if style.whole else "")
    return Written(written, tuple(carried))


class _Beside:
    """The template's items beside those of one match."""

    def __init__(
        self, match: Match, text: str, code: str, items: tuple[Item, ...], newline: str
    ) -> None:
        self._match, self._text, self._code = match, text, code
        self._old, self._new, self._newline = match.items, items, newline
        self._captures = {one.name: one for one in match.captures}
        found = SequenceMatcher(
            None, [one.key for one in self._old], [one.key for one in items], autojunk=False
        )
        # Which item of the match each of the template's is, if it is one.
        self._of: dict[int, int] = {
            block.b + step: block.a + step
            for block in found.get_matching_blocks()
            for step in range(block.size)
        }
        self._stay = frozenset(self._of.values())

    def written(self, style: Style) -> Written:
        match, text = self._match, self._text
        parts, carried, kept = ["(" if style.whole else ""], [], []
        parts.append(text[match.start : self._old[0].start])
        for at, item in enumerate(self._new):
            if at:
                gap = self._gap(at)
                parts.append(gap if isinstance(gap, str) else text[gap[0] : gap[1]])
                kept += [] if isinstance(gap, str) else [gap]
            if not item.name:
                parts.append(self._token(at))
                continue
            capture = self._carried(at)
            is_wrapped = item.name in style.wrapped
            parts.append("(" if is_wrapped else "")
            carried.append((capture, sum(map(len, parts))))
            parts.append(text[capture.start : capture.end] + (")" if is_wrapped else ""))
        last = self._old[-1].end
        parts += [text[last : match.end], ")" if style.whole else ""]
        kept += [(match.start, self._old[0].start), (last, match.end)]
        return Written("".join(parts), tuple(carried), tuple(kept))

    def _token(self, at: int) -> str:
        if at in self._of:
            old = self._old[self._of[at]]
            return self._text[old.start : old.end]
        new = self._new[at]
        return self._code[new.start : new.end]

    def _carried(self, at: int) -> Capture:
        """Return the capture without what would be there twice: a comma, or parentheses."""
        capture = self._captures[self._new[at].name]
        before = self._new[at - 1].text if at else ""
        after = self._new[at + 1].text if at + 1 < len(self._new) else ""
        if after == "," and self._text[capture.start : capture.end].endswith(","):
            return replace(capture, end=capture.end - 1)
        if before in _OPENING and after in _CLOSING and not self._stood_in_brackets(capture):
            start, end = capture.rind
            return replace(capture, start=capture.start + start, end=capture.end - end)
        return capture

    def _stood_in_brackets(self, capture: Capture) -> bool:
        at = next(i for i, one in enumerate(self._old) if one.name == capture.name)
        return (
            0 < at < len(self._old) - 1
            and self._old[at - 1].text in _OPENING
            and self._old[at + 1].text in _CLOSING
        )

    def _gap(self, at: int) -> str | tuple[int, int]:
        """Return what goes before an item of the template: new text, or a range of the source."""
        own = self._code[self._new[at - 1].end : self._new[at].start].replace("\n", self._newline)
        left, right = self._of.get(at - 1), self._of.get(at)
        if left is not None and right == left + 1:
            return self._old[left].end, self._old[right].start
        if left is not None and right is None and left + 1 < len(self._old):
            is_token = not self._new[at - 1].name
            return self._old_gap(left, left + 1, own, takes=is_token)
        if right and left is None:
            stood = self._of.get(self._last_kept_before(at))
            is_token = bool(stood is not None and self._old[stood].name)
            return self._old_gap(right, right - 1, own, takes=is_token)
        return own

    def _last_kept_before(self, at: int) -> int:
        return max((one for one in self._of if one < at), default=-1)

    def _old_gap(self, near: int, far: int, own: str, *, takes: bool) -> str | tuple[int, int]:
        """Choose between the gap from a kept item to its old neighbour, and the template's `own`.

        If the neighbour stays too, something is put between them: one of the two gaps that come of
        it `takes` what was there.
        """
        first, last = sorted((near, far))
        old = (self._old[first].end, self._old[last].start)
        gap = self._text[old[0] : old[1]]
        has_comment = bool(gap.strip().lstrip(",").strip())
        if far in self._stay:
            return old if takes and ("\n" in gap or has_comment) else own
        if has_comment:
            return old
        if "," in gap or "\n" in own:
            return own
        if "\n" in gap:
            return own if self._old[far].text in _BRACKETS else old
        return old if bool(gap) == bool(own) else own
