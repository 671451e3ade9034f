"""Imports of whole files: remove those that nothing uses, and sort them."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.files_in import files_in, unread_in
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement
from toolset.refactor.requests import RemoveUnusedImports, SortImports
from toolset.refactor.rewriting import Rewriting
from toolset.refactor.tidying.import_order import ImportBlock, difference
from toolset.refactor.tidying.import_removal import comment_above
from toolset.refactor.tidying.standard_modules import standard_modules
from toolset.refactor.tidying.unused_imports import UnusedImports
from toolset.ruff import Diagnostic, check, check_with_settings
from toolset.workspace import SourceFile

_AT_ONCE = 4  # processes of ruff: with settings, it reads one file at a time


def remove_unused_imports(draft: Draft, request: RemoveUnusedImports) -> Refactoring:
    """Stage the removal of each import that ruff and the symbol table both find unused.

    What ruff's settings of the project allow (`# noqa`, per-file-ignores) stays. Raises
    RefactoringRefused for a path that names no Python file, and where ruff cannot run.
    """
    sources = files_in(draft, request.paths)
    evidence = Evidence(leftovers=unread_in(draft, request.paths))
    unused = UnusedImports(draft)
    for source, offsets in _unused_by_ruff(draft, sources):
        rewriting = Rewriting(source)
        evidence += unused.remove(rewriting, offsets)
        if rewriting.is_changed:
            draft.write(source.path, rewriting.text)
    count = len(evidence.changed)
    title = f"Remove {count} unused import{'s' * (count != 1)}" if count else "No import to remove"
    return Refactoring(title, draft.changes(), evidence)


def sort_imports(draft: Draft, request: SortImports) -> Refactoring:
    """Stage the imports of each block in the order of the project's ruff settings.

    A block that would not import the same is left alone and listed. Raises RefactoringRefused for a
    path that names no Python file, and where ruff cannot run or read its settings.
    """
    sources = [one for one in files_in(draft, request.paths) if "import" in one.text]
    root, standard = draft.workspace.root, standard_modules(draft)
    evidence = Evidence(leftovers=unread_in(draft, request.paths))

    def unsorted(source: SourceFile) -> list[Diagnostic]:
        options = ["I001"], "--force-exclude"
        return check_with_settings(source.path, source.text, *options, root=root)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(unsorted, sources))
    for source, diagnostics in zip(sources, found, strict=True):
        rewriting = Rewriting(source)
        evidence += _sort(rewriting, [one for one in diagnostics if one.code == "I001"], standard)
        if rewriting.is_changed:
            draft.write(source.path, rewriting.text)
    if evidence.changed and (settings := _isort_settings(draft)):
        told = f"{settings} has settings for isort, which may ask for another order than ruff's."
        evidence += Evidence(doubts=(told,))
    count = len({place.path for place in evidence.changed})
    title = f"Sort the imports of {count} file{'s' * (count != 1)}"
    return Refactoring(title if count else "No imports to sort", draft.changes(), evidence)


def _sort(
    rewriting: Rewriting, diagnostics: list[Diagnostic], standard: frozenset[str]
) -> Evidence:
    text, positions = rewriting.text, Positions(rewriting.text)
    ranges: list[Replacement] = []
    leftovers: list[Leftover] = []
    changed: dict[Place, tuple[str, ...]] = {}
    for one in diagnostics:
        at = positions.offset(one.line, one.column)
        edits = one.fix.edits if one.fix else ()
        if len(edits) != 1:
            leftovers.append(rewriting.leftover(at, "imports that ruff cannot sort"))
            continue
        ((start, end, new),) = edits
        if end == len(text) and not text.endswith("\n"):
            new = new.rstrip("\r\n")
        before, after = ImportBlock(text[start:end]), ImportBlock(new)
        if reason := difference(before, after):
            leftovers.append(rewriting.leftover(at, reason))
            continue
        if before.loaded(standard) != after.loaded(standard):
            leftovers.append(rewriting.leftover(at, "imports that now run in another order"))
        if before.bindings[0] != after.bindings[0]:
            told = "comment above imports that are sorted"
            leftovers += [rewriting.leftover(one, told) for one in comment_above(text, start)]
        ranges.append(Replacement(start, end, new))
        changed[rewriting.place(at)] = ("ruff", "bindings")
    rewriting.replace(ranges)
    return Evidence(changed, tuple(sorted(leftovers)))


def _isort_settings(draft: Draft) -> str | None:
    """Return the file with isort's settings, if the project has some and none for ruff's isort."""
    texts = {
        name: state.data.decode(errors="replace")
        for name in (".isort.cfg", "pyproject.toml", "setup.cfg", "tox.ini")
        if (state := draft.state_of(PurePosixPath(name)))
    }
    ruffs = any(draft.state_of(PurePosixPath(one)) for one in ("ruff.toml", ".ruff.toml"))
    if ruffs or "[tool.ruff" in texts.get("pyproject.toml", ""):
        return None
    marks = ("[settings]", "[tool.isort]", "[isort]")
    return next((name for name, text in texts.items() if any(m in text for m in marks)), None)


def _unused_by_ruff(draft: Draft, sources: list[SourceFile]) -> list[tuple[SourceFile, list[int]]]:
    """Return where ruff finds imported names that are unused, in files that have some."""
    found: dict[PurePosixPath, set[tuple[int, int]]] = defaultdict(set)
    for one in check({source.path: source.text for source in sources}, ["F401"]):
        if one.code == "F401":
            found[one.path].add((one.line, one.column))
    result = []
    for source in sources:
        if source.path not in found:
            continue
        # Asked of suspects only: with settings, ruff reads one file at a time.
        told = check_with_settings(
            source.path, source.text, ["F401"], "--force-exclude", root=draft.workspace.root
        )
        places = found[source.path] & {(one.line, one.column) for one in told}
        positions = Positions(source.text)
        if places:
            result.append((source, [positions.offset(*place) for place in sorted(places)]))
    return result
