"""Files as people name them: from where they are, or by the name alone if only one has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import PurePosixPath
from typing import Any

from toolset.errors import RefactoringRefused
from toolset.refactor.requests import MoveModule, MoveSymbol, RenameModule, Request


def with_whole_paths(
    request: Request, files: Iterable[PurePosixPath], folder: PurePosixPath
) -> Request:
    """Return the request with each path counted from the root; it was said in `folder`.

    What is not there is left as it is. Raises RefactoringRefused where several files fit.
    """
    known = _Known(files, folder)
    changed: dict[str, Any] = {}
    for one in fields(request):
        value = getattr(request, one.name)
        is_module = isinstance(request, RenameModule | MoveModule) and one.name == "target"
        if isinstance(request, MoveSymbol) and one.name == "to" and "/" not in value:
            continue  # a new file goes beside the old one, whatever others are called
        match one.metadata["holds"]:
            case "path" | "address" if is_module and value.isidentifier():
                changed[one.name] = known.module(value)
            case "paths":
                changed[one.name] = tuple(known.found(path) for path in value)
            case "path":
                changed[one.name] = known.of_place(value, ":")
            case "address" if is_module:
                changed[one.name] = known.found(value) if value.endswith(".py") else value
            case "address" if "::" in value:
                changed[one.name] = known.of_place(value, "::")
    return replace(request, **changed)


class _Known:
    def __init__(self, files: Iterable[PurePosixPath], folder: PurePosixPath) -> None:
        self._folder = folder
        self._files = set(files)
        self._folders = {parent for path in self._files for parent in path.parents}

    def of_place(self, place: str, separator: str) -> str:
        """Complete the path in front of a separator, if there is one."""
        path, found, rest = place.partition(separator)
        return f"{self.found(path)}{found}{rest}" if path else place

    def module(self, name: str) -> str:
        """Return the one file or package of a bare name; the name if there is none."""
        if PurePosixPath(name) in self._folders or PurePosixPath(f"{name}.py") in self._files:
            return name
        packages = [one.parent for one in self._files if one.name == "__init__.py"]
        fitting = {one for one in self._files if one.name == f"{name}.py"}
        return self._only(name, fitting | {one for one in packages if one.name == name})

    def found(self, name: str) -> str:
        path = PurePosixPath(name)
        for whole in (path, self._folder / path):
            if whole in self._files or whole in self._folders:
                return str(whole)
        if not path.parts or ".." in path.parts or path.is_absolute():
            return name
        every = self._files | self._folders
        return self._only(name, {one for one in every if _ends(one, path)})

    @staticmethod
    def _only(name: str, fitting: set[PurePosixPath]) -> str:
        if len(fitting) > 1:
            raise RefactoringRefused(
                f"{name} may be one of these. Say which:", candidates=sorted(map(str, fitting))
            )
        return str(next(iter(fitting))) if fitting else name


def _ends(whole: PurePosixPath, path: PurePosixPath) -> bool:
    return whole.parts[-len(path.parts) :] == path.parts
