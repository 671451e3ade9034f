"""What a piece of a module needs where it goes: imports of its own, and names that stay behind."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from toolset.errors import RefactoringRefused
from toolset.imports import Imported
from toolset.refactor.evidence import Leftover
from toolset.refactor.moving.file_imports import FileImports, Standing
from toolset.refactor.moving.module_names import Hit, Key, key_of
from toolset.refactor.moving.moved_text import Piece
from toolset.refactor.moving.name_bindings import Bindings
from toolset.refactor.moving.project_imports import Project

_MODULES_OWN = frozenset({"__name__", "__file__", "__package__", "__spec__", "__doc__"})
_NAMESPACES = frozenset({"globals", "vars", "locals", "dir", "eval", "exec"})


@dataclass
class Needs:
    """What has to be imported in the target: at once, for type checkers, and from the source.

    `present` are the names that the target has already; `used` are the source's own imports that
    the piece uses.
    """

    imports: list[Imported] = field(default_factory=list)
    checking: list[Imported] = field(default_factory=list)
    from_source: list[str] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    used: list[Standing] = field(default_factory=list)


def needs_of(piece: Piece, project: Project, target: PurePosixPath) -> Needs:
    """Work out what a piece needs in the file `target`, which may be new.

    Raises RefactoringRefused where a name is not to be had there, or means something else there.
    """
    needs = Needs()
    _require_no_relative(piece, project, target)
    there = project.files.get(target)
    order = {one.imported.bound: index for index, one in enumerate(piece.file.names)}
    for name in sorted(_names(piece) - {piece.name}, key=lambda n: (order.get(n, -1), n)):
        _need(name, piece, project, target, needs)
        if there is not None and name not in needs.present:
            _require_free(name, there)
    return needs


def _require_no_relative(piece: Piece, project: Project, target: PurePosixPath) -> None:
    """Refuse where an import inside the piece would lead elsewhere from its new place."""
    for one in piece.file.names:
        if piece.start <= one.statement[0] < piece.end:
            now = project.base(one, piece.file)
            then = project.layout.resolve(one.imported.module, target)
            if (now and now.key) != (then and then.key):
                raise RefactoringRefused(
                    f"{piece.file.place(one.statement[0])} imports what means something else in "
                    f"{target}. Nothing was changed. Write the module's whole name there first."
                )


def _names(piece: Piece) -> set[str]:
    """Return the names that a piece takes from its module, or from the built-in ones."""
    bindings = Bindings(ast.Module(list(piece.nodes), []))
    names = {
        name for scope in bindings.scopes for name, is_global in scope.declared.items() if is_global
    }
    if names:
        raise RefactoringRefused(
            f"{piece.name} declares {', '.join(sorted(names))} as global, which would be "
            "another module's. Nothing was changed."
        )
    for _, root, scope in bindings.reads:
        if root.id in _NAMESPACES and (root.id == "globals" or scope.parent is None):
            raise RefactoringRefused(
                f"{piece.name} looks at its module's names with {root.id}. Nothing was changed."
            )
    read = {root.id for _, root, scope in bindings.reads if not scope.home(root.id).parent}
    return read | set(in_strings(piece.nodes))


def own_module_read(piece: Piece) -> Iterator[Leftover]:
    """Yield where a piece asks for the module that it stands in."""
    for node in piece.nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and one.id in _MODULES_OWN | _NAMESPACES:
                start, _ = piece.file.span(one)
                kind = "means another module then"
                yield Leftover(piece.file.place(start), kind, piece.file.line(start))


def in_strings(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names in annotations that are written as strings."""
    for node in nodes:
        for one in ast.walk(node):
            match one:
                case ast.arg(annotation=hint) | ast.AnnAssign(annotation=hint):
                    yield from _in_hint(hint)
                case ast.FunctionDef(returns=hint) | ast.AsyncFunctionDef(returns=hint):
                    yield from _in_hint(hint)


def _in_hint(hint: ast.expr | None) -> Iterator[str]:
    if hint is None or (isinstance(hint, ast.Subscript) and "Literal" in ast.unparse(hint.value)):
        return
    if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
        try:
            parsed = ast.parse(hint.value.strip(), mode="eval")
        except (SyntaxError, ValueError):
            return
        yield from (one.id for one in ast.walk(parsed) if isinstance(one, ast.Name))
    for child in ast.iter_child_nodes(hint):
        if isinstance(child, ast.expr):
            yield from _in_hint(child)


def _need(name: str, piece: Piece, project: Project, target: PurePosixPath, needs: Needs) -> None:
    file, module = piece.file, piece.file.bindings.module
    if not module.binds(name):
        if not hasattr(builtins, name) and name not in _MODULES_OWN:
            raise RefactoringRefused(
                f"{piece.name} uses {name}, which {file.path} does not define or import by name. "
                "Nothing was changed. Import it by name first."
            )
        return
    bound = [one for one in file.names if _binds(one, name, file)]
    if len(bound) == 1 and not module.others.get(name) and _is_plain(bound[0], file):
        needs.used.append(bound[0])
        _import(bound[0], piece, project, target, needs)
        return
    if any(scope.declared.get(name) for scope in file.bindings.scopes):
        raise RefactoringRefused(
            f"{piece.name} uses {name}, which functions of {file.path} set with `global`: another "
            "module would not see it change. Nothing was changed."
        )
    here = Imported(project.layout.dotted(key_of(file.path)), name, None)
    if not _has(project, target, name, key_of(file.path), name):
        needs.from_source.append(name)
        if here.module == "":
            raise RefactoringRefused(f"{file.path} has no name to import {name} from.")
    else:
        needs.present.add(name)


def _import(
    one: Standing, piece: Piece, project: Project, target: PurePosixPath, needs: Needs
) -> None:
    """Take over an import of the source, spelled for the target."""
    imported, goal, name = one.imported, key_of(target), one.imported.bound
    base = project.base(one, piece.file)
    if imported.name is None:
        if base is not None and base.key == goal:
            raise _itself(piece, name, target)
        if _has_plain(project, target, imported):
            needs.present.add(name)
            return
    elif base is None and imported.module.startswith("."):
        raise RefactoringRefused(f"{piece.file.path} imports {name} from nowhere. Mend that first.")
    elif project.submodule(one, piece.file) == goal:
        raise _itself(piece, name, target)
    elif base is not None and base.key == goal:
        there = project.files.get(target)
        if imported.alias not in (None, imported.name) or there is None:
            raise _itself(piece, name, target)
        needs.present.add(name)
        return
    else:
        if _has(project, target, name, base.key if base else imported.module, imported.name):
            needs.present.add(name)
            return
        imported = Imported(_spelled(one, base, project, target), imported.name, imported.alias)
    (needs.checking if one.is_lazy else needs.imports).append(imported)


def _itself(piece: Piece, name: str, target: PurePosixPath) -> RefactoringRefused:
    return RefactoringRefused(
        f"{piece.name} uses {name}, which is {target} itself. Nothing was changed. "
        "Import what it uses of it by name first."
    )


def _spelled(one: Standing, base: Hit | None, project: Project, target: PurePosixPath) -> str:
    like = one.imported.module
    if base is None or not like.startswith("."):
        return like
    stays = project.layout.resolve(like, target)
    if stays is not None and stays.key == base.key:
        return like
    return project.layout.spelled(base.key, target, like, base)


def _has(
    project: Project, target: PurePosixPath, name: str, module: Key | str, original: str
) -> bool:
    """Say whether the target imports just this, as this name, wherever it is run."""
    there = project.files.get(target)
    if there is None or there.bindings.module.others.get(name):
        return False
    bound = [one for one in there.names if _binds(one, name, there)]
    return bool(bound) and all(
        one.imported.name == original
        and _is_plain(one, there)
        and not one.is_lazy
        and (base.key if (base := project.base(one, there)) else one.imported.module) == module
        for one in bound
    )


def _has_plain(project: Project, target: PurePosixPath, imported: Imported) -> bool:
    there = project.files.get(target)
    if there is None or there.bindings.module.others.get(imported.bound):
        return False
    bound = [one for one in there.names if _binds(one, imported.bound, there)]
    plain = all(one.imported.name is None and one.imported.alias == imported.alias for one in bound)
    return plain and any(one.imported == imported and not one.is_lazy for one in bound)


def _require_free(name: str, there: FileImports) -> None:
    """Refuse where a name means something else in the target, built-in names too."""
    module = there.bindings.module
    free = any(
        root.id == name and scope.home(name) is module for _, root, scope in there.bindings.reads
    )
    # `import os.path` beside `import os` is the same name again.
    plain = [one.imported for one in there.names if _binds(one, name, there)]
    if plain and all(one.name is None and one.alias is None for one in plain):
        return
    if module.binds(name) or (free and not hasattr(builtins, name)):
        raise RefactoringRefused(
            f"{name} means something else in {there.path}. Nothing was changed. "
            "Rename one of the two first."
        )


def _binds(one: Standing, name: str, file: FileImports) -> bool:
    return one.imported.bound == name and file.scope_of(one) is file.bindings.module


def _is_plain(one: Standing, file: FileImports) -> bool:
    """Say whether an import is run whenever its file is, or is for type checkers only."""
    return one.node in file.tree.body or one.is_lazy
