"""Checks run over a tree: on a temporary checkout of it, not on the user's files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from toolset.trees import Trees
from toolset.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What a check said of a tree.

    `exit_code` is None if it ran past its time limit, 127 if there is no such program. `output` is
    both outputs as they were interleaved, shortened to the lines that tell; `network` says whether
    it had one: `cut off`, `could not be cut off`, `allowed`.
    """

    argv: tuple[str, ...]
    exit_code: int | None
    seconds: float
    network: str
    output: str

    @property
    def passed(self) -> bool:
        return self.exit_code == 0


def run_checks(
    workspace: Workspace,
    trees: Trees,
    tree: str,
    commands: Sequence[tuple[str, ...]],
    *,
    timeout_s: float,
    network: bool = False,
) -> tuple[CheckRun, ...]:
    """Run each command (no shell) in one checkout of `tree`, all of them, in their order.

    A check has no key, no variable of git's, of alma's only ALMA_WORKSPACE (where the project is),
    and, unless `network`, no network but its loopback. What it writes in the checkout goes with it.
    Raises GitFailed.
    """
    if not commands:
        return ()
    from toolset.check_output import shortened
    from toolset.check_process import CheckProcess
    from toolset.checks import check_environment, found_program

    runs = []
    with trees.checked_out(tree) as copy:
        process = CheckProcess(copy, check_environment(copy, workspace.root), timeout_s)
        for argv in commands:
            began = time.monotonic()
            ended = process.run(found_program(argv, copy, workspace.root), network=network)
            # A path in the checkout means nothing once that is gone.
            text = ended.output.decode("utf-8", "replace").replace(str(copy), ".")
            seconds = round(time.monotonic() - began, 3)
            runs.append(CheckRun(argv, ended.exit_code, seconds, ended.network, shortened(text)))
    return tuple(runs)
