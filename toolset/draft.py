"""Edits that are thought but not yet made: a layer over a workspace.

Whoever edits a draft reads their own edits back; the disk is not touched. A draft ends as a
`ChangeSet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.encoding import TextFormat, encode
from toolset.errors import FileExists, FileMissing, MalformedEdit, NotText, PathRefused
from toolset.formats.operations import names
from toolset.formats.reading import parse
from toolset.patching import Tree, carry_out, unnamed_edit
from toolset.replacing import replace_once
from toolset.scope import EditScope, require_in_scope
from toolset.workspace import SourceFile, Workspace, source_file

_MAX_TEXT_BYTES = 5_000_000


class Draft:
    """Staged edits over `workspace`. What a file was is kept from its first touch.

    Whatever stages raises OutOfScope for a file outside `scope`; nothing is staged then.
    """

    def __init__(
        self,
        workspace: Workspace,
        changes: ChangeSet | None = None,
        *,
        scope: EditScope = EditScope(),
    ) -> None:
        require_in_scope(changes or ChangeSet(), scope)
        self.workspace = workspace
        self.scope = scope
        self._before: dict[PurePosixPath, FileState | None] = {}
        self._after: dict[PurePosixPath, FileState | None] = {}
        self._moves: dict[PurePosixPath, PurePosixPath] = {}  # new name: old name
        for edit in changes or ():
            self._before[edit.path], self._after[edit.path] = edit.before, edit.after
        for move in changes.moves if changes else ():
            self._note_move(move.old, move.new)

    def copy(self) -> Draft:
        """Return a draft with the same edits staged, to try more on."""
        twin = Draft(self.workspace, scope=self.scope)
        twin._before, twin._after = dict(self._before), dict(self._after)
        twin._moves = dict(self._moves)
        return twin

    def state_of(self, path: PurePosixPath) -> FileState | None:
        return self._after[path] if path in self._after else self.workspace.state_of(path)

    def read(self, path: PurePosixPath) -> SourceFile:
        """Return the staged text, or the disk's. Raises FileMissing, NotAFile, NotText."""
        state = self.state_of(path)
        if state is None:
            raise FileMissing(path)
        return source_file(path, state)

    def write(self, path: PurePosixPath, text: str) -> None:
        """Replace a file's whole text; encoding, BOM and mode stay. Raises FileMissing, NotText."""
        self.scope.require(path)
        self._stage({path: self.read(path).with_text(text)})

    def replace(self, path: PurePosixPath, old: str, new: str) -> int:
        """Replace the one place where `old` stands; return its first line, counted from 1.

        Raises FileMissing, NoMatch, Ambiguous.
        """
        self.scope.require(path)
        source = self.read(path)
        replaced = replace_once(path, source.text, old, new)
        self._stage({path: source.with_text(replaced.text)})
        return replaced.line

    def patch(self, reply: str, *, only: PurePosixPath | None = None) -> tuple[PurePosixPath, ...]:
        """Stage the edits of a model's reply, in whichever format; return the files they touch.

        `only` is the file of edits that name none. Raises MalformedEdit, and what single edits
        raise; nothing is staged then.
        """
        operations = parse(reply)
        if only is None and any(one.path is None for one in operations):
            raise unnamed_edit()
        named = {name: self.workspace.locate(name) for name in names(operations)}
        if only is not None:
            named[str(only)] = only
        for path in named.values():
            self.scope.require(path)
        _require_one_name_each(named)
        states = {name: self.state_of(path) for name, path in named.items()}
        tree = Tree({name: s.data for name, s in states.items() if s}, may_overwrite=False)
        carry_out(tree, operations)
        staged = {
            path: self._patched(states[name], tree.files.get(name), tree.modes.get(name))
            for name, path in named.items()
        }
        modes = {name: state.mode for name, state in states.items() if state} | tree.modes
        for old, new in tree.moves:  # in order: what moved may move on
            if new not in tree.modes and old in modes:
                modes[new] = modes[old]
            if moved := staged[named[new]]:
                staged[named[new]] = FileState(moved.data, modes.get(new, moved.mode))
        for path in staged:
            self.workspace.require_writable(path)
        self._stage({path: one for path, one in staged.items() if one != self.state_of(path)})
        for old, new in tree.moves:
            self._note_move(named[old], named[new])
        return tuple(sorted(staged))

    def create(self, path: PurePosixPath, text: str) -> None:
        """Add a new UTF-8 file. Raises FileExists, NotText."""
        self.scope.require(path)
        if self.state_of(path) is not None:
            raise FileExists(path)
        self._stage({path: FileState(encode(path, text, TextFormat("utf-8")))})

    def delete(self, path: PurePosixPath) -> None:
        """Remove a file. Raises FileMissing."""
        self.scope.require(path)
        if self.state_of(path) is None:
            raise FileMissing(path)
        self._stage({path: None})

    def move(self, old: PurePosixPath, new: PurePosixPath) -> None:
        """Give a file another name. Raises FileMissing, FileExists."""
        for path in (old, new):
            self.scope.require(path)
        state = self.state_of(old)
        if state is None:
            raise FileMissing(old)
        if self.state_of(new) is not None:
            raise FileExists(new)
        self._stage({new: state, old: None})
        self._note_move(old, new)

    def stage(self, changes: ChangeSet) -> None:
        """Take over edits that were planned on this draft's present state: all, or none."""
        require_in_scope(changes, self.scope)
        self._stage({edit.path: edit.after for edit in changes})
        for move in changes.moves:
            self._note_move(move.old, move.new)

    def changes(self) -> ChangeSet:
        """Return what differs from the disk as it was first read, by path."""
        edits = tuple(
            Edit(path, before=self._before[path], after=after)
            for path, after in sorted(self._after.items())
            if self._before[path] != after
        )
        created = {edit.path for edit in edits if edit.before is None}
        deleted = {edit.path for edit in edits if edit.after is None}
        moves = sorted(
            (Move(old, new) for new, old in self._moves.items() if new in created),
            key=lambda move: move.new,
        )
        return ChangeSet(
            edits,
            tuple(move for move in moves if move.old in deleted),
            new_folders=self._folders_above(created, missing=True),
            old_folders=self._folders_above(deleted, missing=False),
        )

    def files(self) -> tuple[PurePosixPath, ...]:
        """Return the workspace's files as they would be with this draft."""
        gone = {path for path, after in self._after.items() if after is None}
        staged = set(self._after) - gone
        return tuple(sorted((set(self.workspace.files()) | staged) - gone))

    def texts(self) -> Iterator[SourceFile]:
        """Yield every text file of the project, as staged; data beyond 5 MB is passed over."""
        for path in self.files():
            try:
                if path in self._after or self.workspace.size_of(path) <= _MAX_TEXT_BYTES:
                    yield self.read(path)
            except (NotText, PathRefused):
                continue

    def _note_move(self, old: PurePosixPath, new: PurePosixPath) -> None:
        self._moves[new] = self._moves.pop(old, old)

    def _folders_above(
        self, paths: Iterable[PurePosixPath], *, missing: bool
    ) -> tuple[PurePosixPath, ...]:
        folders = {parent for path in paths for parent in path.parents[:-1]}
        found = (one for one in folders if self.workspace.absolute(one).exists() != missing)
        return tuple(sorted(found))

    @staticmethod
    def _patched(
        before: FileState | None, data: bytes | None, mode: int | None
    ) -> FileState | None:
        if data is None:
            return None
        return FileState(data, mode or (before.mode if before else FileState(b"").mode))

    def _stage(self, states: Mapping[PurePosixPath, FileState | None]) -> None:
        """Stage all of them; whatever can be refused is, before the first."""
        for path in states:
            self.scope.require(path)
            self.workspace.require_writable(path)
        new = [path for path in states if path not in self._before]
        self._before |= {path: self.workspace.state_of(path) for path in new}
        self._after |= states


def _require_one_name_each(named: Mapping[str, PurePosixPath]) -> None:
    """Raise MalformedEdit if two names are one file, by a link: their edits would not meet."""
    seen: dict[PurePosixPath, str] = {}
    for name, path in named.items():
        if path in seen:
            raise MalformedEdit(f"{seen[path]} and {name} are one file; name it one way")
        seen[path] = name
