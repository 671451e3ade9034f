"""Which imports nothing uses, by ruff's word and alma's own, and what their loss may change.

ruff says which names its own model of the file never reads; the symbol table must say the same, and
no other file may take the name from here. An import that is tried, exported, or made for its
effects is left alone and listed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.refactor.evidence import Evidence, Leftover
from toolset.refactor.positions import Positions
from toolset.refactor.rewriting import Rewriting
from toolset.refactor.tidying.import_removal import removal
from toolset.refactor.tidying.imported_names import ImportedName, NameUses, imported_names
from toolset.refactor.tidying.importers import Importers
from toolset.refactor.tidying.standard_modules import made_for_effects, standard_modules

WITNESSES: tuple[str, ...] = ("ruff", "symbol table")
_EXPORTING = frozenset({"__init__.py", "__init__.pyi", "conftest.py"})
# Loaded by Python itself, or by their package.
_ALWAYS_LOADED = frozenset({"os.path", "collections.abc"})


@dataclass(frozen=True)
class UnusedImports:
    """Removes imports of a project's files that nothing uses."""

    draft: Draft

    def remove(self, rewriting: Rewriting, at: Iterable[int]) -> Evidence:
        """Remove the names that stand at these offsets, but for those that something may use.

        The offsets are those at which ruff says that an imported name is unused (F401).
        """
        offsets = sorted(at)
        tree = ast.parse(rewriting.text)
        positions = Positions(rewriting.text)
        named = [
            one
            for one in imported_names(tree)
            # ruff points at the alias in `import a as b`.
            if any(positions.start(one.alias) <= o < positions.end(one.alias) for o in offsets)
        ]
        kept = dict(self._kept(rewriting, tree, named))
        done = removal(positions, [one for one in named if id(one.alias) not in kept])
        leftovers = [
            rewriting.leftover(positions.start(one.alias), kept[id(one.alias)])
            for one in named
            if id(one.alias) in kept
        ]
        leftovers += [rewriting.leftover(positions.start(one.alias), why) for one, why in done.kept]
        leftovers += [
            rewriting.leftover(at, "comment above a removed import") for at in done.comments
        ]
        leftovers += self._effects(rewriting, positions, tree, done.removed)
        places = {rewriting.place(positions.start(one.alias)): WITNESSES for one in done.removed}
        rewriting.replace(done.ranges)
        return Evidence(places, tuple(sorted(leftovers)))

    def _kept(
        self, rewriting: Rewriting, tree: ast.Module, named: list[ImportedName]
    ) -> Iterator[tuple[int, str]]:
        """Yield what must stay, with the reason."""
        if not named:
            return
        uses = NameUses(rewriting.text, tree)
        outside = {one.bound for one in named if one.function is None}
        taken = self._importers.taken(rewriting.path, outside)
        for one in named:
            if reason := _by_context(rewriting.path, one) or uses.reason(one):
                yield id(one.alias), f"unused import, {reason}"
            elif one.function is None and one.bound in taken:
                yield id(one.alias), f"unused import, but {taken[one.bound]} may take it from here"

    def _effects(
        self,
        rewriting: Rewriting,
        positions: Positions,
        tree: ast.Module,
        removed: list[ImportedName],
    ) -> Iterator[Leftover]:
        """Yield what the removal may change that could not be ruled out."""
        for one in removed:
            at = positions.start(one.alias)
            if one.module.partition(".")[0] not in self._standard:
                outside = ", or be used from outside" if one.function is None else ""
                yield rewriting.leftover(at, f"removed import: it may have side effects{outside}")
            elif (user := self._loaded_for(one)) is not None:
                yield rewriting.leftover(at, f"removed import that may load a module for {user}")
        if removed and NameUses(rewriting.text, tree).computes_names:
            at = positions.start(removed[0].alias)
            yield rewriting.leftover(at, "removed import in a file that computes names (eval)")

    def _loaded_for(self, one: ImportedName) -> PurePosixPath | None:
        """Return a file that uses a submodule without importing it, so needs another to do so."""
        modules = {one.module}
        if isinstance(one.statement, ast.ImportFrom):
            modules.add(f"{one.module}.{one.alias.name}")
        dotted = {name for name in modules if "." in name} - _ALWAYS_LOADED
        users = (
            source.path
            for name in sorted(dotted)
            for source in self._importers.sources
            if name in source.text and _uses_unloaded(source.text, name)
        )
        return next(users, None)

    @cached_property
    def _importers(self) -> Importers:
        return Importers(self.draft.texts())

    @cached_property
    def _standard(self) -> frozenset[str]:
        return standard_modules(self.draft)


def _uses_unloaded(text: str, module: str) -> bool:
    name = re.escape(module)
    parent, _, last = (re.escape(part) for part in module.rpartition("."))
    loaded = rf"(?m)^\s*(?:import\s+{name}|from\s+{name}\s|from\s+{parent}\s+import\s.*\b{last})\b"
    return bool(re.search(rf"(?<![\w.]){name}(?!\w)", text)) and not re.search(loaded, text)


def _by_context(path: PurePosixPath, one: ImportedName) -> str | None:
    """Return why an import stays whatever uses it, from where it stands."""
    around = one.around
    reasons = {
        f"maybe exported by {path.name}": one.function is None and path.name in _EXPORTING,
        "in a class body": isinstance(one.scope, ast.ClassDef),
        "which is tried": any(isinstance(o, ast.Try | ast.TryStar) and o.handlers for o in around),
        "in a with statement": any(isinstance(o, ast.With | ast.AsyncWith) for o in around),
        "exported by its alias": one.alias.asname == one.alias.name,
        "made for its side effects": made_for_effects(one.module),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
