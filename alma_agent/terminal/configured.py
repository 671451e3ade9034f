"""Settings reach the commands: as defaults of their flags, and as variables below the real ones.

Nothing is read, nor loaded, before a command asks for a setting: `--help` works where a file is
wrong, and who needs no setting does not wait for them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer._click.globals import get_current_context

from alma_agent.environment import lay_below
from alma_agent.errors import AlmaError, NeedsHuman
from alma_agent.exit_codes import ExitCode

if TYPE_CHECKING:
    from alma_agent.configuration.kinds import Value
    from alma_agent.configuration.layers import Configuration, Variables

_ASK = ("run", "chat")
_LIMITS = ("max-turns", "max-seconds", "max-tokens", "max-usd")
_EXACT = ("check", "check-timeout", "lint", "accept")
_WORK = (
    *("scope", "mode", "ask-before", "agents", "architect-model"),
    *("model", "api", "stream", "session", "check-network"),
    *_EXACT,
    *_LIMITS,
)
_PROPOSED = tuple(one for one in _WORK if one not in ("mode", "ask-before", "session", "accept"))
# Which settings are the defaults of which command's flags. `resume` goes on with the run's own
# model, wherever another one is configured now.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "run": _WORK,
    "chat": _WORK,
    "resume": ("api", "stream", *_LIMITS),
    "refactor": _EXACT,
    "propose": _PROPOSED,
    "repropose": ("check", "check-timeout", "check-network", "lint"),
}


class _Process:
    """The one configuration of this process, and whether its user heard of what it leaves out.

    It is made when first asked for, once a command was begun.
    """

    configuration: Configuration | None = None
    is_begun = False
    is_noted = False


_process = _Process()


class WrongSetting(typer.TyperException):
    """A setting is wrong, and a flag has its default from it: the error as typer's door takes it.

    It has the name of the one that it stands for, which JSON documents tell.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.ctx = get_current_context(silent=True)

    def show(self) -> None:
        from alma_agent.terminal.consoles import err

        err.print(f"alma: {self.message}", style="red", soft_wrap=True)


class _Defaults(Mapping[str, Any]):
    """The defaults of one command's flags: what files and variables say, not alma's own."""

    def __init__(self, command: str) -> None:
        from alma_agent.configuration.settings import SETTINGS

        self._keys = {SETTINGS[key].parameter: key for key in COMMANDS[command]}

    def __getitem__(self, parameter: str) -> Any:
        key = self._keys[parameter]
        with _explained():
            _note_left_out(key)
            found = current().found(key)
            if found.layer == "default":
                raise KeyError(parameter)
            return list(found.value) if isinstance(found.value, tuple) else found.value

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def install(context: typer.Context) -> None:
    """Let the command that follows find its settings. Asks a person about trust before a run.

    Says nothing of wrong settings: whoever looks at them will.
    """
    if context.resilient_parsing or _wants_help(sys.argv[1:]):
        return
    _process.configuration, _process.is_begun, _process.is_noted = None, True, False
    lay_below(_variables)
    command = context.invoked_subcommand
    if command and command in COMMANDS:
        context.default_map = {command: _Defaults(command)}
    if command in _ASK and _on_terminal():
        _ask_for_trust(current())


def defaults_below(command: str, names: Iterable[str]) -> dict[str, Any]:
    """Return a `default_map` for commands below another, each with the defaults of that one."""
    return {name: _Defaults(command) for name in names}


def require_known_check(*, check: str | None, no_check: bool, yes: bool) -> None:
    """Raise NeedsHuman where --yes would apply a change without the check that the project names.

    That is so where nobody has said that the project's file is trusted, as on a fresh checkout.
    """
    configuration = current()
    if not yes or no_check or check is not None or "check" not in configuration.left_out:
        return
    name = configuration.project.path.name if configuration.project else ""
    raise NeedsHuman(
        f"This project's {name} names a check, and you have not said that you trust it: with --yes "
        "a change would be applied unchecked. Nothing was done. Look at it, then say `alma config "
        "trust --yes`; or name a check with --check, or --no-check."
    )


def current() -> Configuration:
    """Return the configuration of this process."""
    if _process.configuration is not None:
        return _process.configuration
    from alma_agent.configuration.layers import Configuration

    made = Configuration(_folder())
    if _process.is_begun:
        _process.configuration = made
    return made


def _variables() -> Variables:
    from alma_agent.configuration.layers import Variables

    return Variables(current(), _note_left_out)


def examine() -> str:
    """Say where settings come from, for `alma doctor`. Raises WrongSetting."""
    from alma_agent.configuration.settings import SETTINGS

    configuration = current()
    for key in SETTINGS:
        configuration.value(key)
    files = [one for one in (configuration.project, configuration.user) if one and one.entries]
    told = ", ".join(f"{len(one.entries)} in {one.path}" for one in files) or "no file"
    return f"{told}; {left_out_note(configuration)}" if configuration.left_out else told


def left_out_note(configuration: Configuration) -> str:
    """Say what a project's file says in vain, and what to do."""
    keys = list(configuration.left_out)
    told = keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"
    verb = "is" if len(keys) == 1 else "are"
    name = configuration.project.path.name if configuration.project else ""
    return (
        f"{told} in this project's {name} {verb} left out: you have not said that you trust it. "
        "Look at it, then: alma config trust"
    )


def told_values(values: Mapping[str, Value]) -> str:
    """Return settings as lines of a file, whole: what is left out here could be what matters."""
    from alma_agent.configuration.settings import SETTINGS

    return "\n".join(f"  {key} = {SETTINGS[key].exactly(value)}" for key, value in values.items())


def _ask_for_trust(configuration: Configuration) -> None:
    with suppress(AlmaError):  # a wrong file is told of by whoever needs a setting
        if configuration.left_out:
            _asked(configuration, configuration.left_out)


def _asked(configuration: Configuration, values: Mapping[str, Value]) -> None:
    from alma_agent.terminal.consoles import err

    name = configuration.project.path.name if configuration.project else ""
    err.print(f"This project's {name} says:\n{told_values(values)}", soft_wrap=True)
    err.print(
        "If you trust it, it can have programs run, and choose who is told of your code.",
        soft_wrap=True,
    )
    match _answer():
        case "y" | "yes" | "oui":
            try:
                configuration.trust()
            except AlmaError as error:
                configuration.trust(for_now=True)
                err.print(f"{error} It counts this once.", soft_wrap=True)
        case "o" | "once":
            configuration.trust(for_now=True)
        case _:
            _process.is_noted = True
            err.print("It is left out. `alma config trust` trusts it later.", soft_wrap=True)


def _answer() -> str:
    from alma_agent.interrupts import raise_them
    from alma_agent.terminal.consoles import err

    raise_them()
    question = "Trust it? [y/N/once] "
    try:
        return err.input(question, markup=False).strip().lower()
    except EOFError:
        return ""
    except KeyboardInterrupt as interrupt:
        err.print("Interrupted. No file was changed.")
        is_terminated = type(interrupt) is not KeyboardInterrupt
        raise typer.Exit(ExitCode.TERMINATED if is_terminated else ExitCode.INTERRUPTED) from None


def _note_left_out(key: str) -> None:
    """Tell, once, that a setting somebody needs is not trusted."""
    configuration = current()
    if _process.is_noted or key not in configuration.left_out:
        return
    from alma_agent.terminal.consoles import err

    _process.is_noted = True
    err.print(left_out_note(configuration), soft_wrap=True)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what is wrong with a file into what the command line's door understands."""
    try:
        yield
    except AlmaError as error:
        raise WrongSetting(str(error)) from error


def _wants_help(arguments: Sequence[str]) -> bool:
    """Say whether help is all that is wanted: it tells of alma's own defaults, whatever is set."""
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--help" in before or "-h" in before


def _folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _on_terminal() -> bool:
    from alma_agent.terminal.consoles import on_terminal

    return "--json" not in sys.argv and on_terminal()
