"""Has a proposal landed: as this clone noted, or as what is checked out shows."""

from __future__ import annotations

from alma_agent.proposals.artefact import RESULT, ResultDocument, Unreadable, decode
from alma_agent.proposals.drift import applied_in
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.refusals import NotSound
from toolset.git import GitFailed
from toolset.trees import Trees


def has_landed(folder: Folder, trees: Trees | None, head: str | None) -> bool:
    """Say whether a proposal has landed; `head` is the tree of HEAD. Raises NotSound."""
    if _is_noted(folder):
        return True
    if trees is None or head is None:
        return False
    try:
        return applied_in(trees, folder.document(), head)
    except (GitFailed, ValueError):
        return False


def _is_noted(folder: Folder) -> bool:
    """Say whether alma noted that it landed this very revision."""
    try:
        result = decode(folder.data(RESULT), ResultDocument)
    except (NotSound, Unreadable):
        return False
    return result.commit is not None and not result.exit_code and result.sha256 == folder.sha256
