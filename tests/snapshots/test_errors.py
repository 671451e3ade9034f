"""What each error says. A person reads these: a change is looked at, and then taken over.

`pytest tests/snapshots --snapshot-update` takes over.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from syrupy.assertion import SnapshotAssertion

import alma_agent.errors
import toolset.errors
from alma_agent.errors import AlmaError, exit_code
from toolset.digest import Digest
from toolset.errors import (
    Ambiguous,
    AmbiguousTarget,
    CheckpointFailed,
    CheckpointGone,
    DoesNotParse,
    Elided,
    FileExists,
    FileMissing,
    HalfWritten,
    HunksOverlap,
    LaterWork,
    MalformedEdit,
    MalformedScope,
    NameClash,
    NoMatch,
    NoSuchCheckpoint,
    NotAFile,
    NotText,
    OutOfScope,
    OutsideWorkspace,
    PatchRefused,
    PathRefused,
    ProtectedPath,
    ReadOnlyFile,
    RefactoringRefused,
    RefMoved,
    SharedFile,
    SpillsOver,
    StaleDelete,
    StaleEdit,
    ToolsetError,
    UnfinishedRun,
    WorkspaceBusy,
    WriteFailed,
    WrongArgument,
)

APP = PurePosixPath("src/app.py")
ROOT = PurePosixPath("/home/ada/shop")
OLD, NEW = Digest.of(b"old"), Digest.of(b"new")
STALE = StaleEdit(APP, OLD, NEW, shown="<<<<<<< now\nx = 3\n=======\nx = 2\n>>>>>>> proposed")

SAID: list[ToolsetError] = [
    WrongArgument("old", "text", 3),
    MalformedScope("  "),
    PathRefused(APP, "cannot be used."),
    OutsideWorkspace("../other/app.py", ROOT),
    OutsideWorkspace("link.py", ROOT, through_link=True),
    ProtectedPath(".git/config"),
    OutOfScope(APP, "tests/**"),
    NotAFile("src", "directory"),
    FileMissing("src/ap.py"),
    FileExists(APP),
    NameClash("src/App.py", APP),
    ReadOnlyFile(APP, 0o444),
    SharedFile(APP, 2),
    NotText(APP, "byte 0xff at 12 is not UTF-8"),
    NoMatch(APP, nearest="  12 | def load():\n     | def laod():"),
    NoMatch(APP, already_at=12),
    Ambiguous(APP, [3, 9]),
    Elided(APP, "# ... rest unchanged"),
    HunksOverlap(APP),
    HunksOverlap(APP, in_order=False),
    MalformedEdit("a hunk has no lines", line=4, example="@@ -1 +1 @@"),
    DoesNotParse(APP, 7, "'(' was never closed", would=True),
    DoesNotParse(APP, None, "it holds a null byte", would=False),
    SpillsOver(APP, 9, "it becomes part of a string"),
    STALE,
    StaleEdit(APP, None, NEW),
    StaleDelete(APP),
    LaterWork(STALE, "3c9ef1ee0e15"),
    RefactoringRefused("Nothing is called laod.", candidates=["src/app.py::load"]),
    AmbiguousTarget("load", ["src/app.py::load", "src/app.py::Loader.load"]),
    CheckpointFailed("git is not there"),
    CheckpointGone("checkpoint 3c9ef1ee0e15 does not hold what it held"),
    NoSuchCheckpoint("3c9ef1ee0e15", ROOT),
    PatchRefused("error: patch failed: src/app.py:3"),
    RefMoved("refs/heads/main", "fatal: cannot lock ref 'refs/heads/main'"),
    WorkspaceBusy(ROOT, 5.0),
    UnfinishedRun(ROOT),
    WriteFailed(APP, "No space left on device"),
    HalfWritten(ROOT, "No space left on device"),
]


@pytest.mark.parametrize(
    "error",
    [pytest.param(one, id=f"{number:02} {type(one).__name__}") for number, one in enumerate(SAID)],
)
def test_an_error_says_what_happened_where_and_what_to_do(
    error: ToolsetError, snapshot: SnapshotAssertion
) -> None:
    assert f"[{int(exit_code(error))}] {error}" == snapshot


@pytest.mark.parametrize("module", [toolset.errors], ids=["toolset"])
def test_every_error_is_among_them(module: object) -> None:
    there = {
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, ToolsetError) and one is not ToolsetError
    }

    assert there - {type(one) for one in SAID} == set()


def test_every_error_of_almas_has_its_exit_code(snapshot: SnapshotAssertion) -> None:
    codes = {
        name: int(one.exit_code)
        for name, one in vars(alma_agent.errors).items()
        if isinstance(one, type) and issubclass(one, AlmaError)
    }

    assert codes == snapshot
