"""Does a new import close a circle: a module that would be needed while it is only half run.

Imports in functions and for type checkers do not count. A package is run before what lies in it,
so its `__init__.py` is needed by every importer from outside; for those inside it has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from toolset.refactor.moving.project_imports import Project

Path = PurePosixPath
Graph = dict[PurePosixPath, set[PurePosixPath]]


def new_cycles(
    before: Project, after: Project, moved: Callable[[Path], Path] = lambda path: path
) -> list[str]:
    """Return each circle that an import closes which was not there before, as `a -> b -> a`.

    `moved` gives the new path of a file.
    """
    old = {moved(path): {moved(one) for one in found} for path, found in graph(before).items()}
    new = graph(after)
    return [
        " -> ".join(str(one) for one in (path, *way))
        for path, imported in sorted(new.items())
        for other in sorted(imported - old.get(path, set()))
        if (way := _way(new, other, path))
    ]


def graph(project: Project) -> Graph:
    """Return which files each file imports as soon as it is run."""
    return {path: set(_imported(project, path)) for path in project.files}


def _imported(project: Project, path: PurePosixPath) -> Iterator[PurePosixPath]:
    file = project.files[path]
    for one in file.names:
        base = None if one.is_lazy else project.base(one, file)
        if base is None:
            continue
        key = project.submodule(one, file) or base.key
        for needed in (key, *(parent for parent in key.parents if parent not in path.parents)):
            found = project.layout.file_of(needed)
            if found is not None and found != path:
                yield found


def _way(edges: Graph, start: PurePosixPath, goal: PurePosixPath) -> list[PurePosixPath]:
    """Return the way from one file to another along imports; empty if there is none."""
    came_from: dict[PurePosixPath, PurePosixPath | None] = {start: None}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            way: list[PurePosixPath] = []
            step: PurePosixPath | None = here
            while step is not None:
                way.append(step)
                step = came_from[step]
            return way[::-1]
        for other in sorted(edges.get(here, ())):
            if other not in came_from:
                came_from[other] = here
                waiting.append(other)
    return []
