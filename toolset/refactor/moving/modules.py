"""Give a module or a package another name or another folder, and change all that imports it.

Two read every import: alma's own resolver, by the folders, and jedi. What the imports of the whole
project lead to is worked out before and after; a move that would lead one elsewhere is refused.
"""

from __future__ import annotations

import ast
import keyword
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import PurePosixPath

from toolset.copies import private_copy
from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.errors import AmbiguousTarget, RefactoringRefused
from toolset.refactor.engines import Jedi
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.moving.file_imports import FileImports
from toolset.refactor.moving.import_cycles import new_cycles
from toolset.refactor.moving.mentions import mentions, paths_in, quoted
from toolset.refactor.moving.module_names import Key, Layout, key_of
from toolset.refactor.moving.project_imports import Project
from toolset.refactor.moving.relocation import FileChange, Move, Relocation
from toolset.refactor.ranges import replaced
from toolset.refactor.requests import MoveModule, RenameModule

_FOUND_BY_NAME = frozenset({"__init__", "__main__", "conftest"})


def rename_module(draft: Draft, request: RenameModule) -> Refactoring:
    """Stage another name for a module or a package.

    Raises RefactoringRefused where it is not found, where the name is none or is taken, and where
    an import would come to mean something else.
    """
    project = Project.read(draft)
    key, new = _target(draft, project.layout, request.target), request.new
    if not new.isidentifier() or keyword.iskeyword(new):
        raise RefactoringRefused(f"{new!r} is no name for a module.")
    if new == key.name:
        raise RefactoringRefused(f"It is called {new} already.")
    if new in _FOUND_BY_NAME:
        raise RefactoringRefused(f"Python or a tool finds {new} by its name; choose another.")
    done = _relocate(draft, project, Move(key, key.with_name(new)), ())
    name = project.layout.dotted(key)
    return Refactoring(f"Rename module {name} to {new}", draft.changes(), done)


def move_module(draft: Draft, request: MoveModule) -> Refactoring:
    """Stage another folder for a module or a package. The folder must be there already.

    Raises as `rename_module` does.
    """
    project = Project.read(draft)
    key = _target(draft, project.layout, request.target)
    folder = draft.workspace.locate(request.to)
    if not draft.workspace.absolute(folder).is_dir() and folder not in {
        parent for path in draft.files() for parent in path.parents
    }:
        raise RefactoringRefused(f"There is no folder {folder}. Make the package first.")
    if folder == key.parent:
        raise RefactoringRefused(f"{key.name} lies in {folder} already.")
    if folder.is_relative_to(key):
        raise RefactoringRefused(f"{key.name} cannot go into itself.")
    doubts = _doubts_on(folder, project.layout)
    done = _relocate(draft, project, Move(key, folder / key.name), doubts)
    name = project.layout.dotted(key)
    return Refactoring(f"Move module {name} to {folder}", draft.changes(), done)


def _target(draft: Draft, layout: Layout, target: str) -> Key:
    """Return the key of the module that a path or a dotted name means."""
    by_name = sorted(
        {
            key_of(path)
            for path in layout.files
            if key_of(path).name and target == layout.dotted(key_of(path))
        }
    )
    path = draft.workspace.locate(target)
    key = key_of(path) if path in layout.files else path
    found = [key] if key in layout or path in layout.files else by_name
    if not found:
        raise RefactoringRefused(f"There is no module {target} in this project.")
    if len(found) > 1:
        raise AmbiguousTarget(target, [str(layout.file_of(key)) for key in found])
    (key,) = found
    if not key.name or (path in layout.files and path.stem == "__init__"):
        raise RefactoringRefused(
            f"{target} is found by its name. Name the folder to mean the package."
        )
    if key.name in _FOUND_BY_NAME:
        raise RefactoringRefused(f"Python or a tool finds {key.name} by its name and its place.")
    return key


def _relocate(draft: Draft, project: Project, move: Move, doubts: tuple[str, ...]) -> Evidence:
    _require_free(draft, project, move)
    files = draft.files()
    moved = [path for path in files if move.touches(path)]
    after = Layout(move.path(path) if move.touches(path) else path for path in files)
    relocation = Relocation(project, after, move)
    changes = [relocation.change(file) for file in project.files.values()]
    if stuck := [line for change in changes for line in change.stuck]:
        raise RefactoringRefused("These are in the way. Nothing was changed:", candidates=stuck)
    unread = [one.path for one in project.unread if move.touches(one.path)]
    if names := ", ".join(str(path) for path in unread if is_python(path)):
        raise RefactoringRefused(f"{names} cannot be read as Python. Nothing was changed.")
    behind = _stays_behind(draft, move.old)
    leftovers = _leftovers(draft, project, move, changes)
    witnesses = dict(_witnessed(draft, changes))
    for change in changes:
        if change.replacements:
            draft.write(change.file.path, replaced(change.file.text, change.replacements))
    for path in moved:
        draft.move(path, move.path(path))
    result = Project.read(draft)
    _require_same_imports(project, result, move)
    if cycles := new_cycles(project, result, move.path):
        raise RefactoringRefused(
            f"In {move.new.parent}, modules would import each other in a circle. "
            "Nothing was changed:",
            candidates=cycles,
        )
    return Evidence(witnesses, leftovers, doubts + behind + _unused(project, move))


def _require_free(draft: Draft, project: Project, move: Move) -> None:
    """Refuse a new name that is taken, or that would hide a module of the standard library."""
    new, layout = move.new, project.layout
    beside = {key_of(path) for path in draft.files() if is_python(path)}
    beside |= {parent for path in draft.files() for parent in path.parents}
    folded = {key for key in beside if str(key).casefold() == str(new).casefold()} - {move.old}
    if folded or draft.workspace.absolute(new).exists():
        raise RefactoringRefused(f"{new} is there already. Choose another name or folder.")
    if new.parent not in layout.packages and new.name in sys.stdlib_module_names:
        raise RefactoringRefused(
            f"{new.name} would hide the standard library's module of that name. Choose another."
        )
    if project.binds(new.parent, new.name):
        raise RefactoringRefused(
            f"{new.parent}/__init__.py binds {new.name} to something else. Choose another name."
        )


def _require_same_imports(before: Project, after: Project, move: Move) -> None:
    """Refuse if an import leads elsewhere than it did, each module's new key considered."""
    wrong = []
    for path, file in before.files.items():
        twin = after.files.get(move.path(path) if move.touches(path) else path)
        meant = sorted(_meant(before, file, move), key=str)
        means = sorted(_meant(after, twin, None), key=str) if twin else []
        if meant != means:
            lost = [str(one) for one in meant if one not in means]
            found = [str(one) for one in means if one not in meant]
            wrong.append(f"{path}: {', '.join(lost)} -> {', '.join(found)}")
    if wrong:
        raise RefactoringRefused(
            "Imports would lead elsewhere. Nothing was changed:", candidates=wrong
        )


def _meant(project: Project, file: FileImports, move: Move | None) -> Iterator[tuple[str, str]]:
    for one in file.names:
        base, inner = project.base(one, file), project.submodule(one, file)
        keys = [inner] if inner else [base.key] if base else []
        for key in keys:
            name = "" if inner else str(one.imported.name or "")
            yield str(move.key(key) if move else key), name


def _witnessed(
    draft: Draft, changes: Iterable[FileChange]
) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Yield each place with those who say that it names the module, or what is below it."""
    busy = [change for change in changes if change.places]
    if not busy:
        return
    staged = draft.changes()
    with private_copy(draft.workspace, staged) if staged else nullcontext(draft.workspace) as on:
        jedi = Jedi(on.root, [change.file.source for change in busy])
        for change in busy:
            for place, key in change.places.items():
                found = jedi.definitions(place) or set()
                agrees = any(key_of(one.path) == key for one in found)
                yield place, ("imports", "jedi") if agrees else ("imports",)


def _leftovers(
    draft: Draft, project: Project, move: Move, changes: Iterable[FileChange]
) -> tuple[Leftover, ...]:
    layout, key = project.layout, move.old
    done = {
        change.file.path: [(one.start, one.end) for one in change.replacements]
        for change in changes
    }
    for file in project.files.values():  # imports were read by their meaning already
        done.setdefault(file.path, []).extend(one.statement for one in file.names)
    root = layout.home_root(key)
    is_folder = key in layout.packages or not layout.is_regular(key)
    spellings = {layout.dotted(key), ".".join(key.parts), *paths_in(root, key, is_folder=is_folder)}
    sources = list(draft.texts())
    found = [*mentions(sources, spellings, done), *quoted(sources, key.name, done)]
    return tuple(sorted({*found, *_located(project, move), *_worked_out(project)}))


def _doubts_on(folder: PurePosixPath, layout: Layout) -> tuple[str, ...]:
    if folder in layout.packages or folder in (PurePosixPath(), PurePosixPath("src")):
        return ()
    return (f"{folder} has no __init__.py: alma takes it for a package all the same.",)


def _stays_behind(draft: Draft, key: Key) -> tuple[str, ...]:
    """Say which files of a package's folder are not the project's and are not moved along."""
    folder, known = draft.workspace.absolute(key), set(draft.files())
    if not folder.is_dir():
        return ()
    other = sorted(
        path.relative_to(draft.workspace.root).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() and "__pycache__" not in path.parts
    )
    left = [path for path in other if PurePosixPath(path) not in known]
    return (f"Not the project's, and left where they are: {', '.join(left)}.",) if left else ()


def _located(project: Project, move: Move) -> Iterator[Leftover]:
    """Yield where a module that goes to another folder asks where it lies."""
    if move.new.parent == move.old.parent:
        return
    for path, file in project.files.items():
        for _, name, _ in file.bindings.reads if move.touches(path) else ():
            if name.id in ("__file__", "__path__", "__package__"):
                start, _ = file.span(name)
                yield Leftover(file.place(start), "depends on the folder", file.line(start))


def _unused(project: Project, move: Move) -> tuple[str, ...]:
    """Say so if nothing imports the module: then something else may find it by its name."""
    for path, file in project.files.items():
        for one in () if move.touches(path) else file.names:
            base, inner = project.base(one, file), project.submodule(one, file)
            keys = [key for key in (inner, base and base.key) if key]
            if any(key.is_relative_to(move.old) for key in keys):
                return ()
    name = project.layout.dotted(move.old)
    return (f"Nothing in the project imports {name}: what finds it by its name is not shown.",)


def _worked_out(project: Project) -> Iterator[Leftover]:
    """Yield the calls that import a module whose name is worked out as the program runs."""
    for file in project.files.values():
        if "import_module" not in file.text and "__import__" not in file.text:
            continue
        for node in ast.walk(file.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in ("import_module", "__import__") and not isinstance(
                node.args[0], ast.Constant
            ):
                start, _ = file.span(node)
                kind = "import of a name worked out"
                yield Leftover(file.place(start), kind, file.line(start))
