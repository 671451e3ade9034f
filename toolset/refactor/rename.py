"""Rename a symbol across a project: what two engines agree on, and a list of everything else.

Every occurrence of the word is found by text, then judged: rope and jedi each say whether it is
this symbol. Only the judged ranges change, in the bytes of each file; nothing is reformatted.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.checks import parse, parses, require_parsing
from toolset.copies import private_copy
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit
from toolset.encoding import has_lone_return, is_python
from toolset.errors import RefactoringRefused
from toolset.refactor.clashes import (
    class_names,
    taken_as_global,
    taken_as_member,
    taken_in_family,
    taken_locally,
    unseen_bindings,
)
from toolset.refactor.engines import Jedi, Vote, rope_occurrences
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.target import find_target, unknown_name
from toolset.refactor.words import LAMBDA, Word, find_words
from toolset.workspace import SourceFile, Workspace


def rename(draft: Draft, old: str, new: str, *, path: PurePosixPath | None = None) -> Refactoring:
    """Plan the renaming of one symbol in every file of the project; the draft is not changed.

    `old` is a name or a dotted name (`Loader.load`); `path` is the file that defines or imports
    it, needed only where several files define the name.

    Raises RefactoringRefused where the symbol is not found, or may be several, where `new` is no
    name or is taken, and where the two engines contradict each other; DoesNotParse where `path`
    does not; ReadOnlyFile, SharedFile where a file that would change must not be written.
    """
    word = old.rpartition(".")[2]
    _require_name(word, new)
    if path is not None:
        named = draft.read(path)
        if is_python(path):
            parse(path, named.state)
    readable, sources = set(), []
    for source in draft.texts():
        readable.add(source.path)
        if word in source.text:
            sources.append(source)
    words = list(find_words(sources, word))
    if not words:
        raise RefactoringRefused(unknown_name(word, draft.texts()))
    files = [source for source in sources if _can_be_edited(source)]
    staged = draft.changes()
    with private_copy(draft.workspace, staged) if staged else nullcontext(draft.workspace) as on:
        target, ballot = _vote(on, old, path, words, files)
    changed = _chosen(words, ballot)
    _require_followed(changed, target, word)
    _require_free(files, changed, target, new)
    if target.is_member:
        _require_free_in_family(draft, changed, new)
    changes = _edits(changed, new)
    require_parsing(changes)
    for edit in changes:
        draft.workspace.require_writable(edit.path)
    evidence = Evidence(
        {word.place: ballot.engines(word.place) for word in changed},
        tuple(
            sorted([*_leftovers(words, changed, ballot, target), *_unread(draft, readable, word)])
        ),
    )
    where = f"{target.place.path}::{target.scope + '.' if target.scope else ''}{word}"
    return Refactoring(f"Rename {where} to {new}", changes, evidence)


@dataclass(frozen=True)
class _Ballot:
    """Which places each engine named, and what jedi knows to be something else."""

    rope: frozenset[Place]
    jedi: frozenset[Place]
    other: frozenset[Place]

    def engines(self, place: Place) -> tuple[str, ...]:
        named = (("rope", self.rope), ("jedi", self.jedi))
        # A mention in `__all__` has two witnesses too: the list, and the name bound beside it.
        return tuple(name for name, places in named if place in places) or ("__all__", "binding")


def _vote(
    workspace: Workspace,
    old: str,
    path: PurePosixPath | None,
    words: list[Word],
    files: list[SourceFile],
) -> tuple[Word, _Ballot]:
    """Find the symbol, and ask both engines about every occurrence of its name."""
    jedi = Jedi(workspace.root, files)
    target = find_target(words, old, path, jedi)
    editable = {source.path for source in files}
    by_rope = rope_occurrences(workspace.root, target.place, sorted(editable)) | {target.place}
    code = {word.place: word for word in words if word.is_code and word.place.path in editable}
    by_rope -= _lambdas_own(code, target, jedi)
    symbol = {place for place in by_rope if place in code and code[place].binds} | {target.place}
    votes = {place: jedi.vote(place, symbol) for place in code}
    ballot = _Ballot(
        frozenset(by_rope & code.keys()),
        frozenset(place for place, vote in votes.items() if vote is Vote.SAME),
        frozenset(place for place, vote in votes.items() if vote is Vote.OTHER),
    )
    imported = (place for place in ballot.rope - ballot.jedi if code[place].imports)
    if foreign := sorted(p for p in imported if not symbol & (jedi.definitions(p) or set())):
        raise RefactoringRefused(
            f"{old} is also imported from a place that cannot be found. Nothing was changed:",
            candidates=[f"{place}  {code[place].line_text}" for place in foreign],
        )
    if disputed := sorted(ballot.rope & ballot.other):
        raise RefactoringRefused(
            f"rope and jedi disagree on whether these are {old}. Nothing was changed. "
            "Rename them by hand, or rename the other symbol first:",
            candidates=[f"{place}  {code[place].line_text}" for place in disputed],
        )
    return target, ballot


def _lambdas_own(code: dict[Place, Word], target: Word, jedi: Jedi) -> set[Place]:
    """Return what is bound by a lambda's parameter: to rope, that is a name of the outer scope."""
    parameters = {
        place
        for place, word in code.items()
        if word.binds and LAMBDA in word.scope and word.scope != target.scope
    }
    if not parameters:
        return set()
    return {place for place in code if jedi.vote(place, parameters) is Vote.SAME}


def _chosen(words: list[Word], ballot: _Ballot) -> list[Word]:
    """Return what is renamed: what an engine named, and its mention in `__all__` beside it."""
    named = ballot.rope | ballot.jedi
    exporting = {
        word.place.path
        for word in words
        if word.place in named and not word.scope and (word.binds or word.imports)
    }
    return [
        word
        for word in words
        if word.place in named or (word.kind == "__all__" and word.place.path in exporting)
    ]


def _leftovers(
    words: list[Word], changed: list[Word], ballot: _Ballot, target: Word
) -> Iterable[Leftover]:
    done = {word.place for word in changed}
    for word in words:
        if word.place in done:
            continue
        if _may_override(word, target):
            yield Leftover(word.place, "parameter of a method of that name", word.line_text[:120])
        elif word.place not in ballot.other:
            kind = "attribute of an unknown object" if word.kind == "attribute" else word.kind
            yield Leftover(word.place, kind, word.line_text[:120])


def _unread(draft: Draft, readable: set[PurePosixPath], word: str) -> Iterable[Leftover]:
    """Yield where the word stands in Python files that no engine was shown: they are no text."""
    for path in draft.files():
        if path in readable or not is_python(path):
            continue
        state = draft.workspace.state_of(path)
        lines = state.data.split(b"\n") if state else []
        for number, line in enumerate(lines, 1):
            if re.search(rb"\b" + re.escape(word.encode()) + rb"\b", line):
                shown = line.decode(errors="backslashreplace").strip()[:120]
                yield Leftover(Place(path, number, 0), "file that cannot be read", shown)


def _may_override(word: Word, target: Word) -> bool:
    """Say whether a parameter may stand in an override of the method whose parameter is renamed."""
    both = word.is_parameter and target.is_parameter and "." in word.scope and "." in target.scope
    return both and word.scope.rpartition(".")[2] == target.scope.rpartition(".")[2]


def _edits(changed: list[Word], new: str) -> ChangeSet:
    by_file: dict[PurePosixPath, list[Word]] = defaultdict(list)
    for word in changed:
        by_file[word.place.path].append(word)
    edits = []
    for path, words in sorted(by_file.items()):
        source = words[0].source
        text = source.text
        for word in sorted(words, key=lambda word: word.start, reverse=True):
            text = text[: word.start] + new + text[word.end :]
        edits.append(Edit(path, before=source.state, after=source.with_text(text)))
    return ChangeSet(tuple(edits))


def _require_name(old: str, new: str) -> None:
    if not new.isidentifier() or keyword.iskeyword(new):
        raise RefactoringRefused(f"{new!r} is no name that Python allows.")
    if not old.isidentifier():
        raise RefactoringRefused(f"{old!r} is no name of a symbol.")
    if old == new:
        raise RefactoringRefused(f"It is called {old} already.")
    if unicodedata.normalize("NFKC", new) != new:
        raise RefactoringRefused(f"Python reads {new} as {unicodedata.normalize('NFKC', new)}.")
    if new.startswith("__") and not old.startswith("__"):
        raise RefactoringRefused(f"In a class, Python would mangle {new}. Choose another name.")
    if re.fullmatch(r"__\w+__", old) or re.fullmatch(r"__\w+__", new):
        raise RefactoringRefused("Names with two underscores on both sides belong to Python.")


def _can_be_edited(source: SourceFile) -> bool:
    """A file that does not parse, or ends lines with CR alone, has no positions to rely on."""
    return (
        is_python(source.path)
        and not has_lone_return(source.text)
        and parses(source.path, source.state)
    )


def _require_followed(changed: list[Word], target: Word, old: str) -> None:
    """Refuse where both engines are blind: `nonlocal`, and names that a `match` binds."""
    unseen = {
        (source.path, line)
        for source in {word.place.path: word.source for word in changed}.values()
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


def _require_free_in_family(draft: Draft, changed: list[Word], new: str) -> None:
    """Refuse where a base class or a subclass in any file has a member `new` already."""
    trees = {
        source.path: parse(source.path, source.state)
        for source in draft.texts()
        if "class" in source.text and _can_be_edited(source)
    }
    homes = {
        name
        for word in changed
        if word.binds and word.place.path in trees
        for name in class_names(trees[word.place.path], word.place.line)
    }
    if taken := taken_in_family(trees, homes, new):
        raise RefactoringRefused(
            f"A base class or a subclass has a {new} already. Nothing was changed:",
            candidates=[f"{path}:{line}" for path, line in taken],
        )


def _require_free(files: list[SourceFile], changed: list[Word], target: Word, new: str) -> None:
    by_file: dict[PurePosixPath, list[Word]] = defaultdict(list)
    for word in changed:
        by_file[word.place.path].append(word)
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
