"""A symbol under the other names that `import … as` gives it: a search for its word misses them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import nullcontext

from toolset.checks import parse
from toolset.copies import private_copy
from toolset.draft import Draft
from toolset.refactor.engines import Jedi, Vote
from toolset.refactor.evidence import Place
from toolset.refactor.references import References, can_be_edited
from toolset.refactor.words import Word, find_words
from toolset.workspace import SourceFile


def aliased(draft: Draft, found: References) -> tuple[Word, ...]:
    """Return the uses of the symbol under an imported alias, by jedi's word; imports left out.

    Aliases of aliases are followed. A name that is merely assigned (`g = f`) is none.
    """
    places = {word.place for word in found.found if word.imports}
    symbol = {word.place for word in found.found if word.binds} | {found.target.place}
    name = found.target.source.text[found.target.start : found.target.end]
    waiting = set(_aliases(found.files, name, places))
    if not waiting:
        return ()
    staged = draft.changes()
    uses: list[Word] = []
    seen = {name}
    with private_copy(draft.workspace, staged) if staged else nullcontext(draft.workspace) as on:
        while waiting:
            alias = waiting.pop()
            seen.add(alias)
            sources = [one for one in draft.texts() if alias in one.text and can_be_edited(one)]
            jedi = Jedi(on.root, sources)
            words = [word for word in find_words(sources, alias) if word.is_code]
            same = [word for word in words if jedi.vote(word.place, symbol) is Vote.SAME]
            uses += [word for word in same if not word.imports]
            imported = {word.place for word in same if word.imports}
            waiting |= set(_aliases(sources, alias, imported)) - seen
    return tuple(sorted(uses, key=lambda word: word.place))


def _aliases(sources: Iterable[SourceFile], name: str, places: set[Place]) -> Iterator[str]:
    """Yield the names that imports on the lines of `places` give to `name`."""
    lines = {(place.path, place.line) for place in places}
    for source in sources:
        if not any(path == source.path for path, _ in lines):
            continue
        for node in ast.walk(parse(source.path, source.state)):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for one in node.names:
                given = one.asname if one.name.rpartition(".")[2] == name else None
                if given and given != name and (source.path, one.lineno) in lines:
                    yield given
