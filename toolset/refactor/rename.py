"""Rename a symbol across a project: what two engines agree on, and a list of everything else.

Only the judged ranges change, in the bytes of each file; nothing is reformatted.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from toolset.checks import parse
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.clashes import (
    class_names,
    meeting_in_a_subclass,
    taken_as_global,
    taken_as_member,
    taken_in_family,
    taken_locally,
    unseen_bindings,
)
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.fields import keywords_of_fields
from toolset.refactor.name_doubts import name_doubts, require_own_name
from toolset.refactor.overridden import parameters_of_overrides
from toolset.refactor.pytest_names import fixture_uses
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.references import References, can_be_edited, find_references
from toolset.refactor.requests import Rename
from toolset.refactor.target import parse_target
from toolset.refactor.words import Word
from toolset.workspace import SourceFile

_BLIND = re.compile(r"\b(?:nonlocal|case)\b")
_PROSE = frozenset({"string", "docstring", "comment", "document"})


def rename(draft: Draft, request: Rename) -> Refactoring:
    """Stage the renaming of one symbol in every file of the project.

    Raises RefactoringRefused where the symbol is not found, or may be several, where the new name
    is none or is taken, and where the two engines contradict each other; DoesNotParse where the
    file named does not; ReadOnlyFile, SharedFile where a file must not be written.
    """
    path, old = parse_target(draft, request.target)
    word, new = old.rpartition(".")[2], request.new
    require_new_name(word, new)
    references = find_references(draft, old, path=path)
    require_own_name(references, new)
    along = fixture_uses(references) | parameters_of_overrides(draft, references)
    changed = tuple(dict.fromkeys((*references.found, *along)))
    _require_followed(changed, references.target, word)
    _require_free(references.files, changed, references.target, new)
    doubts = references.doubts() + name_doubts(references, new, draft.texts())
    if references.target.is_member:
        doubts += _family(draft, references, new)
    witnesses = {one: references.engines(one.place) for one in references.found}
    witnesses = along | witnesses
    witnesses |= keywords_of_fields(draft, references)
    if request.docs:
        witnesses |= {one: ("the word",) for one in references.words if one.kind in _PROSE}
    for source, words in _by_file(witnesses):
        edits = (Replacement(one.start, one.end, new) for one in words)
        draft.write(source.path, replaced(source.text, edits))
    done = {one.place: names for one, names in witnesses.items()}
    left = tuple(one for one in references.leftovers() if one.place not in done)
    others = tuple(one for one in references.others() if one.place not in done)
    evidence = Evidence(done, left, doubts, others=others)
    return Refactoring(f"Rename {references.address} to {new}", draft.changes(), evidence)


def _by_file(words: Iterable[Word]) -> list[tuple[SourceFile, list[Word]]]:
    """Group words by their files, which are in order."""
    by_file: dict[PurePosixPath, list[Word]] = defaultdict(list)
    for word in words:
        by_file[word.place.path].append(word)
    return [(words[0].source, words) for _, words in sorted(by_file.items())]


def require_new_name(old: str, new: str) -> None:
    """Raise RefactoringRefused unless `new` is a name that can stand in place of `old`."""
    if not new.isidentifier() or keyword.iskeyword(new):
        raise RefactoringRefused(f"{new!r} is no name that Python allows.")
    if not old.isidentifier():
        raise RefactoringRefused(f"{old!r} is no name of a symbol.")
    if old == new:
        raise RefactoringRefused(f"It is called {old} already.")
    if unicodedata.normalize("NFKC", new) != new:
        raise RefactoringRefused(f"Python reads {new} as {unicodedata.normalize('NFKC', new)}.")
    if re.fullmatch(r"__\w+__", old) or re.fullmatch(r"__\w+__", new):
        raise RefactoringRefused("Names with two underscores on both sides belong to Python.")
    if new.startswith("__") and not old.startswith("__"):
        raise RefactoringRefused(f"In a class, Python would mangle {new}. Choose another name.")


def _require_followed(changed: Iterable[Word], target: Word, old: str) -> None:
    """Refuse where both engines are blind: `nonlocal`, and names that a `match` binds."""
    unseen = {
        (source.path, line)
        for source in {word.place.path: word.source for word in changed}.values()
        if _BLIND.search(source.text)
        for line in unseen_bindings(
            parse(source.path, source.state), old, captures=not target.scope
        )
    }
    if missed := [word for word in changed if (word.place.path, word.place.line) in unseen]:
        raise RefactoringRefused(
            f"{old} is bound in a way that rope and jedi do not follow. Nothing was changed. "
            "Rename this one by hand first:",
            candidates=[f"{word.place}  {word.line_text}" for word in missed],
        )


def _family(draft: Draft, references: References, new: str) -> tuple[str, ...]:
    """Refuse where a base class or a subclass in any file has a member `new` already.

    Return a doubt for each class that has to have the same name for the member, and keeps the old.
    """
    trees = {
        source.path: parse(source.path, source.state)
        for source in draft.texts()
        if "class" in source.text and can_be_edited(source)
    }
    homes = {
        name
        for word in references.found
        if word.binds and word.place.path in trees
        for name in class_names(trees[word.place.path], word.place.line)
    }
    if taken := taken_in_family(trees, homes, new):
        raise RefactoringRefused(
            f"A base class or a subclass has a {new} already. Nothing was changed:",
            candidates=[f"{path}:{line}" for path, line in taken],
        )
    old = references.name.rpartition(".")[2]
    done = {(word.place.path, word.place.line) for word in references.found}
    return tuple(
        f"{path}:{line}: {owner} has {old} too, which stays; it may be meant for the same"
        for path, line, owner in meeting_in_a_subclass(trees, homes, old)
        if (path, line) not in done
    )


def _require_free(
    files: Iterable[SourceFile], changed: Iterable[Word], target: Word, new: str
) -> None:
    by_file = {source.path: words for source, words in _by_file(changed)}
    taken = [
        f"{source.path}:{line}"
        for source in files
        if source.path in by_file and re.search(rf"\b{re.escape(new)}\b", source.text)
        for line in _taken(parse(source.path, source.state), by_file[source.path], target, new)
    ]
    if taken:
        raise RefactoringRefused(
            f"The name {new} is already in use where {target.place} would be seen. "
            "Nothing was changed. Choose another name; it stands at:",
            candidates=taken,
        )


def _taken(tree: ast.Module, words: list[Word], target: Word, new: str) -> list[int]:
    if target.is_member:
        return taken_as_member(tree, new, [w.place.line for w in words if w.binds])
    if target.scope:
        return taken_locally(tree, new, target.place.line) if _same_file(words, target) else []
    plain = [word.place.line for word in words if word.kind == "name"]
    return taken_as_global(tree, new, plain) if plain else []


def _same_file(words: list[Word], target: Word) -> bool:
    return words[0].place.path == target.place.path
