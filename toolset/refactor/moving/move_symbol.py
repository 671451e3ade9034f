"""Move a definition of one module to another, with the imports that it needs, and all its users.

Its lines are cut and pasted as they are. Who uses it is read from the imports of the whole
project, and asked of rope and jedi as well. What would make modules need each other in a circle is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from toolset.checks import parse
from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.errors import AmbiguousTarget, RefactoringRefused
from toolset.imports import Imported, add_import, remove_import
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.moving.file_imports import FileImports, Standing
from toolset.refactor.moving.import_cycles import new_cycles
from toolset.refactor.moving.mentions import CODE, mentions, quoted
from toolset.refactor.moving.module_names import Layout, key_of
from toolset.refactor.moving.move_doubts import doubts_on
from toolset.refactor.moving.move_target import into_target, spelled_for
from toolset.refactor.moving.moved_needs import Needs, in_strings, needs_of, own_module_read
from toolset.refactor.moving.moved_text import Piece, piece_of
from toolset.refactor.moving.moved_uses import SymbolMove
from toolset.refactor.moving.project_imports import Project
from toolset.refactor.moving.relocation import FileChange
from toolset.refactor.ranges import replaced
from toolset.refactor.references import References, find_references
from toolset.refactor.requests import MoveSymbol
from toolset.refactor.target import parse_target, unknown_name
from toolset.workspace import SourceFile


def move_symbol(draft: Draft, request: MoveSymbol) -> Refactoring:
    """Stage a class, function or variable's move to another module, which is made if need be.

    Raises RefactoringRefused where it is not found, or may be several, is bound in several ways,
    where a name clashes in the target, and where modules would come to import each other.
    """
    project = Project.read(draft)
    file, name = _found(draft, project, request.target)
    target = draft.workspace.locate(request.to)
    if "/" not in request.to and target not in draft.files():
        target = file.path.parent / target  # a bare name is that of a neighbour
    _require_module(draft, project, file, target)
    piece = piece_of(file, name)
    references = find_references(draft, name, path=file.path)
    needs = needs_of(piece, project, target)
    after = Layout({*draft.files(), target})
    move = SymbolMove(project, after, name, key_of(file.path), key_of(target))
    changes = [
        move.change(one) for one in project.files.values() if one.path not in (file.path, target)
    ]
    _require_nothing_stuck(move, file, changes)
    sources = list(draft.texts())
    for change in changes:
        if change.replacements:
            draft.write(change.file.path, replaced(change.file.text, change.replacements))
    if in_target := into_target(draft, move, piece, needs, target):
        changes.append(in_target)
    gone = _leave_source(draft, move, piece, needs)
    _require_no_circle(project, Project.read(draft), name, target)
    leftovers = _spoken_of(sources, move, piece, needs, changes)
    evidence = _evidence(references, piece, changes, gone, leftovers)
    doubts = Evidence(doubts=doubts_on(piece, project, target))
    return Refactoring(f"Move {references.address} to {target}", draft.changes(), evidence + doubts)


def _require_nothing_stuck(move: SymbolMove, file: FileImports, changes: list[FileChange]) -> None:
    if any(move.part_of(chain, file) for chain in file.chains):
        raise RefactoringRefused(
            f"{file.path} imports itself to use {move.name}. Nothing was changed."
        )
    if stuck := [line for change in changes for line in change.stuck]:
        raise RefactoringRefused("These are in the way. Nothing was changed:", candidates=stuck)


def _require_no_circle(before: Project, after: Project, name: str, target: PurePosixPath) -> None:
    if cycles := new_cycles(before, after):
        raise RefactoringRefused(
            f"With {name} in {target}, modules would import each other in a circle. "
            "Nothing was changed:",
            candidates=cycles,
        )


def _evidence(
    references: References,
    piece: Piece,
    changes: list[FileChange],
    gone: list[Standing],
    leftovers: list[Leftover],
) -> Evidence:
    """Return who vouches for each place; two analyses found what goes unused."""
    places = {place for change in changes for place in change.places}
    changed = {place: ("imports", *references.votes.engines(place)) for place in sorted(places)}
    home = references.target.place
    changed[home] = ("scopes", *references.votes.engines(home))
    changed |= {piece.file.place(one.name[0]): ("scopes", "libcst") for one in gone}
    left = {*leftovers, *_unseen(references, changed), *own_module_read(piece)}
    return Evidence(changed, tuple(sorted(left)))


def _found(draft: Draft, project: Project, target: str) -> tuple[FileImports, str]:
    """Return the one file that defines the name at module level."""
    path, name = parse_target(draft, target)
    if "." in name:
        raise RefactoringRefused(f"{name} is no name of a module: only those can be moved.")
    if name.startswith("__") and name.endswith("__"):
        raise RefactoringRefused(f"Python gives {name} its meaning in the module where it stands.")
    if path is not None:
        parse(path, draft.read(path).state)
    found = [
        file
        for file in project.files.values()
        if path in (None, file.path) and file.bindings.module.others.get(name)
    ]
    if not found:
        if path is None and name not in {word for f in project.files.values() for word in f.words}:
            raise RefactoringRefused(unknown_name(name, draft.texts()))
        where = f"of {path}" if path else "of any module of this project"
        raise RefactoringRefused(f"No {name} is defined at the top level {where}.")
    if len(found) > 1:
        raise AmbiguousTarget(name, [f"{file.path}::{name}" for file in found])
    return found[0], name


def _require_module(
    draft: Draft, project: Project, file: FileImports, target: PurePosixPath
) -> None:
    if target == file.path:
        raise RefactoringRefused(f"It is in {target} already.")
    if not is_python(target) or target.suffix != ".py" or not target.stem.isidentifier():
        raise RefactoringRefused(f"{target} is no name of a Python module.")
    state = draft.state_of(target)
    if state is not None and target not in project.files:
        parse(target, state)
        raise RefactoringRefused(f"{target} ends lines with CR alone. Convert it to LF first.")
    if target.stem == "__main__" or file.path.suffix != ".py":
        raise RefactoringRefused(f"{file.path} or {target} is no module to import from.")
    if not draft.workspace.absolute(target.parent).is_dir():
        raise RefactoringRefused(f"There is no folder {target.parent}. Make the package first.")
    if state is None and key_of(target) in project.layout:
        raise RefactoringRefused(f"{key_of(target)} is a package already. Choose another file.")


def _leave_source(draft: Draft, move: SymbolMove, piece: Piece, needs: Needs) -> list[Standing]:
    """Cut the piece out of its file; return the imports that nothing else there used."""
    file = piece.file
    text = replaced(file.text, [piece.cut()])
    if _is_still_used(move, piece):
        module = spelled_for(move, move.target, file.path, file)
        text = add_import(text, str(Imported(module, piece.name, None)))
    gone = []
    for one in needs.used:
        shorter = _without(text, one, move, file)
        if shorter is not None:
            text = shorter
            gone.append(one)
    draft.write(file.path, text)
    return gone


def _is_still_used(move: SymbolMove, piece: Piece) -> bool:
    file = piece.file
    module = file.bindings.module
    for node, root, scope in file.bindings.reads:
        start, _ = file.span(node)
        inside = piece.start <= start < piece.end
        if root.id == piece.name and scope.home(root.id) is module and not inside:
            return True
    rest = [node for node in file.tree.body if node not in piece.nodes]
    if piece.name in file.exported or piece.name in in_strings(rest):
        return True
    if file.path.stem == "__init__" and not piece.name.startswith("_"):
        return True  # what a package shows is there to be used by others
    return any(name == "*" for _, _, name in move.project.taken_from(move.source))


def _without(text: str, one: Standing, move: SymbolMove, file: FileImports) -> str | None:
    """Return the text without an import that only the piece used, None if it has to stay."""
    imported = one.imported
    if file.path.stem == "__init__" or (imported.alias and imported.alias == imported.name):
        return None
    taken = move.project.taken_from(move.source)
    if any(name in (imported.bound, "*") for _, _, name in taken):
        return None
    line = file.text[one.statement[0] :].partition("\n")[0]
    if "noqa" in line or imported.bound in file.exported:
        return None
    try:
        return remove_import(text, str(imported))
    except RefactoringRefused:
        return None


def _spoken_of(
    sources: list[SourceFile],
    move: SymbolMove,
    piece: Piece,
    needs: Needs,
    changes: Iterable[FileChange],
) -> list[Leftover]:
    """Return what speaks of the symbol by its old home, and of what it uses there."""
    layout = move.project.layout
    homes = dict.fromkeys((layout.dotted(move.source), ".".join(move.source.parts)))
    names = [piece.name, *needs.from_source, *(one.imported.bound for one in needs.used)]
    spellings = [f"{home}{dot}{name}" for home in homes for dot in ".:" for name in names]
    done = {one.file.path: [(r.start, r.end) for r in one.replacements] for one in changes}
    spoken = mentions(sources, spellings, done)
    return [one for one in spoken if one.kind != CODE] + quoted(sources, piece.name, done)


def _unseen(references: References, changed: dict[Place, tuple[str, ...]]) -> Iterator[Leftover]:
    """Yield the attributes that may be the symbol of a module which no import leads to."""
    kind = "attribute of an unknown object"
    for word in references.found:
        if word.kind == "attribute" and word.place not in changed:
            yield Leftover(word.place, kind, word.line_text)
    for one in references.leftovers():
        if one.kind == kind and one.place not in changed:
            yield one
