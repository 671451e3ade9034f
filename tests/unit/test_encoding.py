from __future__ import annotations

import codecs
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolset.encoding import TextFormat, decode, newline_of
from toolset.errors import NotText

PY = PurePosixPath("a.py")
TXT = PurePosixPath("a.txt")


@pytest.mark.parametrize(
    ("path", "data", "text", "text_format"),
    [
        pytest.param(PY, b"", "", TextFormat("utf-8"), id="empty"),
        pytest.param(PY, "é\n".encode(), "é\n", TextFormat("utf-8"), id="utf-8"),
        pytest.param(
            PY,
            codecs.BOM_UTF8 + "é".encode(),
            "é",
            TextFormat("utf-8", codecs.BOM_UTF8),
            id="utf-8 with BOM",
        ),
        pytest.param(
            PY,
            b"# coding: latin-1\nx = '\xe9'\n",
            "# coding: latin-1\nx = 'é'\n",
            TextFormat("iso-8859-1"),
            id="latin-1 cookie",
        ),
        pytest.param(
            PY,
            b"#!/usr/bin/python\r\n# -*- coding: cp1252 -*-\r\n\x80",
            "#!/usr/bin/python\r\n# -*- coding: cp1252 -*-\r\n€",
            TextFormat("cp1252"),
            id="cookie on line 2",
        ),
        pytest.param(
            TXT,
            codecs.BOM_UTF16_LE + "é\n".encode("utf-16-le"),
            "é\n",
            TextFormat("utf-16-le", codecs.BOM_UTF16_LE),
            id="utf-16 little endian",
        ),
        pytest.param(
            TXT,
            codecs.BOM_UTF16_BE + "é\n".encode("utf-16-be"),
            "é\n",
            TextFormat("utf-16-be", codecs.BOM_UTF16_BE),
            id="utf-16 big endian",
        ),
        pytest.param(PY, b"a\r\nb\nc\rd", "a\r\nb\nc\rd", TextFormat("utf-8"), id="mixed EOL"),
        pytest.param(
            TXT,
            b"# coding: latin-1\n\xc3\xa9",
            "# coding: latin-1\né",
            TextFormat("utf-8"),
            id="a cookie means nothing outside Python",
        ),
        pytest.param(TXT, b"un caf\xe9", "un café", TextFormat("latin-1"), id="older prose"),
        pytest.param(
            TXT,
            "déjà vu, ".encode() + b"caf\xe9",
            "déjà vu, caf\udce9",
            TextFormat("utf-8", errors="surrogateescape"),
            id="UTF-8 with a foreign byte",
        ),
    ],
)
def test_decode(path: PurePosixPath, data: bytes, text: str, text_format: TextFormat) -> None:
    assert decode(path, data) == (text, text_format)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param(TXT, b"\x89PNG\r\n\x1a\n\0\0", id="binary"),
        pytest.param(TXT, b"text\0more", id="NUL"),
        pytest.param(TXT, b"caf\xe9\x01", id="a control character"),
        pytest.param(TXT, b"\xe9\xe8\xe0 is", id="mostly foreign bytes"),
        pytest.param(PY, b"x = '\xe9'\n", id="latin-1 Python without a cookie"),
        pytest.param(PY, b"# coding: klingon\n", id="unknown encoding"),
        pytest.param(PY, b"# coding: hex\n", id="no text encoding"),
        pytest.param(PY, b"# coding: idna\nx = 1..2\n", id="an encoding that raises its own error"),
        pytest.param(PY, b"# coding: undefined\n", id="an encoding that always raises"),
        pytest.param(PY, b"# coding: utf-16\nx = 1\n", id="a cookie that cannot be true"),
        pytest.param(PY, b"# coding: utf-7\nx = '+AGE-'\n", id="would not come back the same"),
        pytest.param(
            PY, codecs.BOM_UTF8 + b"# coding: latin-1\n\xe9", id="BOM and cookie contradict"
        ),
        pytest.param(TXT, codecs.BOM_UTF16_LE + b"a", id="half a UTF-16 unit"),
        pytest.param(TXT, codecs.BOM_UTF16_LE + b"\x00\xd8", id="half a surrogate pair"),
        pytest.param(TXT, codecs.BOM_UTF32_LE + "a".encode("utf-32-le"), id="utf-32"),
    ],
)
def test_what_is_no_text_is_refused(path: PurePosixPath, data: bytes) -> None:
    with pytest.raises(NotText, match="was left untouched"):
        decode(path, data)


_cookies = st.sampled_from(
    [
        b"",
        b"# coding: latin-1\n",
        b"# coding: cp1252\n",
        b"# coding: shift-jis\n",
        b"# coding: iso-2022-jp\n",
        b"# coding: utf-7\n",
        b"# coding: idna\n",
        b"# coding: punycode\n",
        b"# coding: raw_unicode_escape\n",
        b"# coding: utf-8-sig\n",
        codecs.BOM_UTF8,
        codecs.BOM_UTF16_LE,
        codecs.BOM_UTF16_BE,
    ]
)


@given(start=_cookies, data=st.binary(max_size=200), path=st.sampled_from([PY, TXT]))
def test_decoding_any_bytes_is_exact_or_refused(
    start: bytes, data: bytes, path: PurePosixPath
) -> None:
    try:
        text, text_format = decode(path, start + data)
    except NotText:
        return
    assert text_format.encode(path, text) == start + data


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    with pytest.raises(NotText, match="iso-8859-1, which has no place for '€'"):
        TextFormat("iso-8859-1").encode(PY, "price in €")


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(NotText, match="has no place for"):
        TextFormat("utf-8").encode(PY, "\ud800")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "\n", id="empty"),
        pytest.param("a\nb\n", "\n", id="LF"),
        pytest.param("a\r\nb\r\n", "\r\n", id="CRLF"),
        pytest.param("a\r\nb\r\nc\n", "\r\n", id="most are CRLF"),
        pytest.param("a\r\nb\n", "\n", id="a tie is LF"),
    ],
)
def test_newline_of(text: str, expected: str) -> None:
    assert newline_of(text) == expected
