"""What can stop alma, and the exit code it ends with.

    AlmaError                1
    ├── NothingToUndo        0   it is as the command would make it
    ├── UsageError           2   the command or the configuration is wrong
    ├── WrongLedgerAddress   2   what should be the ledger's address is none
    ├── NeedsHuman           3   somebody has to decide, and nobody is there
    ├── ModelUnavailable     4   no model, no key, no answer
    ├── NotAuthentic         8   a paused run that this alma did not save
    └── LimitReached         9   turns, seconds, tokens or money

Errors of `toolset` get their code from `exit_code`. Some codes are outcomes and no errors, such as
that of checks that failed; `alma_agent.exit_codes` has them all.
"""

from __future__ import annotations

from alma_agent.exit_codes import ExitCode
from toolset import errors as toolset_errors


class AlmaError(Exception):
    """Something stopped alma; the message says what, where, and what to do."""

    exit_code: ExitCode = ExitCode.FAILED


class NothingToUndo(AlmaError):
    """The files are as the command would make them."""

    exit_code = ExitCode.DONE


class UsageError(AlmaError):
    """The command line or the configuration asks for something impossible."""

    exit_code = ExitCode.USAGE


class NeedsHuman(AlmaError):
    """A decision is needed, and there is no terminal to ask on."""

    exit_code = ExitCode.NEEDS_HUMAN


class ModelUnavailable(AlmaError):
    """There is no model to ask, or it did not answer."""

    exit_code = ExitCode.MODEL_UNAVAILABLE


class NotAuthentic(AlmaError):
    """What was kept here was not kept by this user's alma, or somebody changed it."""

    exit_code = ExitCode.NOT_ALLOWED


class LimitReached(AlmaError):
    """A limit of the run was reached; nothing was written."""

    exit_code = ExitCode.LIMIT_REACHED


class LedgerUnavailable(AlmaError):
    """The memory's ledger cannot be opened or written."""


class WrongLedgerAddress(LedgerUnavailable):
    """What should be the ledger's address is none."""

    exit_code = ExitCode.USAGE


_TOOLSET_CODES: tuple[tuple[type[toolset_errors.ToolsetError], ExitCode], ...] = (
    (toolset_errors.FileMissing, ExitCode.USAGE),
    (toolset_errors.NotAFile, ExitCode.USAGE),
    (toolset_errors.MalformedScope, ExitCode.USAGE),
    (toolset_errors.LaterWork, ExitCode.CONFLICT),
    (toolset_errors.StaleEdit, ExitCode.STALE),
    (toolset_errors.RefMoved, ExitCode.STALE),
    (toolset_errors.FileExists, ExitCode.CONFLICT),
    (toolset_errors.PathRefused, ExitCode.NOT_ALLOWED),
    (toolset_errors.CheckpointFailed, ExitCode.NOT_ALLOWED),
    (toolset_errors.CheckpointGone, ExitCode.NOT_ALLOWED),
)


def exit_code(error: Exception) -> ExitCode:
    """Return the process's exit code for an error that alma explains to the user."""
    if isinstance(error, AlmaError):
        return error.exit_code
    if isinstance(error, toolset_errors.RefactoringRefused) and error.candidates:
        return NeedsHuman.exit_code
    return next((code for kind, code in _TOOLSET_CODES if isinstance(error, kind)), ExitCode.FAILED)
