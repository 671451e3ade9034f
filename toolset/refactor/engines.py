"""Two engines that know Python's names, each asked in its own words, answering in ours.

No engine alone is safe: rope follows hierarchies and misses what it cannot infer, jedi infers more
and knows nothing of overrides. Only their positions are used, never the text they would write.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any

import jedi
import parso.cache

from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Place
from toolset.refactor.rope_mended import FileSystemCommands, Project, Rename, create_finder
from toolset.workspace import SourceFile

# Past this number of trees parso forgets those that lay on the disk for ten minutes. jedi, which
# still needs them, fails: in a project of 600 files it would then know nothing.
parso.cache._CACHED_SIZE_TRIGGER = 1_000_000  # noqa: SLF001 - there is no setting


class EngineFailed(RefactoringRefused):
    """An engine has no answer; others may."""


class Vote(Enum):
    """What an engine says of a place: the symbol in question, another, either, or no idea."""

    SAME = "same"
    OTHER = "other"
    EITHER = "either"
    UNKNOWN = "unknown"


def rope_occurrences(root: Path, target: Place, files: Iterable[PurePosixPath]) -> set[Place]:
    """Return the places in `files` that rope takes for the symbol at `target`, overrides too.

    Raises EngineFailed if rope cannot tell what stands at `target`, or stumbles over a file.
    """
    with _rope_project(root) as project:
        resource = project.get_resource(str(target.path))
        try:
            rename = Rename(project, resource, _rope_offset(resource.read(), target))
            finder = create_finder(
                project,
                rename.old_name,
                rename.old_pyname,
                instance=rename.old_instance,
                in_hierarchy=rename.is_method(),
            )
            return {
                place
                for path in files
                for place in _rope_places(finder, project.get_resource(str(path)), path)
            }
        except Exception as error:  # rope raises whatever it trips over
            raise EngineFailed(f"{target}: rope cannot resolve it: {error}") from error


class Jedi:
    """Jedi over one root; asks where the name at a place is defined."""

    def __init__(self, root: Path, sources: Iterable[SourceFile]) -> None:
        self._root = root
        self._texts = {source.path: source.text for source in sources}
        # In this process: jedi would else start the project's own interpreter, that is, run code
        # which nobody has looked at yet.
        self._environment = jedi.InterpreterEnvironment()
        # Only the project and the standard library: the packages that happen to be installed
        # beside alma are not the project's, and may even be another version of it.
        self._project = jedi.Project(
            root,
            sys_path=[*source_roots(root, self._texts), *_standard_library()],
            load_unsafe_extensions=False,
            smart_sys_path=True,
        )
        self._scripts: dict[PurePosixPath, Any] = {}

    def definitions(self, place: Place) -> set[Place] | None:
        """Return where the name at `place` is defined, imports followed; None if jedi fails.

        Definitions outside the root are given with the path "/", line 0: elsewhere.
        """
        try:
            names = self._script(place.path).goto(
                place.line, place.column, follow_imports=True, follow_builtin_imports=True
            )
        except Exception:  # noqa: BLE001 - jedi raises whatever its inference trips over
            return None
        return {self._place(name) for name in names}

    def vote(
        self, place: Place, symbol: set[Place], imports: Collection[Place] = frozenset()
    ) -> Vote:
        """Compare the definitions found at `place` with those of the symbol.

        Beside a stub jedi stops half way, at one of the `imports`: from there it is asked on.
        """
        found = self.definitions(place)
        for halfway in (found or set()) & set(imports):
            found = (found or set()) - {halfway} | (self.definitions(halfway) or {halfway})
        if found and not any(one.path.suffix == ".pyi" for one in symbol):
            # A stub beside the code speaks of the same symbol, somewhere; which one, it cannot say.
            found = {one for one in found if one.path.suffix != ".pyi"}
        if not found:
            return Vote.UNKNOWN
        if found <= symbol:
            return Vote.SAME
        return Vote.EITHER if found & symbol else Vote.OTHER

    def kinds(self, place: Place) -> set[str]:
        """Return what the value of the name at `place` may be: "instance", "class", "module"..."""
        try:
            names = self._script(place.path).infer(place.line, place.column)
        except Exception:  # noqa: BLE001 - as above
            return set()
        return {str(name.type) for name in names}

    def classes(self, place: Place) -> set[Place]:
        """Return where the classes are defined whose objects the name at `place` may be.

        `None` is left out; classes outside the root are given as by `definitions`.
        """
        try:
            names = self._script(place.path).infer(place.line, place.column)
        except Exception:  # noqa: BLE001 - as above
            return set()
        objects = (name for name in names if name.type == "instance")
        return {self._place(name) for name in objects if name.name != "NoneType"}

    def _script(self, path: PurePosixPath) -> Any:
        if path not in self._scripts:
            self._scripts[path] = jedi.Script(
                self._texts.get(path),
                path=self._root / path,
                project=self._project,
                environment=self._environment,
            )
        return self._scripts[path]

    def _place(self, name: Any) -> Place:
        elsewhere = Place(PurePosixPath("/"), 0, 0)
        if name.module_path is None or name.line is None:
            return elsewhere
        try:
            inside = Path(name.module_path).resolve().relative_to(self._root)
        except ValueError:
            return elsewhere
        return Place(PurePosixPath(inside.as_posix()), name.line, name.column)


def source_roots(root: Path, paths: Iterable[PurePosixPath]) -> list[str]:
    """Return the folders that imports of the project start from, the deepest first.

    These are the ones above its topmost packages.
    """
    roots = {root, root / "src"}
    for path in paths:
        folder = root / path.parent
        while folder != root and (folder / "__init__.py").exists():
            folder = folder.parent
        if (
            folder / (path.relative_to(folder.relative_to(root)).parts[0]) / "__init__.py"
        ).exists():
            roots.add(folder)
    found = (folder for folder in roots if folder.is_dir())
    # Of two folders that lead to a module, the deeper one gives its name: src/a.py is `a`.
    return [str(folder) for folder in sorted(found, key=lambda one: (-len(one.parts), one))]


def _standard_library() -> list[str]:
    paths = sysconfig.get_paths()
    return [paths["stdlib"], str(Path(paths["stdlib"]) / "lib-dynload")]


@contextmanager
def _rope_project(root: Path) -> Iterator[Any]:
    project = Project(
        str(root),
        fscommands=FileSystemCommands(),  # else rope starts git, which only `toolset.git` may
        ropefolder=None,  # nothing of rope's is left in the user's repository
        save_objectdb=False,
        save_history=False,
        ignore_syntax_errors=True,
        automatic_soa=False,
    )
    try:
        yield project
    finally:
        project.close()


def _rope_places(finder: Any, resource: Any, path: PurePosixPath) -> Iterator[Place]:
    text = resource.read()
    for occurrence in finder.find_occurrences(resource=resource):
        start, _ = occurrence.get_word_range()
        yield _place_at(text, path, start)


def _rope_offset(text: str, place: Place) -> int:
    """Rope counts characters of the whole text, line ends folded to LF, a BOM included."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: place.line - 1])
    return start + place.column + _bom_shift(text, place.line)


def _place_at(text: str, path: PurePosixPath, offset: int) -> Place:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) - _bom_shift(text, line)
    return Place(path, line, column)


def _bom_shift(text: str, line: int) -> int:
    return int(line == 1 and text.startswith("\ufeff"))
