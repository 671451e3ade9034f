"""Names that pytest goes by: a fixture is asked for by a parameter, a test is found by its name.

To an engine a fixture and the parameter that pytest fills with it have nothing in common.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from toolset.checks import parse
from toolset.errors import RefactoringRefused
from toolset.refactor.positions import last_name
from toolset.refactor.references import References
from toolset.refactor.words import Word
from toolset.workspace import SourceFile

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def fixture_uses(references: References) -> dict[Word, tuple[str, ...]]:
    """Return where a fixture is asked for, and used; empty if the symbol is no fixture.

    Raises RefactoringRefused where several fixtures have the name, or a test binds it anew, and for
    a parameter that pytest fills: its name is not free.
    """
    target = references.target
    name = target.source.text[target.start : target.end]
    if target.is_parameter:
        _require_not_filled(target, name)
        return {}
    fixtures = [
        (source.path, one.lineno)
        for source in references.files
        for one in _functions(source)
        if one.name == name and _is_fixture(one)
    ]
    if (target.place.path, target.place.line) not in fixtures:
        return {}
    if len(fixtures) > 1:
        raise RefactoringRefused(
            f"{len(fixtures)} fixtures are called {name}; which one a test asks for depends on its "
            "place. Nothing was changed. Rename the others first."
        )
    return {
        word: ("pytest's rule",)
        for source in references.files
        if _reaches(target.place.path, source.path)
        for word in _asked_for(references, source, name)
    }


def collected_otherwise(target: Word, old: str, new: str) -> str | None:
    """Return a doubt if pytest would find the symbol under one of the two names only."""
    file = target.place.path.name
    in_tests = file.startswith("test") or file.endswith("_test.py")
    defines = target.line_text.startswith(("def ", "async def ", "class "))
    found = [name.startswith(("test", "Test")) for name in (old, new)]
    if not in_tests or not defines or found[0] == found[1]:
        return None
    return f"pytest finds tests by their names: {new} would {'' if found[1] else 'not '}be run"


def _require_not_filled(target: Word, name: str) -> None:
    for one in _functions(target.source):
        if one.lineno <= target.place.line <= one.body[0].lineno and _is_filled(one):
            names = {argument.arg for argument in (*one.args.args, *one.args.kwonlyargs)}
            if name in names and _starts_before(one, target):
                raise RefactoringRefused(
                    f"pytest fills {name} of {one.name} by its name, from a fixture or from "
                    "parametrize. Nothing was changed. Rename the fixture instead."
                )


def _starts_before(function: _Function, target: Word) -> bool:
    return target.scope.rpartition(".")[2] == function.name


def _asked_for(references: References, source: SourceFile, name: str) -> Iterator[Word]:
    words = [word for word in references.words if word.place.path == source.path]
    yield from (word for word in words if word.kind == "fixture")
    for one in _functions(source):
        if not _is_filled(one) or name not in {argument.arg for argument in one.args.args}:
            continue
        inside = range(one.lineno, (one.end_lineno or one.lineno) + 1)
        here = [word for word in words if word.place.line in inside and word.kind == "name"]
        if sum(word.binds for word in here) > 1 + (one.name == name):
            raise RefactoringRefused(
                f"{source.path}:{one.lineno}: {one.name} binds the fixture {name} anew. "
                "Nothing was changed. Rename that variable first."
            )
        yield from (word for word in here if word not in references.found)


def _functions(source: SourceFile) -> Iterator[_Function]:
    for node in ast.walk(parse(source.path, source.state)):
        if isinstance(node, _Function):
            yield node


def _is_filled(function: _Function) -> bool:
    return function.name.startswith("test") or _is_fixture(function)


def _is_fixture(function: _Function) -> bool:
    called = (one.func if isinstance(one, ast.Call) else one for one in function.decorator_list)
    return any(last_name(one) in ("fixture", "yield_fixture") for one in called)


def _reaches(fixture: PurePosixPath, test: PurePosixPath) -> bool:
    """Say whether tests of a file see a fixture: of a conftest those below it, else of its file."""
    return test == fixture or (fixture.name == "conftest.py" and fixture.parent in test.parents)
