"""What others say of an extraction: the parameters and results that rope and jedi would choose.

Only the names are taken from what they would write. Nothing is asked of the project: one text, in
a folder of its own.
"""

from __future__ import annotations

import ast
import symtable
import tempfile
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolset.refactor.analysis.selection import Selection
from toolset.refactor.extracting.movable import running


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The names that a new function takes, without its `self` or `cls`, and gives back."""

    parameters: frozenset[str]
    results: frozenset[str]


def witnesses(selection: Selection, name: str, ours: Exchanged) -> tuple[str, ...]:
    """Return which engines choose the same parameters and results.

    The object that a method is called on does not count: rope hands it to every new method.
    Results do not count where the lines end in `return` themselves.
    """
    receiver = _receiver(selection)
    moved = running(ast.Module(selection.statements, []))
    returns = any(isinstance(one, ast.Return) for one in moved)
    asked = (("rope", _by_rope), ("jedi", _by_jedi))
    return tuple(
        engine
        for engine, ask in asked
        if (theirs := ask(selection, name)) is not None
        and theirs.parameters - receiver == ours.parameters - receiver
        and (returns or theirs.results == ours.results)
    )


def _receiver(selection: Selection) -> set[str]:
    method = selection.function
    if method is None or not isinstance(selection.layout.parents[method], ast.ClassDef):
        return set()
    return {one.arg for one in (*method.args.posonlyargs, *method.args.args)[:1]}


def leaked_names(text: str, name: str, local: Collection[str]) -> list[str]:
    """Return names of `local` that Python, compiling the new function, takes for globals."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        waiting = [symtable.symtable(text, "<new>", "exec")]
    leaked: set[str] = set()
    while waiting:
        table = waiting.pop()
        if table.get_name() == name and isinstance(table, symtable.Function):
            leaked |= _globals_of(table) & set(local)
        waiting.extend(table.get_children())
    return sorted(leaked)


def _globals_of(table: symtable.SymbolTable) -> set[str]:
    nested = (_globals_of(child) for child in table.get_children())
    own = {one.get_name() for one in table.get_symbols() if one.is_global() or one.is_free()}
    free = {one.get_name() for one in table.get_symbols() if one.is_free()}
    local = {one.get_name() for one in table.get_symbols() if one.is_local()}
    return (own | set().union(*nested)) - (local - free)


def _by_jedi(selection: Selection, name: str) -> Exchanged | None:
    import jedi

    text, (line, column), (until_line, until_column) = _plain(selection)
    try:
        script = jedi.Script(text, environment=jedi.InterpreterEnvironment())
        done = script.extract_function(
            line, column, until_line=until_line, until_column=until_column, new_name=name
        )
        (changed,) = done.get_changed_files().values()
        return _read(changed.get_new_code(), name)
    except Exception:  # noqa: BLE001 - an engine that fails is no witness
        return None


def _by_rope(selection: Selection, name: str) -> Exchanged | None:
    from rope.base.fscommands import FileSystemCommands
    from rope.base.project import Project
    from rope.refactor.extract import ExtractMethod

    text, first, last = _plain(selection)
    with tempfile.TemporaryDirectory(prefix="alma-") as folder:
        (Path(folder) / "module.py").write_bytes(text.encode("utf-8", "replace"))
        project = Project(folder, fscommands=FileSystemCommands(), ropefolder=None)
        try:
            resource = project.get_resource("module.py")
            extract = ExtractMethod(project, resource, _offset(text, first), _offset(text, last))
            changes: Any = extract.get_changes(name)
            return _read(changes.changes[0].new_contents, name)
        except Exception:  # noqa: BLE001 - an engine that fails is no witness
            return None
        finally:
            project.close()


def _plain(selection: Selection) -> tuple[str, tuple[int, int], tuple[int, int]]:
    """Return the text with LF and without tabs, and where the statements begin and end.

    The engines know neither CRLF nor tabs well; names do not depend on them.
    """
    layout = selection.layout
    start = layout.place(layout.start(selection.statements[0]))
    end = layout.place(layout.end(selection.statements[-1]))
    lines = layout.text.replace("\r\n", "\n").split("\n")
    tabs = [len(line) - len(line.lstrip("\t")) for line in lines]
    text = "\n".join("    " * n + line[n:] for n, line in zip(tabs, lines, strict=True))
    first = (start.line, start.column + 3 * tabs[start.line - 1])
    return text, first, (end.line, end.column + 3 * tabs[end.line - 1])


def _offset(text: str, where: tuple[int, int]) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: where[0] - 1]) + where[1]


def _read(code: str, name: str) -> Exchanged | None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            taken = frozenset(one.arg for one in (*node.args.posonlyargs, *node.args.args))
            match node.body[-1]:
                case ast.Return(value=ast.Name(id=result)):
                    return Exchanged(taken, frozenset({result}))
                case ast.Return(value=ast.Tuple(elts=results)):
                    names = frozenset(one.id for one in results if isinstance(one, ast.Name))
                    return Exchanged(taken, names)
            return Exchanged(taken, frozenset())
    return None
