"""Which memory a proposal is made with: the user's, only read, or what exported files say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from alma_agent.config import known_secrets, memory_choice
from alma_agent.errors import UsageError
from alma_agent.memory.exchange import import_
from alma_agent.memory.ledger import Ledger
from alma_agent.redact import also_take_out
from alma_agent.remembered import EVERYBODY
from alma_agent.wiring import LEDGER, House, open_house
from toolset.workspace import Workspace

SHARED = "memories"


@contextmanager
def memory_for(workspace: Workspace, folder: Path | None) -> Iterator[House]:
    """Yield the memory to propose with.

    That is what the files in `folder` say, if one is named; else the user's ledger; where there is
    none, as in CI, the repository's own exported files. Raises UsageError, SharedFilesRefused,
    LedgerUnavailable.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"There is no folder {folder} of memories, which --memory names.")
    own = workspace.state_path(SHARED)
    has_ledger = memory_choice().ledger or workspace.state_path(LEDGER).exists()
    if folder is None and has_ledger:
        yield open_house(workspace)
        return
    with _of_files(workspace, folder or (own if own.is_dir() else None)) as house:
        yield house


@contextmanager
def _of_files(workspace: Workspace, folder: Path | None) -> Iterator[House]:
    """Yield a house with a ledger of its own, which goes at the end."""
    also_take_out(known_secrets())
    choice = replace(memory_choice(), ledger=None, chroma=None)
    with tempfile.TemporaryDirectory(prefix="alma-", ignore_cleanup_errors=True) as private:
        home = Workspace(Path(private).resolve())
        with closing(Ledger(home.state_folder() / LEDGER)) as ledger:
            if folder is not None:
                import_(ledger, folder, scope=EVERYBODY)
            yield House(workspace, ledger, choice, home=home, of_everybody=True)
