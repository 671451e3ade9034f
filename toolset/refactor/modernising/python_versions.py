"""The oldest Python that must run a project's code."""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePosixPath
from typing import Any

from toolset.draft import Draft
from toolset.errors import RefactoringRefused

_KNOWN = range(7, 15)  # the minor versions that every ruff that alma allows has heard of
_LOWER_BOUND = re.compile(r"(?:>=|~=|==|>|\^|~)\s*3\.(\d+)")
_SETTINGS = PurePosixPath("pyproject.toml")


def oldest_python(draft: Draft, wanted: str) -> int:
    """Return the minor version of `wanted`, such as 3.11; if it is empty, of the project's own.

    That is the lower bound of `requires-python` in pyproject.toml, or of poetry's `python`. Raises
    RefactoringRefused if there is none, or if it is no Python from 3.7 to 3.14.
    """
    told = wanted.strip() or _required(draft)
    found = re.fullmatch(r"3\.(\d+)(?:\.\d+)?", told) if wanted.strip() else _lowest(told)
    if found is None or int(found[1]) not in _KNOWN:
        where = "" if wanted.strip() else " of pyproject.toml"
        known = f"3.{_KNOWN[0]} to 3.{_KNOWN[-1]}"
        raise RefactoringRefused(f"{told!r}{where} is no Python from {known}, such as 3.11.")
    return int(found[1])


def _required(draft: Draft) -> str:
    if (state := draft.state_of(_SETTINGS)) is not None:
        try:
            settings = tomllib.loads(state.data.decode("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RefactoringRefused(f"pyproject.toml cannot be read: {error}") from error
        for keys in (("project", "requires-python"), ("tool", "poetry", "dependencies", "python")):
            if isinstance(told := _at(settings, keys), str):
                return told
    raise RefactoringRefused(
        "The project does not say which Python it needs. Say it, such as 3.11: the oldest one "
        "that must run it."
    )


def _at(settings: Any, keys: tuple[str, ...]) -> object:
    for key in keys:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings


def _lowest(specifier: str) -> re.Match[str] | None:
    bounds = list(_LOWER_BOUND.finditer(specifier))
    return max(bounds, key=lambda one: int(one[1])) if bounds else None
