"""Flags and settings agree: names, defaults, and which command has which."""

from __future__ import annotations

from typing import Any, cast

import pytest
import typer

from alma_agent.configuration.settings import SETTINGS
from alma_agent.terminal.cli import app
from alma_agent.terminal.configured import COMMANDS
from alma_agent.terminal.refactor_commands import commands


def _parameters(command: str) -> dict[str, Any]:
    group = cast(Any, typer.main.get_command(app))
    found = group.commands[command]
    if command == "refactor":
        found = cast(Any, typer.main.get_command(commands())).commands["rename"]
    return {one.name: one for one in found.params}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_commands_flags_have_the_settings_defaults(command: str) -> None:
    flags = _parameters(command)
    settings = [SETTINGS[key] for key in COMMANDS[command]]

    defaults = {one.key: flags[one.parameter].default for one in settings}

    assert {key: value or None for key, value in defaults.items()} == {
        one.key: one.default or None for one in settings
    }
