"""Bytes to text and back, losing nothing: BOM, coding cookie, line endings."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from toolset.errors import NotText

PYTHON_SUFFIXES = frozenset({".py", ".pyi", ".pyw"})
_BOM = "\ufeff"
_FIRST_FOREIGN = 0x80
_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\v\f\r\x1b") | {0x7F}
_UTF16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How one file's text lies in bytes: its encoding, and the byte order mark before it.

    `errors` is Python's name for how bytes outside the encoding are carried through.
    """

    encoding: str
    bom: bytes = b""
    errors: Literal["strict", "surrogateescape"] = "strict"

    def encode(self, path: PurePosixPath, text: str) -> bytes:
        """Return the file's bytes for `text`. Raises NotText if the encoding cannot hold it."""
        try:
            return self.bom + text.encode(self.encoding, self.errors)
        except UnicodeEncodeError as error:
            bad = text[error.start : error.end]
            raise NotText(
                path, f"its encoding is {self.encoding}, which has no place for {bad!r}"
            ) from error
        except UnicodeError as error:  # some codecs (idna) raise only the general kind
            raise NotText(path, f"it cannot be written as {self.encoding}") from error


def encode(path: PurePosixPath, text: str, text_format: TextFormat) -> bytes:
    """Return the bytes that will be read as `text` again.

    Raises NotText if the encoding cannot hold it, or the text's own coding line names another one.
    """
    data = text_format.encode(path, text)
    if decode(path, data)[0].lstrip(_BOM) != text.lstrip(_BOM):
        raise NotText(path, f"with this coding line it could not be read as {text_format.encoding}")
    return data


def decode(path: PurePosixPath, data: bytes) -> tuple[str, TextFormat]:
    """Return the text without its BOM, line endings as they are, and the way back to bytes.

    Raises NotText for binary data, for undecodable bytes, and where encoding the text again would
    not give the same bytes.
    """
    text_format = _detect(path, data)
    try:
        text = data[len(text_format.bom) :].decode(text_format.encoding, text_format.errors)
    except (UnicodeError, LookupError) as error:
        raise NotText(path, f"it cannot be read as {text_format.encoding}") from error
    if "\0" in text:
        raise NotText(path, "it holds binary data")
    if text_format.encode(path, text) != data:
        raise NotText(path, f"reading it as {text_format.encoding} would change its bytes")
    return text, text_format


def decode_leniently(path: PurePosixPath, data: bytes) -> str:
    """Return something a person can read, for diffs only."""
    try:
        return decode(path, data)[0]
    except NotText:
        return data.decode("utf-8", errors="backslashreplace")


def is_python(path: PurePosixPath) -> bool:
    return path.suffix in PYTHON_SUFFIXES


def newline_of(text: str) -> str:
    """Return the line ending that most lines have; LF where there is none."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf > text.count("\n") - crlf else "\n"


def has_lone_return(text: str) -> bool:
    """Say whether a CR stands alone: a line end to Python, and to no engine's line numbers."""
    return bool(re.search(r"\r(?!\n)", text))


def line_count(text: str) -> int:
    """Count lines as editors do: LF ends one, form feeds and U+2028 do not."""
    return text.count("\n") + (not text.endswith("\n") and bool(text))


def _detect(path: PurePosixPath, data: bytes) -> TextFormat:
    for bom, encoding in _UTF16_BOMS.items():
        if data.startswith(bom):
            return TextFormat(encoding, bom)
    if data.startswith(codecs.BOM_UTF8):
        return TextFormat("utf-8", codecs.BOM_UTF8)
    if not is_python(path) and _is_utf8(data):
        return TextFormat("utf-8")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if is_python(path):
            raise NotText(path, error.msg) from error
        encoding = "utf-8"
    return TextFormat(encoding) if is_python(path) or encoding != "utf-8" else _older(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _older(data: bytes) -> TextFormat:
    """Return Latin-1 for text that is no UTF-8; for a mixture, UTF-8 with what leaks through it.

    Latin-1 gives every byte a character, and back: what is not edited cannot change.
    """
    foreign = sum(byte >= _FIRST_FOREIGN for byte in data)
    if _CONTROLS.intersection(data) or foreign * 3 > len(data):
        return TextFormat("utf-8")  # so that it is refused as binary
    read = data.decode("utf-8", "surrogateescape")
    is_mixed = any(ord(one) >= _FIRST_FOREIGN and not _is_leak(one) for one in read)
    return TextFormat("utf-8", errors="surrogateescape") if is_mixed else TextFormat("latin-1")


def _is_leak(character: str) -> bool:
    return "\udc80" <= character <= "\udcff"
