"""A line before checks are run: they may take minutes, and say nothing meanwhile."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from alma_agent.terminal.consoles import progress
from alma_agent.terminal.proposals.render_proposal import one_line


def tell_checks(commands: Sequence[Sequence[str]]) -> None:
    """Say which commands are about to be run; nothing if there are none."""
    if not commands:
        return
    told = "; ".join(one_line(shlex.join(argv)) for argv in commands)
    progress.print(
        f"… checking: {told}", style="dim", markup=False, highlight=False, soft_wrap=True
    )
