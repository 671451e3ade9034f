"""Groups of commands whose modules are loaded when one of their commands is asked for, not before.

A group knows its commands' names and where each of them is; they are registered nowhere else. Help
and completion ask for every command, and so load all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

_EXAMINES = "_runtime_param"


class Place(NamedTuple):
    """Where a command is: a function of a module in this package.

    `settings` are what typer is told of the command besides.
    """

    module: str
    function: str
    settings: Mapping[str, Any] = {}


class LateCommand(TyperCommand):
    """One command of a `LateGroup`."""

    def get_params(self, ctx: Any) -> Any:
        return _spared(super().get_params(ctx))


class LateGroup(TyperGroup):
    """A group of the commands that `places` names, in their order; `about` is its help."""

    about: ClassVar[str]
    places: ClassVar[Mapping[str, Place | type[LateGroup]]]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands(self.places)  # type: ignore[assignment]  # none is ever added

    def get_params(self, ctx: Any) -> Any:
        return _spared(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the commands' names, without loading them."""
        return list(self.commands)


class _Commands(Mapping[str, Any]):
    """Commands by their names, each made when it is looked up."""

    def __init__(self, places: Mapping[str, Place | type[LateGroup]]) -> None:
        self._places = places
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _made(name, self._places[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places  # else it would be loaded


def _made(name: str, place: Place | type[LateGroup]) -> Any:
    holder = typer.Typer(rich_markup_mode=None)
    holder.callback()(_nothing)  # else typer makes no group of it
    if isinstance(place, Place):
        function = getattr(import_module(f"{__package__}.{place.module}"), place.function)
        holder.command(name, **{"cls": LateCommand, **place.settings})(function)
    else:
        group = typer.Typer(cls=place, help=place.about, no_args_is_help=True)
        holder.add_typer(group, name=name)
    return get_group(holder).commands[name]


def _nothing() -> None:
    pass


def _spared(parameters: list[Any]) -> list[Any]:
    """Let values pass unexamined where they are what they should be already.

    Typer examines even an option that was not given, and loads pydantic for it: 50 ms.
    """
    for one in parameters:
        # What examines is made, and kept under this name, when first needed. Where it is not, this
        # has no effect.
        if not vars(one).get(_EXAMINES) and one.type_descriptor.parameter_info.parser is None:
            setattr(one, _EXAMINES, _Unexamined())
    return parameters


class _Unexamined:
    """Stands where typer keeps what examines a parameter's values, until that is needed."""

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """Return the value as the command takes it. Raises what typer raises."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        kind = param.type_descriptor.annotation
        if type(value) is kind and (kind is str or value is param.default):
            return value
        setattr(param, _EXAMINES, None)
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
