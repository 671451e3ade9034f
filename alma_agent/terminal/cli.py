"""The commands. Results go to standard output, progress and errors to standard error.

Which there are, and where; `late` loads the one that is asked for.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import typer

from alma_agent import __version__
from alma_agent.terminal.late import LateGroup, Place
from alma_agent.terminal.proposals.optional_value import WithOptionalDiff


def _places(module: str, prefix: str, *names: str) -> dict[str, Place]:
    return {name: Place(module, f"{prefix}_{name}") for name in names}


class _Memory(LateGroup):
    about = "See, write and forget what alma remembers, and share it."
    places: ClassVar = {
        **_places("memory.commands", "memory", "list", "search", "show", "why", "files", "code"),
        **_places("memory.commands", "memory", "timeline", "map", "stats", "doctor"),
        **_places("memory.writing_commands", "memory", "add", "decide", "edit", "pin", "forget"),
        **_places("memory.writing_commands", "memory", "rebuild", "export", "import"),
        **_places("memory.lint", "memory", "lint"),
    }


class _Checkpoints(LateGroup):
    about = "See and forget the ways back."
    places: ClassVar = _places("checkpoint_commands", "checkpoints", "list", "prune")


class _Config(LateGroup):
    about = (
        "See and change settings. A flag comes first; then ALMA_* variables, the project's "
        "alma.toml or [tool.alma], the user's file, the defaults."
    )
    places: ClassVar = _places(
        *("config_commands", "config"),
        *("show", "get", "set", "unset", "edit", "path", "trust", "untrust"),
    )


class _Proposals(LateGroup):
    about = "See and check the proposals."
    places: ClassVar = {
        "list": Place("proposals.list_command", "list_proposals"),
        "lint": Place("proposals.lint_command", "lint_proposals"),
    }


class _Commands(LateGroup):
    about = (
        "Refactor Python projects with an agent that remembers them. Nothing is written before "
        "you have seen and accepted it."
    )
    places: ClassVar = {
        "run": Place("run_commands", "run"),
        "chat": Place("chat_commands", "chat"),
        "resume": Place("run_commands", "resume"),
        "propose": Place("proposals.propose_command", "propose", {"cls": WithOptionalDiff}),
        "review": Place("proposals.review_command", "review"),
        "apply": Place("proposals.apply_command", "apply"),
        "verify": Place("proposals.verify_command", "verify"),
        "repropose": Place("proposals.repropose_command", "repropose"),
        "refactor": Place(
            "exact_command",
            "refactor",
            {
                "context_settings": {"ignore_unknown_options": True, "help_option_names": []},
                "add_help_option": False,
            },
        ),
        "outline": Place("looking_commands", "outline"),
        "refs": Place("looking_commands", "refs"),
        "undo": Place("undo_commands", "undo"),
        "redo": Place("undo_commands", "redo"),
        "diff": Place("looking_commands", "diff"),
        "log": Place("looking_commands", "log"),
        "doctor": Place("looking_commands", "doctor"),
        "report": Place("report_commands", "report"),
        "cost": Place("cost_commands", "cost"),
        "completion": Place("completion_commands", "completion"),
        "memory": _Memory,
        "checkpoints": _Checkpoints,
        "config": _Config,
        "proposals": _Proposals,
    }


app = typer.Typer(
    name="alma",
    cls=_Commands,
    help=_Commands.about,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"alma {__version__}")
        raise typer.Exit


@app.callback()
def alma(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Refactor Python projects with an agent that remembers them."""
    from alma_agent.terminal.configured import install

    install(context)
