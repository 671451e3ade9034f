"""Is there a program that a check can be started with; asked before any work is done for it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from alma_agent.errors import UsageError
from toolset.workspace import Workspace


def require_program(workspace: Workspace, check: Sequence[str]) -> None:
    """Raise UsageError for a check that cannot be started: nobody should be asked before that."""
    if not check or shutil.which(check[0]) or (workspace.root / check[0]).is_file():
        return
    raise UsageError(f"There is no program {check[0]}, which --check names.")
