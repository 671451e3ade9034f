"""`alma refactor NAME …`: a command for each refactoring, made from what its request takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from typing import Annotated, Any, cast, get_type_hints

import typer

from alma_agent.config import Settings, command
from alma_agent.terminal import refactoring
from alma_agent.terminal.choices import AcceptedLevel
from alma_agent.terminal.ending import ending
from toolset.refactor.catalogue import KINDS
from toolset.refactor.requests import Request
from toolset.refactor.spelling import about, flag, is_argument


def commands() -> typer.Typer:
    """Return the commands, one for each refactoring, and `list`."""
    app = typer.Typer(
        help="Carry out one exact refactoring, without a model.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("list")(_list)
    for name, kind in KINDS.items():
        app.command(name, help=about(kind))(_command(kind))
    return app


@ending
async def _list(
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Name every refactoring, and what it takes."""
    return refactoring.list_kinds(as_json=json)


def _command(kind: type[Request]) -> Callable[..., None]:
    """Return a function whose signature tells typer what the refactoring takes."""

    async def refactor(**given: Any) -> int:
        flags = {name: given.pop(name) for name in _FLAGS}
        settings = Settings(
            check=command(flags["check"]),
            check_timeout_s=flags["check_timeout"],
            assume_yes=flags["yes"],
            accept=flags["accept"].value,
            lint=flags["lint"],
        )
        request = kind(**{name: _value(value) for name, value in given.items()})
        return await refactoring.refactor(
            request, settings, dry_run=flags["dry_run"], as_json=flags["json"]
        )

    parameters = [*_own(kind), *_common()]
    refactor.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    refactor.__annotations__ = {one.name: one.annotation for one in parameters}
    return ending(refactor)


def _own(kind: type[Request]) -> Iterator[inspect.Parameter]:
    """Yield what the request takes."""
    hints = get_type_hints(kind)
    # Python wants parameters without a default first; a base class may put `paths` before them.
    for one in sorted(fields(kind), key=lambda one: one.default is not MISSING):
        help_ = one.metadata["help"]
        spelt = (
            typer.Argument(help=help_) if is_argument(one) else typer.Option(flag(one), help=help_)
        )
        taken = hints[one.name] if hints[one.name] in (str, bool) else list[str]
        default = inspect.Parameter.empty if one.default is MISSING else one.default
        yield inspect.Parameter(
            one.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=list(default) if isinstance(default, tuple) else default,
            annotation=Annotated[taken, spelt],
        )


def _value(given: object) -> object:
    return tuple(cast(list[str], given)) if isinstance(given, list) else given


_CHECK = typer.Option(
    "--check",
    help="A command that must pass on a private copy with the change. No shell runs it.",
    envvar="ALMA_CHECK",
)
_CHECK_TIMEOUT = typer.Option(
    "--check-timeout", min=0.1, help="Seconds that the check may take.", envvar="ALMA_CHECK_TIMEOUT"
)
_YES = typer.Option("--yes", "-y", help="Accept without being asked what is proven.")
_LINT = typer.Option("--lint/--no-lint", help="Show what ruff newly finds in the change.")
_FLAGS: dict[str, tuple[Any, Any]] = {
    "check": (Annotated[str | None, _CHECK], None),
    "check_timeout": (Annotated[float, _CHECK_TIMEOUT], 600.0),
    "yes": (Annotated[bool, _YES], False),
    "accept": (
        Annotated[AcceptedLevel, typer.Option("--accept", help="What --yes accepts.")],
        AcceptedLevel.proven,
    ),
    "dry_run": (
        Annotated[bool, typer.Option("--dry-run", "-n", help="Propose and check, write nothing.")],
        False,
    ),
    "lint": (Annotated[bool, _LINT], True),
    "json": (
        Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")],
        False,
    ),
}


def _common() -> Iterator[inspect.Parameter]:
    for name, (annotation, default) in _FLAGS.items():
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
