"""Many parameters, a few at a time: older builds of SQLite take 999 in one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_AT_ONCE = 500
_T = TypeVar("_T")


def batches(several: Iterable[_T]) -> Iterator[list[_T]]:
    left = iter(several)
    while some := list(islice(left, _AT_ONCE)):
        yield some
