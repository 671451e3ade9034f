"""The outline of a project: each source file and what it defines, whatever its language."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from toolset.edits import FileState
from toolset.encoding import PYTHON_SUFFIXES, is_python
from toolset.errors import FileMissing, NotText, PathRefused
from toolset.outline.cache import OutlineCache, stamp_of
from toolset.outline.grammars import LANGUAGES
from toolset.outline.values import FileOutline, Unread
from toolset.workspace import SourceFile, Workspace, source_file

if TYPE_CHECKING:
    from toolset.draft import Draft

_ENDINGS = (*sorted(PYTHON_SUFFIXES), *LANGUAGES)
_MAX_BYTES = 5_000_000


def outline(where: Workspace | Draft, path: PurePosixPath | None = None) -> tuple[FileOutline, ...]:
    """Outline the whole project, or the file or folder at `path` in it; by path.

    A draft's staged edits are seen. Outlines of files on disk are kept in alma's state folder, and
    not made again until the file changes. A file that cannot be read is in the outline, and says
    why.

    Raises FileMissing, and PathRefused for a file of no language that is known here.
    """
    workspace, staged = _layers(where)
    if path is not None and path.name and _is_file(workspace, staged, path):
        if language_of(path) is None:
            raise PathRefused(path, f"is in no language that alma outlines ({_known()}).")
        return (_outlined(path, _state(workspace, staged, path)),)
    inside = path or PurePosixPath()
    if inside.name and not workspace.absolute(inside).is_dir() and not _holds(staged, inside):
        raise FileMissing(inside)
    with _collector_paused():
        return tuple(_outlines(workspace, staged, inside))


def outline_of(source: SourceFile) -> FileOutline | None:
    """Outline one file as it was read; None if it is of no language that is known here."""
    language = language_of(source.path)
    # Late: what is in the cache needs neither the syntax trees nor the grammars.
    if language == "python":
        from toolset.outline.python import outline_python

        return outline_python(source)
    if language is None:
        return None
    from toolset.outline.other_languages import outline_other

    return outline_other(source, language)


def language_of(path: PurePosixPath) -> str | None:
    """Return the language by the file's suffix; None if no outline can be made of it."""
    return "python" if is_python(path) else LANGUAGES.get(path.suffix)


_Staged = Mapping[PurePosixPath, FileState | None]


def _layers(where: Workspace | Draft) -> tuple[Workspace, _Staged]:
    if isinstance(where, Workspace):
        return where, {}
    return where.workspace, {edit.path: edit.after for edit in where.changes()}


def _outlines(
    workspace: Workspace, staged: _Staged, inside: PurePosixPath
) -> Iterator[FileOutline]:
    cache = OutlineCache(workspace)
    on_disk = set(workspace.files(_ENDINGS))
    paths = on_disk | {path for path, after in staged.items() if after and language_of(path)}
    for path in sorted(paths):
        if inside.name and inside not in path.parents:
            continue
        if path in staged:
            if after := staged[path]:
                yield _outlined(path, after)
        elif found := _from_disk(workspace, cache, path):
            yield found
    cache.keep(whole=not inside.name and not staged)


def _from_disk(
    workspace: Workspace, cache: OutlineCache, path: PurePosixPath
) -> FileOutline | None:
    """Return a file's outline, new or kept; None if the file has just gone."""
    try:
        stamp = stamp_of(workspace.absolute(path))
    except OSError:
        return None
    if known := cache.by_stamp(path, stamp):
        return known
    try:
        state = workspace.state_of(path)
    except PathRefused as error:
        return FileOutline(path, language_of(path) or "", 0, error=Unread(None, str(error)))
    if state is None:
        return None
    digest = state.digest
    known = cache.by_digest(path, stamp, digest)
    if known is None:
        known = _outlined(path, state)
        cache.add(known, stamp, digest)
    return known


def _outlined(path: PurePosixPath, state: FileState) -> FileOutline:
    language = language_of(path) or ""
    if len(state.data) > _MAX_BYTES:
        unread = Unread(None, f"it is larger than {_MAX_BYTES // 1_000_000} MB")
        return FileOutline(path, language, state.data.count(b"\n"), error=unread)
    try:
        source = source_file(path, state)
    except NotText as error:
        return FileOutline(path, language, state.data.count(b"\n"), error=Unread(None, str(error)))
    return outline_of(source) or FileOutline(path, language, 0)


def _is_file(workspace: Workspace, staged: _Staged, path: PurePosixPath) -> bool:
    if path in staged:
        return staged[path] is not None
    return workspace.absolute(path).is_file()


def _state(workspace: Workspace, staged: _Staged, path: PurePosixPath) -> FileState:
    state = staged[path] if path in staged else workspace.state_of(path)
    if state is None:
        raise FileMissing(path)
    return state


def _holds(staged: _Staged, folder: PurePosixPath) -> bool:
    return any(after and folder in path.parents for path, after in staged.items())


def _known() -> str:
    return ", ".join(sorted({"python", *LANGUAGES.values()}))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the search for cycles: syntax trees have none, and it would walk them again and again.

    It is nearly half of the time that `ast.parse` takes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
