"""Commands are loaded when they are asked for; their values are examined where they must be."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Annotated, Any, ClassVar

import pytest
import typer
from typer.main import get_command

import alma_agent.terminal
from alma_agent.terminal.cli import app
from alma_agent.terminal.late import LateCommand, LateGroup, Place

_HOME = Path(alma_agent.terminal.__file__).parent


def registered(group: Any) -> Iterator[Place]:
    """Yield the places of a group's commands, and of the groups in it."""
    for place in group.places.values():
        if isinstance(place, Place):
            yield place
        else:
            yield from registered(place)


def written() -> Iterator[tuple[str, str]]:
    """Yield the module and the name of every function that `@ending` has made a command."""
    for path in _HOME.rglob("*_command*.py"):
        name = ".".join(path.relative_to(_HOME).with_suffix("").parts)
        for one in vars(import_module(f"{alma_agent.terminal.__name__}.{name}")).values():
            is_own = isinstance(one, FunctionType) and one.__module__.endswith(f".{name}")
            if is_own and hasattr(one, "__wrapped__") and not one.__name__.startswith("_"):
                yield name, one.__name__


def test_every_command_that_is_written_is_registered() -> None:
    places = {(one.module, one.function) for one in registered(get_command(app))}

    assert set(written()) <= places


def test_no_command_is_registered_twice() -> None:
    places = [(one.module, one.function) for one in registered(get_command(app))]

    assert len(set(places)) == len(places)


def test_a_groups_names_are_told_without_loading_a_command() -> None:
    class Broken(LateGroup):
        about = ""
        places: ClassVar = {"one": Place("there_is_no_such_module", "one")}

    group: Any = Broken(name="broken")

    assert group.list_commands(None) == ["one"]
    assert "one" in group.commands
    with pytest.raises(ModuleNotFoundError):
        group.commands["one"]


def taken(annotation: Any, default: Any, *arguments: str) -> object:
    """Return what a command with one parameter `x` takes from a command line."""
    found = []

    def command(**given: object) -> None:
        found.append(given["x"])

    parameter = inspect.Parameter(
        "x", inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )
    command.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
    command.__annotations__ = {"x": annotation}
    one = typer.Typer(add_completion=False)
    one.command(cls=LateCommand)(command)
    get_command(one).main(arguments, standalone_mode=False)
    return found[0]


@pytest.mark.parametrize(
    ("annotation", "default", "arguments", "value"),
    [
        pytest.param(str, "a", (), "a", id="a default"),
        pytest.param(str, "a", ("--x", "b"), "b", id="a text"),
        pytest.param(str | None, None, (), None, id="nothing"),
        pytest.param(int, 3, (), 3, id="a default number"),
        pytest.param(int, 3, ("--x", "4"), 4, id="a number"),
        pytest.param(Path | None, None, ("--x", "a/b"), Path("a/b"), id="a path"),
        pytest.param(list[str] | None, None, (), None, id="no list"),
        pytest.param(list[str] | None, None, ("--x", "a", "--x", "b"), ["a", "b"], id="a list"),
        pytest.param(bool, False, ("--x",), True, id="a flag"),
    ],
)
def test_a_value_arrives_as_what_it_is(
    annotation: Any, default: object, arguments: tuple[str, ...], value: object
) -> None:
    assert taken(annotation, default, *arguments) == value


@pytest.mark.parametrize(
    "annotation",
    [
        pytest.param(Annotated[int, typer.Option(min=1)], id="below the least"),
        pytest.param(Annotated[float, typer.Option(max=-1)], id="above the most"),
    ],
)
def test_a_wrong_value_is_refused(annotation: Any) -> None:
    with pytest.raises(typer.BadParameter):
        taken(annotation, 1, "--x", "0")
