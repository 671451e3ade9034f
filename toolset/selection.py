"""A ChangeSet in hunks, and a ChangeSet of only some of them. Bytes are exact; no disk.

A hunk is what a person says yes or no to: changed lines that stand together, or, as one, a file
that comes, goes or gets another name, other permission bits, or bytes that are no lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from toolset.edits import ChangeSet, Edit, FileState
from toolset.encoding import TextFormat, decode, is_python
from toolset.errors import NotText
from toolset.touched_symbols import definition_at, definitions_of

HunkKind = Literal["lines", "mode", "bytes", "create", "delete", "move"]
_CONTEXT = 3
_SHOWN = 60  # characters of a line in a sentence


class Span(NamedTuple):
    """Lines `old` to `old_end` give way to lines `new` to `new_end` of the new text.

    Counted from 0; the ends are not among them.
    """

    old: int
    old_end: int
    new: int
    new_end: int


class Line(NamedTuple):
    r"""A line as a diff shows it. `sign` is a space, `-`, `+`, `\`, `@`; nothing for a remark."""

    sign: str
    text: str


@dataclass(frozen=True)
class TwoTexts:
    """A file's lines before and after, each with its ending; only LF ends one."""

    path: PurePosixPath
    format: TextFormat
    old: tuple[str, ...]
    new: tuple[str, ...]

    def with_only(self, spans: Iterable[Span]) -> bytes:
        """Return the old file with these spans' new lines in it."""
        parts: list[str] = []
        done = 0
        for span in sorted(spans):
            parts += (*self.old[done : span.old], *self.new[span.new : span.new_end])
            done = span.old_end
        return self.format.encode(self.path, "".join((*parts, *self.old[done:])))

    def shown(self, line: str) -> str:
        """Return a line as a diff shows it: with its CR only where not every line has one."""
        bare = line.removesuffix("\n")
        return bare.removesuffix("\r") if self._ends_alike and line != bare else bare

    def symbol(self, span: Span) -> str:
        """Return the qualified name of the function or class that a span lies in; or nothing."""
        if not is_python(self.path):
            return ""
        if span.new < span.new_end:
            return definition_at(self._new_definitions, _first_said(self.new, span.new, span[3]))
        return definition_at(self._old_definitions, _first_said(self.old, span.old, span[1]))

    @cached_property
    def all_shown(self) -> tuple[list[str], list[str]]:
        return [self.shown(line) for line in self.old], [self.shown(line) for line in self.new]

    @cached_property
    def _ends_alike(self) -> bool:
        lines = (*self.old, *self.new)
        return len({line.endswith("\r\n") for line in lines if line.endswith("\n")}) == 1

    @cached_property
    def _new_definitions(self) -> list[tuple[str, tuple[int, int]]]:
        return definitions_of("".join(self.new).encode(errors="replace"))

    @cached_property
    def _old_definitions(self) -> list[tuple[str, tuple[int, int]]]:
        return definitions_of("".join(self.old).encode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Hunk:
    """A part of a change that can be taken or left by itself.

    `spans` are those of a hunk of `lines`, `texts` the file that they are of; `goes` is, of a
    `move`, the edit that takes the old name away.
    """

    edit: Edit
    kind: HunkKind
    spans: tuple[Span, ...] = ()
    goes: Edit | None = None
    texts: TwoTexts | None = field(default=None, compare=False, repr=False)

    @property
    def path(self) -> PurePosixPath:
        return self.edit.path

    @property
    def line(self) -> int | None:
        """Its first line in the file as the whole change leaves it, from 1; None if whole files."""
        return self.spans[0].new + 1 if self.spans else None

    @property
    def symbol(self) -> str:
        """The qualified name of the function or class that it begins in; or nothing."""
        return self.texts.symbol(self.spans[0]) if self.texts and self.spans else ""

    @property
    def where(self) -> str:
        """Where it is, in a few words: `shop/cart.py:12 Cart.total`."""
        line = f":{self.line}" if self.line else ""
        return f"{self.path}{line} {self.symbol}".rstrip()

    def split(self) -> tuple[Hunk, ...]:
        """Return the hunks that it is made of: each stretch of changed lines; itself if one."""
        if len(self.spans) < 2:  # noqa: PLR2004
            return (self,)
        return tuple(replace(self, spans=(span,)) for span in self.spans)

    def lines(self) -> list[Line]:
        """Return what a person is shown of it, with a few unchanged lines around; no headings."""
        if self.kind == "mode" and self.edit.before and self.edit.after:
            was, is_ = (f"{state.mode:04o}" for state in (self.edit.before, self.edit.after))
            return [Line("", f"(its mode changes from {was} to {is_})")]
        if self.texts is None:
            return list(_of_whole(self.edit, self.goes))
        return list(_of_spans(self.texts, self.spans))

    def heading(self) -> str:
        """Return where its lines stand, as unified diffs say it; nothing if whole files."""
        if self.texts is None or not self.spans:
            return ""
        first, last = _around(self.texts, self.spans)
        old = _range(first.old, last.old_end)
        return f"@@ -{old} +{_range(first.new, last.new_end)} @@"

    def around(self) -> tuple[tuple[Sequence[str], int], ...]:
        """Return the whole old text and the whole new one, as lines that a diff shows.

        Each with the number of the first line, from 0, that `lines` has of it; nothing for a hunk
        that is not of lines.
        """
        if self.texts is None or not self.spans:
            return ()
        first, _ = _around(self.texts, self.spans)
        return (self.texts.all_shown[0], first.old), (self.texts.all_shown[1], first.new)

    def sentence(self) -> str:
        """Return what it would do, and where, in one line: for whoever does not see the diff."""
        match self.kind:
            case "lines":
                return f"{self.where}: {self._said()}"
            case "move" if self.goes:
                return f"{self.path}: the new name of {self.goes.path}"
            case "create":
                return f"{self.path}: the new file"
            case "delete":
                return f"{self.path}: the removal of the file"
        return f"{self.path}: its new {self.kind}"

    def _said(self) -> str:
        lines = [one for one in self.lines() if one.sign in ("-", "+") and one.text.strip()]
        old = next((_short(one.text) for one in lines if one.sign == "-"), "")
        new = next((_short(one.text) for one in lines if one.sign == "+"), "")
        if old and new:
            return f"`{new}` for `{old}`"
        return f"adding `{new}`" if new else f"removing `{old}`" if old else "blank lines"


@lru_cache(maxsize=1)  # shown, then asked about
def hunks_of(changes: ChangeSet) -> tuple[Hunk, ...]:
    """Return every hunk of `changes`, in the order of its diff. Choosing all is the whole."""
    by_path = {edit.path: edit for edit in changes}
    old_names = {move.new: move.old for move in changes.moves}
    gone = set(old_names.values()) - set(old_names)
    found: list[Hunk] = []
    for edit in changes:
        if edit.path in old_names:
            found.append(Hunk(edit, "move", goes=by_path[old_names[edit.path]]))
        elif edit.path not in gone:
            found += _of_edit(edit)
    return tuple(found)


def chosen(changes: ChangeSet, hunks: Iterable[Hunk]) -> ChangeSet:
    """Return `changes` with only these of its hunks, split or not; empty if there are none.

    What is taken over is taken over byte by byte; what is not is as it was before.
    """
    by_path: defaultdict[PurePosixPath, list[Hunk]] = defaultdict(list)
    for hunk in hunks:
        by_path[hunk.path].append(hunk)
        if hunk.goes:
            by_path[hunk.goes.path].append(hunk)
    edits = tuple(_partly(edit, by_path[edit.path]) for edit in changes if edit.path in by_path)
    if edits == changes.edits:
        return changes
    paths = {edit.path for edit in edits}
    moves = tuple(move for move in changes.moves if {move.old, move.new} <= paths)
    comes = {parent for edit in edits if edit.before is None for parent in edit.path.parents}
    goes = {parent for edit in edits if edit.after is None for parent in edit.path.parents}
    return ChangeSet(
        edits,
        moves,
        new_folders=tuple(one for one in changes.new_folders if one in comes),
        old_folders=tuple(one for one in changes.old_folders if one in goes),
    )


def _of_edit(edit: Edit) -> Iterator[Hunk]:
    before, after = edit.before, edit.after
    if before is None or after is None:
        yield Hunk(edit, "create" if before is None else "delete")
        return
    if before.mode != after.mode:
        yield Hunk(edit, "mode")
    if before.data == after.data:
        return
    texts = _texts(edit.path, before, after)
    if texts is None:
        yield Hunk(edit, "bytes")
        return
    matcher = SequenceMatcher(None, texts.old, texts.new)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        spans = tuple(Span(*where) for tag, *where in group if tag != "equal")
        yield Hunk(edit, "lines", spans, texts=texts)


def _texts(path: PurePosixPath, before: FileState, after: FileState) -> TwoTexts | None:
    """Return the lines; None if the bytes are no text, or lie in another form afterwards."""
    try:
        (old, was), (new, is_) = (decode(path, state.data) for state in (before, after))
        texts = TwoTexts(path, was, tuple(_lines(old)), tuple(_lines(new)))
        # Some encodings carry a state from line to line: half of their text is another text.
        is_plain = "".join(map(chr, range(128))).encode(was.encoding) == bytes(range(128))
    except (NotText, UnicodeError):
        return None
    return texts if was == is_ and (is_plain or was.encoding.startswith("utf-16")) else None


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _partly(edit: Edit, hunks: Sequence[Hunk]) -> Edit:
    """Return an edit of one file with only these of its hunks."""
    before, after = edit.before, edit.after
    kinds = {hunk.kind for hunk in hunks}
    if before is None or after is None:
        return edit
    mode = after.mode if "mode" in kinds else before.mode
    data = after.data if "bytes" in kinds else before.data
    texts = next((hunk.texts for hunk in hunks if hunk.texts), None)
    if texts:
        data = texts.with_only({span for hunk in hunks for span in hunk.spans})
    whole = data == after.data and mode == after.mode
    return edit if whole else Edit(edit.path, before, FileState(data, mode))


def _around(texts: TwoTexts, spans: Sequence[Span]) -> tuple[Span, Span]:
    """Return the unchanged lines that are shown above the first span, and below the last."""
    first, last = spans[0], spans[-1]
    above = 0
    while (
        above < _CONTEXT
        and min(first.old, first.new) > above
        and texts.old[first.old - above - 1] == texts.new[first.new - above - 1]
    ):
        above += 1
    rest = zip(texts.old[last.old_end :], texts.new[last.new_end :], strict=False)
    below = 0
    for old, new in rest:
        if old != new or below == _CONTEXT:
            break
        below += 1
    return (
        Span(first.old - above, first.old, first.new - above, first.new),
        Span(last.old_end, last.old_end + below, last.new_end, last.new_end + below),
    )


def _of_spans(texts: TwoTexts, spans: Sequence[Span]) -> Iterator[Line]:
    first, last = _around(texts, spans)
    done = first.old
    for span in spans:
        yield from _signed(texts, " ", texts.old[done : span.old])
        yield from _signed(texts, "-", texts.old[span.old : span.old_end])
        yield from _signed(texts, "+", texts.new[span.new : span.new_end])
        done = span.old_end
    yield from _signed(texts, " ", texts.old[done : last.old_end])


def _signed(texts: TwoTexts, sign: str, lines: Iterable[str]) -> Iterator[Line]:
    for line in lines:
        yield Line(sign, texts.shown(line))
        if not line.endswith("\n"):
            yield Line("\\", " No newline at end of file")


def _of_whole(edit: Edit, goes: Edit | None) -> Iterator[Line]:
    """Yield the diff of a whole file without its names."""
    whole = Edit(edit.path, goes.before, edit.after) if goes else edit
    for line in whole.diff().removesuffix("\n").split("\n")[2:]:
        sign = line[:1] if line[:1] in (" ", "-", "+", "\\", "@") else ""
        yield Line(sign, line[len(sign) :])


def _range(first: int, end: int) -> str:
    """Return lines as unified diffs count them: of no lines, the one above is named."""
    length = end - first
    begin = first + 1 if length else first
    return str(begin) if length == 1 else f"{begin},{length}"


def _first_said(lines: Sequence[str], first: int, end: int) -> int:
    return next((line for line in range(first, end) if lines[line].strip()), first)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
