"""What a caller hands in, looked at first: a model's call may hold anything.

What is wrong is told as a ToolsetError, as everything else is, instead of failing half way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

from toolset.errors import PathRefused, WrongArgument


def require_text(**arguments: object) -> None:
    """Raise WrongArgument for the first of `arguments` that is no string."""
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise WrongArgument(name, "a string", value)


def require_path(**arguments: object) -> None:
    """Raise WrongArgument for the first of `arguments` that is no path.

    Raises PathRefused for one that no file can have.
    """
    for name, value in arguments.items():
        if not isinstance(value, str | PathLike):
            raise WrongArgument(name, "a path", value)
        if "\0" in str(value):
            raise PathRefused(repr(str(value)), "is no file name.")


def texts_of(name: str, value: object) -> list[str]:
    """Return a list of strings, read once. Raises WrongArgument for anything else."""
    # A string is a sequence of strings too, and never meant as one.
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise WrongArgument(name, "a list of strings", value)
    listed = list(value)
    require_text(**{f"{name}[{at}]": one for at, one in enumerate(listed)})
    return listed


def require_bytes(**arguments: object) -> None:
    """Raise WrongArgument for the first of `arguments` that is no bytes object."""
    for name, value in arguments.items():
        if not isinstance(value, bytes):
            raise WrongArgument(name, "bytes", value)


def require_blocks(blocks: Any) -> list[tuple[str, str]]:
    """Return (search, replace) pairs as a list. Raises WrongArgument for anything else."""
    if isinstance(blocks, str | bytes) or not isinstance(blocks, Iterable):
        raise WrongArgument("blocks", "a list of (search, replace) pairs", blocks)
    listed = list(blocks)
    for at, pair in enumerate(listed):
        match pair:
            case (str(), str()):
                continue
        raise WrongArgument(f"blocks[{at}]", "a pair of strings (search, replace)", pair)
    return [(search, replace) for search, replace in listed]


def require_files(files: object) -> None:
    """Raise WrongArgument unless `files` maps paths to bytes."""
    if not isinstance(files, Mapping):
        raise WrongArgument("files", "a dictionary of bytes by path", files)
    for path, data in files.items():
        require_text(path=path)
        require_bytes(**{f"files[{path!r}]": data})
