"""The options of the commands that let somebody work on a task, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alma_agent.terminal.choices import AcceptedLevel, ApiName, ModeName

FileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--file",
        "-f",
        help="The file that the goal is about. A model edits no other by hand, unless --scope says "
        "so.",
    ),
]
ScopeOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        help="What may be changed: a path or a glob as in .gitignore, such as 'src/**'. Can be "
        "given several times. Nothing else is changed, by whatever means.",
    ),
]
ModeOption: TypeAlias = Annotated[
    ModeName,
    typer.Option(
        help="ask: each edit of a model needs a yes; auto-edit: it edits its draft, and you see "
        "the whole; plan: it only reads, and answers with a plan.",
        envvar="ALMA_MODE",
    ),
]
AskBeforeOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--ask-before", help="A model's tool whose every call needs a yes, such as run_checks."
    ),
]
AgentsOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--agents",
        help="Let three agents work: an architect plans, an editor edits, a critic reads.",
        envvar="ALMA_AGENTS",
    ),
]
ArchitectOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--architect-model", help="The architect's model.", envvar="ALMA_ARCHITECT_MODEL"),
]
CheckOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="A command that must pass on a private copy with the change, such as "
        '"python -m pytest -q". No shell runs it.',
        envvar="ALMA_CHECK",
    ),
]
CheckTimeoutOption: TypeAlias = Annotated[
    float,
    typer.Option(min=0.1, help="Seconds that the check may take.", envvar="ALMA_CHECK_TIMEOUT"),
]
CheckNetworkOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--check-network",
        help="Let the check use the network; else it has its own loopback only, where the system "
        "can do that.",
        envvar="ALMA_CHECK_NETWORK",
    ),
]
LintOption: TypeAlias = Annotated[
    bool, typer.Option(help="Show what ruff, if it is installed, newly finds in the change.")
]
YesOption: TypeAlias = Annotated[
    bool, typer.Option("--yes", "-y", help="Accept what is proven, and what a model proposes.")
]
AcceptOption: TypeAlias = Annotated[
    AcceptedLevel, typer.Option(help="What --yes accepts of exact refactorings.")
]
ModelOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="The model to ask: NAME, or PROVIDER/NAME.", envvar="ALMA_MODEL"
    ),
]
ApiOption: TypeAlias = Annotated[
    ApiName, typer.Option(help="The protocol of the endpoint.", envvar="ALMA_API")
]
StreamOption: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        help="Show what the model says as it comes; by default, on a terminal.",
        envvar="ALMA_STREAM",
    ),
]
SessionOption: TypeAlias = Annotated[
    str,
    typer.Option(
        help="The name of a conversation that goes on: the model hears what was said in it before.",
        envvar="ALMA_SESSION",
    ),
]
MaxTurnsOption: TypeAlias = Annotated[
    int, typer.Option(min=1, help="Model calls at the most.", envvar="ALMA_MAX_TURNS")
]
MaxSecondsOption: TypeAlias = Annotated[
    float, typer.Option(min=1, help="Seconds at the most.", envvar="ALMA_MAX_SECONDS")
]
MaxTokensOption: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, help="Tokens at the most, in and out.", envvar="ALMA_MAX_TOKENS"),
]
MaxUsdOption: TypeAlias = Annotated[
    float | None, typer.Option(min=0, help="US dollars at the most.", envvar="ALMA_MAX_USD")
]
