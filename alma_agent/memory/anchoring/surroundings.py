"""What stood around an anchor's code when it was made, and which files may hold that code now.

Only files that have changed since are looked at, and those first that hold most of its words. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from alma_agent.memory.anchoring.marks import Code, Files, Mark, Place, code_at, symbols_in
from alma_agent.remembered import Anchor
from toolset.encoding import is_python
from toolset.normal_form import Symbol

_MOST_FILES = 5_000
_MOST_BYTES = 30_000_000
_MOST_PARSED = 12
_WORD = re.compile(rb"[A-Za-z_]\w{2,}")


class Surroundings:
    """The files around one anchor, now and as its commit has them."""

    def __init__(self, anchor: Anchor, mark: Mark, files: Files) -> None:
        self.anchor, self.mark = anchor, mark
        self.place = Place(anchor.path, anchor.symbol)
        self._files = files

    def at(self, place: Place) -> Code | None:
        """Return what stands at a place now."""
        data = self._files.read(place.path)
        return None if data is None else code_at(place, data, self.mark.form)

    def symbols(self, path: PurePosixPath) -> dict[str, Symbol]:
        data = self._files.read(path)
        return {} if data is None else symbols_in(data)

    def symbols_before(self, path: PurePosixPath) -> dict[str, Symbol]:
        data = self.before(path)
        return symbols_in(data) if data is not None and is_python(path) else {}

    def before(self, path: PurePosixPath) -> bytes | None:
        anchor = self.anchor
        return self._files.committed(path, anchor.head) if anchor.head else None

    def has_the_same_bytes(self, path: PurePosixPath) -> bool:
        data = self._files.read(path)
        return data is not None and self.mark.is_of(data)

    @cached_property
    def renamed(self) -> PurePosixPath | None:
        """Git's word on where the anchor's file is, if it is no longer there."""
        anchor = self.anchor
        if not anchor.head or self._files.read(anchor.path) is not None:
            return None
        return self._files.renamed(anchor.path, anchor.head)

    @cached_property
    def tokens(self) -> Sequence[str]:
        """The code's tokens as they were; empty if nobody has kept them."""
        anchor = self.anchor
        old = self.symbols_before(anchor.path).get(anchor.symbol)
        if old is not None and old.digest() == self.mark.core:
            return old.tokens
        kept = symbols_in(anchor.source.encode("utf-8", "replace")).get(last_name(self.place))
        return kept.tokens if kept else ()

    def likely_files(
        self, share: float, *, but: Sequence[PurePosixPath] = ()
    ) -> list[PurePosixPath]:
        """Return up to 12 files that hold this share of the code's words, the likeliest first."""
        wanted, name = self._words, last_name(self.place).encode()
        defines = re.compile(rb"\b(?:def|class)[ \t]+%s\b" % re.escape(name)) if name else None
        ranked = []
        for path in self.changed_files:
            if path in but or (data := self._files.read(path)) is None:
                continue
            is_named = bool(defines and name in data and defines.search(data))
            has = len(wanted & words_of(data)) / len(wanted) if wanted else float(is_named)
            if has >= share:
                ranked.append((is_named, has, self.nearness(Place(path)), path))
        ranked.sort(key=lambda one: one[:-1], reverse=True)
        return [path for *_, path in ranked[:_MOST_PARSED]]

    @cached_property
    def changed_files(self) -> list[PurePosixPath]:
        """Other files of the same kind that have changed, near ones first, within bounds."""
        own = self.anchor.path
        paths = [path for path in self._files.changed(self.anchor.head) if _are_alike(path, own)]
        paths.sort(key=lambda path: (self.nearness(Place(path)), path), reverse=True)
        found, size = [], 0
        for path in paths[:_MOST_FILES]:
            size += len(self._files.read(path) or b"")
            if size > _MOST_BYTES:
                break
            if path != own:
                found.append(path)
        return found

    def nearness(self, place: Place) -> tuple[int, ...]:
        """Return how near a place is to the anchor's own, by name first; more is nearer."""
        old, new = self.place, place
        return (
            last_name(old) == last_name(new),
            old.symbol == new.symbol,
            old.path == new.path,
            outer_name(old) == outer_name(new),
            old.path.name == new.path.name,
            _shared(old.path.parts, new.path.parts),
            _shared(old.path.parts[::-1], new.path.parts[::-1]),
        )

    @cached_property
    def _words(self) -> frozenset[bytes]:
        """The words of the code as it was, but for those of its own name."""
        anchor = self.anchor
        text = anchor.source
        if not text and anchor.symbol:
            text = " ".join(token for token in self.tokens if token.isidentifier())
        data = text.encode("utf-8", "replace") or self.before(anchor.path) or b""
        return words_of(data) - {part.encode() for part in anchor.symbol.split(".")}


@lru_cache(_MOST_FILES)
def words_of(data: bytes) -> frozenset[bytes]:
    """Return the words of three letters and more; comments and strings count."""
    return frozenset(_WORD.findall(data))


def last_name(place: Place) -> str:
    return place.symbol.rpartition(".")[2]


def outer_name(place: Place) -> str:
    return place.symbol.rpartition(".")[0]


def _are_alike(one: PurePosixPath, other: PurePosixPath) -> bool:
    return is_python(one) == is_python(other)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return with how many parts both begin."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
