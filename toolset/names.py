"""Names that are two here and one elsewhere: `App.py` and `app.py`, composed and decomposed é."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from toolset.edits import ChangeSet
from toolset.errors import NameClash
from toolset.folders import opened
from toolset.workspace import Workspace


def require_distinct(workspace: Workspace, changes: ChangeSet) -> None:
    """Raise NameClash if a new file's name, or its folder's, differs from another in case only."""
    created = [edit.path for edit in changes if edit.before is None]
    deleted = {edit.path for edit in changes if edit.after is None}
    seen: dict[str, PurePosixPath] = {}
    names: dict[PurePosixPath, list[str]] = {}
    for path in created:
        twin = seen.setdefault(_folded(str(path)), path)
        if twin != path:
            raise NameClash(path, twin)
        for part in (path, *path.parents[:-1]):
            folder = part.parent
            if folder not in names:
                names[folder] = _names_in(workspace, folder)
            wanted = _folded(part.name)
            for name in names[folder]:
                if name != part.name and _folded(name) == wanted and folder / name not in deleted:
                    raise NameClash(path, folder / name)


def _names_in(workspace: Workspace, folder: PurePosixPath) -> list[str]:
    try:
        with opened(workspace.root, folder) as there:
            return there.names()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
