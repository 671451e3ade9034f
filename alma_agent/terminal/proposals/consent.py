"""A yes before commands are run that came with a proposal, from whoever could push."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from alma_agent.errors import NeedsHuman
from alma_agent.terminal.consoles import forget_typed, on_terminal, out, visible


def require_consent(commands: Sequence[tuple[str, ...]], *, yes: bool, cure: str) -> None:
    """Raise NeedsHuman before commands are run that nobody here has vouched for.

    Asks where somebody can answer. `cure` is a sentence that says what to do instead.
    """
    if not commands or yes:
        return
    told = "\n".join(f"  {visible(shlex.join(one))}" for one in commands)
    if on_terminal():
        forget_typed()
        out.print(
            f"These commands came with the proposal, and would be run:\n{told}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        if out.input("Run them? [y/N] ", markup=False).strip().lower() in ("y", "yes"):
            return
    raise NeedsHuman(
        "The proposal's checks are commands that came with it, and nobody has vouched for "
        f"them:\n{told}\nNothing was run or written. {cure}"
    )
