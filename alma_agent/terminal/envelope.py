"""The one form in which `--json` tells how a command ended, well or not; and where `-o` puts it.

`VERSION` goes up when a key is taken away or changes its meaning; new keys may come at any time.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.exit_codes import kind_of

VERSION = 1


class ToldError(TypedDict):
    """Why a command ended with another code than 0. `kind` is the exit code's name.

    `type` is the name of the error's class; empty if the run came to an outcome, such as a refusal.
    """

    kind: str
    type: str
    message: str


class Envelope(TypedDict):
    """What standard output holds with `--json`. `command` is spelt as on the command line.

    `result` is what was told until the end, or the error: it may lack keys if there is one.
    """

    alma: int
    command: str
    exit_code: int
    result: Mapping[str, Any]
    error: ToldError | None


def envelope(
    command: str, code: int, result: Mapping[str, Any], *, message: str = "", type: str = ""
) -> str:
    """Return the document as text that ASCII can hold."""
    error = ToldError(kind=kind_of(code), type=type, message=message) if code else None
    told = Envelope(alma=VERSION, command=command, exit_code=code, result=result, error=error)
    return json.dumps(told, indent=2) + "\n"


def require_output(path: Path) -> None:
    """Raise UsageError where a result could not go; said before anything is done for it."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name a file for the output.")
    itself = path.parent.resolve() / path.name  # a link of the repository's would lead elsewhere
    if any(
        _is_tracked(one) for one in {itself, path.resolve()} if one.is_file() or one.is_symlink()
    ):
        raise UsageError(f"{path} belongs to the repository. Choose another name for the output.")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {folder}.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UsageError(f"{path} cannot be written: you may not write there.")


def write_output(path: Path, text: str) -> None:
    """Write a result to a file, as a whole or not at all, or into what is none, as /dev/null.

    Raises UsageError if it cannot be written, or is one of the repository's own files.
    """
    require_output(path)
    real = path.resolve()  # a link stays one
    try:
        if real.exists() and not real.is_file():
            real.write_text(text, encoding="utf-8")
        else:
            _replace(real, text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _replace(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
    ) as to:
        fresh = Path(to.name)
        try:
            to.write(text)
            to.flush()
            mask = os.umask(0)
            os.umask(mask)
            fresh.chmod(0o666 & ~mask)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


def _is_tracked(path: Path) -> bool:
    from toolset.errors import ToolsetError
    from toolset.git import GitFailed, Repository
    from toolset.workspace import Workspace

    try:
        workspace = Workspace.around(path.parent)
        inside = path.relative_to(workspace.root)
        return workspace.has_git and bool(
            Repository(workspace.root).run("ls-files", "--", str(inside)).strip()
        )
    except (ToolsetError, GitFailed, ValueError):
        return False
