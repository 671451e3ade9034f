"""The languages that a pattern can be written in, and the files that hold them.

ast-grep carries these grammars in itself; for any other name it would panic, not raise.
"""

from __future__ import annotations

import difflib
from pathlib import PurePosixPath

from toolset.errors import RefactoringRefused

_SUFFIXES: dict[str, tuple[str, ...]] = {
    "bash": (".sh", ".bash", ".zsh", ".ksh", ".bats"),
    "c": (".c", ".h"),
    "cpp": (".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".cu", ".ino"),
    "csharp": (".cs",),
    "css": (".css",),
    "dart": (".dart",),
    "elixir": (".ex", ".exs"),
    "go": (".go",),
    "haskell": (".hs",),
    "hcl": (".hcl", ".tf", ".tfvars"),
    "html": (".html", ".htm", ".xhtml"),
    "java": (".java",),
    "javascript": (".js", ".mjs", ".cjs", ".jsx"),
    "json": (".json",),
    "kotlin": (".kt", ".kts", ".ktm"),
    "lua": (".lua",),
    "markdown": (".md", ".markdown"),
    "nix": (".nix",),
    "php": (".php",),
    "python": (".py", ".pyi", ".pyw"),
    "ruby": (".rb", ".rbw", ".gemspec"),
    "rust": (".rs",),
    "scala": (".scala", ".sc", ".sbt"),
    "solidity": (".sol",),
    "swift": (".swift",),
    "tsx": (".tsx",),
    "typescript": (".ts", ".mts", ".cts"),
    "yaml": (".yaml", ".yml"),
    "zig": (".zig",),
}
_ALSO = {
    "c#": "csharp",
    "c++": "cpp",
    "cs": "csharp",
    "golang": "go",
    "js": "javascript",
    "jsx": "javascript",
    "kt": "kotlin",
    "md": "markdown",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "terraform": "hcl",
    "ts": "typescript",
    "yml": "yaml",
}


def language_named(name: str) -> str:
    """Return ast-grep's name for a language. Raises RefactoringRefused for one it does not read."""
    wanted = name.strip().lower()
    wanted = _ALSO.get(wanted, wanted)
    if wanted not in _SUFFIXES:
        close = difflib.get_close_matches(wanted, _SUFFIXES, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(_SUFFIXES)}."
        raise RefactoringRefused(f"{name!r} is no language that ast-grep reads here. {hint}")
    return wanted


def is_written_in(path: PurePosixPath, language: str) -> bool:
    return path.suffix.lower() in _SUFFIXES[language]
