"""`alma config`: what holds, and who said it; settings written into files; trust in a folder."""

from __future__ import annotations

from typing import Annotated

import typer

from alma_agent.terminal.completing import setting_keys, setting_values
from alma_agent.terminal.ending import ending

_Key = Annotated[
    str, typer.Argument(help="The setting, such as model.", autocompletion=setting_keys)
]
_Project = Annotated[
    bool, typer.Option("--project", help="In the project's file, and not in the user's.")
]


@ending
def config_show(
    key: Annotated[str, typer.Argument(help="One setting only.", autocompletion=setting_keys)] = "",
    origin: Annotated[bool, typer.Option("--origin", help="And who said it.")] = False,
) -> int:
    """Show what holds of each setting here. Passwords and keys are left out."""
    from alma_agent.terminal import configuring

    return configuring.show(key, with_origin=origin)


@ending
def config_get(key: _Key) -> int:
    """Print the value of one setting alone; nothing if it has none."""
    from alma_agent.terminal import configuring

    return configuring.get(key)


@ending
def config_set(
    key: _Key,
    value: Annotated[
        list[str],
        typer.Argument(
            help="Its value; a list takes several.",
            autocompletion=setting_values,
        ),
    ],
    project: _Project = False,
) -> int:
    """Write one setting into the user's file. Its comments stay."""
    from alma_agent.terminal import configuring

    return configuring.set_value(key, value, in_project=project)


@ending
def config_unset(key: _Key, project: _Project = False) -> int:
    """Take one setting out of the user's file."""
    from alma_agent.terminal import configuring

    return configuring.unset(key, in_project=project)


@ending
def config_edit(project: _Project = False) -> int:
    """Open the user's file in your editor: VISUAL, else EDITOR."""
    from alma_agent.terminal import configuring

    return configuring.edit(in_project=project)


@ending
def config_path(project: _Project = False) -> int:
    """Print where the user's file is, or would be."""
    from alma_agent.terminal import configuring

    return configuring.show_path(in_project=project)


@ending
def config_trust(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Trust this project's file.

    It may then have checks run, choose models and endpoints, and set limits. That holds for just
    the values that it has: if one changes, alma asks again.
    """
    from alma_agent.terminal import configuring

    return configuring.trust(assume_yes=yes)


@ending
def config_untrust() -> int:
    """Trust this project's file no more."""
    from alma_agent.terminal import configuring

    return configuring.untrust()
