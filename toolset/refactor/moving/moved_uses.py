"""What a file that uses a symbol of another module has to change when the symbol moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.errors import RefactoringRefused
from toolset.refactor.moving.file_imports import Chain, FileImports, Standing
from toolset.refactor.moving.import_edits import comment_in, statement_below, without_item
from toolset.refactor.moving.module_names import Hit, Key, Layout, key_of
from toolset.refactor.moving.project_imports import Project
from toolset.refactor.moving.relocation import FileChange
from toolset.refactor.ranges import Replacement


@dataclass(frozen=True)
class SymbolMove:
    """A name of module `source` goes to the module `target`, in the project as it was."""

    project: Project
    after: Layout
    name: str
    source: Key
    target: Key

    def change(self, file: FileImports) -> FileChange:
        """Return what changes in a file that is neither of the two."""
        change = FileChange(file)
        for one in file.names:
            if self.imports_it(one, file):
                self._imported(one, change)
        used: dict[Standing, list[tuple[Chain, int]]] = {}
        for chain in file.chains:
            if part := self.part_of(chain, file):
                used.setdefault(_leading(chain, part), []).append((chain, part))
        for one, chains in used.items():
            self._through(one, chains, change)
        return change

    def imports_it(self, one: Standing, file: FileImports) -> bool:
        """Say whether an import takes the name from the source."""
        if one.imported.name != self.name or self.project.submodule(one, file) is not None:
            return False
        base = self.project.base(one, file)
        return base is not None and base.key == self.source

    def part_of(self, chain: Chain, file: FileImports) -> int | None:
        """Return which part of a chain is the name, taken as an attribute of the source.

        Raises RefactoringRefused where it is set.
        """
        found = self.project.module_of(chain, file) if self.name in chain.names[1:] else None
        if found is None or found[0] != self.source or found[1] == len(chain.names):
            return None
        part = found[1]
        if chain.names[part] != self.name:
            return None
        if chain.is_stored and len(chain.names) == part + 1:
            place = file.place(chain.spans[-1][0])
            raise RefactoringRefused(
                f"{self.name} is set from outside, at {place}. Nothing was changed."
            )
        return part

    def _imported(self, one: Standing, change: FileChange) -> None:
        """Change `from a import C`."""
        file = change.file
        module = self._module(one, file)
        if one.is_alone:
            change.replace(one.module, module, at=one.name[0], names=self.source)
            return
        gone = without_item(one, file)
        change.replace(gone, "", at=one.name[0], names=self.source)
        statement, comment = (
            f"from {module} import {one.imported.item}",
            comment_in(file.text, gone),
        )
        change.replacements.append(statement_below(one, file, statement, comment))

    def _module(self, one: Standing, file: FileImports) -> str:
        hit = self.project.base(one, file) or Hit(self.source, None)
        return self.after.spelled(self.target, file.path, one.imported.module, hit)

    def _through(self, one: Standing, used: list[tuple[Chain, int]], change: FileChange) -> None:
        """Change `import a` and `from pkg import a` with the uses of `a.C`."""
        file = change.file
        statement, prefix = self._reached(one, file)
        for chain, part in used:
            if len(chain.imports) > 1 and not all(_is_plain(other) for other in chain.imports):
                change.refuse(chain.spans[part][0], f"{chain.names[0]} is bound several times")
            span = (chain.spans[0][0], chain.spans[part][1])
            change.replace(span, prefix + self.name, at=chain.spans[part][0], names=self.source)
        if not statement:
            return
        if not self._is_spare(one, [chain for chain, _ in used], file):
            change.replacements.append(statement_below(one, file, statement))
        elif _is_plain(one) and statement == f"import {prefix[:-1]}":
            change.replacements.append(Replacement(*one.item, prefix[:-1]))
        elif one.is_alone:
            change.replacements.append(Replacement(*one.statement, statement))
        else:
            change.replacements.append(Replacement(*without_item(one, file), ""))
            change.replacements.append(statement_below(one, file, statement))

    def _reached(self, one: Standing, file: FileImports) -> tuple[str, str]:
        """Return the import that a file needs, and what stands before the name then.

        The import is empty where the file has the new home already.
        """
        imported, base = one.imported, self.project.base(one, file)
        dotted = self.after.dotted(self.target, base.root if base else None)
        if prefix := self._at_hand(one, file):
            return "", prefix
        if _is_plain(one):
            if self._is_free(dotted.partition(".")[0], file, plain=True):
                return f"import {dotted}", f"{dotted}."
        elif imported.name is not None and imported.alias is None and base is not None:
            package, module = self.target.parent, self.target.name
            bound = self.project.binds(package, module)
            if package.name and self._is_free(module, file) and not bound:
                home = self.after.spelled(package, file.path, imported.module, base)
                home = imported.module if package == base.key else home
                return f"from {home} import {module}", f"{module}."
        if not self._is_free(self.name, file):
            raise RefactoringRefused(
                f"{file.path} uses {imported.bound}.{self.name}, and has no free name for its new "
                "home. Nothing was changed. Import it by name there first."
            )
        return f"from {dotted} import {self.name}", ""

    def _at_hand(self, one: Standing, file: FileImports) -> str:
        """Return what stands for the new home already, in the scope of an import."""
        scope = file.scope_of(one)
        for other in file.names:
            name, base = other.imported.bound, self.project.base(other, file)
            if file.scope_of(other) is not scope or other.is_lazy != one.is_lazy:
                continue
            if any(s.others.get(name) for s in file.bindings.scopes) or base is None:
                continue
            if _is_plain(other) and base.key == self.target:
                return f"{other.imported.module}."
            alone = len(scope.imports[name]) == 1
            if not _is_plain(other) and alone and self.project.bound(other, file) == self.target:
                return f"{name}."
        return ""

    def _is_free(self, name: str, file: FileImports, *, plain: bool = False) -> bool:
        if name not in file.words:
            return True
        bound = [one.imported for one in file.names if one.imported.bound == name]
        own = all(one.name is None and one.alias is None for one in bound)
        others = any(scope.others.get(name) for scope in file.bindings.scopes)
        return plain and own and bool(bound) and not others

    def _is_spare(self, one: Standing, used: Iterable[Chain], file: FileImports) -> bool:
        """Say whether an import binds its name for the moved symbol alone."""
        name = one.imported.bound
        if file.path.stem == "__init__" or name in file.exported:
            return False
        if any(s.has_star for s in file.bindings.scopes):
            return False
        own = [chain for chain in file.chains if one in chain.imports]
        others = [other for chain in own for other in chain.imports if other is not one]
        if others:  # `import a.c` binds `a` as well: only what goes through `a.b` counts
            parts = tuple(one.imported.module.split("."))
            own = [chain for chain in own if chain.names[: len(parts)] == parts]
        return len(own) == len(list(used)) and not self._is_taken(name, file.path)

    def _is_taken(self, name: str, path: PurePosixPath) -> bool:
        return any(found in (name, "*") for _, _, found in self.project.taken_from(key_of(path)))


def _is_plain(one: Standing) -> bool:
    """Say whether an import is `import a.b`, which binds `a`."""
    return one.imported.name is None and one.imported.alias is None


def _leading(chain: Chain, part: int) -> Standing:
    """Return the import by which a chain reaches its first `part` names."""
    dotted = ".".join(chain.names[:part])
    exact = [one for one in chain.imports if one.imported.module == dotted]
    return (exact or list(chain.imports))[0]
