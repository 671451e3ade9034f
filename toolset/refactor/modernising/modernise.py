"""Write what newer Python allows: f-strings, pathlib, and types without `typing`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.encoding import is_python
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.files_in import files_in, unread_in
from toolset.refactor.modernising.fstrings import Kept, propose
from toolset.refactor.modernising.path_calls import RULES
from toolset.refactor.modernising.pathlib_calls import with_pathlib
from toolset.refactor.modernising.python_versions import oldest_python
from toolset.refactor.modernising.type_upgrades import upgrade
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement
from toolset.refactor.requests import UpgradeTyping, UseFStrings, UsePathlib
from toolset.refactor.rewriting import Rewriting
from toolset.refactor.tidying.unused_imports import UnusedImports
from toolset.ruff import Diagnostic, check

_NAME = re.compile(r"[\w.]+")
_CLASS = re.compile(r"(?m)^[ \t]*class[ \t]+(\w+)")
# What looks at annotations while the program runs.
_INSPECTS = re.compile(
    r"\b(?:get_type_hints|get_origin|get_args|__annotations__|get_annotations|__origin__)\b"
    r"|^[ \t]*(?:from|import)[ \t]+(?:pydantic|typer|fastapi|cattrs?|msgspec|dacite|injector"
    r"|sqlalchemy|sqlmodel|strawberry|beartype|typeguard|dataclasses_json|marshmallow_dataclass)\b",
    re.MULTILINE,
)


def use_fstrings(draft: Draft, request: UseFStrings) -> Refactoring:
    """Stage an f-string for each `%` and `.format()` of a literal that ruff can write as one.

    It must be made of the same pieces. What may still differ, and what stays, is listed. Raises
    RefactoringRefused for a path that names no Python file, and where ruff cannot run.
    """
    sources = {one.path: one for one in files_in(draft, request.paths)}
    evidence = Evidence(leftovers=unread_in(draft, request.paths))
    for path, results in propose(list(sources.values())).items():
        rewriting = Rewriting(sources[path])
        changed: dict[Place, tuple[str, ...]] = {}
        leftovers: list[Leftover] = []
        ranges = []
        for one in results:
            if isinstance(one, Kept):
                leftovers.append(rewriting.leftover(one.at, one.reason))
                continue
            if one.doubt:
                leftovers.append(rewriting.leftover(one.start, one.doubt))
            changed[rewriting.place(one.start)] = ("ruff", "pieces")
            ranges.append(Replacement(one.start, one.end, one.new))
        rewriting.replace(ranges)
        evidence += Evidence(changed, tuple(leftovers))
        if rewriting.is_changed:
            draft.write(path, rewriting.text)
    count = len(evidence.changed)
    title = f"Write {count} f-string{'s' * (count != 1)}" if count else "No f-string to write"
    return Refactoring(title, draft.changes(), evidence)


def use_pathlib(draft: Draft, request: UsePathlib) -> Refactoring:
    """Stage a call of a Path for each call of os and os.path that it can stand for.

    What gives a path back is rewritten only where it is used as one. Raises RefactoringRefused for
    a path that names no Python file, and where ruff cannot run.
    """
    sources = {one.path: one for one in files_in(draft, request.paths) if "os" in one.text}
    evidence = Evidence(leftovers=unread_in(draft, request.paths))
    told: dict[PurePosixPath, list[Diagnostic]] = {}
    for one in check({path: source.text for path, source in sources.items()}, RULES):
        if one.code in RULES:
            told.setdefault(one.path, []).append(one)
    done = []
    for path, diagnostics in told.items():
        rewriting = Rewriting(sources[path])
        evidence += with_pathlib(rewriting, diagnostics)
        done.append(rewriting)
    evidence += _without_imports(draft, done)
    for rewriting in done:
        if rewriting.is_changed:
            draft.write(rewriting.path, rewriting.text)
    count = len(evidence.changed)
    title = f"Write {count} place{'s' * (count != 1)} with pathlib" if count else "No path to write"
    return Refactoring(title, draft.changes(), evidence)


def upgrade_typing(draft: Draft, request: UpgradeTyping) -> Refactoring:
    """Stage types as the oldest Python that must run them writes them, and drop what they needed.

    Raises RefactoringRefused where that Python is not known, for a path that names no Python file,
    and where ruff cannot run.
    """
    minor = oldest_python(draft, request.to)
    sources = files_in(draft, request.paths)
    evidence = Evidence(leftovers=unread_in(draft, request.paths))
    classes = {name for one in draft.texts() for name in _CLASS.findall(one.text)}
    done = [one for one in upgrade(sources, minor, classes) if one.changed or one.left]
    evidence += _without_imports(draft, [one.rewriting for one in done])
    for one in done:
        evidence += one.evidence
        if one.rewriting.is_changed:
            draft.write(one.rewriting.path, one.rewriting.text)
    count = len(evidence.changed)
    if count and (path := next(_inspecting(draft), None)):
        told = f"{path} may look at types at run time, where X | Y is no typing.Union before 3.14."
        evidence += Evidence(doubts=(told,))
    title = f"Write {count} type{'s' * (count != 1)} as Python 3.{minor} does"
    return Refactoring(title if count else "No type to rewrite", draft.changes(), evidence)


def _without_imports(draft: Draft, rewritings: Sequence[Rewriting]) -> Evidence:
    """Remove the imports that the new code no longer needs."""
    evidence, unused = Evidence(), UnusedImports(draft)
    changed = {one.path: one for one in rewritings if one.is_changed}
    before = _unused({path: one.source.text for path, one in changed.items()})
    after = _unused({path: one.text for path, one in changed.items()})
    for path, rewriting in changed.items():
        known = set(before.get(path, {}).values())  # what was unused before is not asked for
        new = [at for at, name in after.get(path, {}).items() if name not in known]
        evidence += unused.remove(rewriting, new)
    return evidence


def _unused(texts: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, dict[int, str]]:
    """Return the unused imports of each file: the offset of the import, and its name."""
    found: dict[PurePosixPath, dict[int, str]] = {}
    for one in check(texts, ["F401"]):
        if one.code == "F401":
            at = Positions(texts[one.path]).offset(one.line, one.column)
            name = _NAME.match(texts[one.path], at)
            found.setdefault(one.path, {})[at] = name[0] if name else ""
    return found


def _inspecting(draft: Draft) -> Iterator[PurePosixPath]:
    return (one.path for one in draft.texts() if is_python(one.path) and _INSPECTS.search(one.text))
