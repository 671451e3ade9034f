"""V4A patches: `*** Begin Patch`, files to add, delete, update and move, `*** End Patch`.

Source: the grammar that OpenAI publishes with its models' apply_patch tool.
"""

from __future__ import annotations

from collections.abc import Sequence

from toolset.errors import MalformedEdit
from toolset.formats.hunk_lines import Hunks
from toolset.formats.operations import AddFile, DeleteFile, Operation, Parsed, UpdateFile
from toolset.matching import indent_of

BEGIN, END = "*** Begin Patch", "*** End Patch"
EXAMPLE = """\
*** Begin Patch
*** Update File: app.py
@@ def load(path):
     with open(path) as file:
-        return file.read()
+        return file.readlines()
*** Add File: notes.txt
+first line
*** Delete File: old.py
*** End Patch"""
_ADD, _DELETE, _UPDATE = "*** Add File:", "*** Delete File:", "*** Update File:"
_MOVE = "*** Move to:"


def parse_v4a(text: str) -> Parsed:
    """Read every patch of a reply. Raises MalformedEdit."""
    raw = text.split("\n")
    found: list[Operation] = []
    rest: list[str] = []
    at = 0
    while at < len(raw):
        if raw[at].strip() == BEGIN:
            patch = _Patch(raw, at + 1)
            found += patch.operations()
            at = patch.end + 1
        else:
            rest.append(raw[at].removesuffix("\r"))
            at += 1
    return Parsed(tuple(found), rest)


def parse_bare_hunks(text: str) -> Parsed:
    """Read hunks without any file's name: they are for the only file there is."""
    raw = text.rstrip("\r\n").split("\n")
    lines = [line.removesuffix("\r") for line in raw]
    hunks = Hunks(lines, 0, lambda at: lines[at].startswith(("```", "~~~")))
    read = hunks.read(EXAMPLE)
    is_ended = hunks.newline_after_new is not False
    update = UpdateFile(None, read, ends_with_newline=is_ended, newline=_newline(raw))
    return Parsed((update,), lines[hunks.at :])


class _Patch:
    """One patch; `raw` are all lines of the reply, `first` is the one after `*** Begin Patch`."""

    def __init__(self, raw: Sequence[str], first: int) -> None:
        self._raw, self._at = raw, first
        self._lines = [line.removesuffix("\r") for line in raw]
        marks = [number for number in range(first, len(raw)) if raw[number].strip() in (BEGIN, END)]
        if not marks:
            raise MalformedEdit(f"the patch breaks off before {END!r}", example=EXAMPLE)
        if raw[marks[0]].strip() == BEGIN:
            raise MalformedEdit("one patch begins inside another", line=marks[0] + 1)
        self.end = marks[0]

    def operations(self) -> tuple[Operation, ...]:
        found: list[Operation] = []
        while self._at < self.end:
            if self._lines[self._at].strip():
                found.append(self._operation())
            else:
                self._at += 1
        if not found:
            raise MalformedEdit("the patch names no file", example=EXAMPLE)
        return tuple(found)

    def _operation(self) -> Operation:
        head = self._lines[self._at].strip()
        for mark, read in ((_ADD, self._add), (_DELETE, self._delete), (_UPDATE, self._update)):
            if head.startswith(mark):
                path = head.removeprefix(mark).strip()
                if not path:
                    raise MalformedEdit("no file is named", line=self._at + 1, example=EXAMPLE)
                self._at += 1
                return read(path)
        why = f"{head!r} is none of {_ADD!r}, {_DELETE!r}, {_UPDATE!r}"
        raise MalformedEdit(why, line=self._at + 1, example=EXAMPLE)

    def _add(self, path: str) -> AddFile:
        """Read a new file, whose last line is ended; a `+` alone at its end says that once more."""
        lines: list[str] = []
        while self._at < self.end and self._raw[self._at].startswith("+"):
            lines.append(self._raw[self._at][1:])
            self._at += 1
        if lines and not lines[-1].strip("\r"):
            lines.pop()
        elif lines and not lines[-1].endswith("\r") and _newline(lines) == "\r\n":
            lines[-1] += "\r"
        return AddFile(path, "".join(f"{line}\n" for line in lines), overwrites=True)

    def _delete(self, path: str) -> DeleteFile:
        return DeleteFile(path)

    def _update(self, path: str) -> UpdateFile:
        moved_to = None
        if self._at < self.end and self._lines[self._at].strip().startswith(_MOVE):
            moved_to = self._lines[self._at].strip().removeprefix(_MOVE).strip()
            self._at += 1
        lines = self._lines[: self.end]
        hunks = Hunks(lines, self._at, lambda at: _is_head(lines[at]))
        read = hunks.read(EXAMPLE)
        newline = _newline(self._raw[self._at : hunks.at])
        self._at = hunks.at
        if not moved_to and not any(hunk.lines for hunk in read):
            raise MalformedEdit(f"the update of {path} is empty", line=self._at, example=EXAMPLE)
        ending = True if read else None  # the format has no word for an unfinished last line
        return UpdateFile(
            path, read, moved_to, overwrites=True, ends_with_newline=ending, newline=newline
        )


def _is_head(line: str) -> bool:
    # One space in front makes it a line of the file; more is how models pad.
    head = line.strip()
    if head == "*** End of File" or line[:1] in "+-" or indent_of(line) == " ":
        return False
    return head.startswith("*** ")


def _newline(raw: Sequence[str]) -> str:
    """Return the line end of most of these lines; the last one's does not count against it."""
    ended = sum(line.endswith("\r") for line in raw)
    return "\r\n" if ended and ended * 2 >= len(raw) - 1 else "\n"
