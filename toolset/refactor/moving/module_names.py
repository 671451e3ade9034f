"""Which module an import means: the project's files as Python's import system would see them.

A module is known by its key, its path without the suffix: `src/pkg/io` for `src/pkg/io.py`,
`src/pkg` for `src/pkg/__init__.py` and for a folder that only holds modules. Which dotted name
leads there depends on the folder that an import starts from, its root.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from toolset.encoding import is_python

Key = PurePosixPath
_HERE = PurePosixPath()
_SOURCES = PurePosixPath("src")


@dataclass(frozen=True, slots=True)
class Hit:
    """A module that a dotted name leads to from `root`; a relative import has no root."""

    key: Key
    root: PurePosixPath | None


class Layout:
    """The modules among the files of a project."""

    def __init__(self, files: Iterable[PurePosixPath]) -> None:
        self.files = frozenset(path for path in files if is_python(path))
        self.packages = frozenset(path.parent for path in self.files if path.stem == "__init__")
        self._modules = frozenset(key_of(path) for path in self.files)
        folders = {parent for path in self.files for parent in path.parents}
        self._namespaces = frozenset(folders - self._modules - {_HERE})

    def __contains__(self, key: Key) -> bool:
        return key in self._modules or key in self._namespaces

    def is_regular(self, key: Key) -> bool:
        """Say whether a file stands behind the key, not just a folder without `__init__.py`."""
        return key in self._modules

    def file_of(self, key: Key) -> PurePosixPath | None:
        """Return the file that is run when the module is imported."""
        suffixes = (".py", ".pyw", ".pyi")
        in_folder = [key / f"__init__{suffix}" for suffix in suffixes]
        beside = [key.with_name(key.name + suffix) for suffix in suffixes] if key.name else []
        return next((path for path in (*in_folder, *beside) if path in self.files), None)

    def root_of(self, path: PurePosixPath) -> PurePosixPath:
        """Return the folder above a file's topmost package."""
        folder = path.parent
        while folder in self.packages and folder != _HERE:
            folder = folder.parent
        return folder

    @cached_property
    def _package_roots(self) -> frozenset[PurePosixPath]:
        return frozenset(self.root_of(folder / "__init__.py") for folder in self.packages)

    def roots(self, importer: PurePosixPath) -> list[PurePosixPath]:
        """Return the folders that the imports of a file may start from, the likeliest first."""
        likely = [self.root_of(importer), _HERE, _SOURCES, *sorted(self._package_roots)]
        above = [parent for parent in importer.parents if parent not in self.packages]
        return list(dict.fromkeys([*likely, *above]))

    def absolute(self, name: str, importer: PurePosixPath) -> Hit | None:
        """Return what `import name` in a file leads to, None if that is none of the project's."""
        parts = name.split(".")
        hits = [
            Hit(root.joinpath(*parts), root)
            for root in self.roots(importer)
            if root.joinpath(*parts) in self and not self._is_foreign(parts[0], root, importer)
        ]
        return next((hit for hit in hits if self.is_regular(hit.key)), hits[0] if hits else None)

    def relative(self, level: int, name: str, importer: PurePosixPath) -> Hit | None:
        """Return what `from ..name import x` in a file leads to, None if nothing is there."""
        folder = importer.parent
        for _ in range(level - 1):
            if folder == _HERE:
                return None
            folder = folder.parent
        key = folder.joinpath(*name.split(".")) if name else folder
        return Hit(key, None) if key in self or key == _HERE else None

    def resolve(self, module: str, importer: PurePosixPath) -> Hit | None:
        """Return what a module's name with its leading dots leads to from a file."""
        name = module.lstrip(".")
        level = len(module) - len(name)
        return self.relative(level, name, importer) if level else self.absolute(name, importer)

    def dotted(self, key: Key, root: PurePosixPath | None = None) -> str:
        """Return the key's dotted name, from `root` if it lies there, else from its own root."""
        if root is None or not key.is_relative_to(root) or key == root:
            root = self.home_root(key)
        return ".".join(key.relative_to(root).parts)

    def home_root(self, key: Key) -> PurePosixPath:
        """Return the folder that a module's own dotted name starts from."""
        root = self.root_of(self.file_of(key) or key / "__init__.py")
        if key.is_relative_to(_SOURCES) and not root.is_relative_to(_SOURCES):
            return _SOURCES
        if root in self._package_roots or root in (_HERE, _SOURCES):
            return root
        # A folder without `__init__.py` inside the project: taken for a namespace package.
        return _SOURCES if root.is_relative_to(_SOURCES) else _HERE

    def spelled(self, key: Key, importer: PurePosixPath, like: str, hit: Hit) -> str:
        """Return the name of a module for `from ... import` in a file, relative if `like` is.

        A relative name cannot leave the topmost package: it becomes an absolute one then.
        """
        top = self.root_of(importer)
        if not like.startswith(".") or not key.is_relative_to(top) or key == top:
            return self.dotted(key, hit.root)
        above, rest = 0, importer.parent
        while not key.is_relative_to(rest):
            above, rest = above + 1, rest.parent
        if rest == top and importer.parent != top:
            return self.dotted(key, hit.root)
        return "." * (above + 1) + ".".join(key.relative_to(rest).parts)

    def _is_foreign(self, top: str, root: PurePosixPath, importer: PurePosixPath) -> bool:
        """Say whether the standard library answers first: for what is no module of an own root."""
        if top not in sys.stdlib_module_names:
            return False
        own = root in (_HERE, _SOURCES, self.root_of(importer))
        return not (own and self.is_regular(root / top))


def key_of(path: PurePosixPath) -> Key:
    """Return the key of a file: `pkg/io` for `pkg/io.py`, `pkg` for `pkg/__init__.py`."""
    return path.parent if path.stem == "__init__" else path.with_suffix("")
