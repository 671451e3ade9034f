"""The whole project's imports at once: which module each names, and who takes what from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.refactor.evidence import Place
from toolset.refactor.moving.file_imports import Chain, FileImports, Standing
from toolset.refactor.moving.module_names import Hit, Key, Layout
from toolset.refactor.references import can_be_edited
from toolset.workspace import SourceFile


@dataclass(frozen=True)
class Project:
    """Every Python file that can be edited, by path, and the modules that they make up."""

    layout: Layout
    files: dict[PurePosixPath, FileImports]
    unread: tuple[SourceFile, ...]

    @classmethod
    def read(cls, draft: Draft) -> Project:
        files, unread = {}, []
        for source in draft.texts():
            if can_be_edited(source):
                files[source.path] = FileImports(source)
            else:
                unread.append(source)
        return cls(Layout(draft.files()), files, tuple(unread))

    def base(self, one: Standing, file: FileImports) -> Hit | None:
        """Return the module that an import statement names, None if it is not the project's."""
        return self.layout.resolve(one.imported.module, file.path)

    def submodule(self, one: Standing, file: FileImports) -> Key | None:
        """Return the module that the imported name itself is, as in `from pkg import io`."""
        name = one.imported.name
        if name is None or name == "*":
            return None
        base = self.base(one, file)
        return self._within(base.key, name) if base else None

    def bound(self, one: Standing, file: FileImports) -> Key | None:
        """Return the module that the name which an import binds stands for, None if it is none."""
        imported = one.imported
        if imported.name is not None:
            return self.submodule(one, file)
        whole = self.base(one, file)
        if imported.alias or whole is None:
            return whole.key if whole else None
        depth = imported.module.count(".")
        return whole.key if not depth else whole.key.parents[depth - 1]

    def module_of(self, chain: Chain, file: FileImports) -> tuple[Key, int] | None:
        """Return the deepest module that a chain reaches, and how many of its parts name it.

        None if other code binds the first name as well, or if it may stand for several things.
        """
        keys = {self.bound(one, file) for one in chain.imports}
        if chain.is_mixed or len(keys) != 1:
            return None
        key, parts = keys.pop(), 1
        if key is None:
            return None
        for name in chain.names[1:]:
            deeper = self._within(key, name)
            if deeper is None:
                break
            key, parts = deeper, parts + 1
        return key, parts

    def binds(self, package: Key, name: str) -> bool:
        """Say whether a package binds a name itself, to something else than its submodule."""
        init = self.layout.file_of(package)
        file = self.files.get(init) if init is not None and init.stem == "__init__" else None
        if file is None:
            return False
        if file.bindings.module.others.get(name):
            return True
        aliases = file.bindings.module.imports.get(name, ())
        for one in file.names:
            if any(one.node.names[one.index] is alias for alias in aliases):
                base = self.base(one, file)
                whole = base and base.key / (one.imported.name or "")
                own = base and one.imported.name is None and base.key.is_relative_to(package)
                if whole != package / name and not own:
                    return True
        return False

    def taken_from(self, key: Key) -> Iterator[tuple[FileImports, Place, str]]:
        """Yield each name that another file takes from a module, by import or as attribute.

        A star stands for all of them.
        """
        for file in self.files.values():
            for one in file.names:
                if one.imported.name is None or self.submodule(one, file) is not None:
                    continue
                base = self.base(one, file)
                if base is not None and base.key == key:
                    yield file, file.place(one.name[0]), one.imported.name
            for chain in file.chains:
                found = self.module_of(chain, file) if len(chain.names) > 1 else None
                if found and found[0] == key and found[1] < len(chain.names):
                    at, name = chain.spans[found[1]][0], chain.names[found[1]]
                    yield file, file.place(at), name

    def _within(self, package: Key, name: str) -> Key | None:
        key = package / name
        return key if key in self.layout and not self.binds(package, name) else None
