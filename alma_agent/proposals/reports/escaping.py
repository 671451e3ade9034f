"""Text of others, made harmless for what reads it: terminals, XML, Markdown, GitHub's commands."""

from __future__ import annotations

_LEGACY_COMMAND = "##["
_PLAIN = " -,.;'\"()/=?+%"  # never first on a line: what Markdown makes nothing of there


def spelt(text: str) -> str:
    r"""Return text with what does not print, or turns other text around, spelt out: `\x1b`.

    Line ends and tabs stay; CRLF is one line end. All that XML cannot hold is spelt out by it.
    """
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(one if one.isprintable() or one in "\n\t" else _code(one) for one in text)


def one_line(text: str) -> str:
    """Return text on one line, spelt out; it says nothing to GitHub's runner but at its start."""
    return " ".join(spelt(text).split()).replace(_LEGACY_COMMAND, "## [")


def quoted(text: str) -> str:
    """Return lines of others behind a bar each, spelt out.

    GitHub's runner takes a line of a log that begins with `::`, whatever the blanks before it, and
    `##[` anywhere in a line, for its own commands.
    """
    safe = spelt(text).replace(_LEGACY_COMMAND, "## [")
    return "\n".join(f"  | {line}" for line in safe.rstrip("\n").split("\n"))


def utf8(text: str) -> str:
    """Return text that UTF-8 can hold: a program's output may bring lone surrogates along."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def markdown(text: str) -> str:
    """Return text on one line that Markdown shows as it is: no tag, link, table or emphasis."""
    line = one_line(text).replace("www.", "www\0")  # GitHub makes a link of it
    shown = "".join(
        one if not one.isascii() or one.isalnum() or one in _PLAIN else f"&#{ord(one)};"
        for one in line
    )
    return shown.replace("&#0;", "&#46;")


def annotation(text: str) -> str:
    """Return the message of a GitHub workflow command; its toolkit's `escapeData`."""
    return spelt(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def annotation_property(text: str) -> str:
    """Return the value of a GitHub workflow command's property; its toolkit's `escapeProperty`."""
    return annotation(text).replace(":", "%3A").replace(",", "%2C")


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
