"""A text of any kind reduced to what it says, as far as its layout is known not to matter.

Prose and languages with brackets may be wrapped and indented at will. Where lines count (YAML,
Makefiles, Python that does not parse, whatever is not known), only line ends, blank lines, spaces
at the end of a line and the width of a step of indentation are left out.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from toolset.encoding import decode

Layout = Literal["prose", "signs", "lines"]

_PROSE = {".md", ".markdown", ".rst", ".txt", ".adoc", ".tex"}
_MARKUP = {".html", ".htm", ".xml", ".svg"}
_DATA = {".json", ".jsonc", ".json5", ".toml", ".css", ".scss", ".less", ".sql", ".proto"}
_SCRIPTS = {".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".php", ".lua"}
_COMPILED = {".go", ".rs", ".java", ".kt", ".kts", ".swift", ".scala", ".cs"}
_C = {".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp"}
_SIGNS = _MARKUP | _DATA | _SCRIPTS | _COMPILED | _C
_TOKENS = re.compile(r"\w+|[^\w\s]")
_TAB = 8


def layout_of(path: PurePosixPath) -> Layout:
    """Return what of the layout counts, by the file's suffix."""
    suffix = path.suffix.lower()
    return "prose" if suffix in _PROSE else "signs" if suffix in _SIGNS else "lines"


def text_tokens(path: PurePosixPath, data: bytes, layout: Layout) -> list[str]:
    """Return the words of a text, its words and signs, or its lines and their depth.

    Raises NotText.
    """
    text = decode(path, data)[0].removeprefix("\ufeff")
    match layout:
        case "prose":
            return text.split()
        case "signs":
            return _TOKENS.findall(text)
    return _by_lines(re.split(r"\r\n|\r|\n", text))


def _by_lines(lines: list[str]) -> list[str]:
    """Return each line's depth, counted in steps, and what it says."""
    tokens = []
    steps = [0]
    for line in lines:
        said = line.strip()
        if not said:
            continue
        shown = line.expandtabs(_TAB)
        indent = len(shown) - len(shown.lstrip())
        while steps[-1] > indent:
            steps.pop()
        if steps[-1] < indent:
            steps.append(indent)
        tokens += [str(len(steps) - 1), said]
    return tokens
