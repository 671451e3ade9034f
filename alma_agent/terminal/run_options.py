"""The options of the commands that let somebody work on a task, said once.

Help, variable, bound and default of each come from the table of settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias, cast

import typer

from alma_agent.configuration.settings import SETTINGS
from alma_agent.terminal.choices import AcceptedLevel, ApiName, ModeName


def _option(key: str, *flags: str, **more: Any) -> Any:
    """Return a flag that is a setting, too. A list's variable is read by the configuration."""
    one = SETTINGS[key]
    if one.kind == "list":
        more["help"] = f"{one.help} {one.variable} takes several with commas between them."
    else:
        more["envvar"] = one.variable
    return typer.Option(*flags, **{"help": one.help, "min": one.least} | more)


FileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--file",
        "-f",
        help="The file that the goal is about. A model edits no other by hand, unless --scope says "
        "so.",
    ),
]
ScopeOption: TypeAlias = Annotated[list[str] | None, _option("scope", "--scope", metavar="GLOB")]
ModeOption: TypeAlias = Annotated[ModeName, _option("mode", "--mode")]
AskBeforeOption: TypeAlias = Annotated[
    list[str] | None, _option("ask-before", "--ask-before", metavar="TOOL")
]
AgentsOption: TypeAlias = Annotated[bool, _option("agents", "--agents/--no-agents")]
ArchitectOption: TypeAlias = Annotated[str | None, _option("architect-model", "--architect-model")]
CheckOption: TypeAlias = Annotated[str | None, _option("check", "--check")]
NoCheckOption: TypeAlias = Annotated[
    bool, typer.Option("--no-check", help="Run no check, whatever is configured.")
]
CheckTimeoutOption: TypeAlias = Annotated[float, _option("check-timeout", "--check-timeout")]
CheckNetworkOption: TypeAlias = Annotated[
    bool, _option("check-network", "--check-network/--no-check-network")
]
LintOption: TypeAlias = Annotated[bool, _option("lint", "--lint/--no-lint")]
YesOption: TypeAlias = Annotated[
    bool, typer.Option("--yes", "-y", help="Accept what is proven, and what a model proposes.")
]
AcceptOption: TypeAlias = Annotated[AcceptedLevel, _option("accept", "--accept")]
DryRunOption: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Propose and check, write nothing.")
]
ExitCodeOption: TypeAlias = Annotated[
    bool,
    typer.Option("--exit-code", help="With --dry-run: end with 1 if there would be a change."),
]
ModelOption: TypeAlias = Annotated[str | None, _option("model", "--model", "-m")]
ApiOption: TypeAlias = Annotated[ApiName, _option("api", "--api")]
StreamOption: TypeAlias = Annotated[bool | None, _option("stream", "--stream/--no-stream")]
SessionOption: TypeAlias = Annotated[str, _option("session", "--session")]
MaxTurnsOption: TypeAlias = Annotated[int, _option("max-turns", "--max-turns")]
MaxSecondsOption: TypeAlias = Annotated[float, _option("max-seconds", "--max-seconds")]
MaxTokensOption: TypeAlias = Annotated[int | None, _option("max-tokens", "--max-tokens")]
MaxUsdOption: TypeAlias = Annotated[float | None, _option("max-usd", "--max-usd")]

# The defaults of those that have one.
MODE = ModeName(str(SETTINGS["mode"].default))
AGENTS = bool(SETTINGS["agents"].default)
CHECK_TIMEOUT = cast(float, SETTINGS["check-timeout"].default)
CHECK_NETWORK = bool(SETTINGS["check-network"].default)
LINT = bool(SETTINGS["lint"].default)
ACCEPT = AcceptedLevel(str(SETTINGS["accept"].default))
API = ApiName(str(SETTINGS["api"].default))
SESSION = str(SETTINGS["session"].default)
MAX_TURNS = cast(int, SETTINGS["max-turns"].default)
MAX_SECONDS = cast(float, SETTINGS["max-seconds"].default)
