"""A request as the words of a command line, and back: `rename a.py::load read --docs`.

What is remembered, and what a model sends, is spelt so; a person can type it after `alma refactor`.
"""

from __future__ import annotations

import argparse
import inspect
import shlex
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from typing import Any, NoReturn

from toolset.errors import RefactoringRefused
from toolset.refactor.catalogue import KINDS, slug
from toolset.refactor.requests import Request


def words_of(request: Request) -> tuple[str, ...]:
    """Return the refactoring's name, its arguments, then its options."""
    words = [slug(type(request))]
    options: list[str] = []
    for one in fields(request):
        value = getattr(request, one.name)
        if is_argument(one):
            words += value if isinstance(value, tuple) else [value]
        elif value != one.default:
            options += [flag(one)] + ([] if value is True else [str(value)])
    return (*words, *options)


def sentence(request: Request) -> str:
    """Return the words of a request as one line of a shell."""
    return shlex.join(words_of(request))


def usage(kind: type[Request]) -> str:
    """Return what a refactoring takes, such as `rename TARGET NEW [--docs]`."""
    words = [slug(kind)]
    for one in fields(kind):
        name = one.name.upper()
        if one.name == "paths":
            words.append("[PATHS…]")
        elif is_argument(one):
            words.append(f"{name}…" if _is_several(one) else name)
        else:
            words.append(f"[{flag(one)}{'' if one.default is False else ' ' + name}]")
    return " ".join(words)


def about(kind: type[Request]) -> str:
    """Return what a refactoring does, in one line."""
    return " ".join((inspect.getdoc(kind) or "").split())


def read(name: str, words: Iterable[str]) -> Request:
    """Return the request that `words` spell. Raises RefactoringRefused if they spell none."""
    if name not in KINDS:
        raise RefactoringRefused(f"There is no refactoring {name!r}. Known: {', '.join(KINDS)}.")
    kind = KINDS[name]
    parser = _Parser(prog=name, usage=usage(kind), add_help=False, allow_abbrev=False)
    for one in fields(kind):
        if is_argument(one):
            several = {"nargs": "+" if one.default is MISSING else "*"} if _is_several(one) else {}
            parser.add_argument(one.name, **several)  # type: ignore[arg-type]
        elif one.default is False:
            parser.add_argument(flag(one), dest=one.name, action="store_true")
        else:
            parser.add_argument(flag(one), dest=one.name, default=one.default)
    given = vars(parser.parse_intermixed_args(list(words)))
    return kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in given.items()})


def is_argument(one: Field[Any]) -> bool:
    """Say whether a field is given by its place; else it is an option."""
    return one.default is MISSING or one.name == "paths"


def flag(one: Field[Any]) -> str:
    return f"--{one.name.replace('_', '-')}"


def _is_several(one: Field[Any]) -> bool:
    return str(one.type).startswith("tuple")


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong as the toolset does, and does not end the program."""

    def error(self, message: str) -> NoReturn:
        raise RefactoringRefused(f"{message}. It takes: {self.usage}")
