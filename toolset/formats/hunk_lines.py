"""The part that V4A patches and unified diffs share: hunks, and the lines they consist of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from toolset.errors import MalformedEdit
from toolset.hunks import Hunk

_RANGE = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)")
_ITEM = re.compile(r"[-+] \S")  # code is indented by more than one space, or by none
_NO_NEWLINE = "\\ No newline at end of file"
_BLANK = ""  # a line that should begin with a space, and has nothing
_END_OF_FILE = "*** End of File"


class Hunks:
    """Reads the hunks of one file, from `lines[at]` on; `at` is then the line after them.

    `is_end` says of a line's number whether another file begins there. Lines have no endings.
    """

    def __init__(self, lines: Sequence[str], at: int, is_end: Callable[[int], bool]) -> None:
        self.lines, self.at, self._is_end = lines, at, is_end
        self.newline_after_old: bool | None = None
        self.newline_after_new: bool | None = None
        self._is_complete = False

    def read(self, example: str) -> tuple[Hunk, ...]:
        hunks: list[Hunk] = []
        while not self._done():
            if not self.lines[self.at].startswith("@@") and (hunks or not self._is_body()):
                if not self.lines[self.at].strip():
                    self.at += 1
                    continue
                if hunks and self._is_complete:
                    break  # what follows is talk
                why = f"{self.lines[self.at]!r} begins with no space, '-' or '+'"
                raise MalformedEdit(why, line=self.at + 1, example=example)
            hunks.append(self._hunk())
        return tuple(hunks)

    def _hunk(self) -> Hunk:
        anchors: list[str] = []
        line, counts, heads = None, (0, 0), 0
        while not self._done() and self.lines[self.at].startswith("@@"):
            head = self.lines[self.at]
            self.at += 1
            heads += 1
            if match := _RANGE.match(head):
                line = int(match[1])
                counts = int(match[2] or 1), int(match[4] or 1)
            elif head.strip("@ ."):
                anchors.append(head.removeprefix("@@").removeprefix(" ").removesuffix(" @@"))
        body, at_end = self._body(*counts)
        return Hunk(tuple(line or " " for line in body), tuple(anchors), heads > 1, line, at_end)

    def _body(self, old_left: int, new_left: int) -> tuple[list[str], bool]:
        """Read lines while the counts ask for them, or while they look like a hunk's."""
        body: list[str] = []
        is_counted = bool(old_left or new_left)
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line == _NO_NEWLINE:
                self._note_no_newline(body)
            elif line.strip() == _END_OF_FILE:
                self.at += 1
                return body, True
            elif (
                not self._is_body()
                or (self._done() and not self._asked(line, old_left, new_left))
                or (is_counted and old_left == new_left == 0 and self._is_before_list())
            ):
                break
            else:
                body.append(line if line.strip("\r") else _BLANK)
                old_left -= not line.startswith("+")
                new_left -= not line.startswith("-")
            self.at += 1
        is_exact = is_counted and old_left == new_left == 0
        while not is_exact and len(body) > 1 and body[-1] == _BLANK:
            body.pop()  # blank lines between a hunk and what follows may belong to no file
            old_left, new_left = old_left + 1, new_left + 1
        self._is_complete = old_left == new_left == 0
        return body, False

    def _is_before_list(self) -> bool:
        """Say whether blank lines stand here, and then a list: "+ this was added"."""
        at = self.at
        while at < len(self.lines) and not self.lines[at].strip():
            at += 1
        return at > self.at and at < len(self.lines) and bool(_ITEM.match(self.lines[at]))

    def _asked(self, line: str, old_left: int, new_left: int) -> bool:
        """Say whether the counts need this line, though it looks like the head of another file."""
        return (old_left > 0 and line.startswith("-")) or (new_left > 0 and line.startswith("+"))

    def _note_no_newline(self, body: list[str]) -> None:
        if body and not body[-1].startswith("+"):
            self.newline_after_old = False
        if body and not body[-1].startswith("-"):
            self.newline_after_new = False

    def _is_body(self) -> bool:
        line = self.lines[self.at]
        return not line.strip("\r") or line[0] in " +-"

    def _done(self) -> bool:
        return self.at >= len(self.lines) or self._is_end(self.at)
