"""A piece of code and what is compared of it: the normal form of a symbol, or of a file."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection
from functools import lru_cache
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, Protocol, get_args

from toolset.broken_python import symbols_of_broken
from toolset.digest import Digest
from toolset.encoding import decode_leniently, is_python
from toolset.errors import NotText
from toolset.normal_form import Symbol, Unparsable, symbols_of
from toolset.text_form import layout_of, text_tokens

Form = Literal["python", "prose", "signs", "lines", "bytes"]

_FORMS: dict[str, Form] = {form: form for form in get_args(Form)}
_DIGEST_BYTES = 16
_KEPT_FILES = 48
_PLAIN_DIGEST = re.compile(r"[0-9a-f]{64}")


class Place(NamedTuple):
    """Where code is: a file, and the qualified name of a symbol in it ("" is the whole file)."""

    path: PurePosixPath
    symbol: str = ""


class Files(Protocol):
    """The files of one repository, now and at a commit. Each may be asked for many times."""

    def read(self, path: PurePosixPath) -> bytes | None:
        """Return a file's bytes as they are now; None if there is none."""
        ...

    def changed(self, head: str) -> Collection[PurePosixPath]:
        """Return the files that are there now and are not as commit `head` has them.

        Files that git does not track are among them. All files if the commit is unknown, or "".
        """
        ...

    def committed(self, path: PurePosixPath, head: str) -> bytes | None:
        """Return a file's bytes as commit `head` has them; None if it has none, or is unknown."""
        ...

    def renamed(self, path: PurePosixPath, head: str) -> PurePosixPath | None:
        """Return where git finds a file of commit `head` today, if not in its place."""
        ...


class Mark(NamedTuple):
    """What is compared of a piece of code.

    `size` and `core` are the number and the digest of its tokens, `binding` says how a method is
    bound (see `normal_form.Symbol`; "" outside a class), `raw` is the digest of the file's bytes:
    if these are the same, nothing needs to be read.
    """

    form: Form
    size: int
    core: str
    binding: str
    raw: str = ""

    @property
    def said(self) -> tuple[str | int, ...]:
        """All but `raw`: the same for the same code in another layout, or another file."""
        return self[:-1]

    def __str__(self) -> str:
        return ":".join(map(str, self))

    @classmethod
    def read(cls, text: str) -> Mark:
        """Read a mark, or the plain digest of a file's bytes, which older ledgers hold."""
        if _PLAIN_DIGEST.fullmatch(text):
            return cls("bytes", 0, text, "")
        try:
            form, size, core, binding, raw = text.split(":")
            return cls(_FORMS[form], int(size), core, binding, raw)
        except (ValueError, KeyError):  # written by another alma, or by hand: fits nothing
            return cls("bytes", 0, text, "")

    def is_of(self, data: bytes) -> bool:
        """Say whether the file still has the same bytes."""
        return self == self.on(data) if self.raw else self.core == Digest.of(data).hex

    def on(self, data: bytes) -> Mark:
        """Return the mark with the digest of the file's bytes."""
        return self._replace(raw=Digest.of(data).hex[: 2 * _DIGEST_BYTES])


class Code(NamedTuple):
    """A piece of code where it was found, in a file's bytes."""

    place: Place
    mark: Mark
    data: bytes
    symbol: Symbol | None = None

    @property
    def source(self) -> str:
        """The code as a person reads it, from the left margin."""
        text = re.sub(r"\r\n?", "\n", decode_leniently(self.place.path, self.data))
        if self.symbol is None or not self.symbol.name:
            return text
        lines = text.split("\n")
        pieces = ("\n".join(lines[first - 1 : last]) for first, last in self.symbol.lines)
        return "\n".join(textwrap.dedent(piece) for piece in pieces)


def code_at(place: Place, data: bytes, form: Form | None = None) -> Code | None:
    """Return what stands at a place, in the form asked for, else in the best; None if nothing.

    Its mark has no `raw` yet.
    """
    if form in (None, "python") and is_python(place.path):
        symbol = symbols_in(data).get(place.symbol)
        if symbol is not None:
            return code_of(place, symbol, data)
    if place.symbol:
        return None
    layout = form if form in ("prose", "signs", "lines") else layout_of(place.path)
    try:
        tokens = None if form == "bytes" else text_tokens(place.path, data, layout)
    except NotText:
        tokens = None
    if tokens is None:
        return Code(place, Mark("bytes", 0, Digest.of(data).hex, ""), data)
    said = "\0".join(tokens).encode("utf-8", "surrogateescape")
    core = blake2b(said, digest_size=_DIGEST_BYTES).hexdigest()
    return Code(place, Mark(layout, len(tokens), core, ""), data)


def code_of(place: Place, symbol: Symbol, data: bytes) -> Code:
    mark = Mark("python", symbol.size, symbol.digest(), binding_of(symbol))
    return Code(place, mark, data, symbol)


@lru_cache(_KEPT_FILES)
def symbols_in(data: bytes) -> dict[str, Symbol]:
    """Return a Python file's symbols; of one that does not parse, those that can be read.

    The last files are kept: many anchors ask for the same one.
    """
    try:
        return symbols_of(data)
    except Unparsable:
        return symbols_of_broken(data)


def binding_of(symbol: Symbol) -> str:
    is_method = symbol.in_class and symbol.kind == "function"
    return symbol.binding or ("method" if is_method else "")


def is_readable(path: PurePosixPath, data: bytes) -> bool:
    """Say whether a symbol that was not found in this file is surely not there."""
    return is_python(path) and "" in symbols_in(data)
