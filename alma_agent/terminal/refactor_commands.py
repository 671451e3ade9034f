"""`alma refactor NAME …`: a command for each refactoring, made from what its request takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from typing import Annotated, Any, cast, get_type_hints

import typer

from alma_agent.config import Settings, command
from alma_agent.terminal import refactoring
from alma_agent.terminal import run_options as opt
from alma_agent.terminal.configured import require_known_check
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
def _list() -> int:
    """Name every refactoring, and what it takes."""
    return refactoring.list_kinds()


def _command(kind: type[Request]) -> Callable[..., None]:
    """Return a function whose signature tells typer what the refactoring takes."""

    async def refactor(**given: Any) -> int:
        flags = {name: given.pop(name) for name in _FLAGS}
        require_known_check(check=flags["check"], no_check=flags["no_check"], yes=flags["yes"])
        settings = Settings(
            check=() if flags["no_check"] else command(flags["check"]),
            check_timeout_s=flags["check_timeout"],
            check_network=flags["check_network"],
            assume_yes=flags["yes"],
            accept=flags["accept"].value,
            lint=flags["lint"],
        )
        request = kind(**{name: _value(value) for name, value in given.items()})
        return await refactoring.refactor(
            request, settings, dry_run=flags["dry_run"], exit_code=flags["exit_code"]
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


_FLAGS: dict[str, tuple[Any, Any]] = {
    "check": (opt.CheckOption, None),
    "no_check": (opt.NoCheckOption, False),
    "check_timeout": (opt.CheckTimeoutOption, opt.CHECK_TIMEOUT),
    "check_network": (opt.CheckNetworkOption, opt.CHECK_NETWORK),
    "yes": (
        Annotated[bool, typer.Option("--yes", "-y", help="Accept unasked what is proven.")],
        False,
    ),
    "accept": (opt.AcceptOption, opt.ACCEPT),
    "dry_run": (opt.DryRunOption, False),
    "exit_code": (opt.ExitCodeOption, False),
    "lint": (opt.LintOption, opt.LINT),
}


def _common() -> Iterator[inspect.Parameter]:
    for name, (annotation, default) in _FLAGS.items():
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
