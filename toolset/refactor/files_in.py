"""The files that a request's `paths` name: those that can be edited, and those that cannot.

Files and folders are named relative to the workspace's root; no name at all means the whole
project. A file that is named is taken even where git ignores it; a folder gives only what belongs
to the project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.encoding import has_lone_return, is_python
from toolset.errors import NotText, PathRefused, RefactoringRefused
from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.references import can_be_edited
from toolset.workspace import SourceFile


def files_in(draft: Draft, paths: Iterable[str], *, python: bool = True) -> list[SourceFile]:
    """Return the files that `paths` name and that can be edited, by path, each once.

    With `python`, Python files only. What cannot be edited is told by `unread_in`. Raises
    RefactoringRefused for a path that does not exist, or that names no such file.
    """
    return [one for one in _read(draft, paths, python=python) if isinstance(one, SourceFile)]


def unread_in(draft: Draft, paths: Iterable[str], *, python: bool = True) -> tuple[Leftover, ...]:
    """Return the files that `paths` name and that were passed over, each with the reason.

    Without `python`, only Python files are told of: a project has many others that are no text.
    """
    return tuple(one for one in _read(draft, paths, python=python) if isinstance(one, Leftover))


def _read(draft: Draft, paths: Iterable[str], *, python: bool) -> Iterator[SourceFile | Leftover]:
    for path in _chosen(draft, tuple(paths), python=python):
        try:
            source = draft.read(path)
        except (NotText, PathRefused):
            if is_python(path):
                yield Leftover(Place(path, 1, 0), "file that cannot be read", "")
            continue
        if has_lone_return(source.text):
            yield Leftover(Place(path, 1, 0), "file that ends lines with CR alone", "")
        elif is_python(path) and not can_be_edited(source):
            yield Leftover(Place(path, 1, 0), "file that does not parse", "")
        else:
            yield source


def _chosen(draft: Draft, paths: tuple[str, ...], *, python: bool) -> list[PurePosixPath]:
    everything = [path for path in draft.files() if is_python(path) or not python]
    if not paths:
        return everything
    chosen: set[PurePosixPath] = set()
    for name in paths:
        chosen.update(_named(draft, name, everything, python=python))
    return sorted(chosen)


def _named(
    draft: Draft, name: str, everything: list[PurePosixPath], *, python: bool
) -> list[PurePosixPath]:
    path = draft.workspace.locate(name)
    found = [one for one in everything if path in (one, *one.parents)]
    if found:
        return found
    if draft.workspace.absolute(path).is_dir():
        kind = "Python file" if python else "file"
        raise RefactoringRefused(f"{name} holds no {kind} of this project. Name another folder.")
    if draft.state_of(path) is None:
        raise RefactoringRefused(f"{name} does not exist. Check the spelling of the path.")
    if python and not is_python(path):
        raise RefactoringRefused(f"{name} is no Python file.")
    return [path]
