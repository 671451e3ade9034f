"""`alma completion`: a script with which a shell completes what is typed after `alma`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alma_agent.terminal.ending import ending


class Shell(StrEnum):
    """The shells that a script can be had for."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"
    powershell = "powershell"


_HOW = {
    Shell.bash: 'Add to ~/.bashrc: eval "$(alma completion bash)"',
    Shell.zsh: 'Add to ~/.zshrc, after compinit: eval "$(alma completion zsh)"',
    Shell.fish: "Once: alma completion fish > ~/.config/fish/completions/alma.fish",
    Shell.powershell: "Add to $PROFILE: alma completion powershell | Out-String | "
    "Invoke-Expression",
}


@ending
def completion(
    shell: Annotated[Shell, typer.Argument(help="Whose script to print.")],
) -> int:
    """Print a script that completes what you type.

    It knows commands, flags, ids of runs and memories, settings.
    """
    from alma_agent.terminal.completing import script
    from alma_agent.terminal.consoles import out, progress, tell

    text = script(shell)
    tell({"shell": shell.value, "script": text, "how": _HOW[shell]}, text)
    if out.file.isatty():  # else a shell reads it, at each of its starts
        progress.print(_HOW[shell], soft_wrap=True)
    return 0
