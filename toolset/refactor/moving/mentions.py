"""Where a module, or a name in it, is spoken of: strings, comments, documents, settings.

No engine can tell what such a word means. Each is shown to a person, and none is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from toolset.encoding import is_python
from toolset.refactor.evidence import Leftover
from toolset.refactor.words import Word, find_words
from toolset.workspace import SourceFile

CODE = "code that was not changed"
_SHOWN = 120  # characters of a line
Spans = Mapping[PurePosixPath, Iterable[tuple[int, int]]]


def mentions(
    sources: Iterable[SourceFile], spellings: Iterable[str], done: Spans
) -> list[Leftover]:
    """Return where one of the spellings stands, whole, and not within what is `done`.

    A single word is left out in Python code, where it may be any name.
    """
    texts = list(sources)
    found: dict[tuple[PurePosixPath, int], Leftover] = {}
    for spelling in sorted(set(spellings), key=len, reverse=True):
        near = [source for source in texts if spelling in source.text]
        for word in find_words(near, spelling):
            if _is_part(word, spelling) or _is_done(word, done):
                continue
            if spelling.isidentifier() and (word.is_code or word.kind == "pattern"):
                continue
            line = (word.place.path, word.place.line)
            found.setdefault(line, _leftover(word))
    return sorted(found.values())


def quoted(sources: Iterable[SourceFile], name: str, done: Spans) -> list[Leftover]:
    """Return the strings of Python files that hold nothing but a name, with or without dots."""
    texts = [one for one in sources if is_python(one.path) and name in one.text]
    return sorted(
        _leftover(word)
        for word in find_words(texts, name)
        if word.kind in ("string", "__all__", "dynamic use")
        and _is_alone(word)
        and not _is_done(word, done)
    )


def _is_part(word: Word, spelling: str) -> bool:
    """Say whether the word is only a part of a longer path or dotted name."""
    text = word.source.text
    before, after = text[max(0, word.start - 2) : word.start], text[word.end : word.end + 1]
    if before.endswith("/") and before != "./":
        return "/" not in spelling
    if before.endswith((".", "-")):
        return True
    return spelling.isidentifier() and after in ("-", "(", "=")


def _is_alone(word: Word) -> bool:
    text = word.source.text
    before = text[: word.start].rstrip(".")[-1:]
    return before in ("'", '"') and text[word.end : word.end + 1] == before


def _is_done(word: Word, done: Spans) -> bool:
    spans = done.get(word.place.path, ())
    return any(start < word.end and word.start < end for start, end in spans)


def _leftover(word: Word) -> Leftover:
    kind = CODE if word.is_code else word.kind
    return Leftover(word.place, kind, word.line_text[:_SHOWN])


def paths_in(root: PurePosixPath, key: PurePosixPath, *, is_folder: bool) -> Iterator[str]:
    """Yield how the path of a module is written: from the project's root, and from its own."""
    for base in dict.fromkeys((PurePosixPath(), root)):
        if key.is_relative_to(base) and key != base:
            path = str(key.relative_to(base))
            if not is_folder:
                yield f"{path}.py"
            elif "/" in path:
                yield path
