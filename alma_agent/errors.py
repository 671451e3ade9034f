"""What can stop alma, and the exit code it ends with.

    AlmaError                1
    ├── NothingToUndo        0   it is as the command would make it
    ├── UsageError           2   the command or the configuration is wrong
    ├── WrongLedgerAddress   2   what should be the ledger's address is none
    ├── NeedsHuman           3   somebody has to decide, and nobody is there
    ├── ModelUnavailable     4   no model, no key, no answer
    ├── NotAuthentic         8   a paused run that this alma did not save
    └── LimitReached         9   turns, seconds, tokens or money

Errors of `toolset` get their code from `exit_code`. Code 5 (checks failed) is an outcome, not an
error; 70 is a bug; 130 and 143 are signals.
"""

from __future__ import annotations

from toolset import errors as toolset_errors


class AlmaError(Exception):
    """Something stopped alma; the message says what, where, and what to do."""

    exit_code = 1


class NothingToUndo(AlmaError):
    """The files are as the command would make them."""

    exit_code = 0


class UsageError(AlmaError):
    """The command line or the configuration asks for something impossible."""

    exit_code = 2


class NeedsHuman(AlmaError):
    """A decision is needed, and there is no terminal to ask on."""

    exit_code = 3


class ModelUnavailable(AlmaError):
    """There is no model to ask, or it did not answer."""

    exit_code = 4


class NotAuthentic(AlmaError):
    """What was kept here was not kept by this user's alma, or somebody changed it."""

    exit_code = 8


class LimitReached(AlmaError):
    """A limit of the run was reached; nothing was written."""

    exit_code = 9


class LedgerUnavailable(AlmaError):
    """The memory's ledger cannot be opened or written."""


class WrongLedgerAddress(LedgerUnavailable):
    """What should be the ledger's address is none."""

    exit_code = 2


_TOOLSET_CODES: tuple[tuple[type[toolset_errors.ToolsetError], int], ...] = (
    (toolset_errors.FileMissing, 2),
    (toolset_errors.NotAFile, 2),
    (toolset_errors.MalformedScope, 2),
    (toolset_errors.StaleEdit, 6),
    (toolset_errors.FileExists, 7),
    (toolset_errors.PathRefused, 8),
    (toolset_errors.CheckpointFailed, 8),
    (toolset_errors.CheckpointGone, 8),
)


def exit_code(error: Exception) -> int:
    """Return the process's exit code for an error that alma explains to the user."""
    if isinstance(error, AlmaError):
        return error.exit_code
    if isinstance(error, toolset_errors.RefactoringRefused) and error.candidates:
        return NeedsHuman.exit_code
    return next((code for kind, code in _TOOLSET_CODES if isinstance(error, kind)), 1)
