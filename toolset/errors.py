"""Everything that can be wrong about an edit, each with its cure.

    ToolsetError
    ├── WrongArgument        a caller handed in something of another type
    ├── MalformedScope       what should say which files may be edited names none
    ├── PathRefused          the path cannot be touched at all
    │   ├── OutsideWorkspace
    │   ├── ProtectedPath
    │   ├── OutOfScope       the task may not change it
    │   ├── NotAFile
    │   ├── FileMissing
    │   ├── FileExists
    │   ├── NameClash
    │   ├── ReadOnlyFile
    │   └── SharedFile
    ├── NotText              the bytes are no text that could be written back unharmed
    ├── NoMatch, Ambiguous   the text to replace stands nowhere, or in several places
    ├── Elided               the new text leaves code out
    ├── HunksOverlap         two hunks change the same lines, or are out of order
    ├── MalformedEdit        what came cannot be read as an edit
    ├── DoesNotParse         the result would be no Python
    ├── SpillsOver           the edit changes how lines that it does not touch are read
    ├── StaleEdit            the file changed since it was read, in the same lines
    │   └── LaterWork        what is to be undone was changed since
    ├── StaleDelete          the file to delete holds more than the edit says
    ├── RefactoringRefused   a refactoring that could not be done safely
    │   └── AmbiguousTarget  several symbols fit the request
    ├── CheckpointFailed     no way back could be saved, so nothing was written
    ├── CheckpointGone       the way back that was saved is not what it was
    │   └── NoSuchCheckpoint no checkpoint of that id is kept here
    ├── PatchRefused         a patch does not apply to a tree
    ├── RefMoved             somebody moved a branch meanwhile; it was left where they put it
    ├── WorkspaceBusy        another process is writing here
    ├── UnfinishedRun        a killed run has to be finished first
    ├── WriteFailed          the disk said no; the old files are back
    └── HalfWritten          the disk said no to that too; the next command puts them back

Every sentence says what happened, where, and what to do now.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolset.digest import Digest


class ToolsetError(Exception):
    """Something about an edit is wrong, and nothing was written."""


class WrongArgument(ToolsetError):
    """A caller handed in something of another type."""

    def __init__(self, name: str, wanted: str, got: object) -> None:
        self.name = name
        super().__init__(
            f"{name} must be {wanted}, not {type(got).__name__} ({got!r:.60}). Nothing was changed."
        )


class MalformedScope(ToolsetError):
    """A glob that no file could fit, such as a blank one."""

    def __init__(self, glob: str) -> None:
        self.glob = glob
        super().__init__(
            f"{glob!r} does not say which files may change. Name paths and globs as .gitignore "
            "does: app.py, src/**, tests/*.py."
        )


class PathRefused(ToolsetError):
    """A path that alma will not read or write."""

    def __init__(self, path: PurePath | str, why: str) -> None:
        self.path = path
        super().__init__(f"{path}: {why}")


class OutsideWorkspace(PathRefused):
    """The path, or what it links to, lies outside the workspace."""

    def __init__(self, path: PurePath | str, root: PurePath, *, through_link: bool = False) -> None:
        how = "is a link that leads" if through_link else "lies"
        super().__init__(
            path,
            f"{how} outside {root}. alma only touches files inside it; "
            "run alma in that file's own repository.",
        )


class ProtectedPath(PathRefused):
    """The path belongs to git or to alma itself."""

    def __init__(self, path: PurePath | str) -> None:
        super().__init__(path, "belongs to git or to alma's own state. Name a file of the project.")


class OutOfScope(PathRefused):
    """The path is not among those that the task may change."""

    def __init__(self, path: PurePath | str, scope: str) -> None:
        self.scope = scope
        super().__init__(
            path,
            f"is out of scope. This task may change {scope}, and nothing else. Leave the file as "
            "it is; whoever set the task can widen it with --scope.",
        )


class NotAFile(PathRefused):
    """A directory, device, socket or pipe."""

    def __init__(self, path: PurePath | str, kind: str) -> None:
        super().__init__(path, f"is a {kind}, not a file. Name one file.")


class FileMissing(PathRefused):
    """There is no such file."""

    def __init__(self, path: PurePath | str) -> None:
        super().__init__(path, "does not exist. Check the spelling, or create it first.")


class FileExists(PathRefused):
    """A file to create is already there."""

    def __init__(self, path: PurePath | str) -> None:
        super().__init__(path, "already exists, and was left as it is. Edit it instead.")


class NameClash(PathRefused):
    """A new file's name differs from another only in a way that some systems do not see."""

    def __init__(self, path: PurePath | str, other: PurePath) -> None:
        self.other = other
        super().__init__(
            path,
            f"cannot stand beside {other}: on systems that do not tell upper from lower case they "
            "would be one file. Choose another name.",
        )


class ReadOnlyFile(PathRefused):
    """The file's mode, or its folder's, forbids writing."""

    def __init__(self, path: PurePath | str, mode: int) -> None:
        super().__init__(
            path,
            f"is read-only (mode {mode:04o}). Nothing was written. "
            f"If it should change: chmod u+w {path}",
        )


class SharedFile(PathRefused):
    """The file has several hard links, and replacing it would split them."""

    def __init__(self, path: PurePath | str, links: int) -> None:
        super().__init__(
            path,
            f"has {links} hard links; replacing it would separate them. Nothing was written. "
            "Make it a file of its own first (copy it and move the copy over it).",
        )


class NotText(ToolsetError):
    """Bytes that cannot be read as text and written back the same."""

    def __init__(self, path: PurePath | str, why: str) -> None:
        self.path = path
        super().__init__(f"{path} is not text that alma can edit: {why}. It was left untouched.")


class NoMatch(ToolsetError):
    """The text to replace is not in the file.

    `nearest` shows numbered lines of the file and how they differ; `already_at` is the line where
    the replacement stands already.
    """

    def __init__(
        self,
        path: PurePath | str,
        nearest: str | None = None,
        *,
        already_at: int | None = None,
        why: str | None = None,
    ) -> None:
        self.path, self.nearest, self.already_at = path, nearest, already_at
        parts = [f"{why}. {path} was left as it is." if why else _NO_MATCH.format(path=path)]
        if already_at is not None:
            parts.append(f"The replacement is there already, at line {already_at}.")
        shown = f" The nearest text is:\n{nearest}\n" if nearest else " "
        super().__init__(f"{' '.join(parts)}{shown}Read the file again and copy the lines exactly.")


_NO_MATCH = "The text to replace is not in {path}."


class Ambiguous(ToolsetError):
    """The text to replace stands in several places; `shown` are some of them, numbered."""

    def __init__(self, path: PurePath | str, lines: Sequence[int], *, shown: str = "") -> None:
        self.path, self.lines = path, tuple(lines)
        where = ", ".join(str(line) for line in self.lines[:20])
        super().__init__(
            f"The text to replace stands {len(self.lines)} times in {path} (lines {where}). "
            "Add lines around it until it is unique." + (f"\n{shown}" if shown else "")
        )


class Elided(ToolsetError):
    """The new text leaves code out, and says so in a comment."""

    def __init__(self, path: PurePath | str, line: str) -> None:
        self.path, self.line = path, line
        super().__init__(
            f"The new text for {path} leaves code out ({line!r}), which would delete it. "
            "Nothing was changed. Write every line, or replace a smaller passage."
        )


class HunksOverlap(ToolsetError):
    """Two hunks of one patch change the same lines, or come in another order than the file's."""

    def __init__(self, path: PurePath | str, *, in_order: bool = True) -> None:
        self.path = path
        what = (
            "change the same lines. Make one hunk of them"
            if in_order
            else "come in another order than their lines in the file. Order them"
        )
        super().__init__(f"Two hunks for {path} {what}. Nothing was changed.")


class MalformedEdit(ToolsetError):
    """What came cannot be read as an edit; `example` shows how one is written."""

    def __init__(self, why: str, *, line: int | None = None, example: str = "") -> None:
        self.line = line
        where = f"Line {line} of the edit: " if line else ""
        shown = f"\nWrite it like this:\n{example}" if example else ""
        super().__init__(f"{where}{why}. Nothing was changed.{shown}")


class DoesNotParse(ToolsetError):
    """A Python file that is, or would become, invalid."""

    def __init__(
        self, path: PurePath | str, line: int | None, message: str, *, would: bool
    ) -> None:
        self.path, self.line, self.message = path, line, message
        verb = "would no longer parse" if would else "does not parse"
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where} {verb}: {message}. Nothing was written.")


class SpillsOver(ToolsetError):
    """An edit that changes how lines it does not touch are read.

    `line` counts from 1 in the file as it is, before the edit.
    """

    def __init__(self, path: PurePath | str, line: int, what: str) -> None:
        self.path, self.line, self.what = path, line, what
        super().__init__(
            f"{path}:{line}: the edit changes how line {line} is read, which it does not touch "
            f"({what}). Nothing was written. Close what the edit opens, or edit that line too."
        )


class StaleEdit(ToolsetError):
    """A file changed since it was read, in the lines that an edit touches.

    `shown` are those lines, as they are, were, and should become.
    """

    def __init__(
        self,
        path: PurePath | str,
        expected: Digest | None,
        found: Digest | None,
        *,
        shown: str = "",
    ) -> None:
        self.path, self.expected, self.found, self.shown = path, expected, found, shown
        was = expected.short if expected else "no file"
        now = found.short if found else "no file"
        super().__init__(
            f"{path} changed since it was read ({was} -> {now}). "
            "Nothing was written. Read it again and propose the edit anew."
            + (f" Now, then, and wanted:\n{shown}" if shown else "")
        )


class StaleDelete(ToolsetError):
    """A file to delete holds more than the edit takes out."""

    def __init__(self, path: PurePath | str) -> None:
        self.path = path
        super().__init__(
            f"{path} holds lines that the edit to delete it does not name. It was left as it is. "
            "Read it again."
        )


class LaterWork(StaleEdit):
    """What is to be undone was changed by somebody since."""

    def __init__(self, stale: StaleEdit, id: str) -> None:
        super().__init__(stale.path, stale.expected, stale.found, shown=stale.shown)
        shown = f" Now, then, and wanted:\n{stale.shown}" if stale.shown else ""
        if not stale.found:
            what = f"was deleted after {id}"
        elif stale.shown:
            what = f"was changed again after {id}, in the place that is to be undone"
        else:
            what = f"was changed again after {id}, and undoing that would delete or replace it"
        sentence = (
            f"{stale.path} {what}. Nothing was undone. "
            f"Undo the later change first, or mend it by hand (alma diff {id} shows it).{shown}"
        )
        self.args = (sentence,)


class RefactoringRefused(ToolsetError):
    """A refactoring that could not be carried out safely.

    `candidates` are what the request may have meant, as `path:line name`; empty if there are none.
    """

    def __init__(self, why: str, *, candidates: Sequence[str] = ()) -> None:
        self.candidates = tuple(candidates)
        listed = "".join(f"\n  {candidate}" for candidate in self.candidates)
        super().__init__(why + listed)


class AmbiguousTarget(RefactoringRefused):
    """Several symbols fit; `candidates` are their addresses, any of which can be asked for."""

    def __init__(self, name: str, addresses: Sequence[str]) -> None:
        self.name = name
        super().__init__(f"{name} may be one of these. Say which:", candidates=addresses)


class CheckpointFailed(ToolsetError):
    """No way back could be saved."""

    def __init__(self, why: str) -> None:
        super().__init__(f"No checkpoint could be taken, so nothing was written: {why}")


class CheckpointGone(ToolsetError):
    """The way back that was saved is not there any more, or is not what it was."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The way back is gone, and nothing was changed: {why}")


class NoSuchCheckpoint(CheckpointGone):
    """No checkpoint of that id is kept in this workspace."""

    def __init__(self, id: str, root: PurePath) -> None:
        super().__init__("")
        sentence = (
            f"No checkpoint {id!r} is kept in {root}: it was forgotten (alma checkpoints prune), "
            "or made in another folder or worktree. Nothing was changed."
        )
        self.args = (sentence,)


class WorkspaceBusy(ToolsetError):
    """Another process holds the workspace's lock."""

    def __init__(self, root: PurePath, waited_s: float) -> None:
        super().__init__(
            f"Another alma is writing in {root} (waited {waited_s:.0f} s). "
            "Try again when it is done."
        )


class UnfinishedRun(ToolsetError):
    """A killed alma run has to be finished, and recorded, before anything else is written."""

    def __init__(self, root: PurePath) -> None:
        super().__init__(
            f"A run of alma's in {root} was killed while it wrote, and is not finished yet. "
            "Nothing was written now. Finish it first: alma log"
        )


class WriteFailed(ToolsetError):
    """The operating system refused a write; what had been written was taken back."""

    def __init__(self, path: PurePath | str, why: str) -> None:
        self.path = path
        super().__init__(f"{path} could not be written: {why}. All files are as they were.")


class HalfWritten(ToolsetError):
    """The operating system refused a write, and then to take back what had been written."""

    def __init__(self, root: PurePath, why: str) -> None:
        super().__init__(
            f"Some files in {root} are written and others not, and taking them back failed: {why}. "
            "Nothing is lost: the old bytes are in .alma/journal. Mend the disk (room, rights), "
            "then run any alma command, such as alma log: it puts the old files back."
        )


class PatchRefused(ToolsetError):
    """A patch does not apply to a tree; the message is git's own."""


class RefMoved(ToolsetError):
    """Somebody moved a branch meanwhile; it was left where they put it."""

    def __init__(self, ref: str, why: str) -> None:
        self.ref = ref
        super().__init__(
            f"{ref} was moved meanwhile, or is locked; it was left as it is. Try again. ({why})"
        )
