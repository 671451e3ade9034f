"""Unified diffs, as git and diff write them, and as models try to.

Counts and line numbers in hunk heads help where they are right, and are not needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolset.errors import MalformedEdit
from toolset.formats.hunk_lines import Hunks
from toolset.formats.operations import AddFile, DeleteFile, Operation, Parsed, UpdateFile

EXAMPLE = """\
--- a/app.py
+++ b/app.py
@@ -1,3 +1,3 @@
 import csv
-def load(path):
+def read_csv(path):
     return list(csv.reader(open(path)))"""
_NOTHING = "/dev/null"
_OCTAL_DIGITS = 3
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def begins(lines: Sequence[str], at: int) -> bool:
    """Say whether a file of a unified diff begins at this line."""
    if lines[at].startswith("diff --git "):
        return True
    follows = lines[at + 1] if at + 1 < len(lines) else ""
    return lines[at].startswith("--- ") and follows.startswith("+++ ")


def parse_unified(text: str) -> Parsed:
    """Read a diff of one or several files. Raises MalformedEdit."""
    lines = text.split("\n")
    first = next((at for at in range(len(lines)) if begins(lines, at)), None)
    if first is None:
        raise MalformedEdit("the diff names no file", example=EXAMPLE)
    carried = lines[first].endswith("\r")  # the diff's own line ends, not a file's
    if carried:
        lines = [line.removesuffix("\r") for line in lines]
    while not lines[-1]:
        lines.pop()
    found: list[Operation] = []
    rest: list[str] = []
    at = 0
    while at < len(lines):
        if begins(lines, at):
            file = _File(lines, at, newline="\r\n" if carried else "\n")
            found.append(file.operation())
            at = file.at
        else:
            rest.append(lines[at])
            at += 1
    return Parsed(tuple(found), rest)


def _ends(lines: Sequence[str], at: int) -> bool:
    """Say whether a file of a diff ends here: another begins, or a fence or a mail's end closes."""
    return begins(lines, at) or lines[at].startswith(("```", "~~~")) or lines[at] == "-- "


class _File:
    """One file of a diff: its head, then its hunks."""

    def __init__(self, lines: Sequence[str], at: int, *, newline: str) -> None:
        self._lines, self.at, self._newline = lines, at, newline
        self._old = self._new = ""
        self._head: dict[str, str] = {}

    def operation(self) -> Operation:
        start = self.at
        self._read_head()
        hunks = Hunks(self._lines, self.at, lambda at: _ends(self._lines, at))
        read = hunks.read(EXAMPLE) if self._has_hunks() else ()
        self.at = max(hunks.at, start + 1)
        old, new = self._names(start)
        mode = self._head.get("new mode") or self._head.get("new file mode")
        if old is None:
            lines = [line for hunk in read for line in hunk.new]
            text = "".join(f"{line}{self._newline}" for line in lines)
            if hunks.newline_after_new is False:
                text = text.removesuffix(self._newline)
            return AddFile(str(new), text, _mode(mode))
        if new is None:
            return DeleteFile(old, read)
        if not read and old == new and mode is None:
            raise MalformedEdit(f"the diff of {old} has no hunks", line=start + 1, example=EXAMPLE)
        moved_to = new if new != old else None
        return UpdateFile(old, read, moved_to, mode=_mode(mode), ends_with_newline=_ending(hunks))

    def _read_head(self) -> None:
        if self._lines[self.at].startswith("diff --git "):
            self._head["git"] = self._lines[self.at]
            self.at += 1
        while self.at < len(self._lines):
            line = self._lines[self.at]
            if line.startswith(("Binary files ", "GIT binary patch")):
                raise MalformedEdit("a binary file cannot be patched", line=self.at + 1)
            if line.startswith("--- ") and begins(self._lines, self.at):
                self._old, self._new = line[4:], self._lines[self.at + 1].removeprefix("+++ ")
                self.at += 2
                return
            words = ("old mode", "new mode", "new file mode", "deleted file mode", "rename from",
                     "rename to", "copy from", "copy to")  # fmt: skip
            word = next((word for word in words if line.startswith(word + " ")), None)
            if word:
                self._head[word] = line.removeprefix(word + " ")
            elif not line.startswith(("index ", "similarity index ", "dissimilarity index ")):
                return
            self.at += 1

    def _has_hunks(self) -> bool:
        return self.at < len(self._lines) and self._lines[self.at].startswith("@@")

    def _names(self, start: int) -> tuple[str | None, str | None]:
        if "copy from" in self._head:
            raise MalformedEdit("a copy cannot be patched; add the file whole", line=start + 1)
        if "rename from" in self._head:
            if "rename to" not in self._head:
                raise MalformedEdit("a rename has no new name", line=start + 1, example=EXAMPLE)
            return _unquoted(self._head["rename from"]), _unquoted(self._head["rename to"])
        if not self._old:
            return self._names_of_git_line(start)
        old, new = _name(self._old), _name(self._new)
        if old.startswith("a/") and (new in (_NOTHING, old[2:]) or new.startswith("b/")):
            old = old[2:]
            new = new if new in (_NOTHING, old) else new[2:]
        elif new.startswith("b/") and old in (_NOTHING, new[2:]):
            new = new[2:]
        if old == new == _NOTHING:
            raise MalformedEdit("the diff names no file", line=start + 1, example=EXAMPLE)
        if _NOTHING not in (old, new) and old != new:
            why = f"the diff names two files, {old} and {new}; a rename says 'rename from' and 'to'"
            raise MalformedEdit(why, line=start + 1, example=EXAMPLE)
        return (None if old == _NOTHING else old), (None if new == _NOTHING else new)

    def _names_of_git_line(self, start: int) -> tuple[str | None, str | None]:
        """Read both names from a head without `---`: an empty file, or a mode alone."""
        rest = self._head["git"].removeprefix("diff --git ")
        old, new = _unquoted(rest[: len(rest) // 2]), _unquoted(rest[len(rest) // 2 + 1 :])
        name = old[2:] if old.startswith("a/") and new.startswith("b/") else old
        if not new.endswith(name) or not name:
            raise MalformedEdit(f"{rest!r} names no file", line=start + 1, example=EXAMPLE)
        if "new file mode" in self._head:
            return None, name
        return name, None if "deleted file mode" in self._head else name


def _name(text: str) -> str:
    return _unquoted(text.partition("\t")[0].rstrip() if not text.startswith('"') else text)


def _unquoted(name: str) -> str:
    """Undo git's C-style quoting of odd names."""
    match = re.match(r'"((?:[^"\\]|\\.)*)"', name)
    if not match:
        return name

    def plain(escape: re.Match[str]) -> str:
        code = escape[1]
        return chr(int(code, 8)) if len(code) == _OCTAL_DIGITS else _ESCAPES.get(code, code)

    octal = re.sub(r"\\([0-7]{3}|.)", plain, match[1])
    try:
        return octal.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return octal


def _mode(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch("100[0-7]{3}", text.strip()):
        raise MalformedEdit(f"{text!r} is no mode of a file")
    return int(text, 8) & 0o777


def _ending(hunks: Hunks) -> bool | None:
    """Return how the file is to end: said of the new one; or of the old, which then was changed."""
    if hunks.newline_after_new is False:
        return False
    return True if hunks.newline_after_old is False else None
