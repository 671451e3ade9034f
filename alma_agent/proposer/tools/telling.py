"""Errors as the model reads them: what was wrong, and what to do now."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import PurePosixPath

from alma_agent.proposer.tools.showing import cut
from toolset.draft import Draft
from toolset.errors import FileMissing, OutsideWorkspace, ToolsetError


def told_to_model(error: Exception, draft: Draft | None = None) -> str:
    """Return a tool's error as the model reads it. With a draft, it names files like a missing."""
    if isinstance(error, FileMissing) and draft is not None:
        return f"{error}{_meant(draft, str(error.path))}"
    if isinstance(error, OutsideWorkspace):  # its sentence is for people, and holds a whole path
        how = "is a link that leads" if "is a link" in str(error) else "lies"
        return f"{error.path} {how} outside the project. Paths begin at its root, such as app.py."
    if isinstance(error, ToolsetError):
        return cut(str(error), "ask for less at once")
    return f"The tool failed ({type(error).__name__}: {str(error)[:500]}). Try another way."


def _meant(draft: Draft, path: str) -> str:
    files = [str(one) for one in draft.files()]
    name = PurePosixPath(path).name
    same = [one for one in files if PurePosixPath(one).name == name]
    near = same[:3] or get_close_matches(path, files, n=3)
    return f" Did you mean {' or '.join(near)}?" if near else " list_files shows what there is."
