"""What a module's new place changes in one file: its imports, and the uses of what they bind.

Import statements keep their shape: absolute ones stay absolute, relative ones relative where that
is possible, and a name that the file binds stays bound wherever renaming it could be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Place
from toolset.refactor.moving.file_imports import Chain, FileImports, Span, Standing
from toolset.refactor.moving.import_edits import (
    comment_in,
    last_word,
    statement_below,
    without_item,
)
from toolset.refactor.moving.module_names import Hit, Key, Layout, key_of
from toolset.refactor.moving.project_imports import Project
from toolset.refactor.ranges import Replacement


@dataclass(frozen=True, slots=True)
class Move:
    """Modules that get another key: `old` and all below it."""

    old: Key
    new: Key

    def key(self, key: Key) -> Key:
        return self.new / key.relative_to(self.old) if key.is_relative_to(self.old) else key

    def path(self, path: PurePosixPath) -> PurePosixPath:
        """Return a file's path afterwards; a module alone takes its stub along."""
        if path.is_relative_to(self.old):
            return self.new / path.relative_to(self.old)
        return self.new.with_name(self.new.name + path.suffix) if self._is_it(path) else path

    def touches(self, path: PurePosixPath) -> bool:
        return path.is_relative_to(self.old) or self._is_it(path)

    def _is_it(self, path: PurePosixPath) -> bool:
        return key_of(path) == self.old and path.suffix in (".py", ".pyi", ".pyw")


@dataclass
class FileChange:
    """The replacements in one file; which module each place names; and what is in the way."""

    file: FileImports
    replacements: list[Replacement] = field(default_factory=list)
    places: dict[Place, Key] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)

    def replace(self, span: Span, new: str, *, at: int, names: Key) -> None:
        """Replace a range; the word at the offset `at` names the module `names`, as it was."""
        if self.file.text[slice(*span)] != new:
            self.replacements.append(Replacement(*span, new))
            self.places[self.file.place(at)] = names

    def refuse(self, at: int, why: str) -> None:
        self.stuck.append(f"{self.file.place(at)}  {self.file.line(at)}  ({why})")


class Relocation:
    """A move, seen from the files that import the modules which move."""

    def __init__(self, project: Project, after: Layout, move: Move) -> None:
        self.project, self.after, self.move = project, after, move

    def change(self, file: FileImports) -> FileChange:
        """Return what changes in one file. What cannot be changed is in `stuck`."""
        change = FileChange(file)
        locals_: dict[Standing, str] = {}  # an import, and what its name becomes where it is used
        for _, group in groupby(file.names, key=lambda one: one.node):
            names = list(group)
            if names[0].imported.name is not None:
                self._from(names, change, locals_)
                continue
            for one in names:
                self._plain(one, change, locals_)
        for chain in file.chains:
            self._chain(chain, change, locals_)
        return change

    def _plain(self, one: Standing, change: FileChange, locals_: dict[Standing, str]) -> None:
        """Change `import pkg.io`, with or without an alias."""
        file, imported = change.file, one.imported
        hit = self.project.base(one, file)
        if hit is None or self.move.key(hit.key) == hit.key:
            return
        old, new = imported.module, self.after.dotted(self.move.key(hit.key), hit.root)
        if old == new:
            return
        at = last_word(file, one.name)
        if imported.alias is None and "." not in old:
            if "." in new and new.rpartition(".")[2] == old and one.is_alone:
                package = new.rpartition(".")[0]
                change.replace(one.statement, f"from {package} import {old}", at=at, names=hit.key)
                return
            if not self._may_rename(one, new, file):
                if len(file.scope_of(one).imports[old]) > 1:
                    change.refuse(at, f"{old} is bound several times")
                change.replace(one.name, f"{new} as {old}", at=at, names=hit.key)
                return
            locals_[one] = new
        elif imported.alias is None:
            self._require_root(one, new, change)
        change.replace(one.name, new, at=at, names=hit.key)

    def _require_root(self, one: Standing, new: str, change: FileChange) -> None:
        """Refuse where `pkg`, bound by `import pkg.io`, would be lost or would hide another."""
        file, root = change.file, one.imported.bound
        fresh = new.partition(".")[0]
        if file.scope_of(one).others.get(root):
            change.refuse(one.name[0], f"{root} is bound in another way too")
        if fresh == root:
            return
        if fresh in file.words and not _is_package(file, fresh):
            change.refuse(one.name[0], f"{fresh} means something else here")
        for chain in file.chains:
            others = (other for other in chain.imports if other is not one)
            if one not in chain.imports or any(self._stays(other, file) for other in others):
                continue
            if self._moved_part(chain, file) is None:
                change.refuse(chain.spans[0][0], f"{root} would no longer be imported")

    def _stays(self, one: Standing, file: FileImports) -> bool:
        hit = self.project.base(one, file)
        return hit is None or self.move.key(hit.key) == hit.key

    def _from(
        self, names: list[Standing], change: FileChange, locals_: dict[Standing, str]
    ) -> None:
        """Change `from pkg import io` and `from pkg.io import load`."""
        file, first = change.file, names[0]
        base = self.project.base(first, file)
        if base is None:
            return
        new_base = self.move.key(base.key)
        module = self._spelled(first.imported.module, base, new_base, file)
        apart = []
        for one in names:
            old = self.project.submodule(one, file)
            if old is None or self.move.key(old) == new_base / old.name:
                continue
            new = self.move.key(old)
            if new.parent == new_base:
                self._renamed(one, new.name, change, locals_)
            else:
                apart.append((one, new))
        if apart and len(names) == 1:
            one, new = apart[0]
            module = self._spelled(one.imported.module, base, new.parent, file)
            change.replace(one.module, module, at=one.name[0], names=self.move.old)
            if new.name != one.imported.name:
                self._renamed(one, new.name, change, locals_)
            return
        if first.imported.module.strip("."):
            at, key = last_word(file, first.module), base.key
        else:
            at, key = first.name[0], self.project.submodule(first, file) or base.key
        change.replace(first.module, module, at=at, names=key)
        for one, new in apart:
            self._split(one, new, base, change)

    def _renamed(
        self, one: Standing, new: str, change: FileChange, locals_: dict[Standing, str]
    ) -> None:
        imported = one.imported
        if imported.alias is None and not self._may_rename(one, new, change.file):
            new = f"{new} as {imported.bound}"
        elif imported.alias is None:
            locals_[one] = new
        change.replace(one.name, new, at=one.name[0], names=self.move.old)

    def _split(self, one: Standing, new: Key, base: Hit, change: FileChange) -> None:
        """Give one name of several a statement of its own, right below."""
        file = change.file
        package = self._spelled(one.imported.module, base, new.parent, file)
        if new.name != one.imported.name:
            change.refuse(one.name[0], "import it in a line of its own first")
            return
        gone = without_item(one, file)
        change.replace(gone, "", at=one.name[0], names=self.move.old)
        statement = f"from {package} import {one.imported.item}"
        comment = comment_in(file.text, gone)
        change.replacements.append(statement_below(one, file, statement, comment))

    def _spelled(self, like: str, base: Hit, key: Key, file: FileImports) -> str:
        """Return the name of a module as the file will have to write it."""
        importer = self.move.path(file.path)
        stays = self.after.resolve(like, importer)
        if stays is not None and stays.key == key:
            return like
        if key == PurePosixPath():
            raise RefactoringRefused(
                f"{file.path} would have to import from no package. Nothing was changed."
            )
        return self.after.spelled(key, importer, like, base)

    def _chain(self, chain: Chain, change: FileChange, locals_: dict[Standing, str]) -> None:
        """Change the part of `pkg.io.load` that names the module."""
        file = change.file
        part = self._moved_part(chain, file)
        if part is None:
            return
        at, names = chain.spans[part], self.move.old
        dotted = ".".join(chain.names[: part + 1])
        own = [one for one in chain.imports if f"{one.imported.module}.".startswith(f"{dotted}.")]
        plain = all(one.imported.name is None and not one.imported.alias for one in own)
        if fresh := next((locals_[one] for one in chain.imports if one in locals_), ""):
            change.replace(chain.spans[0], fresh, at=chain.spans[0][0], names=names)
        elif part == 0 and not (own and plain and all("." in o.imported.module for o in own)):
            return  # what an alias or `from pkg import io` binds keeps its name
        elif part and self.move.new.parent == self.move.old.parent:
            change.replace(at, self.move.new.name, at=at[0], names=names)
        elif own and plain and (hit := self.project.layout.absolute(dotted, file.path)):
            new = self.after.dotted(self.move.key(hit.key), hit.root)
            change.replace((chain.spans[0][0], at[1]), new, at=at[0], names=names)
        else:
            change.refuse(at[0], "import the module itself in this file first")

    def _moved_part(self, chain: Chain, file: FileImports) -> int | None:
        """Return which part of a chain is the module that moves, None if none is."""
        found = self.project.module_of(chain, file)
        if found is None:
            return None
        key, parts = found
        for part in range(parts):
            if _ancestor(key, parts - 1 - part) == self.move.old:
                return part
        return None

    def _may_rename(self, one: Standing, new: str, file: FileImports) -> bool:
        """Say whether the name that an import binds can be renamed wherever it is used."""
        old, scope = one.imported.bound, file.scope_of(one)
        same = [o for o in file.names if o.imported.bound == old and file.scope_of(o) is scope]
        plain = all(o.imported.name is None and o.imported.alias is None for o in same)
        if scope.others.get(old) or old in file.exported or (len(same) > 1 and not plain):
            return False
        if new.partition(".")[0] in file.words or any(s.has_star for s in file.bindings.scopes):
            return False
        if any(s.is_class and s.binds(old) and n.id == old for _, n, s in file.bindings.reads):
            return False  # until the class binds it, its body reads the module's
        if scope is not file.bindings.module:
            return True
        taken = self.project.taken_from(key_of(file.path))
        return all(name not in (old, "*") for _, _, name in taken)


def _ancestor(key: Key, steps: int) -> Key:
    for _ in range(steps):
        key = key.parent
    return key


def _is_package(file: FileImports, name: str) -> bool:
    """Say whether only plain imports, of it or of what is below it, bind a name in a file."""
    bound = [one.imported for one in file.names if one.imported.bound == name]
    plain = all(one.name is None and one.alias is None for one in bound)
    return bool(bound) and plain and not any(s.others.get(name) for s in file.bindings.scopes)
