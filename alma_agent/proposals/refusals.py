"""Why a proposal does not land: each with its exit code. Nothing was moved or written.

NotSound        8   the folder is not what its digests say, or not what alma writes
PolicyForbids   8   the base branch's policy does not allow it
WrongPolicy     2   the base branch's policy cannot be read
NotApproved     3   approvals are missing, expired, of another revision or by others
Rejected        1   somebody who may decide said no
ChecksFailed    5   a check failed over the tree that would land
Drifted         6   the base has moved in files that the proposal touches
InTheWay        6   the work tree holds changes in these files
Conflicts       7   the base has moved in the same lines
NoSuchProposal  2
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from alma_agent.errors import AlmaError
from alma_agent.exit_codes import ExitCode

_SHOWN = 5


def some_of(paths: Iterable[PurePosixPath | str]) -> str:
    """Return the first few paths, and how many more there are, for a sentence."""
    names = list(map(str, paths))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


class ProposalRefused(AlmaError):
    """A proposal does not land. `rule` is the step that said no, as reports name it."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


class NotSound(ProposalRefused):
    """The folder is not what its digests say, or not what alma writes."""

    exit_code = ExitCode.NOT_ALLOWED


class PolicyForbids(ProposalRefused):
    """The base branch's policy does not allow it."""

    exit_code = ExitCode.NOT_ALLOWED


class WrongPolicy(ProposalRefused):
    """The base branch's policy cannot be read."""

    exit_code = ExitCode.USAGE


class NotApproved(ProposalRefused):
    """Approvals are missing, expired, of another revision, or by others."""

    exit_code = ExitCode.NEEDS_HUMAN


class Rejected(ProposalRefused):
    """Somebody who may decide said no."""


class ChecksFailed(ProposalRefused):
    """A check failed over the tree that would land."""

    exit_code = ExitCode.CHECKS_FAILED


class Drifted(ProposalRefused):
    """The base has moved in files that the proposal touches."""

    exit_code = ExitCode.STALE


class InTheWay(ProposalRefused):
    """The work tree holds changes in these files."""

    exit_code = ExitCode.STALE


class Conflicts(ProposalRefused):
    """The base has moved in the same lines."""

    exit_code = ExitCode.CONFLICT


class NoSuchProposal(ProposalRefused):
    """No proposal, or several, are meant by an id."""

    exit_code = ExitCode.USAGE
