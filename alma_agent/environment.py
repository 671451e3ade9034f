"""The environment's variables, with what files say of settings laid below them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping


class _Layered(Mapping[str, str]):
    """One mapping over another; what is empty in the upper one is not there."""

    def __init__(self, upper: Mapping[str, str], lower: Mapping[str, str]) -> None:
        self._upper, self._lower = upper, lower

    def __getitem__(self, name: str) -> str:
        if said := self._upper.get(name):
            return said
        try:
            return self._lower[name]
        except KeyError:
            return self._upper[name]  # it is there, and empty

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._upper), **dict.fromkeys(self._lower)})

    def __len__(self) -> int:
        return len({*self._upper, *self._lower})


_lower: Callable[[], Mapping[str, str]] = dict


def lay_below(files: Callable[[], Mapping[str, str]]) -> None:
    """Let `environment` find in files what no variable says. For the door of the program.

    `files` is called whenever somebody asks for the environment, and not before.
    """
    global _lower  # noqa: PLW0603 - a process has one environment
    _lower = files


def environment() -> Mapping[str, str]:
    """Return the environment, with what files say laid below it."""
    return _Layered(os.environ, _lower())
