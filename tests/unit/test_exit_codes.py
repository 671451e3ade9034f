from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from alma_agent.errors import (
    AlmaError,
    LedgerUnavailable,
    LimitReached,
    ModelUnavailable,
    NeedsHuman,
    NothingToUndo,
    UsageError,
    WrongLedgerAddress,
    exit_code,
)
from alma_agent.memory.index import IndexUnavailable
from toolset.errors import (
    Ambiguous,
    CheckpointFailed,
    DoesNotParse,
    FileExists,
    FileMissing,
    NoMatch,
    NotAFile,
    NotText,
    OutsideWorkspace,
    PathRefused,
    ProtectedPath,
    ReadOnlyFile,
    RefactoringRefused,
    SharedFile,
    StaleEdit,
    WorkspaceBusy,
    WriteFailed,
)

A = PurePosixPath("a.py")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AlmaError("x"), 1),
        (NothingToUndo("x"), 0),
        (UsageError("x"), 2),
        (NeedsHuman("x"), 3),
        (ModelUnavailable("x"), 4),
        (LimitReached("x"), 9),
        (LedgerUnavailable("x"), 1),
        (WrongLedgerAddress("x"), 2),
        (IndexUnavailable("x"), 1),
        (FileMissing(A), 2),
        (NotAFile(A, "directory"), 2),
        (StaleEdit(A, None, None), 6),
        (FileExists(A), 7),
        (PathRefused(A, "x"), 8),
        (OutsideWorkspace(A, PurePosixPath("/w")), 8),
        (ProtectedPath(A), 8),
        (ReadOnlyFile(A, 0o444), 8),
        (SharedFile(A, 2), 8),
        (CheckpointFailed("x"), 8),
        (RefactoringRefused("x", candidates=["a.py:1 f"]), 3),
        (RefactoringRefused("x"), 1),
        (DoesNotParse(A, 1, "x", would=True), 1),
        (NotText(A, "x"), 1),
        (NoMatch(A), 1),
        (Ambiguous(A, [1, 2]), 1),
        (WorkspaceBusy(PurePosixPath("/w"), 5.0), 1),
        (WriteFailed(A, "x"), 1),
        (ValueError("x"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_exit_code(error: Exception, code: int) -> None:
    assert exit_code(error) == code
