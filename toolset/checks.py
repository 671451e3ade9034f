"""Is a change sound: does it parse, and does the user's check command pass with it.

Nothing here touches the workspace: the command runs on a private copy that holds the change.
"""

from __future__ import annotations

import ast
import os
import re
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from toolset.check_output import shortened
from toolset.check_process import CheckProcess, Network
from toolset.copies import private_copy
from toolset.edits import ChangeSet, FileState
from toolset.encoding import decode, is_python
from toolset.errors import DoesNotParse, NotText
from toolset.workspace import Workspace

_SECRET = re.compile(
    r"(.*_)?(API_?KEY|ACCESS_KEY|PRIVATE_KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|PAT)|.*_PWD"
    r"|PGPASSWORD|SSH_AUTH_SOCK",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the user's check command said about a change.

    `exit_code` is None if the command ran past its time limit; 127 if there is no such program.
    `output_tail` is stdout and stderr as they were interleaved: of more than 4,000 characters, the
    lines that tell of failures, and the end. `network` says whether the command had one; it was
    always allowed until alma could cut it off.
    """

    command: tuple[str, ...]
    exit_code: int | None
    duration_s: float
    output_tail: str
    network: Network = "allowed"

    @property
    def passed(self) -> bool:
        return self.exit_code == 0


def require_parsing(changes: ChangeSet) -> None:
    """Raise DoesNotParse if a Python file of `changes` would be invalid, NotText if undecodable."""
    for edit in changes:
        if edit.after is not None and is_python(edit.path):
            parse(edit.path, edit.after, would=True)


def require_sound(changes: ChangeSet) -> None:
    """Raise what `require_parsing` does, but for files that were no valid Python before either."""
    require_parsing(
        ChangeSet(
            tuple(
                edit
                for edit in changes
                if edit.before is None or not is_python(edit.path) or parses(edit.path, edit.before)
            )
        )
    )


def parse(path: PurePosixPath, state: FileState, *, would: bool = False) -> ast.Module:
    """Return a file's syntax tree. Raises DoesNotParse with the compiler's own message, NotText.

    The tree is shared: it must not be changed. `would` words the error for a file that is only
    about to be written.
    """
    try:
        return _parsed(decode(path, state.data)[0])
    except SyntaxError as error:
        raise DoesNotParse(path, error.lineno, error.msg, would=would) from error
    except UnicodeEncodeError as error:  # half a surrogate pair, by way of an odd coding line
        raise DoesNotParse(path, None, "it holds no valid text", would=would) from error
    except (RecursionError, MemoryError) as error:
        raise DoesNotParse(path, None, "it is nested too deeply", would=would) from error


@lru_cache(maxsize=256)  # a refactoring asks for the same file a dozen times
def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file's own SyntaxWarnings are not ours to print
        return ast.parse(text)


def parses(path: PurePosixPath, state: FileState) -> bool:
    try:
        parse(path, state)
    except (DoesNotParse, NotText):
        return False
    return True


def run_check(
    workspace: Workspace,
    changes: ChangeSet,
    command: Iterable[str],
    *,
    timeout_s: float,
    network: bool = False,
) -> CheckReport:
    """Run `command` (no shell) in a private copy that holds `changes`, and report.

    The copy's root, and its `src` if there is one, come first on PYTHONPATH, so that an editable
    install of the project does not put the old code under test. A program that the copy lacks
    (`.venv/bin/pytest`) is taken from the workspace. Without `network`, the command has a loopback
    of its own and nothing else, wherever the system allows to cut it off.
    """
    command = tuple(command)
    started = time.monotonic()
    with private_copy(workspace, changes) as copy:
        process = CheckProcess(copy.root, check_environment(copy.root, workspace.root), timeout_s)
        ended = process.run(found_program(command, copy.root, workspace.root), network=network)
    # A path in the copy means nothing once the copy is gone.
    text = ended.output.decode("utf-8", "replace").replace(str(copy.root), str(workspace.root))
    seconds = time.monotonic() - started
    return CheckReport(command, ended.exit_code, seconds, shortened(text), ended.network)


def found_program(command: tuple[str, ...], copy: Path, root: Path) -> tuple[str, ...]:
    """Return the command with a program that the copy lacks (`.venv/bin/x`) taken from `root`."""
    program, *rest = command
    if "/" in program and not (copy / program).exists() and (root / program).exists():
        return (str(root / program), *rest)
    return command


def check_environment(copy: Path, root: Path) -> dict[str, str]:
    """Return the command's environment: without git's and alma's variables, and without secrets.

    A secret is known by the end of its name: API key, token, password and the like. The code under
    test may have been written by a model a second ago; it gets no key to leak.
    """
    first = [str(folder) for folder in (copy, copy / "src") if folder.is_dir()]
    inherited = os.environ.get("PYTHONPATH")
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "ALMA_")) and not _SECRET.fullmatch(name)
        },
        "PYTHONPATH": os.pathsep.join([*first, *([inherited] if inherited else [])]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PWD": str(copy),
        "ALMA_WORKSPACE": str(root),
    }
