"""Which files of a project the `import` lines of its Python files mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

_IMPORT = re.compile(r"\bimport\b")
_FROM = re.compile(r"\s*from\s+([.\w]+)\s+")
# Bounded: one line without end, or many brackets that nothing closes, must not be read again and
# again.
_LONGEST_HEAD, _LONGEST_LIST = 200, 4_000


def imported_files(texts: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, set[PurePosixPath]]:
    """Return for each Python file those of the others that it imports, by its own text.

    A module that is no file of the project is left out. Lines are read as they stand, without a
    parser: in a string they count, too.
    """
    modules = {module_name(path, texts): path for path in sorted(texts, reverse=True)}
    return {
        path: {modules[name] for name in _named(path, text, texts) if name in modules} - {path}
        for path, text in texts.items()
    }


def module_name(path: PurePosixPath, files: Mapping[PurePosixPath, str]) -> str:
    """Return the dotted name; a package begins where its folder's parent has no `__init__.py`."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while folder.name and folder / "__init__.py" in files:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _named(path: PurePosixPath, text: str, files: Mapping[PurePosixPath, str]) -> Iterator[str]:
    """Yield the modules that a text may import: of `from a import b`, both `a` and `a.b`."""
    for found in _IMPORT.finditer(text):
        start, end = found.span()
        head = text[max(0, start - _LONGEST_HEAD) : start].rpartition("\n")[2]
        if not head.strip():
            yield from _listed(text, end)
        elif whose := _FROM.fullmatch(head):
            module = _absolute(whose[1], path, files)
            yield module
            for name in _listed(text, end):
                yield f"{module}.{name}" if module else name


def _listed(text: str, start: int) -> Iterator[str]:
    """Yield what is listed from `start` on, in brackets or on one line; of `a as b`, `a`."""
    rest = text[start : start + _LONGEST_LIST].lstrip(" \t")
    listed = rest[1:].partition(")")[0] if rest.startswith("(") else rest.partition("\n")[0]
    for one in listed.split(","):
        yield "".join(one.split()[:1])


def _absolute(module: str, path: PurePosixPath, files: Mapping[PurePosixPath, str]) -> str:
    """Return a module's whole name; dots before it count from the file that says it."""
    name = module.lstrip(".")
    above = len(module) - len(name)
    if not above:
        return name
    package = module_name(path.parent / "__init__.py", files).split(".")
    kept = package[: len(package) - above + 1]
    return ".".join(filter(None, (*kept, name)))
