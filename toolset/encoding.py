"""Bytes to text and back, losing nothing: BOM, coding cookie, line endings."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.errors import NotText

PYTHON_SUFFIXES = frozenset({".py", ".pyi", ".pyw"})
_BOM = "\ufeff"
_UTF16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How one file's text lies in bytes: its encoding, and the byte order mark before it."""

    encoding: str
    bom: bytes = b""

    def encode(self, path: PurePosixPath, text: str) -> bytes:
        """Return the file's bytes for `text`. Raises NotText if the encoding cannot hold it."""
        try:
            return self.bom + text.encode(self.encoding)
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
        text = data[len(text_format.bom) :].decode(text_format.encoding)
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
    if not is_python(path):
        return TextFormat("utf-8")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise NotText(path, error.msg) from error
    return TextFormat(encoding)
