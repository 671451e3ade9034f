"""Every refactoring by its name, and how one is carried out: on a copy of the draft, then proved.

The rooms are loaded when they are asked for; an engine takes a tenth of a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import PurePosixPath
from typing import cast

from toolset.checks import require_parsing
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit, FileState
from toolset.encoding import decode, is_python
from toolset.errors import DoesNotParse, NotText, RefactoringRefused
from toolset.refactor import requests
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.requests import Request
from toolset.ruff import undefined_names
from toolset.spills import require_no_spill

# Each room has a function named as its refactoring: `move_symbol(draft, request)`.
_ROOMS: dict[type[Request], str] = {
    requests.Rename: "rename",
    requests.RenameModule: "moving.modules",
    requests.MoveModule: "moving.modules",
    requests.MoveSymbol: "moving.move_symbol",
    requests.ExtractFunction: "extracting.extract_function",
    requests.ExtractMethod: "extracting.extract_function",
    requests.ExtractVariable: "extracting.extract_value",
    requests.ExtractConstant: "extracting.extract_value",
    requests.InlineVariable: "inlining.inline_variable",
    requests.InlineFunction: "inlining.inline_function",
    requests.AddParameter: "signatures.signature",
    requests.RemoveParameter: "signatures.signature",
    requests.ReorderParameters: "signatures.signature",
    requests.MakeKeywordOnly: "signatures.signature",
    requests.IntroduceDataclass: "classes.introduce_dataclass",
    requests.MethodToFunction: "classes.method_to_function",
    requests.FunctionToMethod: "classes.function_to_method",
    requests.EncapsulateAttribute: "classes.encapsulate",
    requests.RemoveUnusedImports: "tidying.tidy_imports",
    requests.SortImports: "tidying.tidy_imports",
    requests.UseFStrings: "modernising.modernise",
    requests.UsePathlib: "modernising.modernise",
    requests.UpgradeTyping: "modernising.modernise",
    requests.UseLogging: "modernising.logging_calls",
    requests.AddTypeHints: "annotating.type_hints",
    requests.AddDocstrings: "annotating.docstrings",
    requests.ReplacePattern: "patterns.replace_pattern",
}


def slug(kind: type[Request]) -> str:
    """Return a refactoring's name on the command line: `MoveSymbol` is `move-symbol`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__.replace("FStr", "Fstr")).lower()


KINDS: Mapping[str, type[Request]] = {slug(kind): kind for kind in _ROOMS}


def plan(draft: Draft, request: Request) -> Refactoring:
    """Carry out a request on a copy of the draft, and prove the result; the draft is not changed.

    The changes are those of the draft and the request together. Raises RefactoringRefused where it
    cannot be done safely, and whatever else the request's room says.
    """
    room = import_module(f"toolset.refactor.{_ROOMS[type(request)]}")
    act = getattr(room, slug(type(request)).replace("-", "_"))
    done = cast(Refactoring, act(draft.copy(), request))
    checks = prove(draft, done.changes)
    return Refactoring(done.title, done.changes, done.evidence + Evidence(checks=checks))


def prove(draft: Draft, changes: ChangeSet) -> tuple[str, ...]:
    """Return the checks that changes pass. Raises RefactoringRefused for one that they fail."""
    for edit in changes:
        draft.workspace.require_writable(edit.path)
    try:
        require_parsing(changes)
    except DoesNotParse as error:
        raise RefactoringRefused(f"The result is thrown away: {error}") from error
    require_no_spill(changes)
    if new := _newly_undefined(changes):
        raise RefactoringRefused(
            "These names would be left undefined. Nothing was changed:",
            candidates=[f"{path}  {name}" for path, name in new],
        )
    return ("every changed file parses", "no new undefined name (ruff F821)")


def _newly_undefined(changes: ChangeSet) -> list[tuple[PurePosixPath, str]]:
    after = undefined_names(dict(_texts((edit, edit.after) for edit in changes)))
    if not after:
        return []
    before = undefined_names(dict(_texts((edit, edit.before) for edit in changes)))
    old_names = {move.new: move.old for move in changes.moves}
    return sorted(
        (path, name)
        for path, name in after
        if (path, name) not in before and (old_names.get(path), name) not in before
    )


def _texts(
    states: Iterator[tuple[Edit, FileState | None]],
) -> Iterator[tuple[PurePosixPath, str]]:
    for edit, state in states:
        if state is not None and is_python(edit.path):
            try:
                yield edit.path, decode(edit.path, state.data)[0]
            except NotText:
                continue
