"""The name of a file as replies write it: alone on a line, in a sentence, in a fence's head."""

from __future__ import annotations

import re

FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})([^`]*)")
_PATH = re.compile(r"[\w.@+~/\\-][^:*?\"<>|`\n]*")
_SOURCE = re.compile(
    r"(?<![\w./-])[\w./-]*\w\.(?:pyi?|jsx?|tsx?|md|rst|txt|toml|json|ya?ml|cfg|ini|html|css|sh)(?!\w)"
)
_IN_BACKTICKS = re.compile(r"`([^`\s]+)`")


def path_in(line: str) -> str | None:
    """Return the name that a line consists of, if it looks like one."""
    bare = line.strip().lstrip("#").strip().strip("*_").rstrip(":").strip("*_").strip()
    quoted = bare.startswith("`") and bare.endswith("`") and bool(bare.strip("`"))
    name = bare.strip("`").removeprefix("File: ").removeprefix("file: ").rstrip(":").strip("`\"'")
    if not _PATH.fullmatch(name) or name.endswith((".", ",", ";")) or (" " in name and not quoted):
        return None
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    looks_so = "." in last or "/" in name or quoted or last.isupper() or "file" in last
    return name if looks_so else None


def path_in_sentence(line: str) -> str | None:
    """Return the one name in backticks that a sentence has: "In `app.py`, change this"."""
    names = {name for name in _IN_BACKTICKS.findall(line) if _has_suffix(name)}
    return names.pop() if len(names) == 1 else None


def sources_in(line: str) -> set[str]:
    """Return the words of a line that can only be names of source files, as `b.py`."""
    return {name.removeprefix("./") for name in _SOURCE.findall(line)}


def path_in_fence(head: str) -> str | None:
    """Return the name that follows the backticks of a fence, as in "python app.py"."""
    words = [word for part in head.split() for word in part.split(":")]
    return next((word for word in words if _has_suffix(word) and path_in(word)), None)


def _has_suffix(name: str) -> bool:
    return bool(re.fullmatch(r"[\w.@+~/\\-]*\w\.\w+", name))
